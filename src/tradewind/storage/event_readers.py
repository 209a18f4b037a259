"""Readers of the outbox that miss nothing: functions over a transaction. One process at a time reads for each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, or_, select, update

from .columns import UtcTime
from .statements import Prepared, insert_for
from .tables_access import EVENT_READER
from .transaction import Work

_C = EVENT_READER.c
_LAST = Prepared(select(_C.last_event_id).where(_C.name == bindparam("name")))
_ADD = Prepared(
    lambda dialect: insert_for(dialect, EVENT_READER).on_conflict_do_nothing(),
    keys=("name", "last_event_id", "owner", "claimed_until"),
)
_CLAIM = Prepared(
    update(EVENT_READER)
    .where(_C.name == bindparam("k_name"))
    .where(or_(_C.owner == bindparam("k_owner"), _C.claimed_until <= bindparam("k_now", type_=UtcTime())))
    .values(owner=bindparam("v_owner"), claimed_until=bindparam("v_until", type_=UtcTime()))
)
_ADVANCE = Prepared(
    update(EVENT_READER)
    .where(_C.name == bindparam("k_name"), _C.owner == bindparam("k_owner"))
    .values(last_event_id=bindparam("v_last"), claimed_until=bindparam("v_until", type_=UtcTime()))
)


def last_read(tx: Work, name: str) -> int | None:
    """Up to which event somebody has read for it; None when nobody ever has."""
    found: int | None = tx.scalar(_LAST, name=name)
    return found


def claim(tx: Work, name: str, owner: str, until: datetime, *, start: int) -> bool:
    """Whether reading is now this owner's, until a moment. A new reader begins after the event ``start``."""
    if tx.run(_CLAIM, k_name=name, k_owner=owner, k_now=tx.now, v_owner=owner, v_until=until):
        return True
    return bool(tx.run(_ADD, name=name, last_event_id=start, owner=owner, claimed_until=until))


def advance(tx: Work, name: str, owner: str, last_event_id: int, until: datetime) -> bool:
    """Note how far it has come; False when another process reads by now."""
    return bool(tx.run(_ADVANCE, k_name=name, k_owner=owner, v_last=last_event_id, v_until=until))
