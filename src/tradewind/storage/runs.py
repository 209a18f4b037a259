"""DAG runs: create, change under a guard, delete, notes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from tradewind.model.changes import Event, NewRun, RunChange
from tradewind.model.errors import AlreadyExists
from tradewind.model.records import DagRun, RunKey
from tradewind.model.states import RunState

from .run_queries import BY_DATE, BY_REQUEST, COLUMNS, GET, RunQueries
from .statements import Prepared, insert_for, literal
from .tables_runs import DAG_RUN, DAG_RUN_NOTE, LOG_TEMPLATE, TASK_INSTANCE
from .transaction import Work

_R = DAG_RUN.c
_BY_KEY = (_R.dag_id == bindparam("k_dag_id"), _R.run_id == bindparam("k_run_id"))
_CREATED = (
    "dag_id",
    "run_id",
    "run_type",
    "state",
    "execution_date",
    "data_interval_start",
    "data_interval_end",
    "queued_at",
    "start_date",
    "external_trigger",
    "conf",
    "creating_job_id",
    "version_id",
    "request_key",
    "partition_key",
    "updated_at",
    "clear_number",
    "revision",
)
_NEWEST_TEMPLATE = select(func.max(LOG_TEMPLATE.c.id)).scalar_subquery()
_CREATE = Prepared(
    lambda dialect: (
        insert_for(dialect, DAG_RUN)
        .values(log_template_id=_NEWEST_TEMPLATE)
        .on_conflict_do_nothing()
        .returning(*COLUMNS)
    ),
    DagRun,
    keys=_CREATED,
)
_STATE = Prepared(select(_R.state).where(*_BY_KEY).with_for_update())
_LOCK = Prepared(select(_R.id).where(*_BY_KEY).with_for_update(skip_locked=True))
_HOLD = Prepared(select(_R.id).where(*_BY_KEY).with_for_update())
_TASK_STATES = Prepared(
    select(TASK_INSTANCE.c.state, func.count())
    .where(TASK_INSTANCE.c.dag_id == bindparam("k_dag_id"), TASK_INSTANCE.c.run_id == bindparam("k_run_id"))
    .group_by(TASK_INSTANCE.c.state)
)
_DELETE = Prepared(delete(DAG_RUN).where(*_BY_KEY).returning(_R.state))
_SET_NOTE = Prepared(
    lambda dialect: (insert := insert_for(dialect, DAG_RUN_NOTE)).on_conflict_do_update(
        index_elements=["dag_run_id"],
        set_={name: insert.excluded[name] for name in ("content", "user_id", "updated_at")},
    ),
    keys=("dag_run_id", "content", "user_id", "created_at", "updated_at"),
)
_DROP_NOTE = Prepared(delete(DAG_RUN_NOTE).where(DAG_RUN_NOTE.c.dag_run_id == bindparam("dag_run_id")))

_UPDATES: dict[tuple[tuple[str, ...], RunState, bool], Prepared[DagRun]] = {}
_COLUMN_OF = {"logical_date": "execution_date"}


def _update(names: tuple[str, ...], old: RunState, bumps: bool) -> Prepared[DagRun]:
    found = _UPDATES.get((names, old, bumps))
    if found is None:
        values: dict[str, Any] = {
            _COLUMN_OF.get(name, name): bindparam(f"v_{name}", type_=_R[_COLUMN_OF.get(name, name)].type)
            for name in (*names, "updated_at")
        }
        if bumps:
            values["revision"] = _R.revision + 1
        statement = update(DAG_RUN).where(*_BY_KEY, _R.state == literal(old)).values(values)
        found = _UPDATES[names, old, bumps] = Prepared(statement.returning(*COLUMNS), DagRun)
    return found


class RunStore(RunQueries):
    """DAG runs, with every change guarded, counted and announced."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)

    def create(self, new: NewRun) -> DagRun:
        """Insert a run (its task instances follow by ``task_instances.add``) and emit ``run.created``.

        The same ``request_key`` again gives the run that was made the first time. Raises AlreadyExists when the DAG
        has a run with this logical date (named first) or id."""
        work = self._work
        if new.request_key is not None and (made := work.one(BY_REQUEST, request_key=new.request_key)) is not None:
            return made
        run = work.one(
            _CREATE,
            dag_id=new.dag_id,
            run_id=new.run_id,
            run_type=new.run_type,
            state=new.state,
            execution_date=new.logical_date,
            data_interval_start=new.data_interval_start,
            data_interval_end=new.data_interval_end,
            queued_at=new.queued_at,
            start_date=new.start_date,
            external_trigger=new.external_trigger,
            conf=new.conf,
            creating_job_id=new.creating_job_id,
            version_id=new.version_id,
            request_key=new.request_key,
            partition_key=new.partition_key,
            updated_at=work.now,
            clear_number=0,
            revision=0,
        )
        if run is None:
            return self._taken(new)
        work.count("run", run.dag_id, run.state, 1)
        if new.note is not None:
            self._put_note(run.id, new.note, None)
            run = work.one(GET, dag_id=new.dag_id, run_id=new.run_id) or run
        work.emit(Event(kind="run.created", dag_id=run.dag_id, run_id=run.run_id, state=run.state))
        return run

    def _taken(self, new: NewRun) -> DagRun:
        """Why a run could not be inserted. On PostgreSQL another transaction may have won meanwhile."""
        work = self._work
        if new.request_key is not None and (made := work.one(BY_REQUEST, request_key=new.request_key)) is not None:
            return made
        if work.one(BY_DATE, dag_id=new.dag_id, logical_date=new.logical_date) is not None:
            raise AlreadyExists(
                f"DAGRun with DAG ID: '{new.dag_id}' and DAGRun logical date: "
                f"'{new.logical_date.isoformat(sep=' ')}' already exists"
            )
        raise AlreadyExists(f"DAGRun with DAG ID: '{new.dag_id}' and DAGRun ID: '{new.run_id}' already exists")

    def apply(self, change: RunChange) -> DagRun | None:
        """Apply a guarded change: the run as it is now, or None where the guard failed.

        The revision in it is the one that this transaction commits. ``values`` may have any column of dag_run by
        DagRun's field names, and ``timeout_at``."""
        work = self._work
        old = self._old_state(change)
        if old is None:
            return None
        bumps = change.run not in work.revisions
        params = {f"v_{name}": value for name, value in change.values.items()}
        params.update(k_dag_id=change.run.dag_id, k_run_id=change.run.run_id, v_updated_at=work.now)
        run = work.one(_update(tuple(sorted(change.values)), old, bumps), **params)
        if run is None:
            return None
        if bumps:
            work.bumped(change.run, run.revision)
        if run.state is not old:
            work.count("run", run.dag_id, old, -1)
            work.count("run", run.dag_id, run.state, 1)
        work.emit(
            Event(kind=change.event, dag_id=run.dag_id, run_id=run.run_id, state=run.state, payload=change.payload)
        )
        return run

    def _old_state(self, change: RunChange) -> RunState | None:
        if len(change.old_states) == 1:
            return next(iter(change.old_states))
        state: RunState | None = self._work.scalar(_STATE, k_dag_id=change.run.dag_id, k_run_id=change.run.run_id)
        return state if state in change.old_states else None

    def lock(self, run: RunKey) -> bool:
        """Whether this transaction may work on the run: on PostgreSQL its row is now locked, unless somebody else has
        it; on SQLite, where one transaction writes at a time, whether it exists."""
        return self._work.one(_LOCK, k_dag_id=run.dag_id, k_run_id=run.run_id) is not None

    def hold(self, runs: Iterable[RunKey]) -> None:
        """Lock runs on PostgreSQL before their task instances are changed, waiting for others: everybody goes from the
        run to its task instances, and through several runs in the same order, so that nobody waits in a ring."""
        if self._work.dialect != "sqlite":
            for run in sorted(runs):
                self._work.one(_HOLD, k_dag_id=run.dag_id, k_run_id=run.run_id)

    def touch(self, run: RunKey) -> None:
        """The run's revision goes up with this transaction, though none of its columns changes."""
        self._work.touch(run)

    def delete(self, run: RunKey) -> bool:
        """Delete a run with its task instances and all that hangs on them; emits ``run.deleted``."""
        work = self._work
        tasks = work.all(_TASK_STATES, k_dag_id=run.dag_id, k_run_id=run.run_id)
        gone = work.one(_DELETE, k_dag_id=run.dag_id, k_run_id=run.run_id)
        if gone is None:
            return False
        work.count("run", run.dag_id, gone[0], -1)
        for state, number in tasks:
            work.count("task", run.dag_id, state, -number)
        work.emit(Event(kind="run.deleted", dag_id=run.dag_id, run_id=run.run_id))
        return True

    def delete_many(self, runs: Iterable[RunKey]) -> int:
        """Delete several runs; how many there were."""
        return sum(self.delete(run) for run in runs)

    def set_note(self, run: RunKey, note: str | None, *, user_id: int | None = None) -> bool:
        """Write (or with None remove) a run's note; whether the run exists. Emits ``run.note``."""
        found = self.get(run)
        if found is None:
            return False
        if note is None:
            self._work.run(_DROP_NOTE, dag_run_id=found.id)
        else:
            self._put_note(found.id, note, user_id)
        self._work.touch(run)
        self._work.emit(Event(kind="run.note", dag_id=run.dag_id, run_id=run.run_id))
        return True

    def _put_note(self, dag_run_id: int, note: str, user_id: int | None) -> None:
        now = self._work.now
        self._work.run(_SET_NOTE, dag_run_id=dag_run_id, content=note, user_id=user_id, created_at=now, updated_at=now)
