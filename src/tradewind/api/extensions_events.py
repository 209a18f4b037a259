"""Beyond Airflow: GET /events, server-sent events from the outbox, as far as the reader may see what they are about."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.auth.permissions import on_dag
from tradewind.model.changes import Event

from . import table
from .bodies import iso
from .call import Answer, Call
from .event_hub import EventHub
from .live import parse_topics
from .live_stream import LiveStream
from .problems import Problem, bad_request
from .services import Services
from .stream_rights import Rights
from .table import Operation

KEEP_ALIVE_SECONDS = 15.0
"""Between two signs of life of a quiet stream; then it is also asked again whether the reader may still read."""


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
        self._rights = Rights(services, call)
        self._wanted = wanted
        self._last_id = last_id

    async def parts(self, hub: EventHub) -> AsyncIterator[bytes]:
        """What is sent, until the hub closes or the reader may not read any more."""
        yield b"retry: 2000\n\n"
        async with hub.subscribed() as bell:
            while not hub.is_closed:
                bell.clear()
                events, is_last = await hub.tail.after(self._last_id, is_sure=hub.is_listening)
                if events:
                    self._last_id = events[-1].id
                shown = [event for event in events if self._wanted.wants(event) and self._rights.may_see(event)]
                if shown:
                    yield b"".join(as_text(event) for event in shown)
                if not is_last:
                    continue
                try:
                    await asyncio.wait_for(bell.wait(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    await hub.ensure()
                    if not await asyncio.to_thread(self._rights.are_kept):
                        return
                    yield b": still here\n\n"


def get_events(call: Call) -> Answer:
    """GET /events"""
    hub = call.services.hub
    if hub.is_full:
        problem = Problem(503, "Too many streams are open; come later, or ask from time to time.", blank=True)
        problem.headers["retry-after"] = "30"
        raise problem
    last_id = _last_id(call)
    headers = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no"}
    return Answer(media_type="text/event-stream", headers=headers, stream=_parts(call, last_id))


def _parts(call: Call, last_id: int) -> AsyncIterator[bytes]:
    services, query = call.services, call.query
    if query.get("topics") is None:
        wanted = EventFilter(dag_ids=query.get("dag_id"), run_ids=query.get("run_id"), kinds=query.get("kind"))
        return EventStream(services, call, wanted, last_id).parts(services.hub)
    try:
        topics = parse_topics(query["topics"])
    except ValueError as problem:
        raise bad_request(
            f"'{problem}' is no topic; known are dags, tis, assets, pools, import_errors, health, dag:ID, run:DAG/RUN, "
            "log:DAG/RUN/TASK/MAP_INDEX/TRY[@OFFSET]"
        ) from None
    is_reset = call.tx.outbox.has_gap_after(last_id)
    start = call.tx.outbox.last_id() if is_reset else last_id
    stream = LiveStream(services, call, topics, start, coalesces=query.get("coalesce") == 1)
    return stream.parts(services.hub, is_reset=is_reset)


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
            table.strings("topics", explode=False),
            table.integer("coalesce"),
        ),
        produces=("text/event-stream",),
        is_ours=True,
    ),
)
