"""A stand-in for a value that is fetched when something is done with it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


class Proxy:
    """Behaves like the value that ``factory`` gives; ``factory`` runs at the first use."""

    __slots__ = ("__factory__", "_known")

    def __init__(self, factory: Callable[[], Any]) -> None:
        object.__setattr__(self, "__factory__", factory)

    @property
    def __wrapped__(self) -> Any:
        try:
            return object.__getattribute__(self, "_known")
        except AttributeError:
            value = object.__getattribute__(self, "__factory__")()
            object.__setattr__(self, "_known", value)
            return value

    @property  # type: ignore[misc]  # isinstance() shall see the value's class
    def __class__(self) -> Any:
        return type(self.__wrapped__)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__wrapped__, name, value)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __str__(self) -> str:
        return str(self.__wrapped__)

    def __format__(self, spec: str) -> str:
        return format(self.__wrapped__, spec)

    def __bool__(self) -> bool:
        return bool(self.__wrapped__)

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __len__(self) -> int:
        return len(self.__wrapped__)

    def __iter__(self) -> Any:
        return iter(self.__wrapped__)

    def __contains__(self, item: Any) -> bool:
        return item in self.__wrapped__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _same, (self.__wrapped__,)


def _same(value: Any) -> Any:
    return value


def _forward(name: str) -> Callable[..., Any]:
    function = getattr(operator, name)

    def call(self: Proxy, *others: Any) -> Any:
        plain = [other.__wrapped__ if type(other) is Proxy else other for other in others]
        return function(self.__wrapped__, *plain)

    return call


def _reflect(name: str) -> Callable[..., Any]:
    function = getattr(operator, name)
    return lambda self, other: function(other, self.__wrapped__)


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "mod", "truediv", "floordiv", "getitem"):
    setattr(Proxy, f"__{_name}__", _forward(f"__{_name}__"))
for _name in ("add", "sub", "mul", "mod"):
    setattr(Proxy, f"__r{_name}__", _reflect(f"__{_name}__"))
