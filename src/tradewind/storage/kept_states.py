"""What tasks keep: small values of a task instance, there for its next try, or of an asset, there for every run."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, and_, delete, or_, select

from tradewind.model.records import RunKey, TaskKey

from .statements import insert_for
from .tables_assets import ASSET_STATE_STORE, TASK_STATE_STORE

if TYPE_CHECKING:
    from .database import Transaction

Owner = tuple[RunKey, TaskKey] | int
"""A task instance, or the id of a dataset."""


def get(tx: Transaction, owner: Owner, key: str) -> str | None:
    """A value as JSON text; None when there is none (any more)."""
    table, place = _place(owner)
    query = select(table.c.value).where(_matches(table, {**place, "key": key}))
    if "expires_at" in table.c:
        query = query.where(or_(table.c.expires_at.is_(None), table.c.expires_at > tx.now))
    return tx.connection.execute(query).scalar()


def put(tx: Transaction, owner: Owner, key: str, value: str, expires_at: datetime | None = None) -> None:
    """Keep a value, in place of what was there."""
    table, place = _place(owner)
    values: dict[str, Any] = {"value": value, "updated_at": tx.now}
    if "expires_at" in table.c:
        values["expires_at"] = expires_at
    insert = insert_for(tx.dialect, table).values({**place, "key": key, **values})
    tx.connection.execute(insert.on_conflict_do_update(index_elements=[*place, "key"], set_=values))


def forget(tx: Transaction, owner: Owner, key: str | None = None) -> None:
    """Delete one value, or all of the owner."""
    table, place = _place(owner)
    tx.connection.execute(delete(table).where(_matches(table, place if key is None else {**place, "key": key})))


def forget_expired(tx: Transaction) -> int:
    """Delete what task instances were to keep until now; how many."""
    expires_at = TASK_STATE_STORE.c.expires_at
    return tx.connection.execute(delete(TASK_STATE_STORE).where(expires_at <= tx.now)).rowcount


def _place(owner: Owner) -> tuple[Table, dict[str, Any]]:
    if isinstance(owner, int):
        return ASSET_STATE_STORE, {"dataset_id": owner}
    run, key = owner
    place = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": key.task_id, "map_index": key.map_index}
    return TASK_STATE_STORE, place


def _matches(table: Table, place: dict[str, Any]) -> Any:
    return and_(*(table.c[name] == value for name, value in place.items()))
