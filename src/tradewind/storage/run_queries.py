"""Questions about DAG runs: by key or date, neighbours, what is open, and everything about one for the engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, func, literal_column, or_, select
from sqlalchemy import false as sql_false

from tradewind.model.records import DagRun, PastView, RunKey, RunView, TaskKey
from tradewind.model.states import RunState, RunType

from .columns import UtcTime, json_from_text
from .statements import Prepared, literals, many, one_of
from .tables_runs import DAG_RUN, TASK_INSTANCE, TASK_MAP, XCOM
from .task_queries import TaskQueries
from .transaction import Work

_R = DAG_RUN.c
# Literal: inside RETURNING, Core would not correlate it with the row but select from dag_run anew.
_NOTE = literal_column("(SELECT n.content FROM dag_run_note AS n WHERE n.dag_run_id = dag_run.id)", String())
_LOG_TEMPLATE = literal_column(
    "(SELECT l.filename FROM log_template AS l WHERE l.id = dag_run.log_template_id)", String()
)
_RENAMED = {
    "logical_date": _R.execution_date.label("logical_date"),
    "note": _NOTE.label("note"),
    "log_template": _LOG_TEMPLATE.label("log_template"),
}
FIELDS = tuple(DagRun.__dataclass_fields__)
COLUMNS = tuple(_RENAMED[name] if name in _RENAMED else _R[name] for name in FIELDS)
_ROWS = select(*COLUMNS)
_DAG = _R.dag_id == bindparam("dag_id")
_DATE = bindparam("logical_date", type_=UtcTime())

BRANCH_KEY = "skipmixin_key"
RETURN_KEY = "return_value"

# As the partial indexes have it.
OPEN: Any = literal_column("dag_run.state IN ('queued', 'running')")
_TIMED: Any = literal_column("dag_run.state = 'running' AND dag_run.timeout_at IS NOT NULL")
_NOT_BACKFILL = _R.run_type != RunType.BACKFILL

GET = Prepared(_ROWS.where(_DAG, _R.run_id == bindparam("run_id")), DagRun)
BY_DATE = Prepared(_ROWS.where(_DAG, _R.execution_date == _DATE), DagRun)
BY_ID = Prepared(_ROWS.where(_R.id == bindparam("id")), DagRun)
BY_REQUEST = Prepared(_ROWS.where(_R.request_key == bindparam("request_key")), DagRun)
_LATEST = Prepared(
    lambda dialect: (
        _ROWS.where(_DAG, one_of(_R.run_type, "types", dialect)).order_by(_R.execution_date.desc()).limit(1)
    ),
    DagRun,
)
_PREVIOUS = _ROWS.where(_DAG, _R.execution_date < _DATE).order_by(_R.execution_date.desc()).limit(1)
_BEFORE = Prepared(_PREVIOUS, DagRun)
_BEFORE_IN_STATE = Prepared(_PREVIOUS.where(_R.state == bindparam("state")), DagRun)
_NEXT = Prepared(_ROWS.where(_DAG, _R.execution_date > _DATE).order_by(_R.execution_date).limit(1), DagRun)
_OPEN_KEYS = select(_R.dag_id, _R.run_id).where(OPEN).order_by(_R.dag_id, _R.execution_date)
_ALL_OPEN = Prepared(_OPEN_KEYS.limit(bindparam("rows")), RunKey, sqlite_index="idx_dag_run_open")
_OPEN_OF_DAG = Prepared(_OPEN_KEYS.where(_DAG).limit(bindparam("rows")), RunKey)
# Whose start the scheduler of backfills decides; the table is asked for runs of that type only.
_IN_BACKFILL: Any = literal_column(
    "EXISTS (SELECT 1 FROM backfill_dag_run AS d JOIN backfill AS b ON b.id = d.backfill_id "
    "WHERE d.dag_run_id = dag_run.id AND b.completed_at IS NULL)"
)
_QUEUED = Prepared(
    _ROWS.where(OPEN, _R.state == literals(["queued"])[0], _DAG, or_(_NOT_BACKFILL, ~_IN_BACKFILL))
    .order_by(_R.execution_date)
    .limit(bindparam("rows")),
    DagRun,
)
_COUNTED = select(_R.dag_id, func.count()).where(OPEN).group_by(_R.dag_id)
_RUNNING_COUNTS = Prepared(
    lambda dialect: _COUNTED.where(
        _R.state == literals(["running"])[0], _NOT_BACKFILL, one_of(_R.dag_id, "dag_ids", dialect)
    ),
    sqlite_index="idx_dag_run_open",
)
_OPEN_COUNTS = Prepared(
    lambda dialect: _COUNTED.where(_NOT_BACKFILL, one_of(_R.dag_id, "dag_ids", dialect)),
    sqlite_index="idx_dag_run_open",
)
_TIMED_OUT = Prepared(
    _ROWS.where(_TIMED, _R.timeout_at <= bindparam("now", type_=UtcTime())).order_by(_R.timeout_at),
    DagRun,
    sqlite_index="idx_dag_run_timeout",
)
_NEXT_TIMEOUT = Prepared(select(func.min(_R.timeout_at).label("at")).where(_TIMED), sqlite_index="idx_dag_run_timeout")
_LAST_STATES = Prepared(
    select(_R.state)
    .where(_DAG, _R.state.in_(literals(["success", "failed"])))
    .order_by(_R.execution_date.desc())
    .limit(bindparam("rows"))
)
_REVISION = Prepared(select(_R.revision).where(_DAG, _R.run_id == bindparam("run_id")))

_OF_RUN: tuple[Any, Any] = (bindparam("dag_id"), bindparam("run_id"))
_MAP_LENGTHS = Prepared(
    select(TASK_MAP.c.task_id, TASK_MAP.c.map_index, TASK_MAP.c.length).where(
        TASK_MAP.c.dag_id == _OF_RUN[0], TASK_MAP.c.run_id == _OF_RUN[1]
    )
)
# The range of a run's XComs is read once for both: which mapped instances returned something, what branches chose.
_TRACES = Prepared(
    select(
        XCOM.c.task_id,
        XCOM.c.map_index,
        XCOM.c.key,
        literal_column(f"CASE WHEN xcom.key = '{BRANCH_KEY}' THEN xcom.value END").label("value"),
    ).where(
        XCOM.c.dag_id == _OF_RUN[0],
        XCOM.c.run_id == _OF_RUN[1],
        or_(
            XCOM.c.key == literals([BRANCH_KEY])[0],
            (XCOM.c.key == literals([RETURN_KEY])[0]) & (XCOM.c.map_index >= 0),
        ),
    )
)
_PAST_STATES = Prepared(
    select(TASK_INSTANCE.c.task_id, TASK_INSTANCE.c.map_index, TASK_INSTANCE.c.state).where(
        TASK_INSTANCE.c.dag_id == _OF_RUN[0], TASK_INSTANCE.c.run_id == _OF_RUN[1]
    )
)
_COUNTS: dict[tuple[bool, bool, bool], Prepared[tuple[Any, ...]]] = {}


def _count(dates: bool, run_ids: bool, states: bool) -> Prepared[tuple[Any, ...]]:
    def build(dialect: str) -> Any:
        statement = select(func.count()).select_from(DAG_RUN).where(_DAG)
        if dates or run_ids:
            by_date = one_of(_R.execution_date, "logical_dates", dialect) if dates else sql_false()
            by_run = one_of(_R.run_id, "run_ids", dialect) if run_ids else sql_false()
            statement = statement.where(or_(by_date, by_run))
        return statement.where(one_of(_R.state, "states", dialect)) if states else statement

    shape = (dates, run_ids, states)
    if shape not in _COUNTS:
        _COUNTS[shape] = Prepared(build)
    return _COUNTS[shape]


class RunQueries:
    """The reading half of the store of runs."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, run: RunKey) -> DagRun | None:
        """One run."""
        return self._work.one(GET, dag_id=run.dag_id, run_id=run.run_id)

    def by_date(self, dag_id: str, logical_date: datetime) -> DagRun | None:
        """The run of a DAG with this logical date."""
        return self._work.one(BY_DATE, dag_id=dag_id, logical_date=logical_date)

    def by_id(self, run_number: int) -> DagRun | None:
        """The run with this row id."""
        return self._work.one(BY_ID, id=run_number)

    def latest(self, dag_id: str, types: Iterable[str]) -> DagRun | None:
        """The run with the latest logical date among those of some types."""
        return self._work.one(_LATEST, dag_id=dag_id, types=many(types, self._work.dialect))

    def previous(self, dag_id: str, logical_date: datetime, state: str | None = None) -> DagRun | None:
        """The run before ``logical_date`` (in a state, if given)."""
        if state is None:
            return self._work.one(_BEFORE, dag_id=dag_id, logical_date=logical_date)
        return self._work.one(_BEFORE_IN_STATE, dag_id=dag_id, logical_date=logical_date, state=state)

    def next_of(self, dag_id: str, logical_date: datetime) -> DagRun | None:
        """The run after ``logical_date``."""
        return self._work.one(_NEXT, dag_id=dag_id, logical_date=logical_date)

    def open_keys(self, limit: int | None = None, *, dag_id: str | None = None) -> list[RunKey]:
        """Runs that are queued or running, of one DAG or of all."""
        rows = limit if limit is not None else 2**31 - 1
        if dag_id is None:
            return self._work.all(_ALL_OPEN, rows=rows)
        return self._work.all(_OPEN_OF_DAG, rows=rows, dag_id=dag_id)

    def queued(self, dag_id: str, limit: int) -> list[DagRun]:
        """Queued runs of a DAG that no open backfill holds, oldest logical date first."""
        return self._work.all(_QUEUED, dag_id=dag_id, rows=limit)

    def running_counts(self, dag_ids: Collection[str]) -> dict[str, int]:
        """How many runs of each DAG, backfills apart, are running; DAGs without one are absent."""
        return dict(self._work.all(_RUNNING_COUNTS, dag_ids=many(dag_ids, self._work.dialect)))

    def open_counts(self, dag_ids: Collection[str]) -> dict[str, int]:
        """How many runs of each DAG, backfills apart, are queued or running; DAGs without one are absent."""
        return dict(self._work.all(_OPEN_COUNTS, dag_ids=many(dag_ids, self._work.dialect)))

    def timed_out(self, now: datetime) -> list[DagRun]:
        """Running runs whose ``timeout_at`` has come."""
        return self._work.all(_TIMED_OUT, now=now)

    def next_timeout_at(self) -> datetime | None:
        """When the next of them will."""
        at: datetime | None = self._work.scalar(_NEXT_TIMEOUT)
        return at

    def last_states(self, dag_id: str, limit: int) -> list[RunState]:
        """States of the DAG's last finished runs, latest logical date first."""
        return [state for (state,) in self._work.all(_LAST_STATES, dag_id=dag_id, rows=limit)]

    def revisions(self, keys: Iterable[RunKey]) -> dict[RunKey, int]:
        """The revision of each run; runs that are gone are absent."""
        wanted = list(keys)
        answers = self._work.batch([(_REVISION, {"dag_id": key.dag_id, "run_id": key.run_id}) for key in wanted])
        return {key: rows[0][0] for key, rows in zip(wanted, answers, strict=True) if rows}

    def count(
        self,
        dag_id: str,
        *,
        logical_dates: Collection[datetime] = (),
        run_ids: Collection[str] = (),
        states: Collection[str] | None = None,
    ) -> int:
        """How many runs of a DAG are at these dates or have these ids (neither given: all), in one of ``states``."""
        dialect = self._work.dialect
        params: dict[str, Any] = {"dag_id": dag_id}
        if logical_dates:
            params["logical_dates"] = many(logical_dates, dialect)
        if run_ids:
            params["run_ids"] = many(run_ids, dialect)
        if states is not None:
            params["states"] = many(states, dialect)
        statement = _count(bool(logical_dates), bool(run_ids), states is not None)
        return int(self._work.scalar(statement, **params))

    def view(self, run: RunKey, *, with_past: bool = False) -> RunView | None:
        """Everything the engine looks at about one run; None when it is gone."""
        found = self.get(run)
        if found is None:
            return None
        work = self._work
        rows = TaskQueries(work).of_run(run)
        lengths = work.all(_MAP_LENGTHS, dag_id=run.dag_id, run_id=run.run_id)
        returned: set[TaskKey] = set()
        branches: dict[TaskKey, Any] = {}
        for task_id, map_index, key, value in work.all(_TRACES, dag_id=run.dag_id, run_id=run.run_id):
            if key == RETURN_KEY:
                returned.add(TaskKey(task_id, map_index))
            else:
                branches[TaskKey(task_id, map_index)] = json_from_text(value)
        return RunView(
            run=found,
            task_instances={row.key: row for row in rows},
            map_lengths={(task_id, map_index): length for task_id, map_index, length in lengths},
            past=self.past(run.dag_id, found.logical_date) if with_past else None,
            branch_skips=branches,
            returned=frozenset(returned),
        )

    def views(self, runs: Iterable[RunKey], *, with_past: bool = False) -> list[RunView]:
        """Views of several runs; those that are gone are left out."""
        return [view for run in runs if (view := self.view(run, with_past=with_past)) is not None]

    def past(self, dag_id: str, logical_date: datetime) -> PastView:
        """What ``depends_on_past`` looks at: the run before ``logical_date`` and its states."""
        before = self.previous(dag_id, logical_date)
        if before is None:
            return PastView()
        rows = self._work.all(_PAST_STATES, dag_id=dag_id, run_id=before.run_id)
        return PastView(run_id=before.run_id, states={TaskKey(task_id, index): state for task_id, index, state in rows})
