"""Mapped tasks: ``Operator.partial(…).expand(…)``. One MappedOperator in the DAG, one instance for each item."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from tradewind.model.states import TriggerRule

from .abstract_operator import AbstractOperator, check_setup_teardown, check_trigger_rule
from .configured_defaults import configured_defaults
from .contexts import DagContext, SetupTeardownContext, TaskGroupContext
from .dates import as_utc
from .expand_input import (
    EXPAND_INPUT_EMPTY,
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    check_no_always,
    ensure_kwargs_list,
    ensure_mappable,
)
from .operator import BaseOperator, coerce_retries
from .operator_meta import merged_defaults
from .params import ParamsDict
from .templating import iter_references
from .types import as_list, as_timedelta
from .weights import validate_weight_rule

_BASE_PARAMETERS = frozenset(inspect.signature(BaseOperator.__init__).parameters) - {"self", "kwargs"}
_UNMAPPABLE = _BASE_PARAMETERS - {"inlets", "outlets"}
"""Arguments that all instances of a task share: expand() does not take them."""


def parameters_of(cls: type[BaseOperator]) -> frozenset[str] | None:
    """Names of all constructor arguments; None when a class takes anything (``**kwargs`` without our base)."""
    names: set[str] = set()
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if init is None:
            continue
        parameters = inspect.signature(init).parameters.values()
        names |= {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if base is BaseOperator or not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return frozenset(names - {"self"})


def validate_names(cls: type[BaseOperator], func: str, names: Mapping[str, Any]) -> None:
    """Raise TypeError for arguments that the operator does not have."""
    known = parameters_of(cls)
    unknown = [] if known is None else [name for name in names if name not in known]
    if not unknown:
        return
    if len(unknown) == 1:
        raise TypeError(f"{cls.__name__}.{func}() got an unexpected keyword argument {unknown[0]!r}")
    raise TypeError(f"{cls.__name__}.{func}() got unexpected keyword arguments {', '.join(map(repr, unknown))}")


def partial(
    operator_class: type[BaseOperator],
    *,
    task_id: str,
    dag: Any = None,
    task_group: Any = None,
    params: Any = None,
    **kwargs: Any,
) -> OperatorPartial:
    """Fix the arguments that all instances share, with default_args applied."""
    validate_names(operator_class, "partial", kwargs)
    dag = dag or DagContext.get_current_dag()
    task_group = task_group or (TaskGroupContext.get_current_task_group(dag) if dag is not None else None)
    defaults, merged_params = merged_defaults(dag, task_group, params, kwargs.pop("default_args", None))
    names = parameters_of(operator_class) or frozenset()
    for name, value in defaults.items():
        if name in names:
            kwargs.setdefault(name, value)
    for name, value in configured_defaults().items():
        kwargs.setdefault(name, value)
    kwargs["task_id"] = task_group.child_id(task_id) if task_group else task_id
    kwargs["dag"] = dag
    kwargs["task_group"] = task_group
    for name in ("start_date", "end_date"):
        kwargs[name] = as_utc(kwargs.get(name))
    kwargs["retries"] = coerce_retries(kwargs.get("retries", 0))
    kwargs["retry_delay"] = as_timedelta(kwargs.get("retry_delay", timedelta(seconds=300)))
    if kwargs.get("max_retry_delay") is not None:
        kwargs["max_retry_delay"] = as_timedelta(kwargs["max_retry_delay"])
    if kwargs.pop("task_concurrency", None) is not None:
        raise TypeError("unexpected argument: task_concurrency")
    return OperatorPartial(operator_class=operator_class, kwargs=kwargs, params=merged_params)


class OperatorPartial:
    """An operator with some arguments fixed, waiting for ``expand`` or ``expand_kwargs``."""

    def __init__(self, *, operator_class: type[BaseOperator], kwargs: dict[str, Any], params: ParamsDict) -> None:
        self.operator_class = operator_class
        self.kwargs = kwargs
        self.params = params
        self._expand_called = False

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.kwargs.items())
        return f"{self.operator_class.__name__}.partial({arguments})"

    def __del__(self) -> None:
        if not getattr(self, "_expand_called", True):
            task_id = repr(self.kwargs["task_id"]) if "task_id" in self.kwargs else f"at {hex(id(self))}"
            warnings.warn(f"Task {task_id} was never mapped!", category=UserWarning, stacklevel=1)

    def expand(self, **mapped_kwargs: Any) -> MappedOperator:
        """Map over every combination of these arguments' items."""
        self._expand_called = True
        if not mapped_kwargs:
            raise TypeError("no arguments to expand against")
        validate_names(self.operator_class, "expand", mapped_kwargs)
        for name in mapped_kwargs:
            if name in _UNMAPPABLE or name in self._own_arguments():
                raise TypeError(f"unmappable or already specified argument: {name}")
        ensure_mappable(f"{self.operator_class.__name__}.expand()", mapped_kwargs, quote=False)
        # strict is for checks that need all arguments at once; expand() knows them all.
        return self._expand(DictOfListsExpandInput(mapped_kwargs), strict=True)

    def _own_arguments(self) -> set[str]:
        return set(self.kwargs)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> MappedOperator:
        """Map over dicts of arguments, one instance for each."""
        self._expand_called = True
        ensure_kwargs_list(kwargs)
        return self._expand(ListOfDictsExpandInput(kwargs), strict=strict)

    def _expand(self, expand_input: ExpandInput, *, strict: bool) -> MappedOperator:
        from .task_group import MappedTaskGroup  # graph before groups

        group = self.kwargs.get("task_group")
        if group is not None and any(isinstance(g, MappedTaskGroup) for g in group.iter_mapped_task_groups()):
            raise NotImplementedError("operator expansion in an expanded task group is not yet supported")
        return MappedOperator(
            operator_class=self.operator_class,
            expand_input=expand_input,
            partial_kwargs=dict(self.kwargs),
            params=self.params,
            disallow_kwargs_override=strict,
        )


def _shared(name: str, default: Any = None) -> Any:
    """A property over ``partial_kwargs``, for an argument that all instances share."""

    def read(self: MappedOperator) -> Any:
        value = self.partial_kwargs.get(name)
        return default if value is None else value

    def write(self: MappedOperator, value: Any) -> None:
        self.partial_kwargs[name] = value

    return property(read, write, doc=f"``{name}`` of all instances.")


class MappedOperator(AbstractOperator):
    """A task with an instance for each item of its expansion."""

    is_mapped: ClassVar[bool] = True
    subdag: Any = None
    supports_lineage = False

    owner = _shared("owner", "airflow")
    email = _shared("email")
    email_on_failure = _shared("email_on_failure", True)
    email_on_retry = _shared("email_on_retry", True)
    depends_on_past = _shared("depends_on_past", False)
    ignore_first_depends_on_past = _shared("ignore_first_depends_on_past", True)
    wait_for_past_depends_before_skipping = _shared("wait_for_past_depends_before_skipping", False)
    wait_for_downstream = _shared("wait_for_downstream", False)
    retries = _shared("retries", 0)
    queue = _shared("queue", "default")
    pool = _shared("pool", "default_pool")
    pool_slots = _shared("pool_slots", 1)
    execution_timeout = _shared("execution_timeout")
    max_retry_delay = _shared("max_retry_delay")
    retry_delay = _shared("retry_delay", timedelta(seconds=300))
    retry_exponential_backoff = _shared("retry_exponential_backoff", False)
    priority_weight = _shared("priority_weight", 1)
    sla = _shared("sla")
    max_active_tis_per_dag = _shared("max_active_tis_per_dag")
    max_active_tis_per_dagrun = _shared("max_active_tis_per_dagrun")
    resources = _shared("resources")
    on_execute_callback = _shared("on_execute_callback")
    on_failure_callback = _shared("on_failure_callback")
    on_retry_callback = _shared("on_retry_callback")
    on_success_callback = _shared("on_success_callback")
    on_skipped_callback = _shared("on_skipped_callback")
    run_as_user = _shared("run_as_user")
    executor = _shared("executor")
    executor_config = _shared("executor_config", {})
    do_xcom_push = _shared("do_xcom_push", True)
    multiple_outputs = _shared("multiple_outputs", False)
    map_index_template = _shared("map_index_template")
    allow_nested_operators = _shared("allow_nested_operators", True)
    doc = _shared("doc")
    doc_md = _shared("doc_md")
    doc_json = _shared("doc_json")
    doc_yaml = _shared("doc_yaml")
    doc_rst = _shared("doc_rst")

    def __init__(
        self,
        *,
        operator_class: type[BaseOperator],
        expand_input: ExpandInput,
        partial_kwargs: dict[str, Any],
        params: ParamsDict,
        disallow_kwargs_override: bool = True,
        expand_input_attr: str = "expand_input",
    ) -> None:
        super().__init__()
        self.operator_class = operator_class
        self.expand_input: ExpandInput = expand_input
        self.op_kwargs_expand_input: ExpandInput = EXPAND_INPUT_EMPTY
        if expand_input_attr != "expand_input":
            self.expand_input, self.op_kwargs_expand_input = EXPAND_INPUT_EMPTY, expand_input
        self._expand_input_attr = expand_input_attr
        self.partial_kwargs = partial_kwargs
        self.params = params
        self._disallow_kwargs_override = disallow_kwargs_override
        self.task_id: str = partial_kwargs["task_id"]
        dag, group = partial_kwargs.get("dag"), partial_kwargs.get("task_group")
        self.task_group = group
        self.start_date = partial_kwargs.get("start_date")
        self.end_date = partial_kwargs.get("end_date")
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self._trigger_rule = check_trigger_rule(
            partial_kwargs.get("trigger_rule", TriggerRule.ALL_SUCCESS), dag.dag_id if dag else "", self.task_id
        )
        check_no_always(
            self._trigger_rule,
            self.mapped_input,
            "Task-generated mapping within a task using 'expand' is not allowed with trigger rule 'always'.",
        )
        self.weight_rule = validate_weight_rule(partial_kwargs.get("weight_rule", "downstream"))
        links = operator_class.operator_extra_links
        # A property looks at an instance's arguments; a mapped task has one set for each index.
        self.operator_extra_links = () if isinstance(links, property) else links
        self.template_fields = operator_class.template_fields
        self.template_ext = operator_class.template_ext
        self.template_fields_renderers = operator_class.template_fields_renderers
        self.ui_color = operator_class.ui_color
        self.ui_fgcolor = operator_class.ui_fgcolor
        self.start_trigger_args = operator_class.start_trigger_args
        self.start_from_trigger = operator_class.start_from_trigger
        self._is_setup = self._is_teardown = self._on_failure_fail_dagrun = False
        self.dag = None
        if group is not None:
            group.add(self)
        if dag is not None:
            self.dag = dag
            dag.add_task(self)
        for operator in self._suppliers():
            self.set_upstream(operator)
        SetupTeardownContext.note(self)

    def _suppliers(self) -> Iterator[Any]:
        for name, value in self.partial_kwargs.items():
            if name in self.template_fields:
                yield from (operator for operator, _ in iter_references(value))
        yield from self.iter_mapped_dependencies()

    @property
    def mapped_input(self) -> ExpandInput:
        """What the task is mapped over, whichever way it was written."""
        return getattr(self, self._expand_input_attr)  # type: ignore[no-any-return]

    def iter_mapped_dependencies(self) -> Iterator[Any]:
        """Tasks whose results decide the number of instances."""
        for operator, _ in self.mapped_input.iter_references():
            yield operator

    def __repr__(self) -> str:
        return f"<Mapped({self.task_type}): {self.task_id}>"

    @property
    def task_type(self) -> str:
        return str(self.operator_class.__name__)

    @property
    def operator_name(self) -> str:
        return str(getattr(self.operator_class, "custom_operator_name", self.task_type))

    @property
    def _task_display_property_value(self) -> str | None:
        return self.partial_kwargs.get("task_display_name")

    @property
    def inherits_from_empty_operator(self) -> bool:
        return getattr(self.operator_class, "_is_empty", False)

    @property
    def trigger_rule(self) -> TriggerRule:
        """When it may run."""
        return self._trigger_rule

    @trigger_rule.setter
    def trigger_rule(self, value: Any) -> None:
        self._trigger_rule = check_trigger_rule(value, self.dag_id, self.task_id)

    @property
    def inlets(self) -> list[Any]:  # type: ignore[override]  # read through partial_kwargs
        """What it reads."""
        return as_list(self.partial_kwargs.get("inlets"))

    @property
    def outlets(self) -> list[Any]:  # type: ignore[override]  # read through partial_kwargs
        """What it writes."""
        return as_list(self.partial_kwargs.get("outlets"))

    @property
    def is_setup(self) -> bool:
        return self._is_setup

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        if value:
            check_setup_teardown(self, setup=True)
        self._is_setup = value

    @property
    def is_teardown(self) -> bool:
        return self._is_teardown

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        if value:
            check_setup_teardown(self, setup=False)
        self._is_teardown = value

    @property
    def on_failure_fail_dagrun(self) -> bool:
        return self._on_failure_fail_dagrun

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        self._on_failure_fail_dagrun = value

    def prepare_for_execution(self) -> MappedOperator:
        """A copy for the runner; each instance unmaps it."""
        return copy.copy(self)

    def get_parse_time_mapped_ti_count(self) -> int:
        """Number of instances, when it is known from the file alone."""
        return self.mapped_input.get_parse_time_mapped_ti_count()

    def _mapped_kwargs(self, context: Any) -> tuple[Mapping[str, Any], set[int]]:
        resolved = self.mapped_input.resolve(context)
        return resolved.kwargs, resolved.resolved_oids

    def unmap(self, resolve: Any) -> BaseOperator:
        """The operator of one instance: ``resolve`` is the arguments, or a context (in a tuple) to find them in."""
        if isinstance(resolve, Mapping) and "ti" not in resolve:
            kwargs: Mapping[str, Any] = resolve
        else:
            context = resolve[0] if isinstance(resolve, tuple) else resolve
            kwargs, _ = self._mapped_kwargs(context)
        arguments = self._instance_arguments(kwargs)
        operator: BaseOperator = self.operator_class(**arguments, _airflow_from_mapped=True)
        operator.task_id = self.task_id
        operator.upstream_task_ids = self.upstream_task_ids
        operator.downstream_task_ids = self.downstream_task_ids
        operator.is_setup, operator.is_teardown = self.is_setup, self.is_teardown
        operator.trigger_rule = self.trigger_rule
        return operator

    def _instance_arguments(self, mapped: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {name: value for name, value in self.partial_kwargs.items() if value is not None or name not in _DATES}
        if self._disallow_kwargs_override:
            doubled = sorted(set(mapped) & set(self._explicit(fixed)))
            if doubled:
                raise TypeError(f"unmappable or already specified argument: {', '.join(doubled)}")
        return {**fixed, "params": self.params, **mapped}

    @staticmethod
    def _explicit(fixed: Mapping[str, Any]) -> Iterator[str]:
        yield from (name for name in fixed if name not in ("dag", "task_group"))

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Make the instance's own operator, render its fields, and put it into the context and its ``ti``."""
        if jinja_env is None:
            jinja_env = self.get_template_env()
        kwargs, ready = self._mapped_kwargs(context)
        operator = self.unmap(kwargs)
        context["task"] = operator
        context["ti"].task = operator
        operator._do_render_template_fields(operator, operator.template_fields, context, jinja_env, set(ready))


_DATES = frozenset({"start_date", "end_date", "max_retry_delay"})


class NotMapped(Exception):
    """A task is neither mapped nor in a mapped group."""
