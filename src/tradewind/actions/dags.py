"""What people and programs do to DAGs: pause, delete, have a file parsed again."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from tradewind.model.changes import Event
from tradewind.model.errors import Conflict, NotFound
from tradewind.storage import dag_requests
from tradewind.storage.database import Transaction


def set_paused(tx: Transaction, dag_ids: Collection[str], *, is_paused: bool) -> list[str]:
    """Pauses or unpauses DAGs, their SubDAGs with them; the ids of those that changed."""
    return tx.dags.set_paused([*dag_ids, *tx.dags.subdags_of(dag_ids)], is_paused)


def delete_dag(tx: Transaction, dag_id: str) -> None:
    """Deletes a DAG with its runs; it comes back when its file is parsed again.

    Raises NotFound, and Conflict while task instances of it run.
    """
    if tx.dags.get(dag_id) is None:
        raise NotFound(f"Dag with id: '{dag_id}' not found")
    if dag_requests.has_running_tasks(tx, dag_id):
        raise Conflict(f"Task instances of dag with id: '{dag_id}' are still running")
    for subdag_id in tx.dags.subdags_of([dag_id]):
        tx.dags.delete(subdag_id)
    tx.dags.delete(dag_id)


def request_parse(tx: Transaction, fileloc: str) -> None:
    """Has a DAG file parsed again soon, before the others."""
    dag_requests.add_parse_request(tx, uuid.uuid5(uuid.NAMESPACE_URL, fileloc).hex, fileloc)
    tx.emit(Event(kind="file.parse_requested", payload={"fileloc": fileloc}))
