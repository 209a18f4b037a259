"""``@task`` with its flavours, ``@task_group``, ``@setup``, ``@teardown``: what authors decorate functions with."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .dag import dag
from .decorated import (
    DecoratedMappedOperator,
    DecoratedOperator,
    TaskDecorator,
    get_unique_task_id,
    task_decorator_factory,
)
from .exceptions import AirflowException
from .expand_input import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    MappedArgument,
    ensure_kwargs_list,
    ensure_mappable,
)
from .task_group import MappedTaskGroup, TaskGroup

_FLAVOURS: dict[str, str] = {
    "python": "tradewind.standard.decorators:python_task",
    "virtualenv": "tradewind.standard.decorators:virtualenv_task",
    "external_python": "tradewind.standard.decorators:external_python_task",
    "branch": "tradewind.standard.decorators:branch_task",
    "branch_virtualenv": "tradewind.standard.decorators:branch_virtualenv_task",
    "branch_external_python": "tradewind.standard.decorators:branch_external_python_task",
    "short_circuit": "tradewind.standard.decorators:short_circuit_task",
    "sensor": "tradewind.standard.decorators:sensor_task",
    "bash": "tradewind.standard.decorators:bash_task",
    "stub": "tradewind.standard.stub:stub_task",
    "skip_if": "tradewind.standard.decorators:skip_if",
    "run_if": "tradewind.standard.decorators:run_if",
}
"""Where the flavours of ``@task`` live, ``module:name``; imported when one is used first."""


def register_task_decorator(name: str, path: str) -> None:
    """Add a provider's flavour: ``@task.<name>`` is the function at ``path`` (``module:name`` or dotted)."""
    _FLAVOURS[name] = path if ":" in path else ":".join(path.rsplit(".", 1))


class TaskDecoratorCollection:
    """The ``task`` object: ``@task`` itself, and a flavour per attribute."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = _FLAVOURS.get(name)
        if path is None:
            # Providers are known one floor up.
            flavour = import_module("tradewind.plugins.providers").task_decorator(name)
        else:
            module, _, attribute = path.partition(":")
            flavour = getattr(import_module(module), attribute)
        if flavour is None:
            raise AttributeError(f"task decorator {name!r} not found")
        self.__dict__[name] = flavour
        return flavour

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_FLAVOURS})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.python(*args, **kwargs)


task = TaskDecoratorCollection()


class TaskGroupFactory:
    """What ``@task_group`` makes of a function: call it to add a group, or expand it."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        tg_kwargs: dict[str, Any] | None = None,
        partial_kwargs: dict[str, Any] | None = None,
        tg_class: type[TaskGroup] = TaskGroup,
    ) -> None:
        self.function = function
        self.tg_kwargs = dict(tg_kwargs or {})
        self.tg_kwargs.setdefault("group_id", function.__name__)
        self.partial_kwargs = dict(partial_kwargs or {})
        self.tg_class = tg_class
        self.function_signature = inspect.signature(function)
        functools.update_wrapper(self, function)

    def _options(self) -> dict[str, Any]:
        options = dict(self.tg_kwargs)
        options.setdefault("add_suffix_on_collision", True)
        if not options.get("tooltip") and self.function.__doc__:
            options["tooltip"] = inspect.cleandoc(self.function.__doc__)
        return options

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        bound = self.function_signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return self._build(TaskGroup(**self._options()), bound.args, bound.kwargs)

    def _build(self, group: TaskGroup, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Run the function in the group; its result, else the group."""
        with group:
            result = self.function(*args, **kwargs)
        return group if result is None else result

    def _validate_arg_names(self, func: str, names: Mapping[str, Any]) -> None:
        unknown = [name for name in names if name not in self.function_signature.parameters]
        if len(unknown) == 1:
            raise TypeError(f"{func}() got an unexpected keyword argument {unknown[0]!r}")
        if unknown:
            raise TypeError(f"{func}() got unexpected keyword arguments {', '.join(map(repr, unknown))}")

    def override(self, **kwargs: Any) -> TaskGroupFactory:
        """The same group with other arguments of TaskGroup."""
        return TaskGroupFactory(
            self.function, tg_kwargs={**self.tg_kwargs, **kwargs}, partial_kwargs=self.partial_kwargs
        )

    def partial(self, **kwargs: Any) -> TaskGroupFactory:
        """Fix some of the function's arguments."""
        self._validate_arg_names("partial", kwargs)
        doubled = sorted(set(self.partial_kwargs) & set(kwargs))
        if doubled:
            raise TypeError(f"duplicate partial: {', '.join(doubled)}")
        return TaskGroupFactory(
            self.function, tg_kwargs=self.tg_kwargs, partial_kwargs={**self.partial_kwargs, **kwargs}
        )

    def expand(self, **kwargs: Any) -> Any:
        """Map the group over every combination of these arguments' items."""
        if not kwargs:
            raise TypeError("no arguments to expand against")
        self._validate_arg_names("expand", kwargs)
        doubled = sorted(set(self.partial_kwargs) & set(kwargs))
        if doubled:
            raise TypeError(f"mapping already partial: {', '.join(doubled)}")
        ensure_mappable("expand()", kwargs, quote=True)
        return self._expand(DictOfListsExpandInput(kwargs), list(kwargs))

    def expand_kwargs(self, kwargs: Any) -> Any:
        """Map the group over dicts of arguments, one instance for each."""
        ensure_kwargs_list(kwargs)
        mapped = [name for name in self.function_signature.parameters if name not in self.partial_kwargs]
        return self._expand(ListOfDictsExpandInput(kwargs), mapped)

    def _expand(self, expand_input: ExpandInput, mapped: list[str]) -> Any:
        arguments = {**self.partial_kwargs, **{name: MappedArgument(expand_input, name) for name in mapped}}
        bound = self.function_signature.bind(**arguments)
        group = MappedTaskGroup(expand_input=expand_input, **self._options())
        return self._build(group, bound.args, bound.kwargs)


def task_group(python_callable: Callable[..., Any] | None = None, **tg_kwargs: Any) -> Any:
    """Make a function that defines tasks into a maker of task groups."""
    if callable(python_callable) and not tg_kwargs:
        return TaskGroupFactory(python_callable)
    if python_callable is not None and not callable(python_callable):
        tg_kwargs["group_id"] = python_callable
        python_callable = None
    if python_callable is not None:
        return TaskGroupFactory(python_callable, tg_kwargs=tg_kwargs)
    return functools.partial(TaskGroupFactory, tg_kwargs=tg_kwargs)


def setup_task(func: Any) -> Any:
    """Mark a function (or a ``@task``) as setup."""
    if isinstance(func, TaskGroupFactory):
        raise AirflowException("Task groups cannot be marked as setup or teardown.")
    decorated = func if isinstance(func, TaskDecorator) else task.python(func)
    decorated.is_setup = True
    return decorated


def teardown_task(func: Any = None, *, on_failure_fail_dagrun: bool = False) -> Any:
    """Mark a function (or a ``@task``) as teardown; with the argument, its failure fails the run."""

    def mark(inner: Any) -> Any:
        if isinstance(inner, TaskGroupFactory):
            raise AirflowException("Task groups cannot be marked as setup or teardown.")
        decorated = inner if isinstance(inner, TaskDecorator) else task.python(inner)
        decorated.is_teardown = True
        decorated.on_failure_fail_dagrun = on_failure_fail_dagrun
        return decorated

    return mark if func is None else mark(func)


setup = setup_task
teardown = teardown_task

__all__ = [
    "DecoratedMappedOperator",
    "DecoratedOperator",
    "TaskDecorator",
    "TaskDecoratorCollection",
    "TaskGroupFactory",
    "dag",
    "get_unique_task_id",
    "register_task_decorator",
    "setup",
    "task",
    "task_decorator_factory",
    "task_group",
    "teardown",
]


def result(function: Any) -> Any:
    """On top of ``@task``: the task's return value is the result of the DAG's runs."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        made = function(*args, **kwargs)
        made.operator.dag.add_result(made)
        return made

    return call
