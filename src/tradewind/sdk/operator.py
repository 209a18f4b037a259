"""BaseOperator: one task of a DAG, with all arguments that Airflow 2.10 knows."""
# ruff: noqa: PLR0917, PLR0915, ARG004
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

import copy
import logging
import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from tradewind.model.states import TriggerRule

from .abstract_operator import AbstractOperator, check_setup_teardown, check_trigger_rule
from .contexts import DagContext, SetupTeardownContext, TaskGroupContext
from .dates import as_zoned
from .exceptions import AirflowException, FailStopDagInvalidTriggerRule, RemovedInAirflow3Warning, TaskDeferred
from .operator_meta import BaseOperatorMeta
from .params import ParamsDict
from .templating import iter_references
from .types import Callbacks, as_list, as_timedelta, validate_key
from .weights import validate_weight_rule

if TYPE_CHECKING:
    from .dag import DAG
    from .deferral import BaseTrigger, StartTriggerArgs
    from .task_group import TaskGroup

logger = logging.getLogger("airflow.models.baseoperator")

DEFAULT_OWNER = "airflow"
DEFAULT_POOL_SLOTS = 1
DEFAULT_PRIORITY_WEIGHT = 1
DEFAULT_EXECUTOR: str | None = None
DEFAULT_QUEUE = "default"
DEFAULT_RETRIES = 0
DEFAULT_RETRY_DELAY = timedelta(seconds=300)
MAX_RETRY_DELAY: float = 24 * 60 * 60
DEFAULT_TRIGGER_RULE = TriggerRule.ALL_SUCCESS
DEFAULT_WEIGHT_RULE = "downstream"
DEFAULT_TASK_EXECUTION_TIMEOUT: timedelta | None = None
DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST = True
DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING = False
DEFAULT_POOL_NAME = "default_pool"


def coerce_timedelta(value: Any, *, key: str = "") -> timedelta:
    """A duration from timedelta or seconds."""
    return as_timedelta(value)


def coerce_retries(retries: Any) -> int:
    """A number of retries. Raises AirflowException for what is none."""
    if retries is None:
        return 0
    if isinstance(retries, int):
        return retries
    try:
        number = int(retries)
    except (TypeError, ValueError):
        raise AirflowException(f"'retries' type must be int, not {type(retries).__name__}") from None
    logger.warning("Implicitly converting 'retries' from %r to int", retries)
    return number


class BaseOperator(AbstractOperator, metaclass=BaseOperatorMeta):
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
        self.start_date = as_zoned(start_date)
        self.end_date = as_zoned(end_date)
        self.executor = executor
        self.executor_config = executor_config or {}
        self.run_as_user = run_as_user
        self.retries = coerce_retries(retries)
        self.retry_delay = as_timedelta(retry_delay)
        self.retry_exponential_backoff = retry_exponential_backoff
        self.max_retry_delay = None if max_retry_delay is None else as_timedelta(max_retry_delay)
        self.queue = queue
        self.pool = DEFAULT_POOL_NAME if pool is None else pool
        self.pool_slots = pool_slots
        self.sla = sla
        self.execution_timeout = _checked_timeout(execution_timeout)
        self.depends_on_past = depends_on_past or wait_for_downstream
        self.wait_for_downstream = wait_for_downstream
        self.ignore_first_depends_on_past = ignore_first_depends_on_past
        self.wait_for_past_depends_before_skipping = wait_for_past_depends_before_skipping
        self.priority_weight = _checked_weight(priority_weight, task_id)
        self.weight_rule = validate_weight_rule(weight_rule)
        self.trigger_rule = check_trigger_rule(trigger_rule, dag.dag_id if dag else "", task_id)
        self.resources = resources
        if task_concurrency is not None and max_active_tis_per_dag is None:
            max_active_tis_per_dag = _renamed(task_concurrency)
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
        if self._BaseOperator__from_mapped or self._lock_for_execution or not self._BaseOperator__instantiated:
            return
        if name in self.template_fields:
            self._follow(value)

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

    @staticmethod
    def xcom_push(context: Any, key: str, value: Any, execution_date: datetime | None = None) -> None:
        """Store an XCom of the running task."""
        context["ti"].xcom_push(key=key, value=value, execution_date=execution_date)

    @staticmethod
    def xcom_pull(
        context: Any,
        task_ids: str | list[str] | None = None,
        dag_id: str | None = None,
        key: str = "return_value",
        include_prior_dates: bool | None = None,
        session: Any = None,
    ) -> Any:
        """Read XComs, as ``ti.xcom_pull`` does."""
        return context["ti"].xcom_pull(
            key=key, task_ids=task_ids, dag_id=dag_id, include_prior_dates=bool(include_prior_dates)
        )

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

    # Execution --------------------------------------------------------------------------------------------------

    def pre_execute(self, context: Any) -> None:
        """Called just before ``execute``."""
        if self._pre_execute_hook is not None:
            self._pre_execute_hook(context)

    def execute(self, context: Any) -> Any:
        """The work. The return value becomes the XCom ``return_value``."""
        raise NotImplementedError()

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Called just after ``execute`` has returned."""
        if self._post_execute_hook is not None:
            self._post_execute_hook(context, result)

    def on_kill(self) -> None:
        """Called when the task is to be ended early: end what was started outside the process."""

    def defer(
        self,
        *,
        trigger: BaseTrigger,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | int | float | None = None,
    ) -> NoReturn:
        """Leave the worker; go on in ``method_name`` when the trigger fires."""
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        """Go on after a deferral."""
        from .deferral import resume  # deferral is only needed by tasks that have waited

        return resume(self, next_method, next_kwargs, context)

    def dry_run(self) -> None:
        """Log the rendered template fields, do nothing."""
        self.log.info("Dry run")
        for field in self.template_fields:
            content = getattr(self, field, None)
            if isinstance(content, str):
                self.log.info("Rendering template for %s", field)
                self.log.info(content)

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


def _checked_timeout(value: Any) -> timedelta | None:
    if value is not None and not isinstance(value, timedelta):
        raise ValueError(f"execution_timeout must be timedelta object but passed as type: {type(value)}")
    return value


def _checked_weight(value: Any, task_id: str) -> int:
    if not isinstance(value, int):
        raise AirflowException(
            f"`priority_weight` for task '{task_id}' only accepts integers, received '{type(value)}'."
        )
    return value


def _renamed(task_concurrency: int) -> int:
    warnings.warn(
        "The 'task_concurrency' parameter is deprecated. Please use 'max_active_tis_per_dag'.",
        RemovedInAirflow3Warning,
        stacklevel=4,
    )
    return task_concurrency


class BaseOperatorLink:
    """A link that the UI shows beside a task; subclasses give ``name`` and ``get_link``."""

    operators: ClassVar[list[type[BaseOperator]]] = []

    @property
    def name(self) -> str:
        """The link's name, also its key in the API."""
        raise NotImplementedError

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """The address for a task instance."""
        raise NotImplementedError
