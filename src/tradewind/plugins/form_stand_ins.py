"""Stand-ins for wtforms, flask_appbuilder and flask_babel, for the time in which hooks describe their forms.

Hooks describe the fields of their connections with the form classes of Airflow 2's web server. Nothing of that server
is here: a stand-in keeps the name of the class and the arguments it was made with, which is all that a form needs.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

MODULES = (
    "wtforms",
    "wtforms.fields",
    "wtforms.validators",
    "wtforms.widgets",
    "flask_appbuilder",
    "flask_appbuilder.fieldwidgets",
    "flask_appbuilder.forms",
    "flask_appbuilder.widgets",
    "flask_babel",
)


class Described:
    """What some class of a form was called with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs

    @property
    def field_class(self) -> type:
        """As of a wtforms field that is not bound to a form."""
        return type(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Validators and widgets are called with forms, which there are none of."""


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = _as_is if name in ("lazy_gettext", "gettext", "_") else type(name, (Described,), {})
        setattr(self, name, value)
        return value


def _as_is(text: str, **values: Any) -> str:
    return text % values if values else text


@contextlib.contextmanager
def stand_ins() -> Iterator[None]:
    """While it lasts, the modules that are not installed can be imported."""
    missing = [name for name in MODULES if not _is_there(name.partition(".")[0])]
    for name in missing:
        module = _StandIn(name)
        module.__path__ = []
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    try:
        yield
    finally:
        for name in missing:
            sys.modules.pop(name, None)


def _is_there(name: str) -> bool:
    known = sys.modules.get(name)
    return isinstance(known, ModuleType) or importlib.util.find_spec(name) is not None
