"""Requests about DAGs that wait for the DAG processor, and what stands against a deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from tradewind.model.states import TaskState

from .tables_dags import DAG_PRIORITY_PARSING_REQUEST
from .tables_runs import TASK_INSTANCE

if TYPE_CHECKING:
    from .database import Transaction


def has_running_tasks(tx: Transaction, dag_id: str) -> bool:
    """Whether a task instance of the DAG runs now."""
    found = exists().where(TASK_INSTANCE.c.dag_id == dag_id, TASK_INSTANCE.c.state == TaskState.RUNNING)
    return bool(tx.connection.execute(select(found)).scalar_one())


def add_parse_request(tx: Transaction, request_id: str, fileloc: str) -> None:
    """Asks for a file to be parsed before others; asking twice is asking once."""
    table = DAG_PRIORITY_PARSING_REQUEST
    known = select(exists().where(table.c.id == request_id))
    if not tx.connection.execute(known).scalar_one():
        tx.connection.execute(table.insert().values(id=request_id, fileloc=fileloc))
