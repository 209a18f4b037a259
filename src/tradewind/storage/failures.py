"""The error lines of failed tries: written when a try ends, read by overviews of failures instead of its log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from tradewind.model.records import RunKey, TaskInstance, TaskKey

from .statements import Prepared, insert_for
from .tables_runs import TASK_FAILURE
from .transaction import Work

_F = TASK_FAILURE.c
_KEY = ("dag_id", "run_id", "task_id", "map_index", "try_number")
_PUT = Prepared(
    lambda dialect: (insert := insert_for(dialect, TASK_FAILURE)).on_conflict_do_update(
        index_elements=_KEY, set_={name: insert.excluded[name] for name in ("ended_at", "error")}
    ),
    keys=(*_KEY, "ended_at", "error"),
)
_OF_TASK = Prepared(
    select(_F.try_number, _F.error)
    .where(
        _F.dag_id == bindparam("dag_id"),
        _F.run_id == bindparam("run_id"),
        _F.task_id == bindparam("task_id"),
        _F.map_index == bindparam("map_index"),
    )
    .order_by(_F.try_number)
)


def note_failure(tx: Work, row: TaskInstance, error: str, *, ended_at: datetime) -> None:
    """Writes down why the present try of a task instance failed; ``error`` is one line of at most 500 characters."""
    tx.run(
        _PUT,
        dag_id=row.dag_id,
        run_id=row.run_id,
        task_id=row.task_id,
        map_index=row.map_index,
        try_number=row.try_number,
        ended_at=ended_at,
        error=error,
    )


def errors_of(tx: Work, run: RunKey, task: TaskKey) -> dict[int, str]:
    """The error lines of a task instance by try number."""
    rows = tx.all(_OF_TASK, dag_id=run.dag_id, run_id=run.run_id, task_id=task.task_id, map_index=task.map_index)
    return dict(rows)
