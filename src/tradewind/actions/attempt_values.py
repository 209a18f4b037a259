"""Values that an attempt reads and writes: XComs, variables, connections."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tradewind.model.records import TaskKey
from tradewind.storage.database import Transaction
from tradewind.wire import messages as wire

from .asking import BRANCH_RECORD, RETURN_VALUE, Answer, Asking, Branched, Cleared, News, Pushed

PAGE_BYTES = 64 * 1024 * 1024
"""Of values in one answer; a single one may be larger."""


def put_xcom(asking: Asking, request: wire.PutXCom) -> Answer:
    row = asking.row
    key = TaskKey(
        request.task_id if request.task_id is not None else row.task_id,
        request.map_index if request.map_index is not None else row.map_index,
    )
    news = put_item(asking, request.item, key)
    return Answer(reply=wire.Ok(), run=asking.run_key, news=news)


def put_item(asking: Asking, item: wire.XComItem, key: TaskKey) -> tuple[News, ...]:
    """Store one XCom; what the run's board must be told of it."""
    asking.tx.xcoms.put(asking.run_key, key, item.key, item.value, item.length)
    if item.key == RETURN_VALUE:
        return (Pushed(key, item.length),)
    if item.key == BRANCH_RECORD:
        return (Branched(key, json.loads(item.value)),)
    return ()


def get_xcoms(asking: Asking, request: wire.GetXComs) -> Answer:
    rows, total = asking.tx.xcoms.get(request, asking.row.dag_id)
    if request.limit is not None:
        rows = fitting(rows)
    return Answer(reply=wire.XComs(rows=tuple(rows), total=total))


def fitting(rows: Sequence[wire.XComRow]) -> list[wire.XComRow]:
    """The first rows that one message carries well, at least one: a page of large values comes in several."""
    kept: list[wire.XComRow] = []
    size = 0
    for row in rows:
        size += len(row.value)
        if kept and size > PAGE_BYTES:
            break
        kept.append(row)
    return kept


def delete_xcoms(asking: Asking, request: wire.DeleteXComs) -> Answer:
    reply: wire.AttemptReply = wire.Ok()
    if request.gives_rows:
        found = asking.tx.xcoms.of_instance(asking.run_key, asking.row.key)
        reply = wire.XComs(
            rows=tuple(
                wire.XComRow(
                    key=one.key, value=one.value, task_id=one.task_id, map_index=one.map_index, run_id=one.run_id
                )
                for one in found
            )
        )
    asking.tx.xcoms.clear(asking.run_key, asking.row.key)
    return Answer(reply=reply, run=asking.run_key, news=(Cleared(asking.row.key),))


def get_variable(asking: Asking, request: wire.GetVariable) -> Answer:
    return Answer(reply=wire.Value(value=asking.tx.vault.variable_value(request.key)))


def put_variable(asking: Asking, request: wire.PutVariable) -> Answer:
    asking.tx.vault.put_variable(request.key, request.value, request.description)
    return Answer(reply=wire.Ok())


def delete_variable(asking: Asking, request: wire.DeleteVariable) -> Answer:
    return Answer(reply=wire.Value(value=int(asking.tx.vault.delete_variable(request.key))))


def get_connection(asking: Asking, request: wire.GetConnection) -> Answer:
    return Answer(reply=connection_reply(asking.tx, request.conn_id))


def connection_reply(tx: Transaction, conn_id: str) -> wire.AttemptReply:
    """A stored connection, decrypted; Value(None) when there is none."""
    stored = tx.vault.get_connection(conn_id)
    if stored is None:
        return wire.Value(value=None)
    return wire.ConnectionReply(
        conn_id=stored.conn_id,
        conn_type=stored.conn_type or "",
        description=stored.description,
        host=stored.host,
        login=stored.login,
        password=stored.password,
        schema=stored.schema,
        port=stored.port,
        extra=stored.extra,
    )
