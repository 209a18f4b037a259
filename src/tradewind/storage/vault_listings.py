"""Lists of pools, variables and connections, for the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from tradewind.model.changes import Event

from .pages import Order, Page, Rows, fetch, listing
from .rows import PoolUsage, VariableRow
from .tables_access import CONNECTION, SLOT_POOL, VARIABLE

if TYPE_CHECKING:
    from .database import Transaction
    from .vault import Cipher

ENDLESS = 2**31 - 1
"""Open slots that are told of a pool without end."""


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool with what is taken of it, in slots."""

    name: str
    slots: int
    description: str | None
    include_deferred: bool
    usage: PoolUsage

    @property
    def running_slots(self) -> int:
        return self.usage.running

    @property
    def queued_slots(self) -> int:
        return self.usage.queued

    @property
    def scheduled_slots(self) -> int:
        return self.usage.scheduled

    @property
    def deferred_slots(self) -> int:
        return self.usage.deferred

    @property
    def occupied_slots(self) -> int:
        """Running and queued, and deferred ones when the pool counts them."""
        return self.usage.running + self.usage.queued + (self.usage.deferred if self.include_deferred else 0)

    @property
    def open_slots(self) -> int:
        """What is left; never told as infinite, which JSON cannot say."""
        return ENDLESS if self.slots < 0 else self.slots - self.occupied_slots


_UNUSED = PoolUsage(running=0, queued=0, scheduled=0, deferred=0)


def _state(row: Any, usage: dict[str, PoolUsage]) -> PoolState:
    return PoolState(row.pool, row.slots, row.description, row.include_deferred, usage.get(row.pool, _UNUSED))


def pools(tx: Transaction, page: Page, order: Order) -> tuple[list[PoolState], int]:
    """One page of pools."""
    rows, total = listing(tx, SLOT_POOL, (), page, order)
    usage = tx.pools.usage()
    return [_state(row, usage) for row in rows], total


def pool(tx: Transaction, name: str) -> PoolState | None:
    """One pool."""
    row = tx.connection.execute(select(SLOT_POOL).where(SLOT_POOL.c.pool == name)).one_or_none()
    return None if row is None else _state(row, tx.pools.usage())


def pool_rows(tx: Transaction, name: str | None = None) -> Rows:
    """Pools as stored, by id; only the one of this name when it is given."""
    statement = select(SLOT_POOL).order_by(SLOT_POOL.c.id)
    return fetch(tx, statement if name is None else statement.where(SLOT_POOL.c.pool == name))


def rename_pool(tx: Transaction, name: str, new_name: str) -> None:
    """Gives a pool another name. Emits ``pool.changed``."""
    tx.connection.execute(update(SLOT_POOL).where(SLOT_POOL.c.pool == name).values(pool=new_name))
    tx.emit(Event(kind="pool.changed", payload={"pool": new_name}))


def variables(tx: Transaction, cipher: Cipher, page: Page, order: Order) -> tuple[list[VariableRow], int]:
    """One page of variables, decrypted. Ordering by value orders what is stored: the encrypted text."""
    rows, total = listing(tx, VARIABLE, (), page, order)
    return [
        VariableRow(
            id=row.id,
            key=row.key,
            value=cipher.decrypt(row.val) if row.is_encrypted and row.val is not None else row.val,
            description=row.description,
            is_encrypted=row.is_encrypted,
        )
        for row in rows
    ], total


def connections(tx: Transaction, page: Page, order: Order) -> tuple[Rows, int]:
    """One page of connections; the list shows nothing that is encrypted."""
    return listing(tx, CONNECTION, (), page, order)
