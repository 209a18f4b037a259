"""Wakes the event streams of this process when somebody committed events: one listener of the database, in the event
loop, for as long as anybody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from tradewind.model.errors import DatabaseUnavailable

from .event_tail import EventTail

if TYPE_CHECKING:
    from tradewind.storage.database import Database, Listener

MOST_READERS = 1000
"""Streams of one process at a time; whoever comes then is told to come later, and may ask instead."""
_log = structlog.get_logger(__name__)


class EventHub:
    """Belongs to one event loop; nothing is opened before the first subscription."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bells: set[asyncio.Event] = set()
        self._listener: Listener | None = None
        self._lock: asyncio.Lock | None = None
        self.is_closed = False
        self.most = MOST_READERS
        self.tail = EventTail(database)
        """What the readers read, all from one look into the database."""

    @property
    def is_listening(self) -> bool:
        """Whether commits are heard of; without, readers look by themselves from time to time."""
        return self._listener is not None

    @property
    def readers(self) -> int:
        """How many are connected."""
        return len(self._bells)

    @property
    def is_full(self) -> bool:
        """Whether one more reader is one too many."""
        return self.readers >= self.most

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator[asyncio.Event]:
        """A bell that rings after commits, and when the hub closes."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            await self.ensure()
            yield bell
        finally:
            self._bells.discard(bell)
            if not self._bells:
                self._stop()
                self.tail.forget()

    async def ensure(self) -> None:
        """Listens when it does not: at first, and again after an outage of the database."""
        self._lock = self._lock or asyncio.Lock()
        async with self._lock:
            if self._listener is not None:
                return
            opening = asyncio.ensure_future(asyncio.to_thread(self._database.listen))
            try:
                listener = await asyncio.shield(opening)
            except asyncio.CancelledError:
                # The reader has gone, the thread has not: what it opens is nobody's.
                opening.add_done_callback(_close)
                raise
            except DatabaseUnavailable as problem:
                _log.warning("events.deaf", reason=str(problem))
                return
            self._listener = listener
            asyncio.get_running_loop().add_reader(listener.fileno(), self._heard)

    def close(self) -> None:
        """Ends all streams: the server is about to stop. May be called from a signal handler of the loop's thread."""
        self.is_closed = True
        for bell in tuple(self._bells):
            bell.set()

    def _heard(self) -> None:
        assert self._listener is not None
        try:
            self._listener.drain()
        except DatabaseUnavailable as problem:
            _log.warning("events.deaf", reason=str(problem))
            self._stop()
        self.tail.heard()
        for bell in self._bells:
            bell.set()

    def _stop(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener.fileno())
            self._listener.close()
            self._listener = None


def _close(opening: asyncio.Future[Listener]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
