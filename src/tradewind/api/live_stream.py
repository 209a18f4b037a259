"""GET /events with ``topics``: a stream of short events for one browser, at most four times a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.model.changes import Event
from tradewind.model.records import RunKey, TaskKey
from tradewind.observability.log_slices import head

from .call import Call
from .event_hub import EventHub
from .health import health_body
from .live import Gathered, LogTopic, Topics, frame
from .log_files import log_file
from .services import Services
from .stream_rights import Rights

INTERVAL = 0.25
"""Seconds between two sends, when changes are coalesced."""
LOG_INTERVAL = 0.5
HEALTH_INTERVAL = 5.0
KEEP_ALIVE = 15.0
LOG_BYTES = 64 * 1024


class LiveStream:
    """The changes for one reader, from one event on."""

    def __init__(self, services: Services, call: Call, topics: Topics, last_id: int, *, coalesces: bool) -> None:
        self._services = services
        self._rights = Rights(services, call)
        self._topics = topics
        self._last_id = last_id
        self._interval = INTERVAL if coalesces else 0.0
        self._gathered = Gathered(coalesces=coalesces)
        self._logs: dict[LogTopic, int | None] = {
            log: log.offset for log in topics.logs if call.user.may(on_dag("GET", "TASK_LOGS"), log.dag_id)
        }
        self._files: dict[LogTopic, Path] = {}
        self._health: dict[str, Any] | None = None

    async def parts(self, hub: EventHub, *, is_reset: bool) -> AsyncIterator[bytes]:
        """What is sent, until the hub closes or the reader may not read any more."""
        loop = asyncio.get_running_loop()
        yield b"retry: 2000\n\n"
        if is_reset:
            yield frame("reset", {}, self._last_id)
        async with hub.subscribed() as bell:
            sent = checked = loop.time()
            sent -= self._interval
            next_log = next_health = sent
            while not hub.is_closed:
                bell.clear()
                is_last = await self._gather(hub)
                now = loop.time()
                if self._logs and now >= next_log:
                    await asyncio.to_thread(self._look_at_logs)
                    next_log = now + LOG_INTERVAL
                if self._topics.has_health and now >= next_health:
                    await asyncio.to_thread(self._look_at_health)
                    next_health = now + HEALTH_INTERVAL
                if self._gathered and now >= sent + self._interval:
                    sent = now
                    yield self._gathered.take()
                if now >= checked + KEEP_ALIVE:
                    checked = now
                    await hub.ensure()
                    if not await asyncio.to_thread(self._rights.are_kept):
                        return
                    yield b": still here\n\n"
                if not is_last:
                    continue
                due = [checked + KEEP_ALIVE]
                due += [next_log] if self._logs else []
                due += [next_health] if self._topics.has_health else []
                if self._gathered:
                    # More may come until they may be sent; each of them need not wake us.
                    await asyncio.sleep(max(sent + self._interval - now, 0))
                    continue
                await _rung(bell, max(min(due) - loop.time(), 0))

    async def _gather(self, hub: EventHub) -> bool:
        events, is_last = await hub.tail.after(self._last_id, is_sure=hub.is_listening)
        if events:
            self._last_id = events[-1].id
        for event in events:
            if self._wants(event):
                self._gathered.add(event)
        return is_last

    def _wants(self, event: Event) -> bool:
        return self._topics.wants(event) and self._rights.may_see(event)

    def _look_at_logs(self) -> None:
        for log, offset in self._logs.items():
            file = self._file_of(log)
            start = offset
            if start is None:
                # From now on: what there is, the reader has asked for.
                start = file.stat().st_size if file.is_file() else 0
            part = head(file, start, LOG_BYTES)
            self._logs[log] = start
            if part is not None and part.next > start:
                self._logs[log] = part.next
                self._gathered.tell("log", _log_body(log, start, part.next, part.text), (log.topic, start))

    def _file_of(self, log: LogTopic) -> Path:
        if log not in self._files:
            run, key = RunKey(log.dag_id, log.run_id), TaskKey(log.task_id, log.map_index)
            with self._services.database.read() as tx:
                self._files[log] = log_file(self._services, tx, run, key, log.try_number)
        return self._files[log]

    def _look_at_health(self) -> None:
        body = health_body(self._services)
        states = {name: values["status"] for name, values in body.items()}
        if self._health is not None and states != self._health:
            self._gathered.tell("health", {"k": "health", "roles": states}, "health")
        self._health = states


def _log_body(log: LogTopic, start: int, end: int, text: str) -> dict[str, Any]:
    return {
        "topic": log.topic,
        "d": log.dag_id,
        "r": log.run_id,
        "t": log.task_id,
        "m": log.map_index,
        "n": log.try_number,
        "o": start,
        "z": end,
        "x": text,
    }


async def _rung(bell: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(bell.wait(), seconds)
    except TimeoutError:
        return
