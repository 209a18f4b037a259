"""The outbox: what changed, in the order of commits. Readers keep the last id they saw."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from tradewind.model.changes import Event

from .columns import UtcTime
from .statements import Prepared
from .tables_runs import OUTBOX
from .transaction import Work


def _event(*, payload: object, **columns: object) -> Event:
    return Event(payload=payload or {}, **columns)  # type: ignore[arg-type]


_EVENTS = (
    select(
        OUTBOX.c.id,
        OUTBOX.c.at,
        OUTBOX.c.kind,
        OUTBOX.c.dag_id,
        OUTBOX.c.run_id,
        OUTBOX.c.task_id,
        OUTBOX.c.map_index,
        OUTBOX.c.try_number,
        OUTBOX.c.state,
        OUTBOX.c.payload,
    )
    .where(OUTBOX.c.id > bindparam("after"))
    .order_by(OUTBOX.c.id)
    .limit(bindparam("rows"))
)
_AFTER = Prepared(_EVENTS, _event)
_FOREIGN = Prepared(_EVENTS.where(OUTBOX.c.origin != bindparam("origin")), _event)
_LAST = Prepared(select(func.max(OUTBOX.c.id)))
_FIRST = Prepared(select(func.min(OUTBOX.c.id)))
_OLDEST = Prepared(select(func.min(OUTBOX.c.id)))
_TRIM = Prepared(delete(OUTBOX).where(OUTBOX.c.id < bindparam("before")))
_NEWEST_BEFORE = Prepared(select(func.max(OUTBOX.c.id)).where(OUTBOX.c.at < bindparam("moment", type_=UtcTime())))


class OutboxStore:
    """Events as stored."""

    page = 1000
    """How many events :meth:`foreign` gives at most."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def after(self, event_id: int, limit: int = 1000) -> list[Event]:
        """The events that were committed after the one with ``event_id``, oldest first."""
        return self._work.all(_AFTER, after=event_id, rows=limit)

    def last_id(self) -> int:
        """The id of the newest event; 0 when there is none (also after a trim of everything)."""
        return self._work.scalar(_LAST) or 0

    def has_gap_after(self, event_id: int) -> bool:
        """Whether events after this one are gone already."""
        first = self._work.scalar(_FIRST)
        return first is not None and first > event_id + 1

    def foreign(self, event_id: int) -> list[Event]:
        """One page of the events after ``event_id`` that other Database objects (other processes) committed."""
        return self._work.all(_FOREIGN, after=event_id, rows=self.page, origin=self._work.origin)

    def trim(self, before: int | datetime, *, most: int | None = None) -> int:
        """Delete the events before an id or a moment, but never the newest one, so that :meth:`last_id` and ids that
        readers keep stay meaningful; how many. ``most``: of ids in a row, the oldest."""
        if isinstance(before, datetime):
            before = self._work.scalar(_NEWEST_BEFORE, moment=before) or 0
        last = min(before, self.last_id())
        if most is not None:
            last = min(last, (self._work.scalar(_OLDEST) or 0) + most)
        return self._work.run(_TRIM, before=last)
