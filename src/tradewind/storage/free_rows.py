"""Rows that no decision hangs on, deleted one by one by their key: what maintenance DAGs clean up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, select

from .tables_access import CONNECTION, LOG, SLOT_POOL, VARIABLE
from .tables_dags import DAG_WARNING, DATASET_EVENT, IMPORT_ERROR
from .tables_runs import (
    DAG_RUN_NOTE,
    JOB,
    RENDERED,
    SLA_MISS,
    TASK_FAILURE,
    TASK_INSTANCE_HISTORY,
    TASK_INSTANCE_NOTE,
    TASK_RESCHEDULE,
)

if TYPE_CHECKING:
    from .database import Transaction

FREE: Mapping[str, Table] = {
    table.name: table
    for table in (
        *(LOG, IMPORT_ERROR, DAG_WARNING, DATASET_EVENT, JOB),
        *(RENDERED, TASK_FAILURE, TASK_INSTANCE_HISTORY, TASK_RESCHEDULE, TASK_INSTANCE_NOTE, DAG_RUN_NOTE, SLA_MISS),
    )
}
"""Tables whose rows may go at any time."""
_NAMES = {"slot_pool": SLOT_POOL.c.pool, "variable": VARIABLE.c.key, "connection": CONNECTION.c.conn_id}


def remove(tx: Transaction, table: str, key: Mapping[str, Any]) -> int:
    """Delete the row of ``table`` (one of FREE) with this key; how many there were. A job that runs stays."""
    rows = FREE[table]
    conditions = [rows.c[name] == value for name, value in key.items()]
    if rows is JOB:
        conditions.append(JOB.c.state != "running")
    return tx.connection.execute(delete(rows).where(*conditions)).rowcount


def name_of(tx: Transaction, table: str, number: int) -> str | None:
    """The name (pool, key, conn_id) of the row with this id; None when it is gone."""
    column = _NAMES[table]
    name: str | None = tx.connection.execute(select(column).where(column.table.c.id == number)).scalar()
    return name
