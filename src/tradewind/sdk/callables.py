"""Calling user functions with the context arguments they name, and the context as environment variables."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from datetime import datetime
from itertools import islice
from types import FunctionType
from typing import Any

DEFAULT_FORMAT_PREFIX = "airflow.ctx."
ENV_VAR_FORMAT_PREFIX = "AIRFLOW_CTX_"

_CONTEXT_VARIABLES = ("dag_id", "task_id", "execution_date", "try_number", "dag_run_id", "dag_owner", "dag_email")

AIRFLOW_VAR_NAME_FORMAT_MAPPING: dict[str, dict[str, str]] = {
    f"AIRFLOW_CONTEXT_{name.upper()}": {
        "default": f"{DEFAULT_FORMAT_PREFIX}{name}",
        "env_var_format": f"{ENV_VAR_FORMAT_PREFIX}{name.upper()}",
    }
    for name in _CONTEXT_VARIABLES
}
"""What the context's variables are called for hooks (``airflow.ctx.dag_id``) and in the environment."""


def context_to_airflow_vars(context: Mapping[str, Any], in_env_var_format: bool = False) -> dict[str, str]:
    """Which DAG, task, run and try this is, as names and texts; what is not known is left out."""
    task, ti, run = context.get("task"), context.get("task_instance"), context.get("dag_run")
    date = getattr(ti, "logical_date", None) or getattr(run, "logical_date", None)
    values: dict[str, Any] = {
        "dag_id": getattr(ti, "dag_id", None),
        "task_id": getattr(ti, "task_id", None),
        "execution_date": date.isoformat() if isinstance(date, datetime) else date,
        "try_number": getattr(ti, "try_number", None),
        "dag_run_id": getattr(run, "run_id", None),
        "dag_owner": getattr(task, "owner", None),
        "dag_email": _addresses(getattr(task, "email", None)),
    }
    known = {_variable(name, in_env_var_format): str(value) for name, value in values.items() if value}
    # What the operator's get_airflow_context_vars adds.
    added = getattr(ti, "policy_variables", {})
    return {**known, **{_variable(name, in_env_var_format): value for name, value in added.items()}}


def _variable(name: str, in_env_var_format: bool) -> str:
    if in_env_var_format:
        return name if name.startswith(ENV_VAR_FORMAT_PREFIX) else ENV_VAR_FORMAT_PREFIX + name.upper()
    return name if name.startswith(DEFAULT_FORMAT_PREFIX) else DEFAULT_FORMAT_PREFIX + name


def _addresses(email: Any) -> str:
    if not email:
        return ""
    return email if isinstance(email, str) else ",".join(email)


def determine_kwargs(func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``kwargs`` that ``func`` takes besides ``args``; all of them when it has ``**kwargs``.

    Raises ValueError when a positional argument falls on a parameter that ``kwargs`` has too.
    """
    return KeywordParameters.determine(func, args, kwargs).unpacking()


class KeywordParameters:
    """Keyword arguments chosen for a function."""

    def __init__(self, kwargs: Mapping[str, Any], *, wildcard: bool, named: frozenset[str] = frozenset()) -> None:
        self._kwargs = kwargs
        self._wildcard = wildcard
        self._named = named

    @classmethod
    def determine(cls, func: Callable[..., Any], args: Collection[Any], kwargs: Mapping[str, Any]) -> KeywordParameters:
        """Look at the function's signature and choose."""
        parameters, takes_any = _parameters(func)
        for name in islice(parameters, len(args)):
            if name in kwargs:
                raise ValueError(f"The key {name!r} in args is a part of kwargs and therefore reserved.")
        if takes_any:
            return cls(kwargs, wildcard=True, named=names_in(func) if hasattr(kwargs, "lazy_dict") else frozenset())
        return cls({name: kwargs[name] for name in parameters if name in kwargs}, wildcard=False)

    def unpacking(self) -> dict[str, Any]:
        """The arguments for ``func(**…)``; values that warn when used, or cost and are not named there, stay unread."""
        lazy = getattr(self._kwargs, "lazy_dict", None)
        if self._wildcard and lazy is not None:
            return dict(lazy(self._named))
        return dict(self._kwargs)

    def serializing(self) -> dict[str, Any]:
        """The arguments as plain values, for a process of another interpreter."""
        return dict(self._kwargs)


def names_in(func: Callable[..., Any]) -> frozenset[str]:
    """The texts and names that stand in the function's code: which values it may ask a mapping for.

    A value that it asks for itself must be the value (``is None`` looks through no stand-in), others need not
    be fetched.
    """
    found: set[str] = set()
    codes = [getattr(inspect.unwrap(func), "__code__", None)]
    while codes:
        code = codes.pop()
        if code is not None:
            found.update(code.co_names, code.co_varnames)
            found.update(value for value in code.co_consts if isinstance(value, str))
            codes += [value for value in code.co_consts if inspect.iscode(value)]
    return frozenset(found)


def _parameters(func: Callable[..., Any]) -> tuple[Sequence[str], bool]:
    """Names of the parameters in order, and whether ``**kwargs`` is among them. A plain function's stand in its code;
    ``inspect`` costs more than most of what an attempt does besides the user's work."""
    if type(func) is FunctionType and not vars(func):
        code = func.__code__
        stars = [bool(code.co_flags & flag) for flag in (inspect.CO_VARARGS, inspect.CO_VARKEYWORDS)]
        named = code.co_argcount + code.co_kwonlyargcount
        names = code.co_varnames[: named + sum(stars)]
        if stars[0]:  # in the code *args stands behind the keyword-only ones
            names = (*names[: code.co_argcount], names[named], *names[code.co_argcount : named], *names[named + 1 :])
        return names, stars[1]
    parameters = inspect.signature(func).parameters
    return tuple(parameters), any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def make_kwargs_callable(func: Callable[..., Any]) -> Callable[..., Any]:
    """``func`` that may be given more keyword arguments than it takes."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **determine_kwargs(func, args, kwargs))

    call.__name__ = getattr(func, "__name__", "call")
    call.__wrapped__ = func  # type: ignore[attr-defined]  # what functools.wraps would set
    return call


def context_merge(context: MutableMapping[str, Any], *args: Any, **kwargs: Any) -> None:
    """``context.update``, in place; for contexts of any kind."""
    merge = getattr(context, "_merge", None)
    if merge is not None:
        merge(*args, **kwargs)
        return
    context.update(*args, **kwargs)
