"""The metaclass of operators: default_args, missing and unknown arguments, finding DAG and group, XCom dependencies.

Every ``__init__`` of an operator class is wrapped once. Wrapped calls nest as classes do; only the outermost one (the
class that is really instantiated) finds DAG and group, and ends the construction.
"""

from __future__ import annotations

import functools
import inspect
from abc import ABCMeta
from collections.abc import Callable, Mapping
from typing import Any

from .configured_defaults import configured_defaults
from .contexts import DagContext, TaskGroupContext
from .exceptions import AirflowException
from .params import ParamsDict


def merged_defaults(
    dag: Any, task_group: Any, task_params: Any, task_default_args: Any
) -> tuple[dict[str, Any], ParamsDict]:
    """default_args and params of DAG, group and task; what is nearer to the task wins."""
    if task_params is not None and not isinstance(task_params, Mapping | ParamsDict):
        raise TypeError("params must be a mapping")
    if task_default_args is not None and not isinstance(task_default_args, Mapping):
        raise TypeError("default_args must be a mapping")
    defaults: dict[str, Any] = {}
    params = ParamsDict()
    if dag is not None:
        defaults.update(dag.default_args)
        params.update(dag.params)
    for group in _enclosing_groups(task_group):
        defaults.update(group.default_args)
    if task_default_args:
        own = dict(task_default_args)
        params.update(ParamsDict(own.pop("params", None) or {}))
        defaults.update(own)
    params.update(ParamsDict(defaults.pop("params", None) or {}))
    params.update(ParamsDict(task_params or {}))
    return defaults, params


def _enclosing_groups(task_group: Any) -> list[Any]:
    # A group's own default_args already hold those of the groups around it.
    return [] if task_group is None else [task_group]


class BaseOperatorMeta(ABCMeta):
    """Wraps ``__init__`` of each operator class."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        new_class = super().__new__(cls, name, bases, namespace, **kwargs)
        if "__init__" in namespace:
            new_class.__init__ = _wrap_init(namespace["__init__"])  # type: ignore[misc]  # the wrapper is the point
        return new_class


def _wrap_init(init: Callable[..., None]) -> Callable[..., None]:
    """``init`` with default_args applied to its parameters."""
    parameters = inspect.signature(init).parameters
    named = {
        name: parameter
        for name, parameter in parameters.items()
        if name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    # The arguments of all operators; a subclass may mean something else by such a name.
    is_base = init.__qualname__ == "BaseOperator.__init__"
    required = {name for name, parameter in named.items() if parameter.default is parameter.empty} - {"task_id"}

    @functools.wraps(init)
    def apply_defaults(self: Any, *args: Any, **kwargs: Any) -> None:
        if args:
            raise AirflowException("Use keyword arguments when initializing operators")
        is_outermost = not getattr(self, "_tradewind_building", False)
        from_mapped = getattr(self, "_BaseOperator__from_mapped", False)
        if is_outermost:
            self._tradewind_building = True
            from_mapped = kwargs.pop("_airflow_from_mapped", from_mapped)
            self._BaseOperator__from_mapped = from_mapped
        dag = kwargs.get("dag") or DagContext.get_current_dag()
        group = kwargs.get("task_group")
        if dag is not None and group is None:
            group = TaskGroupContext.get_current_task_group(dag)
        # A mapped task's arguments are complete: its defaults were applied by partial().
        scope = (None, None) if from_mapped else (dag, group)
        defaults, params = merged_defaults(*scope, kwargs.pop("params", None), kwargs.pop("default_args", None))
        for name in named:
            if name not in kwargs and name in defaults:
                kwargs[name] = defaults[name]
        kwargs = {**configured_defaults(), **kwargs} if is_base else kwargs
        missing = sorted(required - kwargs.keys())
        if len(missing) == 1:
            raise AirflowException(f"missing keyword argument {missing[0]!r}")
        if missing:
            raise AirflowException(f"missing keyword arguments {', '.join(repr(name) for name in missing)}")
        if len(params):
            kwargs["params"] = params
        if defaults:
            kwargs["default_args"] = defaults
        try:
            init(
                self,
                **(kwargs if takes_all else {key: kwargs[key] for key in kwargs if key in named or key not in _OURS}),
            )
            _remember_arguments(self, kwargs)
            if is_outermost:
                _finish(self)
        finally:
            if is_outermost:
                self._tradewind_building = False

    return apply_defaults


_OURS = frozenset({"default_args", "params"})
"""What is passed on of our own accord; an ``__init__`` without ``**kwargs`` does not get it."""


def _remember_arguments(operator: Any, kwargs: dict[str, Any]) -> None:
    operator.__dict__.setdefault("_BaseOperator__init_kwargs", {}).update(kwargs)


def _finish(operator: Any) -> None:
    """All attributes are set: draw the edges that XCom arguments mean, and watch later assignments."""
    if not operator._BaseOperator__from_mapped:
        operator.set_xcomargs_dependencies()
    operator._BaseOperator__instantiated = True
