"""``ti``: the running task instance as user code sees it, with XCom, earlier runs and addresses of its pages."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from tradewind.model.states import TaskState

from .dag_run import DagRun
from .dates import as_pendulum
from .logging_mixin import LoggingMixin
from .queryable import Queryable, column_property
from .runtime import current
from .settings import config_value
from .xcom import pull
from .xcom_arg import XCOM_RETURN_KEY
from .xcom_backends import XComPlace, encoded

if TYPE_CHECKING:
    from tradewind.wire.messages import Attempt


class TaskInstanceKey(NamedTuple):
    """What identifies one try of a task instance."""

    dag_id: str
    task_id: str
    run_id: str
    try_number: int = 1
    map_index: int = -1

    @property
    def primary(self) -> tuple[str, str, str, int]:
        """What identifies the task instance."""
        return self.dag_id, self.task_id, self.run_id, self.map_index

    @property
    def reduced(self) -> TaskInstanceKey:
        """The key of the try before, which executors once reported."""
        return self._replace(try_number=max(1, self.try_number - 1))

    @property
    def key(self) -> TaskInstanceKey:
        """Itself."""
        return self

    def with_try_number(self, try_number: int) -> TaskInstanceKey:
        """The same instance, another try."""
        return self._replace(try_number=try_number)


class TaskInstance(LoggingMixin, metaclass=Queryable):
    """One instance of a task in a run."""

    def __init__(
        self, task: Any = None, execution_date: Any = None, run_id: str = "", state: Any = None, map_index: int = -1
    ) -> None:
        super().__init__()
        self.task: Any = task
        self.task_id: str = getattr(task, "task_id", "")
        self.dag_id: str = getattr(task, "dag_id", "")
        self.run_id = run_id
        self.map_index = map_index
        self.state: Any = state
        self.try_number = 0
        self.max_tries: int = getattr(task, "retries", 0) or 0
        self.start_date: Any = None
        self.end_date: Any = None
        self.duration: float | None = None
        self.hostname = ""
        self.unixname = ""
        self.pid: int | None = None
        self.job_id: int | None = None
        self.queued_by_job_id: int | None = None
        self.queued_dttm: Any = None
        self.trigger_id: int | None = None
        self.next_method: str | None = None
        self.next_kwargs: dict[str, Any] | None = None
        self.rendered_map_index: str | None = None
        self.test_mode = False
        self.raw = False
        self.note: str | None = None
        self.external_executor_id: str | None = None
        self.poke_number = 1
        self.policy_variables: Mapping[str, str] = {}
        self.first_start_date: Any = None
        self.map_lengths: dict[str, dict[int, int]] = {}
        self.dag_run: Any = None
        self._logical_date = as_pendulum(execution_date)
        self._context: Any = None
        self._take_from_task(task)

    def _take_from_task(self, task: Any) -> None:
        self.pool: str = getattr(task, "pool", "default_pool")
        self.pool_slots: int = getattr(task, "pool_slots", 1)
        self.queue: str = getattr(task, "queue", "default")
        self.priority_weight: int = getattr(task, "priority_weight", 1)
        self.run_as_user: str | None = getattr(task, "run_as_user", None)
        self.executor: str | None = getattr(task, "executor", None)
        self.executor_config: Any = getattr(task, "executor_config", None) or {}
        self.operator: str = getattr(task, "task_type", "")
        self.custom_operator_name: str = getattr(task, "operator_name", "")
        self.task_display_name: str = getattr(task, "task_display_name", self.task_id)

    @classmethod
    def of_attempt(cls, attempt: Attempt, task: Any, dag: Any, started_at: datetime | None) -> TaskInstance:
        """The instance that an attempt is of."""
        made = cls(task=task, run_id=attempt.run_id, state=TaskState.RUNNING, map_index=attempt.map_index)
        made.task_id, made.dag_id = attempt.task_id, attempt.dag_id
        made.try_number, made.max_tries = attempt.try_number, attempt.max_tries
        made.start_date = as_pendulum(started_at)
        made.first_start_date = as_pendulum(attempt.first_start_date or started_at)
        made.queued_dttm = as_pendulum(attempt.queued_at)
        made.pool, made.pool_slots = attempt.pool, attempt.pool_slots
        made.queue, made.priority_weight = attempt.queue, attempt.priority_weight
        made.next_method = attempt.next_method
        made.map_lengths = {name: dict(lengths) for name, lengths in attempt.map_lengths.items()}
        made.hostname = socket.gethostname()
        made.pid = os.getpid()
        if attempt.run is not None:
            made.dag_run = DagRun.from_reply(attempt.run, dag)
        return made

    @classmethod
    def of(cls, run: DagRun, task_id: str, map_index: int, state: str | None) -> TaskInstance:
        """Another instance of a run, with the state it has now."""
        task = run.dag.task_dict.get(task_id) if run.dag is not None else None
        made = cls(task=task, run_id=run.run_id, map_index=map_index)
        made.task_id, made.dag_id = task_id, run.dag_id
        made.state = TaskState(state) if state else None
        made.dag_run = run
        return made

    # Identity ---------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        index = f" map_index={self.map_index}" if self.map_index >= 0 else ""
        return f"<TaskInstance: {self.dag_id}.{self.task_id} {self.run_id}{index} [{self.state}]>"

    @property
    def key(self) -> TaskInstanceKey:
        """What identifies this try."""
        return TaskInstanceKey(self.dag_id, self.task_id, self.run_id, self.try_number, self.map_index)

    @column_property
    def logical_date(self) -> Any:
        """The run's logical date."""
        return self.dag_run.logical_date if self.dag_run is not None else self._logical_date

    @column_property
    def execution_date(self) -> Any:
        """Old name of the logical date."""
        return self.logical_date

    @property
    def operator_name(self) -> str:
        """The operator's name for people."""
        return self.custom_operator_name or self.operator

    @property
    def next_try_number(self) -> int:
        """Number of the try after this."""
        return self.try_number + 1

    @property
    def prev_attempted_tries(self) -> int:
        """Tries begun so far."""
        return self.try_number

    @property
    def is_premature(self) -> bool:
        """Whether it waits for a retry."""
        return bool(self.state == TaskState.UP_FOR_RETRY)

    @property
    def stats_tags(self) -> dict[str, str]:
        """Tags of metrics about it."""
        return {"dag_id": self.dag_id, "task_id": self.task_id}

    def get_dagrun(self, session: Any = None) -> Any:
        """The run."""
        return self.dag_run

    def current_state(self, session: Any = None) -> Any:
        """The state as the database has it now."""
        states = current().get_task_states(dag_id=self.dag_id, task_ids=[self.task_id], run_ids=[self.run_id])
        name = self.task_id if self.map_index < 0 else f"{self.task_id}_{self.map_index}"
        return states.get(self.run_id, {}).get(name, self.state)

    def refresh_from_db(self, session: Any = None, lock_for_update: bool = False) -> None:
        """Look up the state again."""
        self.state = self.current_state()

    def refresh_from_task(self, task: Any, pool_override: str | None = None) -> None:
        """Take pool, queue, weight and names from a task."""
        self.task = task
        self._take_from_task(task)
        self.pool = pool_override or self.pool

    def set_state(self, state: Any, session: Any = None) -> bool:
        """Refused while the task runs: raise AirflowSkipException or AirflowFailException to end it so.

        Raises PermissionError."""
        raise PermissionError("a task cannot set states; raise AirflowSkipException or AirflowFailException instead")

    def are_dependencies_met(self, dep_context: Any = None, session: Any = None, verbose: bool = False) -> bool:
        """True: a task that runs has been let through."""
        return True

    def is_eligible_to_retry(self) -> bool:
        """Whether a failure now would be retried."""
        return bool(self.task is not None and self.task.retries and self.try_number <= self.max_tries)

    # Addresses --------------------------------------------------------------------------------------------------

    @property
    def _base_url(self) -> str:
        return str(config_value("webserver", "base_url", "http://localhost:8080")).rstrip("/")

    @property
    def log_url(self) -> str:
        """The page with this task instance's log."""
        index = f"&map_index={self.map_index}" if self.map_index >= 0 else ""
        date = quote(self.logical_date.strftime("%Y-%m-%dT%H:%M:%S%z")) if self.logical_date else ""
        return (
            f"{self._base_url}/dags/{self.dag_id}/grid?dag_run_id={quote(self.run_id)}&task_id={self.task_id}"
            f"{index}&base_date={date}&tab=logs"
        )

    @property
    def mark_success_url(self) -> str:
        """The page on which it can be marked successful."""
        return (
            f"{self._base_url}/confirm?task_id={self.task_id}&dag_id={self.dag_id}"
            f"&dag_run_id={quote(self.run_id)}&upstream=false&downstream=false&state=success"
        )

    # XCom -------------------------------------------------------------------------------------------------------

    def xcom_push(self, key: str, value: Any, execution_date: datetime | None = None, session: Any = None) -> None:
        """Store a value under a key, for tasks after this."""
        from tradewind.wire.messages import XComItem  # msgspec only where something is sent

        length = len(value) if isinstance(value, (list, tuple, dict)) else None
        place = XComPlace(key, self.dag_id, self.run_id, self.task_id, self.map_index)
        current().put_xcom(XComItem(key=key, value=encoded(value, place), length=length))

    def xcom_pull(
        self,
        task_ids: str | Iterable[str] | None = None,
        dag_id: str | None = None,
        key: str = XCOM_RETURN_KEY,
        include_prior_dates: bool = False,
        session: Any = None,
        *,
        map_indexes: int | Iterable[int] | None = None,
        default: Any = None,
        run_id: str | None = None,
    ) -> Any:
        """Values that tasks have stored: one for one task, a lazy sequence for several or for a mapped one."""
        tasks = [task_ids] if isinstance(task_ids, str) else None if task_ids is None else list(task_ids)
        indexes = [map_indexes] if isinstance(map_indexes, int) else None if map_indexes is None else list(map_indexes)
        single = (task_ids is None or isinstance(task_ids, str)) and (
            map_indexes is None or isinstance(map_indexes, int)
        )
        return pull(
            dag_id=dag_id or self.dag_id,
            run_id=run_id or self.run_id,
            key=key,
            task_ids=tasks,
            map_indexes=indexes,
            include_prior_dates=include_prior_dates,
            single=single,
            default=default,
        )

    def get_relevant_upstream_map_indexes(
        self, upstream: Any, ti_count: int | None = None, *, session: Any = None
    ) -> int | Sequence[int] | None:
        """Which instances of ``upstream`` this instance reads: those of the same index in the mapped groups that hold
        both; all (None) when no group does."""
        if self.task is None or self.map_index < 0:
            return None
        own = list(self.task.iter_mapped_task_groups())
        other = list(upstream.iter_mapped_task_groups())
        shared = {group.node_id for group in own} & {group.node_id for group in other}
        if not shared:
            return None
        inside = prod(group.expand_input.total(self.map_lengths) for group in own if group.node_id not in shared)
        width = prod(group.expand_input.total(self.map_lengths) for group in other if group.node_id not in shared)
        first = self.map_index // inside * width
        return first if width == 1 else range(first, first + width)

    # Context and earlier runs -----------------------------------------------------------------------------------

    def get_template_context(self, session: Any = None, ignore_param_exceptions: bool = True) -> Any:
        """The context that templates and callbacks see."""
        if self._context is None:
            from .context import context_of  # it needs this module first

            self._context = context_of(self, self.task, getattr(self.task, "dag", None))
        return self._context

    def render_templates(self, context: Any = None, jinja_env: Any = None) -> Any:
        """Render the task's fields in place; gives the task as it was before (a mapped one is unmapped)."""
        context = context or self.get_template_context()
        original = self.task
        self.task.render_template_fields(context, jinja_env)
        return original

    def get_previous_dagrun(self, state: Any = None, session: Any = None) -> DagRun | None:
        """The run before this one, optionally with a state."""
        found: DagRun | None = self.dag_run.get_previous_dagrun(state) if self.dag_run is not None else None
        return found

    def get_previous_ti(self, state: Any = None, session: Any = None) -> TaskInstance | None:
        """This task's instance in the run before, optionally of a run with a state."""
        run = self.get_previous_dagrun(state)
        if run is None:
            return None
        return run.get_task_instance(self.task_id, map_index=self.map_index)  # type: ignore[no-any-return]

    def get_previous_execution_date(self, state: Any = None, session: Any = None) -> Any:
        """The date of the run before, optionally with a state."""
        run = self.get_previous_dagrun(state)
        return None if run is None else run.logical_date

    def get_previous_start_date(self, state: Any = None, session: Any = None) -> Any:
        """When the run before began, optionally with a state."""
        run = self.get_previous_dagrun(state)
        return None if run is None else run.start_date

    previous_ti = property(get_previous_ti)

    @property
    def previous_ti_success(self) -> TaskInstance | None:
        """This task's instance in the last successful run."""
        return self.get_previous_ti("success")

    @property
    def previous_start_date_success(self) -> Any:
        """When the last successful run began."""
        return self.get_previous_start_date("success")
