"""The DAG processor: sees which DAG files are due, has them parsed in children, keeps the database in step.

One thread, one selector. A change of a file is an event; the slow re-scan only heals what no event told.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from tradewind.execution.template import TemplateGone
from tradewind.model.times import Clock
from tradewind.storage.database import Database
from tradewind.wire.framing import send_frame
from tradewind.wire.messages import SpawnExited

from .children import ParseChild, Template, request_for
from .due import FileRecord, Why
from .known_files import KnownFiles
from .lookups import answer, with_own_environment
from .options import ProcessorOptions
from .stamps import read_source
from .sync import NextRunOf, ParseResult, apply, plan
from .watching import FolderWatch

__all__ = ["DagProcessor", "ProcessorOptions"]

log = structlog.get_logger(__name__)

BATCH = 50
"""Results stored in one transaction at most."""
STORE_SECONDS = 0.2
"""How long a result waits for others while more parses are under way."""
ASKED_SECONDS = 0.5
"""How long a request to parse a file (API) waits at most after the doorbell rang."""
BEAT_SECONDS = 5.0
"""How often the heartbeat is written; each one is a durable commit."""


@dataclass(slots=True)
class _Work:
    """What is waiting and under way."""

    queue: dict[str, Why] = field(default_factory=dict)
    children: dict[int, ParseChild] = field(default_factory=dict)
    """By the descriptor of our end."""
    closing: dict[int, ParseChild] = field(default_factory=dict)
    """By pid: without a report, waiting for the word how they ended."""
    results: list[ParseResult] = field(default_factory=list)

    def paths(self) -> set[str]:
        under_way = [*self.children.values(), *self.closing.values()]
        return {child.path for child in under_way} | {result.path for result in self.results}


class DagProcessor:
    """``run`` until told to stop; or ``sync_once`` for a command that wants one complete round."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        options: ProcessorOptions,
        connect: Callable[[], Template],
        next_run: NextRunOf,
        *,
        beat: Callable[[], None] | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._options = options
        self._connect = connect
        self._next_run = next_run
        self._beat = beat
        self._known = KnownFiles(db, clock, options)
        self._work = _Work()
        self._template: Template | None = None
        self._selector = selectors.DefaultSelector()
        self._oldest_result = 0.0
        self._template_retry_at = 0.0
        self._own_bell: str | None = None

    @property
    def records(self) -> Mapping[str, FileRecord]:
        """What is known of each file."""
        return self._known.records

    # The two ways to run --------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event, wake_up: int | None = None) -> None:
        """Watch and parse until ``stop`` is set; that is noticed within a second, or, with the descriptor ``wake_up``,
        when that becomes readable."""
        self.load()
        if wake_up is not None:
            self._selector.register(wake_up, selectors.EVENT_READ, None)
        longest = 1.0 if wake_up is None else BEAT_SECONDS
        watch = FolderWatch(())
        listener = self._db.listen()
        self._own_bell = listener.name
        self._selector.register(watch, selectors.EVENT_READ, watch)
        self._selector.register(listener, selectors.EVENT_READ, listener)
        rescan_at = asked_at = beat_at = 0.0
        try:
            while not stop.is_set():
                now = self._clock.monotonic()
                if now >= rescan_at:
                    watch = self._watch_again(watch)
                    self.scan()
                    rescan_at = now + min(self._options.dag_dir_list_interval, self._known.seconds_until_due())
                if now >= asked_at > 0:
                    asked_at = 0.0
                    listener.drain()
                    self._selector.register(listener, selectors.EVENT_READ, listener)
                    if self._known.take_requests(self._own_bell):
                        self.scan()
                self._dispatch()
                self._store(now)
                if now >= beat_at and self._beat is not None:
                    self._beat()
                    beat_at = now + BEAT_SECONDS
                ready = self._turn(max(0.0, min(longest, rescan_at - now, asked_at - now if asked_at else longest)))
                if listener in ready:
                    # Under load it rings hundreds of times a second; the requests table is looked at far less often.
                    self._selector.unregister(listener)
                    asked_at = self._clock.monotonic() + ASKED_SECONDS
                if watch in ready:
                    watch.drain()
                    rescan_at = 0.0
        finally:
            self._shut_down(watch)
            listener.close()

    def sync_once(self, *, everything: bool = False) -> dict[str, str]:
        """One whole round: all files that are due (with ``everything``: all). → import errors of the folder."""
        self.load()
        if everything:
            self._known.forget_listed()
        self.scan()
        while self._work.queue or self._work.children or self._work.closing or self._work.results or self._known.gone:
            self._dispatch()
            self._store(self._clock.monotonic())
            if self._work.children or self._work.closing or self._work.queue:
                self._turn(1.0)
        self._close_template()
        return {path: text for record in self._known.records.values() for path, text in record.errors.items()}

    # Steps ------------------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Take over what the database knows of earlier parses: unchanged files are not parsed again."""
        self._known.load()

    def scan(self) -> list[tuple[Why, str]]:
        """List the folder and queue what is due. → (reason, path) of what was queued."""
        due = self._known.due()
        if due is not None:
            under_way = self._work.paths()
            self._work.queue = {path: why for why, path in due if path not in under_way}
        return [(why, path) for path, why in self._work.queue.items()]

    def _dispatch(self) -> None:
        """Start children while there are files and free places."""
        work = self._work
        while work.queue and len(work.children) + len(work.closing) < self._options.parsing_processes:
            template = self._connected()
            if template is None:
                return
            path = next(iter(work.queue))
            try:
                pid, sock = template.spawn("parse", request_for(path, self._options))
            except (TemplateGone, OSError) as error:
                log.warning("template.gone", error=str(error))
                self._template_lost()
                return
            sock.setblocking(False)
            self._follow(self._child(path, pid, sock))

    def _child(self, path: str, pid: int, sock: socket.socket) -> ParseChild:
        del self._work.queue[path]
        return ParseChild(
            path=path,
            pid=pid,
            sock=sock,
            stamp=self._known.files.get(path, (0, 0)),
            began_at=self._clock.now(),
            deadline=self._clock.monotonic() + self._options.hard_timeout,
            timeout=self._options.hard_timeout,
        )

    def _follow(self, child: ParseChild) -> None:
        self._work.children[child.fileno()] = child
        self._selector.register(child.sock, selectors.EVENT_READ, child)

    def _hand_over(self, done: ParseChild) -> bool:
        """Give the next file to a child that is as it was before its last one. → whether it took it."""
        path = next(iter(self._work.queue))
        try:
            done.sock.setblocking(True)
            send_frame(done.sock, request_for(path, self._options))
            done.sock.setblocking(False)
        except OSError as error:
            log.debug("parse.child_gone", pid=done.pid, error=str(error))  # the file stays first in the queue
            return False
        self._selector.unregister(done.sock)
        self._follow(self._child(path, done.pid, done.sock))
        return True

    def _turn(self, longest: float) -> list[Any]:
        """Wait for the next event; handle children. → what else is ready."""
        deadlines = [child.deadline for child in (*self._work.children.values(), *self._work.closing.values())]
        if self._work.results:
            deadlines.append(self._oldest_result + STORE_SECONDS)
        if self._work.queue and self._template is None:
            deadlines.append(self._template_retry_at)
        now = self._clock.monotonic()
        wait = min([longest, *(deadline - now for deadline in deadlines)])
        others = []
        for key, _ in self._selector.select(max(0.0, wait)):
            if isinstance(key.data, ParseChild):
                self._hear(key.data)
            elif key.data is self._template:
                self._template_events()
            else:
                others.append(key.data)
        self._template_events()
        self._enforce_deadlines()
        return others

    def _hear(self, child: ParseChild) -> None:
        for question in child.receive():
            answer(self._db, child.sock, question)
        if child.report is not None:
            self._finish(child)
        elif child.has_closed:
            if child.ended is not None:
                self._finish(child)
                return
            # How it ended is told by who forked it, a moment later.
            self._let_go(child)
            child.deadline = self._clock.monotonic() + 1.0
            self._work.closing[child.pid] = child

    def _template_events(self) -> None:
        if self._template is None:
            return
        try:
            events = self._template.events()
        except TemplateGone:
            self._template_lost()
            return
        for event in events:
            if not isinstance(event, SpawnExited):
                continue
            for child in self._work.children.values():
                if child.pid == event.pid:
                    child.ended = event  # its socket, which is readable too by now, is read to the end first
            if (closing := self._work.closing.get(event.pid)) is not None:
                closing.ended = event
                self._finish(closing)

    def _enforce_deadlines(self) -> None:
        now = self._clock.monotonic()
        for child in [one for one in self._work.children.values() if one.deadline <= now]:
            log.warning("parse.killed", path=child.path, seconds=child.timeout)
            child.kill()
            self._finish(child)
        for child in [one for one in self._work.closing.values() if one.deadline <= now]:
            self._finish(child)

    def _finish(self, child: ParseChild) -> None:
        report = child.outcome()
        if not (report.may_go_on and self._work.queue and self._hand_over(child)):
            self._let_go(child)
        self._work.closing.pop(child.pid, None)
        report = with_own_environment(report)
        if not self._work.results:
            self._oldest_result = self._clock.monotonic()
        self._work.results.append(
            ParseResult(
                path=child.path,
                report=report,
                stamp=child.stamp,
                began_at=child.began_at,
                parsed_at=self._clock.now(),
                contents=self._known.contents([child.path, *(one.path for one in report.files)]),
            )
        )

    def _let_go(self, child: ParseChild) -> None:
        if self._work.children.pop(child.sock.fileno(), None) is not None:
            self._selector.unregister(child.sock)
            child.sock.close()

    def _store(self, now: float) -> None:
        """Write results, when nothing more is coming at once or enough have gathered."""
        work = self._work
        is_busy = bool(work.queue or work.children or work.closing)
        # A renamed file is gone under one name before its DAGs are seen under the other: they stay until then.
        gone = () if is_busy else tuple(self._known.gone)
        enough = len(work.results) >= BATCH or (work.results and now - self._oldest_result >= STORE_SECONDS)
        if not (work.results or gone) or (is_busy and not enough):
            return
        results, work.results = work.results, []
        todo = plan(self._known.records, results, gone, stale_after=timedelta(seconds=self._options.stale_after))
        if any(not file.is_same for file in todo.files) or todo.deactivate:
            with self._db.begin(except_for=self._own_bell) as tx:
                registered = apply(
                    tx,
                    todo,
                    self._next_run,
                    paused_default=self._options.paused_default,
                    digest=self._known.digest,
                    read_source=read_source,
                )
            for dag_id, is_new in registered:
                log.info("dag.registered", dag_id=dag_id, is_new_version=is_new)
        self._known.take_over(todo)
        if todo.unblocked:
            self.scan()

    # The rest ---------------------------------------------------------------------------------------------------------

    def _connected(self) -> Template | None:
        if self._template is None and self._clock.monotonic() >= self._template_retry_at:
            try:
                self._template = self._connect()
            except (TemplateGone, OSError) as error:
                log.warning("template.not_there", error=str(error))
                self._template_retry_at = self._clock.monotonic() + 0.2
                return None
            self._selector.register(self._template, selectors.EVENT_READ, self._template)
        return self._template

    def _template_lost(self) -> None:
        """Its children get killed or die with their reports unread: their files are parsed again."""
        self._close_template()
        for child in [*self._work.children.values(), *self._work.closing.values()]:
            self._let_go(child)
            self._work.queue.setdefault(child.path, Why.CHANGED)
        self._work.closing.clear()

    def _close_template(self) -> None:
        if self._template is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(self._template)
            self._template.close()
            self._template = None

    def _watch_again(self, watch: FolderWatch) -> FolderWatch:
        """A new watch when the folders behind links have changed."""
        wanted = FolderWatch.existing(self._known.watched())
        if wanted == watch.folders:
            return watch
        self._selector.unregister(watch)
        watch.close()
        fresh = FolderWatch(wanted)
        self._selector.register(fresh, selectors.EVENT_READ, fresh)
        return fresh

    def _shut_down(self, watch: FolderWatch) -> None:
        for child in list(self._work.children.values()):
            child.kill()
            self._let_go(child)
        self._close_template()
        watch.close()
        self._selector.close()
