"""The DAG run as user code sees it: plain attributes, and questions that go through the Runtime."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tradewind.model.states import RunState, RunType

from . import codec
from .dates import as_pendulum
from .logging_mixin import LoggingMixin
from .queryable import Queryable, column_property, counterpart_of
from .runtime import current

if TYPE_CHECKING:
    from tradewind.wire.messages import RunReply


class DagRun(LoggingMixin, metaclass=Queryable):
    """One run of a DAG. Reading only: its state belongs to the scheduler."""

    def __init__(
        self,
        dag_id: str = "",
        run_id: str = "",
        *,
        run_type: str = RunType.MANUAL,
        state: str | None = None,
        logical_date: datetime | None = None,
        execution_date: datetime | None = None,
        conf: Any = None,
        **fields: Any,
    ) -> None:
        super().__init__()
        self.dag_id = dag_id
        self.run_id = run_id
        self.run_type = RunType(run_type)
        self._state = RunState(state) if state else None
        self.logical_date: Any = as_pendulum(logical_date or execution_date)
        self.conf: dict[str, Any] = conf or {}
        self.id: int = fields.get("id", 0)
        self.external_trigger: bool = fields.get("external_trigger", False)
        self.clear_number: int = fields.get("clear_number", 0)
        self.note: str | None = fields.get("note")
        self.partition_key = fields.get("partition_key")
        self.creating_job_id: int | None = fields.get("creating_job_id")
        self.dag_hash: str | None = fields.get("dag_hash")
        self.dag: Any = fields.get("dag")
        for name in ("data_interval_start", "data_interval_end", "queued_at", "start_date", "end_date"):
            setattr(self, name, as_pendulum(fields.get(name)))

    partition_key: str | None = None
    """Of the partition that the run is for (Airflow 3)."""
    data_interval_start: Any
    data_interval_end: Any
    queued_at: Any
    start_date: Any
    end_date: Any

    @classmethod
    def from_reply(cls, reply: RunReply, dag: Any = None) -> DagRun:
        """From what the gateway says."""
        return cls(
            dag_id=reply.dag_id,
            run_id=reply.run_id,
            run_type=reply.run_type,
            state=reply.state,
            logical_date=reply.logical_date,
            conf=codec.decode(reply.conf) if reply.conf else {},
            data_interval_start=reply.data_interval_start,
            data_interval_end=reply.data_interval_end,
            queued_at=reply.queued_at,
            start_date=reply.start_date,
            end_date=reply.end_date,
            external_trigger=reply.external_trigger,
            clear_number=reply.clear_number,
            note=reply.note,
            partition_key=reply.partition_key,
            id=reply.id,
            dag=dag,
        )

    @property
    def partition_date(self) -> Any:
        """The moment of the partition's key, when it is one (Airflow 3)."""
        if self.partition_key is None:
            return None
        try:
            return as_pendulum(datetime.fromisoformat(self.partition_key).replace(tzinfo=UTC))
        except ValueError:
            return None

    def __repr__(self) -> str:
        return (
            f"<DagRun {self.dag_id} @ {self.execution_date}: {self.run_id}, state:{self.state}, "
            f"queued_at: {self.queued_at}. externally triggered: {self.external_trigger}>"
        )

    def _get_state(self) -> Any:
        """The run's state when the task began (or, in a DAG callback, its end state)."""
        return self._state

    def _set_state(self, value: Any) -> None:
        self._state = RunState(value) if value else None

    state = column_property(_get_state, _set_state, name="state")

    @column_property
    def execution_date(self) -> Any:
        """Old name of the logical date."""
        return self.logical_date

    @property
    def run_after(self) -> Any:
        """When the run could begin: the end of its data interval."""
        return self.data_interval_end or self.logical_date

    @property
    def is_backfill(self) -> bool:
        """Whether a backfill made it."""
        return self.run_type == RunType.BACKFILL

    def get_state(self) -> Any:
        """Same as ``state``."""
        return self._state

    def set_state(self, state: Any) -> None:
        """Refused: a run's state follows from its tasks'. Raises PermissionError."""
        raise PermissionError("a task cannot set the state of a DAG run; trigger, clear or mark it by the API instead")

    def get_dag(self) -> Any:
        """The DAG object."""
        return self.dag

    def get_task_instance(self, task_id: str, session: Any = None, *, map_index: int = -1) -> Any:
        """A task instance of the run with its present state, or None."""
        found = [ti for ti in self.get_task_instances() if ti.task_id == task_id and ti.map_index == map_index]
        return found[0] if found else None

    def get_task_instances(self, state: Any = None, session: Any = None) -> list[Any]:
        """The run's task instances with their present states; optionally those in one of some states."""
        from .task_instance import TaskInstance  # it needs this class first

        wanted = {state} if isinstance(state, str) else None if state is None else set(state)
        states = current().get_task_states(dag_id=self.dag_id, run_ids=[self.run_id]).get(self.run_id, {})
        found = []
        for name, value in states.items():
            task_id, map_index = self._split(name)
            if wanted is None or value in wanted:
                found.append(TaskInstance.of(self, task_id, map_index, value))
        return found

    def _split(self, name: str) -> tuple[str, int]:
        """``task_7`` is index 7 of ``task`` unless there is a task of that whole name."""
        base, _, number = name.rpartition("_")
        known = self.dag.task_dict if self.dag is not None else {}
        is_index = bool(base) and number.isdigit() and name not in known and (not known or base in known)
        return (base, int(number)) if is_index else (name, -1)

    def get_previous_dagrun(self, state: Any = None, session: Any = None) -> DagRun | None:
        """The run before this one, optionally with a state."""
        reply = current().get_previous_run(
            dag_id=self.dag_id, logical_date=self.logical_date, state=None if state is None else str(state)
        )
        return None if reply is None else DagRun.from_reply(reply, self.dag)

    def get_previous_scheduled_dagrun(self, session: Any = None) -> DagRun | None:
        """The run before this one that the schedule made."""
        run = self.get_previous_dagrun()
        while run is not None and run.run_type == RunType.MANUAL:
            run = run.get_previous_dagrun()
        return run

    @staticmethod
    def generate_run_id(run_type: Any, execution_date: datetime) -> str:
        """The id of a run: its type and the date in UTC."""
        from datetime import UTC  # the name is used here only

        return f"{RunType(run_type).value}__{execution_date.astimezone(UTC).isoformat()}"

    @classmethod
    def find(
        cls,
        dag_id: str | list[str] | None = None,
        run_id: str | Iterable[str] | None = None,
        execution_date: datetime | None = None,
        **criteria: Any,
    ) -> list[DagRun]:
        """Runs by DAG, id, date, ``state``, ``run_type``, ``external_trigger``, ``no_backfills`` and the two bounds
        ``execution_start_date`` and ``execution_end_date``, in the order of their dates."""
        mapped = counterpart_of(cls)
        if mapped is not None:
            found: list[DagRun] = mapped.find_all(
                dag_id=dag_id, run_id=run_id, execution_date=execution_date, **criteria
            )
            return found
        dag_ids = [dag_id] if isinstance(dag_id, str) else list(dag_id or ())
        run_ids = [run_id] if isinstance(run_id, str) or run_id is None else list(run_id)
        replies = [
            current().get_run(dag_id=one, run_id=name, logical_date=execution_date)
            for one in dag_ids
            for name in run_ids
        ]
        return [cls.from_reply(reply) for reply in replies if reply is not None]


def active_run_dates(dag_id: str) -> list[datetime]:
    """Dates of the DAG's runs that are running, as far as the present task knows: its own run."""
    from .context import get_current_context  # needs this module first

    run = get_current_context()["dag_run"]
    return [run.logical_date] if run.dag_id == dag_id and run.state == RunState.RUNNING else []
