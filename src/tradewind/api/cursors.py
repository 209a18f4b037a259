"""Beyond Airflow: ``cursor=`` on the large lists, beside offset. An empty cursor begins; each page tells the next one's
as ``next_cursor``, null on the last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any

from tradewind.storage.pages import Seek

from .call import Answer, Call
from .paging import SEEK
from .problems import bad_request
from .table import Operation
from .tokens import BadSignature, sign, unsign
from .validation import Parameter

CURSOR = Parameter("cursor", {"type": "string"}, is_ours=True)
_LISTS = frozenset(
    {
        "get_dag_runs",
        "get_task_instances",
        "get_event_logs",
        "get_variables",
        "get_connections",
        "get_pools",
        "get_import_errors",
        "get_dag_warnings",
    }
)


def with_cursors(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The operations, the large lists among them with ``cursor``."""
    return tuple(_with_cursor(operation) if operation.id in _LISTS else operation for operation in operations)


def _with_cursor(operation: Operation) -> Operation:
    handler = operation.handler

    def handle(call: Call) -> Any:
        text = call.query.get("cursor")
        if text is None:
            return handler(call)
        if call.query.get("offset"):
            raise bad_request("Give cursor or offset, not both")
        order, key = call.query.get("order_by"), call.services.options.secret_key
        seek = Seek(_position(text, operation.id, order, key))
        call.query = {**call.query, SEEK: seek}
        body = handler(call)
        if isinstance(body, Answer):
            return body
        following = None
        if seek.last is not None:
            following = sign([operation.id, order, [_plain(value) for value in seek.last]], key, "cursor")
        return {**body, "next_cursor": following}

    return replace(operation, handler=handle, query=(*operation.query, CURSOR))


def _position(text: str, id: str, order: str | None, key: str) -> list[Any] | None:
    if not text:
        return None
    try:
        made_by, made_in_order, values = unsign(text, key, "cursor")
    except (BadSignature, ValueError, TypeError):
        raise bad_request("The cursor was not made by this server; begin with an empty one") from None
    if (made_by, made_in_order) != (id, order):
        raise bad_request("The cursor belongs to another list, or another order_by; begin with an empty one")
    return [_value(value) for value in values]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return value.value if isinstance(value, Enum) else value


def _value(plain: Any) -> Any:
    return datetime.fromisoformat(plain["at"]) if isinstance(plain, dict) else plain
