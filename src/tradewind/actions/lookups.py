"""Variables and connections for code that runs without an attempt: DAG files at import, plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradewind.wire.messages import ConnectionReply, GetConnection, GetPool, GetVariable, Message, Refused, Value

if TYPE_CHECKING:
    from tradewind.storage.database import Database, Transaction


def looked_up(db: Database, question: Any) -> Message:
    """The answer to a question for a variable, connection or pool; anything else is refused."""
    match question:
        case GetVariable(key=key):
            with db.read() as tx:
                return Value(value=variable(tx, key))
        case GetConnection(conn_id=conn_id):
            with db.read() as tx:
                return connection(tx, conn_id) or Value(value=None)
        case GetPool(name=name):
            with db.read() as tx:
                return Value(value=pool_slots(tx, name))
        case _:
            return Refused(code="forbidden", message=f"{type(question).__name__} may not be asked outside of a task")


def variable(tx: Transaction, key: str) -> str | None:
    """A variable's text; None when there is none."""
    return tx.vault.variable_value(key)


def pool_slots(tx: Transaction, name: str) -> int | None:
    """How many slots a pool has; None when there is none."""
    pool = tx.pools.get(name)
    return None if pool is None else pool.slots


def connection(tx: Transaction, conn_id: str) -> ConnectionReply | None:
    """A connection, decrypted; None when there is none."""
    found = tx.vault.get_connection(conn_id)
    if found is None:
        return None
    fields = ("conn_id", "conn_type", "description", "host", "login", "password", "schema", "port", "extra")
    return ConnectionReply(**{name: getattr(found, name) for name in fields})
