"""Questions about task instances: of a run, by token, candidates for queueing, what timers wait for, what is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, literal_column, or_, select
from sqlalchemy import false as sql_false

from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.states import TaskState

from .columns import UtcTime
from .rows import Occupied, RunningCounts, Try
from .statements import Prepared, literal, literals, many, none_of, one_of
from .tables_dags import DAG
from .tables_runs import DAG_RUN, TASK_INSTANCE, TASK_INSTANCE_HISTORY
from .transaction import Work

_T = TASK_INSTANCE.c
_H = TASK_INSTANCE_HISTORY.c
_COLUMNS = tuple(_T[name] for name in TaskInstance.__dataclass_fields__)
_ROWS = select(*_COLUMNS)

_RUN = (_T.dag_id == bindparam("dag_id"), _T.run_id == bindparam("run_id"))
_GET = Prepared(
    _ROWS.where(*_RUN, _T.task_id == bindparam("task_id"), _T.map_index == bindparam("map_index")), TaskInstance
)
_OF_RUN = Prepared(_ROWS.where(*_RUN).order_by(_T.task_id, _T.map_index), TaskInstance)
_OF_TASK = Prepared(_ROWS.where(*_RUN, _T.task_id == bindparam("task_id")).order_by(_T.map_index), TaskInstance)
_BY_TOKEN = Prepared(_ROWS.where(_T.token == bindparam("token")), TaskInstance)

_BY_TRIGGERS = Prepared(
    lambda dialect: _ROWS.where(one_of(_T.trigger_id, "ids", dialect), _T.trigger_id.is_not(None)),
    TaskInstance,
    sqlite_index="ti_trigger_id",
)

# The conditions of partial indexes must stand in the text as the index has them.
_ACTIVE: Any = literal_column("task_instance.state IN ('queued', 'running', 'deferred')")
_WAITING: Any = literal_column("task_instance.state IN ('up_for_retry', 'up_for_reschedule', 'deferred')")
_SCHEDULED: Any = literal_column("task_instance.state = 'scheduled'")

_DUE = Prepared(
    _ROWS.where(_WAITING, _T.wake_at <= bindparam("now", type_=UtcTime()))
    .order_by(_T.wake_at)
    .limit(bindparam("rows")),
    TaskInstance,
    sqlite_index="ti_wake_at",
)
_NEXT_WAKE = Prepared(
    select(_T.wake_at.label("at")).where(_WAITING, _T.wake_at.is_not(None)).order_by(_T.wake_at).limit(1),
    sqlite_index="ti_wake_at",
)
_OCCUPIED = Prepared(
    select(
        _T.dag_id,
        _T.run_id,
        _T.task_id,
        _T.pool,
        _T.state,
        func.count().label("count"),
        func.sum(_T.pool_slots).label("slots"),
    )
    .where(_ACTIVE)
    .group_by(_T.dag_id, _T.task_id, _T.run_id, _T.state, _T.pool),
    Occupied,
    sqlite_index="ti_active",
)
_OWNED = Prepared(
    lambda dialect: _ROWS.where(
        _ACTIVE, one_of(_T.queued_by_job_id, "jobs", dialect), _T.state.in_(literals(("queued", "running")))
    ).order_by(_T.dag_id, _T.run_id, _T.task_id, _T.map_index),
    TaskInstance,
)
_UNOWNED = Prepared(
    _ROWS.where(_ACTIVE, _T.queued_by_job_id.is_(None), _T.state.in_(literals(("queued", "running")))), TaskInstance
)
_SEPARATOR = "\x1f"


def _candidates(dialect: str, *, locks: bool, skips: bool) -> Any:
    statement = (
        _ROWS.join_from(TASK_INSTANCE, DAG_RUN, and_(DAG_RUN.c.dag_id == _T.dag_id, DAG_RUN.c.run_id == _T.run_id))
        .join(DAG, DAG.c.dag_id == _T.dag_id)
        .where(_SCHEDULED, DAG_RUN.c.state == literal("running"), DAG.c.is_paused.is_(False))
        .order_by(_T.priority_weight.desc(), _T.logical_date, _T.map_index)
        .limit(bindparam("rows"))
    )
    if skips:
        statement = statement.where(
            none_of(_T.pool, "pools", dialect),
            none_of(_T.dag_id, "dags", dialect),
            none_of(_T.dag_id + _SEPARATOR + _T.task_id, "tasks", dialect),
        )
    return statement.with_for_update(of=TASK_INSTANCE, skip_locked=True) if locks else statement


def _prepared_candidates(locks: bool, skips: bool) -> Prepared[TaskInstance]:
    return Prepared(
        lambda dialect: _candidates(dialect, locks=locks, skips=skips), TaskInstance, sqlite_index="ti_candidates"
    )


_CANDIDATES = {(locks, skips): _prepared_candidates(locks, skips) for locks in (False, True) for skips in (False, True)}
"""By whether rows are locked, and whether some are left out: the lists cost more than the rest of the question."""

_TRIES = Prepared(
    select(*(_H[name] for name in Try.__dataclass_fields__))
    .where(
        _H.dag_id == bindparam("dag_id"),
        _H.run_id == bindparam("run_id"),
        _H.task_id == bindparam("task_id"),
        _H.map_index == bindparam("map_index"),
    )
    .order_by(_H.try_number),
    Try,
)


def _matching(what: Any, shape: tuple[bool, ...]) -> Any:
    _, task_ids, dates, run_ids, states, nulls = shape

    def build(dialect: str) -> Any:
        statement = what.where(_T.dag_id == bindparam("dag_id"))
        if task_ids:
            statement = statement.where(one_of(_T.task_id, "task_ids", dialect))
        if dates or run_ids:
            by_date = one_of(_T.logical_date, "logical_dates", dialect) if dates else sql_false()
            by_run = one_of(_T.run_id, "run_ids", dialect) if run_ids else sql_false()
            statement = statement.where(or_(by_date, by_run))
        if states:
            chosen = one_of(_T.state, "states", dialect)
            statement = statement.where(or_(chosen, _T.state.is_(None)) if nulls else chosen)
        return statement

    return build


_COUNT = select(func.count()).select_from(TASK_INSTANCE)
_MATCHING: dict[tuple[bool, ...], Prepared[Any]] = {}


class TaskQueries:
    """The reading half of the store of task instances."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, run: RunKey, key: TaskKey) -> TaskInstance | None:
        """One task instance."""
        return self._work.one(_GET, dag_id=run.dag_id, run_id=run.run_id, task_id=key.task_id, map_index=key.map_index)

    def of_run(self, run: RunKey) -> list[TaskInstance]:
        """All task instances of a run, by task id and map index."""
        return self._work.all(_OF_RUN, dag_id=run.dag_id, run_id=run.run_id)

    def of_task(self, run: RunKey, task_id: str) -> list[TaskInstance]:
        """The task instances of one task in a run, by map index."""
        return self._work.all(_OF_TASK, dag_id=run.dag_id, run_id=run.run_id, task_id=task_id)

    def by_token(self, token: str) -> TaskInstance | None:
        """The task instance whose current attempt holds the token."""
        return self._work.one(_BY_TOKEN, token=token)

    def by_triggers(self, trigger_ids: Iterable[int]) -> list[TaskInstance]:
        """The task instances that wait for these triggers."""
        return self._work.all(_BY_TRIGGERS, ids=many(trigger_ids, self._work.dialect))

    def candidates(
        self,
        limit: int,
        *,
        skip_pools: Collection[str] = (),
        skip_dags: Collection[str] = (),
        skip_tasks: Collection[tuple[str, str]] = (),
    ) -> list[TaskInstance]:
        """Scheduled task instances of running runs of unpaused DAGs: highest priority first, then oldest logical date,
        then map index. ``skip_tasks`` are (dag_id, task_id). A
        write transaction locks them on PostgreSQL, and passes those that another one has locked."""
        statement = _CANDIDATES[self._work.writes, bool(skip_pools or skip_dags or skip_tasks)]
        params: dict[str, Any] = {"rows": limit}
        if skip_pools or skip_dags or skip_tasks:
            dialect = self._work.dialect
            params |= {
                "pools": many(skip_pools, dialect),
                "dags": many(skip_dags, dialect),
                "tasks": many((f"{dag}{_SEPARATOR}{task}" for dag, task in skip_tasks), dialect),
            }
        return self._work.all(statement, **params)

    def occupied(self) -> list[Occupied]:
        """What is queued, running or deferred, counted by DAG, run, task, pool and state."""
        return self._work.all(_OCCUPIED)

    def running_counts(self) -> RunningCounts:
        """How many are queued or running, counted in the ways in which they are limited."""
        counts = RunningCounts()
        for row in self.occupied():
            if row.state is TaskState.DEFERRED:
                continue
            counts.by_dag[row.dag_id] = counts.by_dag.get(row.dag_id, 0) + row.count
            task, run = (row.dag_id, row.task_id), (row.dag_id, row.run_id)
            run_task = (row.dag_id, row.run_id, row.task_id)
            counts.by_task[task] = counts.by_task.get(task, 0) + row.count
            counts.by_run[run] = counts.by_run.get(run, 0) + row.count
            counts.by_run_task[run_task] = counts.by_run_task.get(run_task, 0) + row.count
        return counts

    def due(self, now: datetime, limit: int = 1000) -> list[TaskInstance]:
        """Rows whose ``wake_at`` has come: retry waits, next pokes, timeouts of deferrals; earliest first."""
        return self._work.all(_DUE, now=now, rows=limit)

    def next_wake_at(self) -> datetime | None:
        """When the next of them is due."""
        at: datetime | None = self._work.scalar(_NEXT_WAKE)
        return at

    def owned_by(self, jobs: int | Iterable[int]) -> list[TaskInstance]:
        """Queued and running attempts of one worker's job, or of several."""
        wanted = [jobs] if isinstance(jobs, int) else list(jobs)
        return self._work.all(_OWNED, jobs=many(wanted, self._work.dialect)) if wanted else []

    def orphans(self, dead_jobs: Iterable[int]) -> list[TaskInstance]:
        """Queued and running attempts whose owner is among ``dead_jobs``, or that have none."""
        return [*self.owned_by(dead_jobs), *self._work.all(_UNOWNED)]

    def history(self, run: RunKey, key: TaskKey) -> list[Try]:
        """Earlier tries, oldest first; the present one is the row itself."""
        return self._work.all(
            _TRIES, dag_id=run.dag_id, run_id=run.run_id, task_id=key.task_id, map_index=key.map_index
        )

    def matching(
        self,
        dag_id: str,
        *,
        task_ids: Collection[str] | None = None,
        logical_dates: Collection[datetime] = (),
        run_ids: Collection[str] = (),
    ) -> list[TaskInstance]:
        """Rows of a DAG: of these tasks (None: any), in runs with these ids or dates (neither given: any)."""
        ordered = _ROWS.order_by(_T.logical_date, _T.task_id, _T.map_index)
        found: list[TaskInstance] = self._match(
            ordered, dag_id, task_ids=task_ids, logical_dates=logical_dates, run_ids=run_ids
        )
        return found

    def count(
        self,
        dag_id: str,
        *,
        task_ids: Collection[str] = (),
        logical_dates: Collection[datetime] = (),
        run_ids: Collection[str] = (),
        states: Collection[str | None] | None = None,
    ) -> int:
        """How many rows of a DAG match; what is empty does not restrict. A null state is written "none" (or None)."""
        rows = self._match(
            _COUNT, dag_id, task_ids=task_ids or None, logical_dates=logical_dates, run_ids=run_ids, states=states
        )
        return int(rows[0][0])

    def _match(
        self,
        what: Any,
        dag_id: str,
        *,
        task_ids: Collection[str] | None,
        logical_dates: Collection[datetime],
        run_ids: Collection[str],
        states: Collection[str | None] | None = None,
    ) -> list[Any]:
        nulls = states is not None and any(state in (None, "none") for state in states)
        shape = (what is _COUNT, task_ids is not None, bool(logical_dates), bool(run_ids), states is not None, nulls)
        statement = _MATCHING.get(shape)
        if statement is None:
            build = _matching(what, shape)
            statement = _MATCHING[shape] = Prepared(build, tuple if shape[0] else TaskInstance)
        dialect = self._work.dialect
        params: dict[str, Any] = {"dag_id": dag_id}
        lists: dict[str, Sequence[Any] | Collection[Any] | None] = {
            "task_ids": task_ids,
            "logical_dates": logical_dates or None,
            "run_ids": run_ids or None,
            "states": None if states is None else [state for state in states if state not in (None, "none")],
        }
        params.update({name: many(values, dialect) for name, values in lists.items() if values is not None})
        return self._work.all(statement, **params)
