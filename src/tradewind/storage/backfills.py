"""Backfills as stored: functions over a transaction. What a date becomes is decided in engine.backfills; the scheduler
starts the dates that wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, func, insert, literal_column, select, update

from tradewind.model.records import DagRun
from tradewind.model.states import ReprocessBehavior, RunState, TaskState
from tradewind.model.times import DataInterval

from .columns import UtcTime
from .pages import Order, Page, Rows, among, count, fetch, paged
from .run_queries import COLUMNS as RUN_COLUMNS
from .statements import Prepared, insert_for, literals
from .tables_backfills import BACKFILL, BACKFILL_DAG_RUN
from .tables_dags import DAG
from .tables_runs import DAG_RUN, TASK_INSTANCE

if TYPE_CHECKING:
    from .database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillRow:
    """One backfill. ``completed_at``: when its last run ended, or it was cancelled."""

    id: int
    dag_id: str
    from_date: datetime
    to_date: datetime
    dag_run_conf: Any
    is_paused: bool
    reprocess_behavior: ReprocessBehavior
    max_active_runs: int
    created_at: datetime
    completed_at: datetime | None
    updated_at: datetime
    triggering_user_name: str | None
    run_backwards: bool
    options: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDate:
    """A date of a backfill whose run has not been made."""

    id: int
    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime


_B = BACKFILL.c
_D = BACKFILL_DAG_RUN.c
_OPEN: Any = literal_column("backfill.completed_at IS NULL")
_WAITS: Any = literal_column("backfill_dag_run.started_at IS NULL AND backfill_dag_run.exception_reason IS NULL")
_FIELDS = tuple(BackfillRow.__dataclass_fields__)
_ROWS = select(*(_B[name] for name in _FIELDS))
_GET = Prepared(_ROWS.where(_B.id == bindparam("id")), BackfillRow)
_GET_LOCKED = Prepared(_ROWS.where(_B.id == bindparam("id")).with_for_update(), BackfillRow)
_OPEN_OF_DAG = Prepared(
    _ROWS.where(_OPEN, _B.dag_id == bindparam("dag_id")).with_for_update(skip_locked=True), BackfillRow
)
_OPEN_DAGS = Prepared(select(_B.dag_id).where(_OPEN), sqlite_index="idx_backfill_open")
_REACHES = Prepared(
    select(
        _B.dag_id,
        func.max(_D.data_interval_start).label("start"),
        func.max(_D.data_interval_end).label("end"),
    )
    .select_from(BACKFILL.join(BACKFILL_DAG_RUN, _D.backfill_id == _B.id))
    .where(_OPEN, _D.exception_reason.is_(None))
    .group_by(_B.dag_id)
)
_WAITING = Prepared(
    select(*(_D[name] for name in WaitingDate.__dataclass_fields__))
    .where(_D.backfill_id == bindparam("id"), _WAITS)
    .order_by(_D.sort_ordinal)
    .limit(bindparam("rows")),
    WaitingDate,
)
_ACTIVE = Prepared(
    select(*RUN_COLUMNS)
    .select_from(BACKFILL_DAG_RUN.join(DAG_RUN, DAG_RUN.c.id == _D.dag_run_id))
    .where(_D.backfill_id == bindparam("id"), DAG_RUN.c.state.in_(literals(["queued", "running"])))
    .order_by(_D.sort_ordinal),
    DagRun,
)
_STARTED = Prepared(
    update(BACKFILL_DAG_RUN)
    .where(_D.id == bindparam("k_id"))
    .values(dag_run_id=bindparam("v_run"), started_at=bindparam("v_at", type_=UtcTime()))
)
_REFUSED = Prepared(
    update(BACKFILL_DAG_RUN).where(_D.id == bindparam("k_id")).values(exception_reason=bindparam("v_reason"))
)
_REFUSE_WAITING = Prepared(
    update(BACKFILL_DAG_RUN)
    .where(_D.backfill_id == bindparam("k_id"), _WAITS)
    .values(exception_reason=bindparam("v_reason"))
)


def add(
    tx: Transaction, values: Mapping[str, Any], dates: Iterable[tuple[datetime, datetime, datetime, str | None]]
) -> int | None:
    """A backfill with its dates (logical date, interval's start and end, reason to leave it out), in their order: its
    id, or None when the DAG has an open one."""
    statement = insert_for(tx.dialect, BACKFILL).values(**values, created_at=tx.now, updated_at=tx.now)
    made: int | None = tx.connection.execute(statement.on_conflict_do_nothing().returning(_B.id)).scalar()
    if made is None:
        return None
    rows = [
        {
            "backfill_id": made,
            "sort_ordinal": ordinal,
            "logical_date": date,
            "data_interval_start": start,
            "data_interval_end": end,
            "exception_reason": reason,
        }
        for ordinal, (date, start, end, reason) in enumerate(dates, 1)
    ]
    if rows:
        tx.connection.execute(insert(BACKFILL_DAG_RUN), rows)
    return made


def get(tx: Transaction, backfill_id: int, *, locked: bool = False) -> BackfillRow | None:
    """One backfill; ``locked``: until the transaction ends nobody else changes it."""
    return tx.one(_GET_LOCKED if locked else _GET, id=backfill_id)


def open_of(tx: Transaction, dag_id: str) -> BackfillRow | None:
    """The DAG's open backfill, locked; None also while another transaction has it."""
    return tx.one(_OPEN_OF_DAG, dag_id=dag_id)


def open_dags(tx: Transaction) -> set[str]:
    """The DAGs that have an open backfill."""
    return {dag_id for (dag_id,) in tx.all(_OPEN_DAGS)}


def reaches(tx: Transaction) -> dict[str, DataInterval]:
    """The last interval that each open backfill runs, by DAG."""
    return {dag_id: DataInterval(start, end) for dag_id, start, end in tx.all(_REACHES)}


def change(tx: Transaction, backfill_id: int, **values: Any) -> None:
    """Sets columns of a backfill."""
    tx.connection.execute(update(BACKFILL).where(_B.id == backfill_id).values(**values, updated_at=tx.now))


def waiting(tx: Transaction, backfill_id: int, limit: int) -> list[WaitingDate]:
    """The next dates to start."""
    return tx.all(_WAITING, id=backfill_id, rows=limit)


def active_runs(tx: Transaction, backfill_id: int) -> list[DagRun]:
    """The backfill's runs that are queued or running, in its order."""
    return tx.all(_ACTIVE, id=backfill_id)


def note_start(tx: Transaction, date_id: int, dag_run_id: int) -> None:
    """A date has its run now."""
    tx.run(_STARTED, k_id=date_id, v_run=dag_run_id, v_at=tx.now)


def note_reason(tx: Transaction, date_id: int, reason: str) -> None:
    """A date gets no run, for a reason."""
    tx.run(_REFUSED, k_id=date_id, v_reason=reason)


def refuse_waiting(tx: Transaction, backfill_id: int, reason: str) -> None:
    """No date that waits gets a run any more."""
    tx.run(_REFUSE_WAITING, k_id=backfill_id, v_reason=reason)


def existing_runs(tx: Transaction, dag_id: str, start: datetime, end: datetime) -> Rows:
    """Logical date, run id and state of the DAG's runs between two dates, both included."""
    statement = select(DAG_RUN.c.execution_date, DAG_RUN.c.run_id, DAG_RUN.c.state).where(
        DAG_RUN.c.dag_id == dag_id, DAG_RUN.c.execution_date >= start, DAG_RUN.c.execution_date <= end
    )
    return fetch(tx, statement)


def listing(
    tx: Transaction, *, dag_ids: Collection[str] | None, is_open: bool | None, page: Page, order: Order
) -> tuple[Rows, int]:
    """One page of backfills with the DAG's name to show, and how many there are."""
    conditions = list(among(_B.dag_id, dag_ids))
    if is_open is not None:
        conditions.append(_B.completed_at.is_(None) if is_open else _B.completed_at.is_not(None))
    total = count(tx, select(func.count()).select_from(BACKFILL).where(*conditions))
    statement = (
        select(*(_B[name] for name in _FIELDS), DAG.c.dag_display_name)
        .join_from(BACKFILL, DAG, DAG.c.dag_id == _B.dag_id)
        .where(*conditions)
    )
    return fetch(tx, paged(statement, BACKFILL, order, page, _B.id)), total


# What has become of a date: of its run, or why it has none.
_STANDING = case(
    (_D.exception_reason.is_not(None), "skipped"),
    (_D.started_at.is_(None), "waiting"),
    (_D.dag_run_id.is_(None), "deleted"),
    else_=DAG_RUN.c.state,
)
STANDINGS = ("waiting", *(str(state) for state in RunState), "skipped", "deleted")
"""What a date of a backfill can be in."""
_DATES = BACKFILL_DAG_RUN.outerjoin(DAG_RUN, DAG_RUN.c.id == _D.dag_run_id)


def progress(tx: Transaction, backfill_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many dates of each backfill stand where; every standing is named."""
    found = {backfill_id: dict.fromkeys(STANDINGS, 0) for backfill_id in backfill_ids}
    standing = _STANDING.label("standing")
    statement = (
        select(_D.backfill_id, standing, func.count().label("n"))
        .select_from(_DATES)
        .where(_D.backfill_id.in_(backfill_ids))
        .group_by(_D.backfill_id, standing)
    )
    for row in fetch(tx, statement):
        found[row.backfill_id][str(row.standing)] = row.n
    return found


def dates(tx: Transaction, backfill_id: int, page: Page) -> tuple[Rows, int]:
    """The dates of a backfill in their order, with what has become of each."""
    here = _D.backfill_id == backfill_id
    total = count(tx, select(func.count()).select_from(BACKFILL_DAG_RUN).where(here))
    statement = (
        select(
            _D.id,
            _D.logical_date,
            _D.sort_ordinal,
            _D.exception_reason,
            _D.data_interval_start,
            _D.data_interval_end,
            _STANDING.label("standing"),
            DAG_RUN.c.run_id,
            DAG_RUN.c.start_date,
            DAG_RUN.c.end_date,
        )
        .select_from(_DATES)
        .where(here)
        .order_by(_D.sort_ordinal)
        .limit(page.limit)
        .offset(page.offset)
    )
    return fetch(tx, statement), total


def failed_tasks(tx: Transaction, backfill_id: int) -> Rows:
    """DAG, run, task and map index of the failed task instances in the backfill's runs."""
    here = and_(TASK_INSTANCE.c.dag_id == DAG_RUN.c.dag_id, TASK_INSTANCE.c.run_id == DAG_RUN.c.run_id)
    table = TASK_INSTANCE.c
    statement = (
        select(table.dag_id, table.run_id, table.task_id, table.map_index)
        .select_from(BACKFILL_DAG_RUN.join(DAG_RUN, DAG_RUN.c.id == _D.dag_run_id).join(TASK_INSTANCE, here))
        .where(_D.backfill_id == backfill_id, table.state == TaskState.FAILED)
        .order_by(_D.sort_ordinal, table.task_id, table.map_index)
    )
    return fetch(tx, statement)
