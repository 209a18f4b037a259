"""A function's parameters read from its code are those that ``inspect`` finds."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from tradewind.sdk.callables import _parameters


def plain(a: int, b: int = 1) -> int:
    local = a
    return local + b


def with_all(a: int, /, b: int, *rest: int, c: int, d: int = 2, **more: int) -> None: ...


def with_rest(a: int, *rest: int) -> None: ...


def with_keywords(*, c: int, **more: int) -> None: ...


@functools.wraps(plain)
def wrapper(*args: Any, **kwargs: Any) -> Any:
    return plain(*args, **kwargs)


class Callee:
    def method(self, a: int) -> None: ...

    def __call__(self, x: int, **more: int) -> None: ...


@pytest.mark.parametrize(
    "function",
    [
        plain,
        with_all,
        with_rest,
        with_keywords,
        wrapper,
        Callee().method,
        Callee.method,
        Callee(),
        functools.partial(with_all, 1),
        lambda x, *y, z=1: (x, y, z),
    ],
)
def test_the_names_and_their_order_are_the_signatures(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    assert _parameters(function) == (tuple(parameters), takes_any)
