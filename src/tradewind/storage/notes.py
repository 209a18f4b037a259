"""Notes of task instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, update

from tradewind.model.changes import Event
from tradewind.model.records import RunKey, TaskKey

from .tables_runs import TASK_INSTANCE_NOTE

if TYPE_CHECKING:
    from .database import Transaction


def set_task_note(tx: Transaction, run: RunKey, task: TaskKey, note: str | None, *, user_id: int | None) -> None:
    """Writes (or with None removes) the note of a task instance that exists. Emits ``task.note``."""
    table = TASK_INSTANCE_NOTE
    key = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": task.task_id, "map_index": task.map_index}
    here = and_(*(table.c[name] == value for name, value in key.items()))
    if note is None:
        tx.connection.execute(delete(table).where(here))
    else:
        values = {"content": note, "user_id": user_id, "updated_at": tx.now}
        if not tx.connection.execute(update(table).where(here).values(values)).rowcount:
            tx.connection.execute(insert(table).values({**key, **values, "created_at": tx.now}))
    tx.emit(
        Event(kind="task.note", dag_id=run.dag_id, run_id=run.run_id, task_id=task.task_id, map_index=task.map_index)
    )
