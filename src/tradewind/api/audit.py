"""Rows of the audit log (table log) for requests that change something, where Airflow 2.10.5 writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from .call import Call
from .table import Operation

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

_ELSEWHERE = frozenset({"is_paused", "dag_id", "task_id", "dag_run_id", "run_id", "execution_date"})
"""Names that have columns of their own, or that Airflow leaves out of ``extra``."""


def extra_of(operation: Operation, call: Call) -> str:
    """The request's own values as JSON text, secrets masked."""
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    values = {**call.query, **body}
    values.update({name: value for name, value in call.path.items() if name not in _ELSEWHERE})
    kept = {name: value for name, value in values.items() if name not in _ELSEWHERE}
    if operation.masks_body:
        kept = {name: "***" if name in ("value", "val", "password", "extra") else value for name, value in kept.items()}
    for name in ("password",):
        if name in kept:
            kept[name] = "***"
    return msgspec.json.format(msgspec.json.encode(kept), indent=0).decode() if kept else "{}"


def record(tx: Transaction, operation: Operation, call: Call) -> None:
    """Writes the row when the operation has an event."""
    if operation.event is None:
        return
    tx.history.add(
        operation.event,
        dag_id=call.path.get("dag_id"),
        task_id=call.path.get("task_id"),
        run_id=call.path.get("dag_run_id"),
        map_index=call.path.get("map_index"),
        owner=call.user.username,
        extra=extra_of(operation, call),
    )
