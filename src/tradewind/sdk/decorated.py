"""TaskFlow's machinery: a function made into a task (DecoratedOperator), and the object that ``@task`` gives."""

from __future__ import annotations

import functools
import inspect
import re
import typing
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tradewind.model.states import TriggerRule

from .assets import BaseDataset
from .context_keys import KEYS_OF_3, KNOWN_CONTEXT_KEYS
from .contexts import DagContext, TaskGroupContext
from .expand_input import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    check_no_always,
    ensure_kwargs_list,
    ensure_mappable,
)
from .mapping import MappedOperator, partial
from .operator import BaseOperator
from .settings import compat_level
from .types import NOTSET, ArgNotSet
from .xcom_arg import PlainXComArg, XComArg

if TYPE_CHECKING:
    from .dag import DAG
    from .task_group import TaskGroup


def get_unique_task_id(task_id: str, dag: DAG | None = None, task_group: TaskGroup | None = None) -> str:
    """The id, with ``__1``, ``__2`` … when the DAG has it already: the same function may be called several times."""
    dag = dag or DagContext.get_current_dag()
    if dag is None:
        return task_id
    task_group = task_group or TaskGroupContext.get_current_task_group(dag)
    full = task_group.child_id if task_group is not None else str
    if full(task_id) not in dag.task_dict:
        return task_id
    base = re.split(r"__\d+$", task_id)[0]
    pattern = re.compile(rf"^{re.escape(full(base))}__(\d+)$")
    taken = [int(match[1]) for known in dag.task_dict if (match := pattern.match(known))]
    return f"{base}__{max(taken, default=0) + 1}"


def infer_multiple_outputs(function: Callable[..., Any]) -> bool:
    """Whether the annotation says that a mapping is returned: then each key becomes an XCom of its own."""
    annotation = getattr(function, "__annotations__", {}).get("return")
    if annotation is None:
        return False
    try:
        returned = typing.get_type_hints(function).get("return", Any)
    except (TypeError, NameError, AttributeError):
        warnings.warn(
            f"Cannot infer multiple_outputs for TaskFlow function {function.__name__!r} with forward "
            "type references that are not imported. (Error was an unresolvable annotation)",
            UserWarning,
            stacklevel=4,
        )
        return False
    origin = typing.get_origin(returned) or returned
    return isinstance(origin, type) and issubclass(origin, Mapping)


class DecoratedOperator(BaseOperator):
    """A task made from a function; its arguments are template fields."""

    template_fields: Collection[str] = ("op_args", "op_kwargs")
    template_fields_renderers: ClassVar[dict[str, str]] = {"op_args": "py", "op_kwargs": "py"}
    # The function is the author's own: a copy might not even be possible.
    shallow_copy_attrs: Sequence[str] = ("python_callable",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        task_id: str,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        kwargs_to_upstream: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if not self._BaseOperator__from_mapped:
            task_id = get_unique_task_id(task_id, kwargs.get("dag"), kwargs.get("task_group"))
        self.python_callable = python_callable
        kwargs_to_upstream = kwargs_to_upstream or {}
        op_args = op_args or []
        op_kwargs = op_kwargs or {}
        self.multiple_outputs = kwargs.pop("multiple_outputs", False)
        self.op_args = op_args
        self.op_kwargs = op_kwargs
        if not self._BaseOperator__from_mapped:
            call_signature(python_callable).bind(*op_args, **op_kwargs)
        super().__init__(task_id=task_id, multiple_outputs=self.multiple_outputs, **kwargs_to_upstream, **kwargs)

    def execute(self, context: Any) -> Any:
        """Call the next class's ``execute``; datasets among the arguments are inlets."""
        for argument in (*self.op_args, *self.op_kwargs.values()):
            if isinstance(argument, BaseDataset):
                self.inlets.append(argument)
        return self._handle_output(super().execute(context), context, self.xcom_push)

    def _handle_output(self, return_value: Any, context: Any, xcom_push: Callable[..., None]) -> Any:
        """The value to store; the runner splits it up when ``multiple_outputs`` is on."""
        return return_value

    def get_python_source(self) -> str:
        """The function's source, without decorators."""
        import textwrap  # only the virtualenv flavours need the source

        lines = textwrap.dedent(inspect.getsource(self.python_callable)).splitlines(keepends=True)
        first = next((number for number, line in enumerate(lines) if line.startswith(("def ", "async def "))), 0)
        return "".join(lines[first:])


def call_signature(function: Callable[..., Any]) -> inspect.Signature:
    """The function's signature, in which context names may be left out. Raises ValueError for one with a default."""
    signature = inspect.signature(function)
    parameters = []
    optional_seen = False
    for parameter in signature.parameters.values():
        current = parameter
        is_plain = parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        if parameter.name in KNOWN_CONTEXT_KEYS or (parameter.name in KEYS_OF_3 and compat_level() >= 3):
            if parameter.default not in (None, parameter.empty):
                raise ValueError(f"Context key parameter {parameter.name} can't have a default other than None")
            current = parameter.replace(default=None)
        if is_plain and optional_seen and current.default is current.empty:
            # A required parameter after a context name: it may come by position or keyword all the same.
            current = current.replace(default=_REQUIRED)
        optional_seen = optional_seen or (is_plain and current.default is not current.empty)
        parameters.append(current)
    return _Signature(parameters)


_REQUIRED: Any = object()


class _Signature(inspect.Signature):
    """Knows required parameters that stand after optional ones."""

    def bind(self, /, *args: Any, **kwargs: Any) -> inspect.BoundArguments:
        bound = super().bind(*args, **kwargs)
        for name, parameter in self.parameters.items():
            if parameter.default is _REQUIRED and name not in bound.arguments:
                raise TypeError(f"missing a required argument: {name!r}")
        return bound


class DecoratedMappedOperator(MappedOperator):
    """A mapped TaskFlow task: it is the function's arguments that are mapped."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(expand_input_attr="op_kwargs_expand_input", **kwargs)

    def _instance_arguments(self, mapped: Mapping[str, Any]) -> dict[str, Any]:
        fixed = dict(self.partial_kwargs)
        own = dict(fixed.pop("op_kwargs", None) or {})
        doubled = sorted(set(own) & set(mapped))
        if doubled and self._disallow_kwargs_override:
            raise TypeError(f"partial() and expand() both give {', '.join(doubled)}")
        return {**fixed, "params": self.params, "op_kwargs": {**own, **mapped}}


class TaskDecorator:
    """What ``@task`` makes of a function: call it in a DAG to add a task, or expand it."""

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        operator_class: type[BaseOperator],
        multiple_outputs: bool | ArgNotSet | None = NOTSET,
        kwargs: dict[str, Any] | None = None,
        is_setup: bool = False,
        is_teardown: bool = False,
        on_failure_fail_dagrun: bool = False,
    ) -> None:
        self.function = function
        self.operator_class = operator_class
        self.kwargs = dict(kwargs or {})
        self.is_setup = is_setup
        self.is_teardown = is_teardown
        self.on_failure_fail_dagrun = on_failure_fail_dagrun
        infer = multiple_outputs is None or isinstance(multiple_outputs, ArgNotSet)
        self.multiple_outputs = infer_multiple_outputs(function) if infer else bool(multiple_outputs)
        if "self" in self.function_signature.parameters:
            name = getattr(operator_class, "custom_operator_name", "@task")
            raise TypeError(f"{name} does not support methods")
        self.kwargs.setdefault("task_id", function.__name__)
        functools.update_wrapper(self, function)

    @functools.cached_property
    def function_signature(self) -> inspect.Signature:
        """The function's signature."""
        return inspect.signature(self.function)

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        return self.function

    @__wrapped__.setter
    def __wrapped__(self, value: Any) -> None:
        # functools.update_wrapper sets it; the function is already known.
        return

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.function!r}>"

    def __call__(self, *args: Any, **kwargs: Any) -> XComArg:
        if self.is_teardown and "trigger_rule" in self.kwargs:
            raise ValueError("Trigger rule not configurable for teardown tasks.")
        arguments = dict(self.kwargs)
        fail_run = arguments.pop("on_failure_fail_dagrun", self.on_failure_fail_dagrun)
        fixed = arguments.pop("op_kwargs", None) or {}
        operator = self.operator_class(
            python_callable=self.function,
            op_args=args,
            op_kwargs={**fixed, **kwargs},
            multiple_outputs=self.multiple_outputs,
            **arguments,
        )
        self._describe(operator)
        self._mark(operator, fail_run)
        return PlainXComArg(operator)

    def _describe(self, operator: Any) -> None:
        has_doc = any(getattr(operator, name) for name in ("doc_md", "doc", "doc_json", "doc_yaml", "doc_rst"))
        if not has_doc and self.function.__doc__:
            operator.doc_md = self.function.__doc__

    def _mark(self, operator: Any, fail_run: bool) -> None:
        if self.is_setup:
            operator.as_setup()
        if self.is_teardown:
            operator.as_teardown(on_failure_fail_dagrun=fail_run)

    def _validate_arg_names(self, func: str, names: Mapping[str, Any]) -> None:
        parameters = self.function_signature.parameters
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
            return
        unknown = [name for name in names if name not in parameters]
        if len(unknown) == 1:
            raise TypeError(f"{func}() got an unexpected keyword argument {unknown[0]!r}")
        if unknown:
            raise TypeError(f"{func}() got unexpected keyword arguments {', '.join(map(repr, unknown))}")

    def override(self, **kwargs: Any) -> TaskDecorator:
        """The same task with other operator arguments."""
        changed = {**self.kwargs, **kwargs}
        multiple_outputs = changed.pop("multiple_outputs", self.multiple_outputs)
        return self._with(changed, multiple_outputs)

    def partial(self, **kwargs: Any) -> TaskDecorator:
        """Fix some of the function's arguments."""
        self._validate_arg_names("partial", kwargs)
        known = self.kwargs.get("op_kwargs") or {}
        doubled = sorted(set(known) & set(kwargs))
        if doubled:
            raise TypeError(f"{_phrase(doubled)} duplicate partial: {', '.join(doubled)}")
        return self._with({**self.kwargs, "op_kwargs": {**known, **kwargs}}, self.multiple_outputs)

    def _with(self, kwargs: dict[str, Any], multiple_outputs: Any) -> TaskDecorator:
        return type(self)(
            self.function,
            operator_class=self.operator_class,
            multiple_outputs=multiple_outputs,
            kwargs=kwargs,
            is_setup=self.is_setup,
            is_teardown=self.is_teardown,
            on_failure_fail_dagrun=self.on_failure_fail_dagrun,
        )

    def expand(self, **map_kwargs: Any) -> XComArg:
        """Map over every combination of these arguments' items."""
        if not map_kwargs:
            raise TypeError("no arguments to expand against")
        self._validate_arg_names("expand", map_kwargs)
        ensure_mappable("expand()", map_kwargs, quote=True)
        return self._expand(DictOfListsExpandInput(map_kwargs), strict=False)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> XComArg:
        """Map over dicts of arguments, one instance for each."""
        ensure_kwargs_list(kwargs)
        return self._expand(ListOfDictsExpandInput(kwargs), strict=strict)

    def _expand(self, expand_input: ExpandInput, *, strict: bool) -> XComArg:
        from .task_group import MappedTaskGroup  # graph before groups

        arguments = dict(self.kwargs)
        rule = TriggerRule.ALL_DONE_SETUP_SUCCESS if self.is_teardown else arguments.get("trigger_rule")
        check_no_always(
            rule,
            expand_input,
            "Task-generated mapping within a task using 'expand' is not allowed with trigger rule 'always'.",
        )
        dag = arguments.pop("dag", None) or DagContext.get_current_dag()
        group = arguments.pop("task_group", None) or TaskGroupContext.get_current_task_group(dag)
        if group is not None and any(isinstance(g, MappedTaskGroup) for g in group.iter_mapped_task_groups()):
            raise NotImplementedError("operator expansion in an expanded task group is not yet supported")
        fail_run = arguments.pop("on_failure_fail_dagrun", self.on_failure_fail_dagrun)
        task_id = get_unique_task_id(arguments.pop("task_id"), dag, group)
        given = partial(self.operator_class, task_id=task_id, dag=dag, task_group=group, **arguments)
        given._expand_called = True
        fixed = {
            **given.kwargs,
            "op_args": [],
            "op_kwargs": dict(arguments.get("op_kwargs") or {}),
            "python_callable": self.function,
            "multiple_outputs": self.multiple_outputs,
        }
        operator = DecoratedMappedOperator(
            operator_class=self.operator_class,
            expand_input=expand_input,
            partial_kwargs=fixed,
            params=given.params,
            disallow_kwargs_override=strict,
        )
        self._describe(operator)
        self._mark(operator, fail_run)
        return PlainXComArg(operator)


_TaskDecorator = TaskDecorator


def _phrase(names: Sequence[str]) -> str:
    return "argument" if len(names) == 1 else "arguments"


def task_decorator_factory(
    python_callable: Callable[..., Any] | None = None,
    *,
    multiple_outputs: bool | None = None,
    decorated_operator_class: type[BaseOperator],
    **kwargs: Any,
) -> Any:
    """For makers of decorators: ``@decorator`` or ``@decorator(argument=…)`` over an operator class of one's own."""
    if python_callable is not None:
        if not callable(python_callable):
            raise TypeError("No args allowed while using @task, use kwargs instead")
        return TaskDecorator(
            python_callable, operator_class=decorated_operator_class, multiple_outputs=multiple_outputs, kwargs=kwargs
        )
    return functools.partial(
        TaskDecorator, operator_class=decorated_operator_class, multiple_outputs=multiple_outputs, kwargs=kwargs
    )
