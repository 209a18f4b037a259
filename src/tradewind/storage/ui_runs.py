"""What views of one DAG's runs read: the matrix of runs and tasks, gantt, durations, calendar. Each a constant number
of statements."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, and_, bindparam, case, func, literal_column, select, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from .pages import Rows, fetch
from .shown import epoch, plain
from .statements import Prepared, many, one_of
from .tables_dags import DAG_VERSION
from .tables_runs import DAG_RUN, DAG_RUN_NOTE, OUTBOX, TASK_INSTANCE, TASK_INSTANCE_HISTORY, TASK_INSTANCE_NOTE

if TYPE_CHECKING:
    from .database import Transaction

_R = DAG_RUN.c
_T = TASK_INSTANCE.c
_RUNS = DAG_RUN.outerjoin(DAG_RUN_NOTE, DAG_RUN_NOTE.c.dag_run_id == _R.id).outerjoin(
    DAG_VERSION, DAG_VERSION.c.id == _R.version_id
)
_CONF = type_coerce(_R.conf, String())
RUN_COLUMNS = (
    _R.id,
    _R.dag_id,
    _R.run_id,
    plain(_R.state),
    plain(_R.run_type),
    epoch(_R.execution_date, "logical"),
    epoch(_R.data_interval_end, "interval_end"),
    epoch(_R.queued_at),
    epoch(_R.start_date),
    epoch(_R.end_date),
    _R.revision,
    DAG_VERSION.c.version_number,
    case((DAG_RUN_NOTE.c.content.is_not(None), 1), else_=0).label("has_note"),
    case((and_(_CONF.is_not(None), _CONF != "{}"), 1), else_=0).label("has_conf"),
)


def runs_of(tx: Transaction, dag_id: str, count: int, before: str | None = None) -> Rows:
    """The last runs of a DAG by logical date, oldest first; ``before``: those before this run."""
    conditions: list[ColumnElement[bool]] = [_R.dag_id == dag_id]
    if before is not None:
        other = DAG_RUN.alias("other")
        date = select(other.c.execution_date).where(other.c.dag_id == dag_id, other.c.run_id == before)
        conditions.append(_R.execution_date < date.scalar_subquery())
    statement = select(*RUN_COLUMNS).select_from(_RUNS).where(*conditions)
    return fetch(tx, statement.order_by(_R.execution_date.desc()).limit(count))[::-1]


def runs_named(tx: Transaction, dag_id: str, run_ids: Collection[str]) -> Rows:
    """Some runs of a DAG, by logical date."""
    statement = select(*RUN_COLUMNS).select_from(_RUNS).where(_R.dag_id == dag_id, _R.run_id.in_(run_ids))
    return fetch(tx, statement.order_by(_R.execution_date))


_CELLS = Prepared(
    lambda dialect: select(_T.run_id, _T.task_id, _T.map_index, type_coerce(_T.state, String()), _T.try_number).where(
        _T.dag_id == bindparam("dag_id"), one_of(_T.run_id, "run_ids", dialect)
    )
)
_TIMES = Prepared(
    lambda dialect: select(_T.run_id, _T.task_id, _T.map_index, _T.start_date, _T.end_date).where(
        _T.dag_id == bindparam("dag_id"), one_of(_T.run_id, "run_ids", dialect)
    )
)


def cells(tx: Transaction, dag_id: str, run_ids: Collection[str]) -> list[tuple[Any, ...]]:
    """(run_id, task_id, map_index, state, try_number) of some runs of a DAG."""
    return tx.all(_CELLS, dag_id=dag_id, run_ids=many(run_ids, tx.dialect))


def times(tx: Transaction, dag_id: str, run_ids: Collection[str]) -> list[tuple[Any, ...]]:
    """(run_id, task_id, map_index, start, end) of some runs of a DAG."""
    return tx.all(_TIMES, dag_id=dag_id, run_ids=many(run_ids, tx.dialect))


def noted_tasks(tx: Transaction, dag_id: str, run_ids: Collection[str]) -> Rows:
    """(run_id, task_id) of task instances with notes."""
    n = TASK_INSTANCE_NOTE.c
    statement = select(n.run_id, n.task_id).where(n.dag_id == dag_id, one_of(n.run_id, "run_ids", tx.dialect))
    return tx.connection.execute(statement.distinct(), {"run_ids": many(run_ids, tx.dialect)}).all()


def runs_changed_since(tx: Transaction, dag_id: str, event_id: int) -> tuple[bool, list[str]]:
    """Whether the outbox still has all events after one, and the runs of a DAG that they are about."""
    o = OUTBOX.c
    first = tx.connection.execute(select(func.min(o.id))).scalar()
    statement = select(o.run_id.distinct()).where(o.id > event_id, o.dag_id == dag_id, o.run_id.is_not(None))
    return first is None or first <= event_id + 1, list(tx.connection.execute(statement).scalars())


def spans_of_run(tx: Transaction, dag_id: str, run_id: str) -> tuple[Rows, Rows]:
    """When the task instances of a run waited and ran: the present tries, and those before them."""
    return _spans(tx, TASK_INSTANCE, dag_id, run_id), _spans(tx, TASK_INSTANCE_HISTORY, dag_id, run_id)


def _spans(tx: Transaction, source: Any, dag_id: str, run_id: str) -> Rows:
    t = source.c
    statement = select(
        t.task_id,
        t.map_index,
        t.try_number,
        plain(t.state),
        epoch(t.queued_dttm, "queued"),
        epoch(t.start_date),
        epoch(t.end_date),
        t.operator,
        t.hostname,
    ).where(t.dag_id == dag_id, t.run_id == run_id)
    return fetch(tx, statement.order_by(t.task_id, t.map_index, t.try_number))


def durations(tx: Transaction, dag_id: str, run_ids: Collection[str], task_ids: Collection[str]) -> Rows:
    """Task instances of some tasks in some runs, mapped ones too."""
    dialect = tx.dialect
    statement = select(
        _T.run_id,
        _T.task_id,
        _T.map_index,
        _T.try_number,
        plain(_T.state),
        epoch(_T.queued_dttm, "queued"),
        epoch(_T.start_date),
        epoch(_T.end_date),
    ).where(_T.dag_id == dag_id, one_of(_T.run_id, "run_ids", dialect), one_of(_T.task_id, "task_ids", dialect))
    given = {"run_ids": many(run_ids, dialect), "task_ids": many(task_ids, dialect)}
    return tx.connection.execute(statement, given).all()


def states_by_day(tx: Transaction, dag_id: str, start: datetime, end: datetime) -> Rows:
    """(day, state, n): runs of a DAG by day (UTC) of their logical date."""
    day: Any
    if tx.dialect == "sqlite":
        day = func.substr(type_coerce(_R.execution_date, String()), 1, 10)
    else:
        day = func.to_char(func.timezone("UTC", _R.execution_date), literal_column("'YYYY-MM-DD'"))
    statement = (
        select(day.label("day"), plain(_R.state), func.count().label("n"))
        .where(_R.dag_id == dag_id, _R.execution_date >= start, _R.execution_date < end)
        .group_by(day, _R.state)
        .order_by(day)
    )
    return fetch(tx, statement)


def runs_between(tx: Transaction, readable: Collection[str] | None, start: datetime, end: datetime, most: int) -> Rows:
    """Runs of all DAGs that ran at some moment of a span, latest first."""
    is_open: ColumnElement[bool] = literal_column("dag_run.state IN ('queued', 'running')")
    columns = (_R.dag_id, _R.run_id, plain(_R.state), epoch(_R.queued_at), epoch(_R.start_date), epoch(_R.end_date))
    permitted = [] if readable is None else [_R.dag_id.in_(readable)]
    ended = select(*columns).where(_R.end_date >= start, _R.start_date < end, *permitted)
    going = select(*columns).where(is_open, *permitted, _R.end_date.is_(None))
    found = [*fetch(tx, ended.order_by(_R.end_date.desc()).limit(most)), *fetch(tx, going.limit(most))]
    return [row for row in found if (row.start_date or row.queued_at or 0) < end.timestamp()]
