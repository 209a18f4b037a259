"""The newest events of the outbox in memory: one read of the database for each news, however many readers listen."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from tradewind.model.changes import Event

if TYPE_CHECKING:
    from tradewind.storage.database import Database

PAGE = 500
KEPT = 10_000
"""Events; a reader that is further behind reads the database by itself."""


class EventTail:
    """Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._ids: deque[int] = deque(maxlen=KEPT)
        self._last: int | None = None
        """Up to which id the events here are complete; None: nothing was read yet."""
        self._lock: asyncio.Lock | None = None
        self._news = 1
        self._read = 0

    def heard(self) -> None:
        """Somebody committed events: what is here is not all any more."""
        self._news += 1

    def forget(self) -> None:
        """Nobody listens: what comes now is not heard of."""
        self._events.clear()
        self._ids.clear()
        self._last = None
        self.heard()

    async def after(self, last_id: int, *, is_sure: bool = True) -> tuple[list[Event], bool]:
        """One page of the events after an id, and whether it is the last. ``is_sure`` False: look into the database
        although nobody rang."""
        if not is_sure:
            self.heard()
        await self._refresh()
        if last_id < self._first:
            page = await asyncio.to_thread(self._page, last_id)
            return page, len(page) < PAGE
        start = bisect_right(self._ids, last_id)
        page = list(islice(self._events, start, start + PAGE))
        return page, start + len(page) >= len(self._events)

    @property
    def _first(self) -> int:
        """Before which id nothing is here."""
        return self._ids[0] - 1 if self._ids else self._last or 0

    async def _refresh(self) -> None:
        """Reads what is new, once for all who ask."""
        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._last is None:
                self._last = await asyncio.to_thread(self._newest)
            if self._read >= self._news:
                return
            news = self._news
            while self._add(await asyncio.to_thread(self._page, self._last)) >= PAGE:
                continue
            self._read = news

    def _add(self, page: list[Event]) -> int:
        for event in page:
            self._events.append(event)
            self._ids.append(event.id)
            self._last = event.id
        return len(page)

    def _newest(self) -> int:
        with self._database.read() as tx:
            return tx.outbox.last_id()

    def _page(self, last_id: int) -> list[Event]:
        with self._database.read() as tx:
            return tx.outbox.after(last_id, PAGE)
