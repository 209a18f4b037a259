"""Dotted names to objects and back (offered as ``airflow.utils.module_loading``)."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any


def import_string(dotted_path: str) -> Any:
    """The object that ``package.module.Name`` names. Raises ImportError when there is none."""
    module_path, dot, name = dotted_path.rpartition(".")
    if not dot:
        raise ImportError(f"{dotted_path} doesn't look like a module path")
    module = import_module(module_path)
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise ImportError(f'Module "{module_path}" does not define a "{name}" attribute/class') from error


def qualname(o: object | Callable[..., Any]) -> str:
    """The dotted name of a class or function, or of an object's class."""
    if not callable(o) or not hasattr(o, "__qualname__"):
        o = type(o)
    return f"{o.__module__}.{o.__qualname__}"


def iter_namespace(ns: Any) -> Iterator[pkgutil.ModuleInfo]:
    """The modules directly below a package."""
    return pkgutil.iter_modules(ns.__path__, ns.__name__ + ".")
