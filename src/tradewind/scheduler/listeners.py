"""The listeners' feed: what happened to runs, datasets and DAG files, from the outbox to listeners in the plugin host.

In order, each event at least once: what was told is noted afterwards, so after a crash the last events come again, with
the same ids. One process at a time feeds; its claim runs out when it dies. A thread of the scheduler.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import structlog

from tradewind.actions.replies import run_reply
from tradewind.model.changes import Event
from tradewind.model.errors import DatabaseUnavailable
from tradewind.model.records import RunKey
from tradewind.model.times import Clock
from tradewind.storage import event_readers
from tradewind.storage.database import Database, Transaction
from tradewind.wire.plugin_messages import CallListeners, DescribePlugins, Found, PluginFailed, PluginHost

log = structlog.get_logger(__name__)

NAME = "listeners"
PAGE = 100
CLAIM = timedelta(seconds=60)
CALL_SECONDS = 30.0
"""Within which all listeners must have taken one event; longer than that and it is given up."""
IDLE_SECONDS = 5.0
NOTE_EVERY = 1000
"""Events that nobody wanted, after which the place is noted all the same."""
LOOK_AGAIN_SECONDS = 60.0
"""How often plugins are asked whether somebody listens, while nobody does."""
RUN_HOOKS = {
    "run.running": "on_dag_run_running",
    "run.success": "on_dag_run_success",
    "run.failed": "on_dag_run_failed",
}
HOOKS = frozenset(
    {*RUN_HOOKS.values(), "on_dataset_changed", "on_new_dag_import_error", "on_starting", "before_stopping"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerHosts:
    """Whom to ask: ``describe`` what there is, ``tell`` the listeners, whose process keeps their state."""

    describe: PluginHost
    tell: PluginHost
    exist: Callable[[], bool]
    """Whether there may be a plugin at all: the host is not started for nothing."""


class ListenerFeed:
    """The loop, and one round of it. ``owner`` is this process's name in the claim."""

    def __init__(self, db: Database, hosts: ListenerHosts, clock: Clock, owner: str) -> None:
        self._db = db
        self._hosts = hosts
        self._clock = clock
        self._owner = owner
        self._hooks: frozenset[str] = frozenset()
        self._asked_at: float | None = None
        self._position = self._noted = 0
        self._ours_until = 0.0

    def run(self, stop: threading.Event) -> None:
        """Feed until told to stop."""
        is_told = False
        while not stop.is_set():
            try:
                if self._hosts.exist():
                    self._is_ours()
                with closing(self._db.listen()) as listener:
                    while not stop.is_set():
                        if not self._listens():
                            stop.wait(IDLE_SECONDS)
                            continue
                        is_told = is_told or self._tell(0, "on_starting", {"component": "SchedulerJob"})
                        if not self.feed():
                            select.select([listener], [], [], IDLE_SECONDS)
                            listener.drain()
            except DatabaseUnavailable as problem:
                log.warning("listeners.database_unavailable", reason=str(problem))
                stop.wait(IDLE_SECONDS)
        if is_told:
            self._tell(0, "before_stopping", {"component": "SchedulerJob"})

    def feed(self) -> int:
        """Tell one page of events; how many there were to look at. 0 also when another process feeds."""
        if not self._is_ours():
            return 0
        with self._db.read() as tx:
            events = tx.outbox.after(self._position, PAGE)
            calls = [(event, call) for event in events if (call := self._call_of(tx, event)) is not None]
        for event, (hook, payload) in calls:
            self._tell(event.id, hook, payload)
        if events:
            self._position = events[-1].id
            # What nobody wanted is not worth a write each time.
            if calls or self._position - self._noted >= NOTE_EVERY:
                self._note()
        return len(events)

    def _is_ours(self) -> bool:
        """Whether feeding is this process's; claims it, or renews the claim in time. What happens from the first claim
        on is told."""
        now = self._clock.monotonic()
        if now < self._ours_until:
            return True
        with self._db.begin() as tx:
            if not event_readers.claim(tx, NAME, self._owner, tx.now + CLAIM, start=tx.outbox.last_id()):
                return False
            self._noted = event_readers.last_read(tx, NAME) or 0
        self._position = max(self._position, self._noted)
        self._ours_until = now + CLAIM.total_seconds() / 2
        return True

    def _note(self) -> None:
        """Write down how far it has come."""
        with self._db.begin() as tx:
            if not event_readers.advance(tx, NAME, self._owner, self._position, tx.now + CLAIM):
                self._ours_until = 0.0
        self._noted = self._position

    def _listens(self) -> bool:
        """Whether some listener has a function that is called from here."""
        now = self._clock.monotonic()
        if self._asked_at is None or now - self._asked_at >= LOOK_AGAIN_SECONDS:
            self._asked_at = now
            self._hooks = self._described() if self._hosts.exist() else frozenset()
            if not self._hooks:
                self._skip()
        return bool(self._hooks)

    def _skip(self) -> None:
        """Nobody listens: whoever does later shall not hear of what is long past."""
        if self._hosts.exist() and self._is_ours():
            with self._db.read() as tx:
                self._position = tx.outbox.last_id()
            if self._position != self._noted:
                self._note()

    def _described(self) -> frozenset[str]:
        try:
            answer = self._hosts.describe.ask(DescribePlugins(), CALL_SECONDS)
        except PluginFailed as problem:
            log.warning("listeners.unknown", reason=str(problem))
            return frozenset()
        found: Any = answer.value if isinstance(answer, Found) else {}
        return HOOKS & frozenset(found.get("listens", ()))

    def _call_of(self, tx: Transaction, event: Event) -> tuple[str, dict[str, Any]] | None:
        """The hook and its arguments for an event; None when nobody wants it."""
        if event.kind in RUN_HOOKS and event.dag_id is not None and event.run_id is not None:
            run = tx.runs.get(RunKey(event.dag_id, event.run_id)) if RUN_HOOKS[event.kind] in self._hooks else None
            if run is None:
                return None
            reply = msgspec.structs.replace(run_reply(run), state=event.state or run.state.value)
            message = str(event.payload.get("reason", ""))
            return RUN_HOOKS[event.kind], {"run": msgspec.to_builtins(reply), "msg": message}
        if event.kind == "dataset.event" and "on_dataset_changed" in self._hooks:
            return "on_dataset_changed", {"uri": event.payload["uri"]}
        if event.kind == "import_error.set" and "on_new_dag_import_error" in self._hooks:
            name = event.payload["filename"]
            text = next((one.stacktrace for one in tx.dags.import_errors() if one.filename == name), "")
            return "on_new_dag_import_error", {"filename": name, "stacktrace": text}
        return None

    def _tell(self, event_id: int, hook: str, payload: dict[str, Any]) -> bool:
        """Call the hook of all listeners. What fails is told of and given up: the next event is not held up by it."""
        if hook in self._hooks:
            try:
                self._hosts.tell.ask(CallListeners(event_id=event_id, hook=hook, payload=payload), CALL_SECONDS)
            except PluginFailed as problem:
                log.warning("listener.failed", hook=hook, event_id=event_id, reason=str(problem))
        return True
