"""Beyond Airflow: GET /events, server-sent events from the outbox, as far as the reader may see what they are about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.auth.identity import Identity
from tradewind.auth.permissions import Access, on, on_dag
from tradewind.model.changes import Event

from . import table
from .bodies import iso
from .call import Answer, Call
from .event_hub import EventHub
from .problems import bad_request
from .services import Services
from .table import Operation

KEEP_ALIVE_SECONDS = 15.0
"""Between two signs of life of a quiet stream; then it is also asked again whether the reader may still read."""
PAGE = 500
_ABOUT_NO_DAG: dict[str, Access] = {
    "pool": on("GET", "Pools"),
    "dataset": on("GET", "Datasets"),
    "import_error": on("GET", "ImportError"),
}
_INTERNAL = frozenset({"callback", "trigger"})
"""Kinds that are between our own processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are wanted; None: all. A kind also means those that it begins, "task" all of "task.…"."""

    dag_ids: Collection[str] | None = None
    run_ids: Collection[str] | None = None
    kinds: Sequence[str] | None = None

    def wants(self, event: Event) -> bool:
        """Whether the event is one of them."""
        if self.dag_ids is not None and event.dag_id not in self.dag_ids:
            return False
        if self.run_ids is not None and event.run_id not in self.run_ids:
            return False
        return self.kinds is None or any(event.kind == kind or event.kind.startswith(f"{kind}.") for kind in self.kinds)


def may_see(user: Identity, event: Event) -> bool:
    """Whether a user may read what the event is about."""
    word = event.kind.partition(".")[0]
    if word in _INTERNAL:
        return False
    if event.dag_id is None:
        access = _ABOUT_NO_DAG.get(word)
        return access is not None and user.may(access)
    entity = "TASK_INSTANCE" if event.task_id is not None else "RUN" if event.run_id is not None else ""
    return user.may(on_dag("GET", entity), event.dag_id)


def event_body(event: Event) -> dict[str, Any]:
    """The event as JSON."""
    return {
        "id": event.id,
        "at": iso(event.at),
        "kind": event.kind,
        "dag_id": event.dag_id,
        "run_id": event.run_id,
        "task_id": event.task_id,
        "map_index": event.map_index,
        "try_number": event.try_number,
        "state": event.state,
    }


def as_text(event: Event) -> bytes:
    """The event on the wire."""
    body = event_body(event)
    return f"id: {event.id}\nevent: {event.kind}\ndata: {msgspec.json.encode(body).decode()}\n\n".encode()


class EventStream:
    """The events for one reader, from one id on."""

    def __init__(self, services: Services, call: Call, wanted: EventFilter, last_id: int) -> None:
        self._services = services
        self._headers, self._address, self._user = call.headers, call.address, call.user
        self._wanted = wanted
        self._last_id = last_id

    async def parts(self, hub: EventHub) -> AsyncIterator[bytes]:
        """What is sent, until the hub closes or the reader may not read any more."""
        yield b"retry: 2000\n\n"
        async with hub.subscribed() as bell:
            while not hub.is_closed:
                bell.clear()
                events, is_last = await asyncio.to_thread(self._page)
                if events:
                    yield b"".join(as_text(event) for event in events)
                if not is_last:
                    continue
                try:
                    await asyncio.wait_for(bell.wait(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    await hub.ensure()
                    if not await asyncio.to_thread(self._is_admitted):
                        return
                    yield b": still here\n\n"

    def _page(self) -> tuple[list[Event], bool]:
        with self._services.database.read() as tx:
            events = tx.outbox.after(self._last_id, PAGE)
        if events:
            self._last_id = events[-1].id
        shown = [event for event in events if self._wanted.wants(event) and may_see(self._user, event)]
        return shown, len(events) < PAGE

    def _is_admitted(self) -> bool:
        with self._services.database.read() as tx:
            user = self._services.authenticator.again(tx, self._user, self._headers, self._address)
        if user is not None:
            self._user = user
        return user is not None


def get_events(call: Call) -> Answer:
    """GET /events"""
    last_id = _last_id(call)
    wanted = EventFilter(
        dag_ids=call.query.get("dag_id"), run_ids=call.query.get("run_id"), kinds=call.query.get("kind")
    )
    stream = EventStream(call.services, call, wanted, last_id)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Answer(media_type="text/event-stream", headers=headers, stream=stream.parts(call.services.hub))


def _last_id(call: Call) -> int:
    """After which event to begin: the one that the client saw last, else the newest."""
    text: Any = call.headers.get("last-event-id") or call.query.get("last_event_id")
    if text is None:
        return call.tx.outbox.last_id()
    if not str(text).isdecimal() or len(str(text)) > 18:
        raise bad_request("Last-Event-ID is the id of an event, a number")
    return min(int(text), call.tx.outbox.last_id())


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="get_events",
        method="GET",
        path="/events",
        handler=get_events,
        tag="Event",
        access=(on_dag("GET"),),
        query=(
            table.strings("dag_id"),
            table.strings("run_id"),
            table.strings("kind"),
            table.string("last_event_id"),
        ),
        produces=("text/event-stream",),
        is_ours=True,
    ),
)
