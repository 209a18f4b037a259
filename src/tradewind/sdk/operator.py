"""BaseOperator: one task of a DAG, with all arguments that Airflow 2.10 knows."""
# ruff: noqa: PLR0917, PLR0915
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from .abstract_operator import AbstractOperator, check_setup_teardown, check_trigger_rule
from .contexts import DagContext, SetupTeardownContext, TaskGroupContext
from .dates import as_utc
from .exceptions import AirflowException, FailStopDagInvalidTriggerRule
from .operator_defaults import (
    DEFAULT_EXECUTOR,
    DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST,
    DEFAULT_OWNER,
    DEFAULT_POOL_NAME,
    DEFAULT_POOL_SLOTS,
    DEFAULT_PRIORITY_WEIGHT,
    DEFAULT_QUEUE,
    DEFAULT_RETRIES,
    DEFAULT_RETRY_DELAY,
    DEFAULT_TASK_EXECUTION_TIMEOUT,
    DEFAULT_TRIGGER_RULE,
    DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING,
    DEFAULT_WEIGHT_RULE,
    MAX_RETRY_DELAY,
    checked_timeout,
    checked_weight,
    coerce_retries,
    coerce_timedelta,
    renamed_concurrency,
)
from .operator_meta import BaseOperatorMeta
from .operator_work import OperatorWork
from .params import ParamsDict
from .resources import Resources
from .templating import iter_references
from .types import Callbacks, as_list, as_timedelta, validate_key
from .weights import validate_weight_rule

if TYPE_CHECKING:
    from .dag import DAG
    from .deferral import StartTriggerArgs
    from .task_group import TaskGroup


class BaseOperator(OperatorWork, AbstractOperator, metaclass=BaseOperatorMeta):
    """A task. Subclass, take own arguments in ``__init__``, do the work in ``execute``."""

    template_fields: Collection[str] = ()
    template_ext: Sequence[str] = ()
    template_fields_renderers: ClassVar[dict[str, str]] = {}
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    pool: str = ""
    shallow_copy_attrs: Sequence[str] = ()
    operator_extra_links: Collection[Any] = ()
    supports_lineage = False
    subdag: Any = None
    start_from_trigger: bool = False
    start_trigger_args: StartTriggerArgs | None = None
    custom_operator_name: str

    _is_setup = False
    _is_teardown = False
    _on_failure_fail_dagrun = False
    _is_sensor = False
    _is_empty = False
    _dag: DAG | None = None
    _lock_for_execution = False
    _BaseOperator__instantiated = False
    _BaseOperator__from_mapped = False
    _BaseOperator__init_kwargs: dict[str, Any]

    def __init__(
        self,
        task_id: str,
        owner: str = DEFAULT_OWNER,
        email: str | Iterable[str] | None = None,
        email_on_retry: bool = True,
        email_on_failure: bool = True,
        retries: int | None = DEFAULT_RETRIES,
        retry_delay: timedelta | float = DEFAULT_RETRY_DELAY,
        retry_exponential_backoff: bool = False,
        max_retry_delay: timedelta | float | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        depends_on_past: bool = False,
        ignore_first_depends_on_past: bool = DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST,
        wait_for_past_depends_before_skipping: bool = DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING,
        wait_for_downstream: bool = False,
        dag: DAG | None = None,
        params: Any = None,
        default_args: dict[str, Any] | None = None,
        priority_weight: int = DEFAULT_PRIORITY_WEIGHT,
        weight_rule: Any = DEFAULT_WEIGHT_RULE,
        queue: str = DEFAULT_QUEUE,
        pool: str | None = None,
        pool_slots: int = DEFAULT_POOL_SLOTS,
        sla: timedelta | None = None,
        execution_timeout: timedelta | None = DEFAULT_TASK_EXECUTION_TIMEOUT,
        on_execute_callback: Callbacks = None,
        on_failure_callback: Callbacks = None,
        on_success_callback: Callbacks = None,
        on_retry_callback: Callbacks = None,
        on_skipped_callback: Callbacks = None,
        pre_execute: Callable[[Any], None] | None = None,
        post_execute: Callable[[Any, Any], None] | None = None,
        trigger_rule: str = DEFAULT_TRIGGER_RULE,
        resources: dict[str, Any] | None = None,
        run_as_user: str | None = None,
        task_concurrency: int | None = None,
        map_index_template: str | None = None,
        max_active_tis_per_dag: int | None = None,
        max_active_tis_per_dagrun: int | None = None,
        executor: str | None = None,
        executor_config: dict[str, Any] | None = None,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        inlets: Any | None = None,
        outlets: Any | None = None,
        task_group: TaskGroup | None = None,
        doc: str | None = None,
        doc_md: str | None = None,
        doc_json: str | None = None,
        doc_yaml: str | None = None,
        doc_rst: str | None = None,
        task_display_name: str | None = None,
        logger_name: str | None = None,
        allow_nested_operators: bool = True,
        retry_policy: Any = None,
        render_template_as_native_obj: bool | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        kwargs.pop("_airflow_mapped_validation_only", None)
        if kwargs:
            raise AirflowException(
                f"Invalid arguments were passed to {type(self).__name__} (task_id: {task_id}). "
                f"Invalid arguments were:\n**kwargs: {kwargs}"
            )
        validate_key(task_id)
        dag = dag or DagContext.get_current_dag()
        if task_group is None:
            task_group = TaskGroupContext.get_current_task_group(dag)
        self.task_id = task_group.child_id(task_id) if task_group else task_id
        if not self._BaseOperator__from_mapped and task_group:
            task_group.add(self)
        self.upstream_task_ids = set()
        self.downstream_task_ids = set()
        self.task_group = task_group
        self.owner = owner
        self.email = email
        self.email_on_retry = email_on_retry
        self.email_on_failure = email_on_failure
        self.on_execute_callback = on_execute_callback
        self.on_failure_callback = on_failure_callback
        self.on_success_callback = on_success_callback
        self.on_retry_callback = on_retry_callback
        self.on_skipped_callback = on_skipped_callback
        self._pre_execute_hook = pre_execute
        self._post_execute_hook = post_execute
        self.start_date = as_utc(start_date)
        self.end_date = as_utc(end_date)
        self.executor = executor
        self.executor_config = executor_config or {}
        self.run_as_user = run_as_user
        self.retries = coerce_retries(retries)
        self.retry_delay = as_timedelta(retry_delay)
        self.retry_exponential_backoff = retry_exponential_backoff
        self.max_retry_delay = None if max_retry_delay is None else as_timedelta(max_retry_delay)
        self.retry_policy = retry_policy
        self.render_template_as_native_obj = render_template_as_native_obj
        self.queue = queue
        self.pool = DEFAULT_POOL_NAME if pool is None else pool
        self.pool_slots = pool_slots
        self.sla = sla
        self.execution_timeout = checked_timeout(execution_timeout)
        self.depends_on_past = depends_on_past or wait_for_downstream
        self.wait_for_downstream = wait_for_downstream
        self.ignore_first_depends_on_past = ignore_first_depends_on_past
        self.wait_for_past_depends_before_skipping = wait_for_past_depends_before_skipping
        self.priority_weight = checked_weight(priority_weight, task_id)
        self.weight_rule = validate_weight_rule(weight_rule)
        self.trigger_rule = check_trigger_rule(trigger_rule, dag.dag_id if dag else "", task_id)
        self.resources = Resources(**resources) if isinstance(resources, dict) else resources
        if task_concurrency is not None and max_active_tis_per_dag is None:
            max_active_tis_per_dag = renamed_concurrency(task_concurrency)
        self.max_active_tis_per_dag = max_active_tis_per_dag
        self.max_active_tis_per_dagrun = max_active_tis_per_dagrun
        self.do_xcom_push = do_xcom_push
        self.multiple_outputs = multiple_outputs
        self.map_index_template = map_index_template
        self.inlets = as_list(inlets)
        self.outlets = as_list(outlets)
        self.doc = doc
        self.doc_md = doc_md
        self.doc_json = doc_json
        self.doc_yaml = doc_yaml
        self.doc_rst = doc_rst
        self._task_display_name = task_display_name
        self._logger_name = logger_name
        self.allow_nested_operators = allow_nested_operators
        self.params: Any = params if isinstance(params, ParamsDict) else ParamsDict(params)
        if pool_slots < 1:
            where = f" in dag {dag.dag_id}" if dag else ""
            raise ValueError(f"pool slots for {self.task_id}{where} cannot be less than 1")
        if dag is not None:
            FailStopDagInvalidTriggerRule.check(fail_stop=dag.fail_stop, trigger_rule=self.trigger_rule)
            self.dag = dag
        if isinstance(self.template_fields, str):
            warnings.warn(
                f"The `template_fields` value in the {self.task_type} operator is a string "
                "but should be a list or tuple of string. Wrapping it in a list for execution.",
                UserWarning,
                stacklevel=4,
            )
            self.template_fields = [self.template_fields]
        if not self._BaseOperator__from_mapped:
            SetupTeardownContext.note(self)

    # Identity ---------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Task({self.task_type}): {self.task_id}>"

    def __hash__(self) -> int:
        return hash((type(self), self.task_id, self._dag.dag_id if self._dag is not None else None))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(self) is type(other)
            and isinstance(other, BaseOperator)
            and self.task_id == other.task_id
            and self._dag is other._dag
        )

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if not self._BaseOperator__instantiated or self._BaseOperator__from_mapped or self._lock_for_execution:
            return
        if name in self.template_fields:
            self._follow(value)

    def __deepcopy__(self, memo: dict[int, Any]) -> BaseOperator:
        twin = object.__new__(type(self))
        memo[id(self)] = twin
        shared = {"_log", "_dag", "task_group", "resources", *self.shallow_copy_attrs}
        for name, value in vars(self).items():
            # A task that is copied alone stays in its DAG; a DAG that is copied brings its twin along in ``memo``.
            known = memo.get(id(value), value)
            object.__setattr__(twin, name, known if name in shared else copy.deepcopy(value, memo))
        return twin

    @property
    def operator_class(self) -> type[BaseOperator]:
        """The class."""
        return type(self)

    @property
    def task_type(self) -> str:
        return type(self).__name__

    @property
    def operator_name(self) -> str:
        return getattr(self, "custom_operator_name", self.task_type)

    @property
    def _task_display_property_value(self) -> str | None:
        return self._task_display_name

    @property
    def dag(self) -> Any:
        """The DAG. Raises AirflowException for a task without one."""
        if self._dag is None:
            raise AirflowException(f"Operator {self} has not been assigned to a DAG yet")
        return self._dag

    @dag.setter
    def dag(self, dag: DAG | None) -> None:
        if dag is None:
            self._dag = None
            return
        if self._BaseOperator__from_mapped:
            self._dag = dag
            return
        if self._dag is not None and self._dag is not dag:
            raise AirflowException(f"The DAG assigned to {self} can not be changed.")
        if dag.task_dict.get(self.task_id) is not self:
            dag.add_task(self)
        self._dag = dag

    @property
    def dag_id(self) -> str:
        return self._dag.dag_id if self._dag is not None else f"adhoc_{self.owner}"

    def has_dag(self) -> bool:
        return self._dag is not None

    @property
    def inherits_from_empty_operator(self) -> bool:
        return getattr(self, "_is_empty", False)

    # Setup and teardown -----------------------------------------------------------------------------------------

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
        if value and not self.is_teardown:
            raise ValueError(
                f"Cannot set task on_failure_fail_dagrun for '{self.task_id}' because it is not a teardown task."
            )
        self._on_failure_fail_dagrun = value

    def __enter__(self) -> BaseOperator:
        if not self.is_setup and not self.is_teardown:
            raise AirflowException("Only setup/teardown tasks can be used as context managers.")
        self._scope = SetupTeardownContext.push([self])
        return self

    def __exit__(self, *exc_info: object) -> None:
        SetupTeardownContext.pop()

    def add_task(self, task: Any) -> None:
        """Inside ``with task as scope``: bring a task that was made elsewhere into the block."""
        self._scope.add_task(task)

    # XCom and lineage -------------------------------------------------------------------------------------------

    def set_xcomargs_dependencies(self) -> None:
        """Put the suppliers of XCom arguments upstream."""
        for field in self.template_fields:
            if hasattr(self, field):
                self._follow(getattr(self, field))

    def _follow(self, value: Any) -> None:
        for operator, _ in iter_references(value):
            if operator is not self and operator.node_id not in self.upstream_task_ids:
                self.set_upstream(operator)

    def get_inlet_defs(self) -> list[Any]:
        """What the task reads."""
        return self.inlets

    def get_outlet_defs(self) -> list[Any]:
        """What the task writes."""
        return self.outlets

    def add_inlets(self, inlets: Iterable[Any]) -> None:
        """Say that the task reads more."""
        self.inlets.extend(inlets)

    def add_outlets(self, outlets: Iterable[Any]) -> None:
        """Say that the task writes more."""
        self.outlets.extend(outlets)

    def prepare_for_execution(self) -> BaseOperator:
        """A copy that the runner may change."""
        other = copy.copy(self)
        object.__setattr__(other, "_lock_for_execution", True)
        return other

    def unmap(self, resolve: Any) -> BaseOperator:
        """Itself: only mapped tasks have something to unmap."""
        return self

    def get_serialized_fields(self) -> frozenset[str]:
        """Names of the attributes that describe the task."""
        return frozenset(name for name in vars(self) if not name.startswith("_")) | {"task_id"}

    @classmethod
    def partial(cls, **kwargs: Any) -> Any:
        """Fix some arguments; ``expand`` maps the task over others."""
        from .mapping import partial  # mapping needs this module first

        return partial(cls, **kwargs)


__all__ = [
    "DEFAULT_EXECUTOR",
    "DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST",
    "DEFAULT_OWNER",
    "DEFAULT_POOL_NAME",
    "DEFAULT_POOL_SLOTS",
    "DEFAULT_PRIORITY_WEIGHT",
    "DEFAULT_QUEUE",
    "DEFAULT_RETRIES",
    "DEFAULT_RETRY_DELAY",
    "DEFAULT_TASK_EXECUTION_TIMEOUT",
    "DEFAULT_TRIGGER_RULE",
    "DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING",
    "DEFAULT_WEIGHT_RULE",
    "MAX_RETRY_DELAY",
    "BaseOperator",
    "coerce_retries",
    "coerce_timedelta",
]
