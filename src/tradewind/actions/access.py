"""What people and programs do to pools, variables and connections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tradewind.model.errors import AlreadyExists, InvalidInput, NotFound
from tradewind.model.records import Pool
from tradewind.storage import vault_listings
from tradewind.storage.database import Transaction
from tradewind.storage.rows import ConnectionRow

LARGEST = 2**31 - 1


def create_pool(
    tx: Transaction, name: str, slots: int, *, description: str | None = None, include_deferred: bool = False
) -> Pool:
    """A new pool. Raises AlreadyExists, and InvalidInput for a number that cannot be stored."""
    _check_slots(slots)
    if len(name) > 256:
        raise InvalidInput("A pool's name has at most 256 characters")
    return tx.pools.create(Pool(name=name, slots=slots, description=description, include_deferred=include_deferred))


def change_pool(
    tx: Transaction, name: str, *, new_name: str, slots: int, description: str | None, include_deferred: bool
) -> None:
    """Sets all of a pool, its name too. Raises AlreadyExists when another pool has the new name."""
    _check_slots(slots)
    if new_name != name:
        if tx.pools.get(new_name) is not None:
            raise AlreadyExists(f"Pool: {new_name} already exists")
        vault_listings.rename_pool(tx, name, new_name)
    tx.pools.update(Pool(name=new_name, slots=slots, description=description, include_deferred=include_deferred))


def _check_slots(slots: int) -> None:
    if not -1 <= slots <= LARGEST:
        raise InvalidInput(f"A pool has -1 (no limit) to {LARGEST} slots, not {slots}")


def delete_pool(tx: Transaction, name: str) -> None:
    """Deletes a pool. Raises NotFound, and InvalidInput for the default pool."""
    if not tx.pools.delete(name):
        raise NotFound(f"Pool with name:'{name}' not found")


def set_variable(tx: Transaction, key: str, value: str, description: str | None) -> None:
    """Makes or replaces a variable. Raises InvalidInput for a key that cannot be stored."""
    if len(key) > 250:
        raise InvalidInput("A variable's key has at most 250 characters")
    tx.vault.put_variable(key, value, description)


def delete_variable(tx: Transaction, key: str) -> bool:
    """Deletes a variable; whether there was one."""
    return tx.vault.delete_variable(key)


def set_connection(tx: Transaction, connection_id: str, values: Mapping[str, Any]) -> None:
    """Makes or replaces a connection; ``values`` by ConnectionRow's names. Raises InvalidInput."""
    _check_port(values.get("port"))
    tx.vault.put_connection(ConnectionRow(conn_id=connection_id, **values))


def change_connection(tx: Transaction, connection_id: str, changes: Mapping[str, Any]) -> None:
    """Changes parts of a connection. Raises NotFound, InvalidInput."""
    row = tx.vault.get_connection(connection_id)
    if row is None:
        raise NotFound(f"The Connection with connection_id: `{connection_id}` was not found")
    _check_port(changes.get("port"))
    tx.vault.put_connection(replace(row, **changes))


def _check_port(port: Any) -> None:
    if port is not None and not -(2**31) <= port < 2**31:
        raise InvalidInput(f"A port is a number below 65536, not {port}")


def delete_connection(tx: Transaction, connection_id: str) -> None:
    """Deletes a connection. Raises NotFound."""
    if not tx.vault.delete_connection(connection_id):
        raise NotFound(f"The Connection with connection_id: `{connection_id}` was not found")
