"""Missed service level agreements: functions over a transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from tradewind.model.states import TaskState

from .columns import UtcTime
from .statements import Prepared, insert_for
from .tables_runs import DAG_RUN, SLA_MISS, TASK_INSTANCE
from .transaction import Work

if TYPE_CHECKING:
    from .database import Transaction

_S, _T, _R = SLA_MISS.c, TASK_INSTANCE.c, DAG_RUN.c
_LAST_DONE = Prepared(
    select(_T.task_id, func.max(_R.execution_date, type_=UtcTime()))
    .join(DAG_RUN, (_R.dag_id == _T.dag_id) & (_R.run_id == _T.run_id))
    .where(_T.dag_id == bindparam("dag_id"), or_(_T.state == TaskState.SUCCESS, _T.state == TaskState.SKIPPED))
    .group_by(_T.task_id)
)
_INTERVAL = Prepared(
    select(_R.data_interval_start, _R.data_interval_end).where(
        _R.dag_id == bindparam("dag_id"), _R.execution_date == bindparam("at", type_=UtcTime())
    )
)
_KNOWN = Prepared(select(_S.task_id, _S.execution_date).where(_S.dag_id == bindparam("dag_id")))
_ADD = Prepared(
    lambda dialect: insert_for(dialect, SLA_MISS).on_conflict_do_nothing(),
    keys=("task_id", "dag_id", "execution_date", "timestamp", "email_sent", "notification_sent"),
)
_UNTOLD = Prepared(
    select(_S.task_id, _S.execution_date, _S.timestamp)
    .where(_S.dag_id == bindparam("dag_id"), _S.notification_sent.is_(False))
    .order_by(_S.task_id, _S.execution_date)
)
_BLOCKING = Prepared(
    select(_T.task_id, _T.run_id, _T.map_index, _T.state, _R.execution_date)
    .join(DAG_RUN, (_R.dag_id == _T.dag_id) & (_R.run_id == _T.run_id))
    .join(SLA_MISS, (_S.dag_id == _T.dag_id) & (_S.execution_date == _R.execution_date))
    .where(
        _T.dag_id == bindparam("dag_id"),
        _S.notification_sent.is_(False),
        _T.state != TaskState.SUCCESS,  # those without a state are not among them, as in Airflow
    )
    .distinct()
    .order_by(_R.execution_date, _T.task_id, _T.map_index)
)
_TOLD = Prepared(
    update(SLA_MISS)
    .where(
        _S.dag_id == bindparam("k_dag_id"),
        _S.task_id == bindparam("k_task_id"),
        _S.execution_date == bindparam("k_at", type_=UtcTime()),
    )
    .values(notification_sent=True, email_sent=bindparam("v_email_sent"))
)


def last_done(tx: Work, dag_id: str) -> dict[str, datetime]:
    """By task the logical date of the latest run in which it succeeded or was skipped."""
    return dict(tx.all(_LAST_DONE, dag_id=dag_id))


def interval_at(tx: Work, dag_id: str, at: datetime) -> tuple[datetime, datetime]:
    """The data interval of the run of a date."""
    row = tx.one(_INTERVAL, dag_id=dag_id, at=at)
    start, end = (None, None) if row is None else row
    return start or at, end or at


def known(tx: Work, dag_id: str) -> set[tuple[str, datetime]]:
    """(task id, date) of the misses that are noted already."""
    return set(tx.all(_KNOWN, dag_id=dag_id))


def add(tx: Work, dag_id: str, task_id: str, dates: Iterable[datetime]) -> None:
    """Note misses; nobody has been told yet."""
    for at in dates:
        tx.run(
            _ADD,
            task_id=task_id,
            dag_id=dag_id,
            execution_date=at,
            timestamp=tx.now,
            email_sent=False,
            notification_sent=False,
        )


def untold(tx: Work, dag_id: str) -> list[tuple[str, datetime, datetime]]:
    """(task id, date, when it was noticed) of the misses that nobody has been told of."""
    return [tuple(row) for row in tx.all(_UNTOLD, dag_id=dag_id)]


def blocking(tx: Work, dag_id: str) -> list[tuple[str, str, int, str | None, datetime]]:
    """(task id, run id, map index, state, date) of what has not succeeded on the dates of untold misses."""
    return [tuple(row) for row in tx.all(_BLOCKING, dag_id=dag_id)]


def told(tx: Work, dag_id: str, misses: Iterable[tuple[str, datetime]], *, email_sent: bool) -> None:
    """Somebody was told of these."""
    for task_id, at in misses:
        tx.run(_TOLD, k_dag_id=dag_id, k_task_id=task_id, k_at=at, v_email_sent=email_sent)


def of_tasks(tx: Transaction, keys: Collection[tuple[str, str]]) -> list[Any]:
    """All misses of some tasks, named by DAG id and task id."""
    dag_ids, task_ids = {dag_id for dag_id, _ in keys}, {task_id for _, task_id in keys}
    found = tx.connection.execute(select(SLA_MISS).where(_S.dag_id.in_(dag_ids), _S.task_id.in_(task_ids)))
    return list(found) if keys else []
