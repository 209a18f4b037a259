"""Rows of the audit log (table log) for requests that change something, where Airflow 2.10.5 writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tradewind.observability.masking import MASK, PROCESS_MASKER, redact

from .call import Call
from .table import Operation

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

_ELSEWHERE = frozenset({"is_paused", "dag_id", "task_id", "dag_run_id", "run_id", "execution_date"})
"""Names that are left out of what the query and the path say: most have columns of their own. A body is kept whole."""
_NOT_JSON = "Encountered non-JSON in `extra` field"
_ALSO = {"api.patch_mapped_task_instance": "api.patch_task_instance"}
"""The original carries one operation out by the other, and both write their row."""


def extra_of(operation: Operation, call: Call) -> str:
    """The request's own values as JSON text, secrets masked: query, path, body. Of connections and variables only the
    body, or the path when there is none."""
    body: dict[str, Any] = call.body if isinstance(call.body, dict) else {}
    outside = {**call.query, **call.path}
    values = {name: _text(value) for name, value in outside.items() if name not in _ELSEWHERE}
    if operation.masks_body:
        values = values if operation.body is None else {}
    values.update(body)
    if operation.masks_body and "key" in body and PROCESS_MASKER.is_sensitive_name(body["key"]):
        values["value"] = MASK
    if operation.masks_body and isinstance(values.get("extra"), str):
        values["extra"] = _parsed(values["extra"])
    return json.dumps(redact(values))


def _text(value: Any) -> Any:
    """A query's list as it was written, the rest as it is."""
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _parsed(text: str) -> Any:
    """A connection's extra with its names, by which secrets in it are known."""
    if not text:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return _NOT_JSON


def record(tx: Transaction, operation: Operation, call: Call) -> None:
    """Writes the row when the operation has an event."""
    if operation.event is None:
        return
    for event in (operation.event, *filter(None, [_ALSO.get(operation.event)])):
        tx.history.add(
            event,
            dag_id=call.path.get("dag_id"),
            task_id=call.path.get("task_id"),
            run_id=call.path.get("dag_run_id"),
            owner=call.user.username,
            extra=extra_of(operation, call),
        )
