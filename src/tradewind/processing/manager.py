"""The DAG processor: sees which DAG files are due, has them parsed in children, keeps the database in step.

One thread, one selector. A change of a file is an event; the slow re-scan only heals what no event told.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import structlog

from tradewind.execution.bundles import LocalFolders
from tradewind.execution.template import TemplateGone
from tradewind.model.times import Clock
from tradewind.storage.database import Database
from tradewind.wire.messages import SpawnExited

from .children import ParseChild, Template, request_for
from .due import FileRecord, Intervals, Why, due_files, next_due_at
from .lookups import answer, present_digests, with_own_environment
from .stamps import Stamps, read_source
from .sync import NextRunOf, ParseResult, apply, plan, record_from_json
from .watching import FolderWatch

log = structlog.get_logger(__name__)

BATCH = 50
"""Results stored in one transaction at most."""
STORE_SECONDS = 0.2
"""How long a result waits for others while more parses are under way."""
MISSING_FOLDER_SECONDS = 2.0
"""How often a DAG folder that is not there is looked for."""
ASKED_SECONDS = 0.5
"""How long a request to parse a file (API) waits at most after the doorbell rang."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessorOptions:
    """Settings of the DAG processor; names of airflow.cfg are given where there is one."""

    dags_folder: str
    more_folders: tuple[str, ...] = ()
    """Further folders with DAG files: our examples, when they are wanted."""
    plugins_folder: str = ""
    safe_mode: bool = True
    """[core] dag_discovery_safe_mode"""
    ignore_syntax: str = "regexp"
    """[core] dag_ignore_file_syntax"""
    import_timeout: float = 30.0
    """[core] dagbag_import_timeout, seconds"""
    hard_timeout: float = 50.0
    """[core] dag_file_processor_timeout, seconds"""
    memory_limit_mib: int | None = 2048
    """What an import may take beyond what the template has."""
    parsing_processes: int = 2
    """[scheduler] parsing_processes"""
    min_file_process_interval: float = 30.0
    dag_dir_list_interval: float = 300.0
    everything_interval: float = 1800.0
    """Seconds after which any file is parsed again."""
    stale_after: float = 50.0
    """[scheduler] stale_dag_threshold: how long DAGs of a file that cannot be imported any more stay active."""
    compat_level: int = 2
    paused_default: bool = True
    """[core] dags_are_paused_at_creation"""
    with_traceback: bool = True
    """[core] dagbag_import_error_tracebacks"""
    watch: bool = True

    @property
    def intervals(self) -> Intervals:
        """For due_files."""
        return Intervals(
            volatile=timedelta(seconds=self.min_file_process_interval),
            everything=timedelta(seconds=self.everything_interval),
        )


class StopEvent(Protocol):
    """threading.Event, as far as the processor cares."""

    def is_set(self) -> bool: ...


@dataclass(slots=True)
class _Work:
    """What is waiting and under way."""

    queue: dict[str, Why] = field(default_factory=dict)
    children: dict[int, ParseChild] = field(default_factory=dict)
    """By the descriptor of our end."""
    closing: dict[int, ParseChild] = field(default_factory=dict)
    """By pid: without a report, waiting for the word how they ended."""
    results: list[ParseResult] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

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
        roots = [Path(folder) for folder in (options.dags_folder, *options.more_folders)]
        self._folder = LocalFolders(roots, safe_mode=options.safe_mode, ignore_syntax=options.ignore_syntax)
        self._stamps = Stamps()
        self._records: dict[str, FileRecord] = {}
        self._files: dict[str, tuple[int, int]] = {}
        self._work = _Work()
        self._template: Template | None = None
        self._selector = selectors.DefaultSelector()
        self._oldest_result = 0.0
        self._digest = self._stamps.salt(options)
        self._asked: set[str] = set()
        self._template_retry_at = 0.0
        self._own_bell: str | None = None

    @property
    def records(self) -> Mapping[str, FileRecord]:
        """What is known of each file."""
        return self._records

    # The two ways to run --------------------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Watch and parse until ``stop`` is set; that is noticed within a second, at once after a signal."""
        self.load()
        watch = FolderWatch(())
        listener = self._db.listen()
        self._own_bell = listener.name
        self._selector.register(watch, selectors.EVENT_READ, watch)
        self._selector.register(listener, selectors.EVENT_READ, listener)
        rescan_at = asked_at = 0.0
        try:
            while not stop.is_set():
                now = self._clock.monotonic()
                if now >= rescan_at:
                    watch = self._watch_again(watch)
                    self.scan()
                    rescan_at = now + min(self._options.dag_dir_list_interval, self._until_due())
                if now >= asked_at > 0:
                    asked_at = 0.0
                    listener.drain()
                    self._selector.register(listener, selectors.EVENT_READ, listener)
                    if self._take_requests():
                        self.scan()
                self._dispatch()
                self._store(now)
                ready = self._turn(max(0.0, min(1.0, rescan_at - now)))
                if listener in ready:
                    # Under load it rings hundreds of times a second; the requests table is looked at far less often.
                    self._selector.unregister(listener)
                    asked_at = self._clock.monotonic() + ASKED_SECONDS
                if watch in ready:
                    watch.drain()
                    rescan_at = 0.0
                if self._beat is not None:
                    self._beat()
        finally:
            self._shut_down(watch)
            listener.close()

    def sync_once(self, *, everything: bool = False) -> dict[str, str]:
        """One whole round: all files that are due (with ``everything``: all). → import errors of the folder."""
        self.load()
        if everything:
            # Files that are gone stay known, so that what was made of them is taken away.
            listed = self._folder.files()
            self._records = {path: record for path, record in self._records.items() if path not in listed}
        self.scan()
        while self._work.queue or self._work.children or self._work.closing or self._work.results or self._work.gone:
            self._dispatch()
            self._store(self._clock.monotonic())
            if self._work.children or self._work.closing or self._work.queue:
                self._turn(1.0)
        self._close_template()
        return {path: text for record in self._records.values() for path, text in record.errors.items()}

    # Steps ------------------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Take over what the database knows of earlier parses: unchanged files are not parsed again."""
        with self._db.read() as tx:
            states = tx.dags.file_states()
        for path, kept in states.items():
            record = record_from_json(kept.state) if kept.digest == self._digest else None
            if record is not None:
                self._records[path] = record
            else:
                self._records.pop(path, None)
                if not Path(path).exists():
                    self._work.gone.add(path)

    def scan(self) -> list[tuple[Why, str]]:
        """List the folder and queue what is due. → (reason, path) of what was queued."""
        if not os.access(self._options.dags_folder, os.R_OK):
            # A file system that is not mounted for a moment must not take all DAGs away.
            log.warning("dag_folder.not_readable", folder=self._options.dags_folder)
            return []
        listed = self._folder.files()
        self._files = {path: (stamp.mtime_ns, stamp.size) for path, stamp in listed.items()}
        for warning in self._folder.warnings:
            log.warning("dag_folder.problem", problem=warning)
        self._work.gone |= self._records.keys() - self._files.keys()
        self._ask_for_lost_dags()
        now = self._clock.now()
        stamps = self._stamps.of(self._records, self._files)
        self._records = self._stamps.restamped(self._records, stamps)
        lookups = present_digests(self._db, self._records.values())
        due = due_files(
            self._files,
            self._records,
            stamps,
            lookups,
            now=now,
            intervals=self._options.intervals,
            asked=frozenset(self._asked),
        )
        self._asked.clear()
        under_way = self._work.paths()
        self._work.queue = {path: why for why, path in due if path not in under_way}
        return [(why, path) for path, why in self._work.queue.items()]

    def _ask_for_lost_dags(self) -> None:
        """A DAG that was deleted (API, another processor) while its file is still there comes back."""
        with self._db.read() as tx:
            active = tx.dags.active_ids()
        for path, record in self._records.items():
            if not record.dags.keys() <= active:
                kept = {dag_id: known for dag_id, known in record.dags.items() if dag_id in active}
                self._records[path] = replace(record, dags=kept)
                self._asked.add(path)

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
            del work.queue[path]
            sock.setblocking(False)
            child = ParseChild(
                path=path,
                pid=pid,
                sock=sock,
                stamp=self._files.get(path, (0, 0)),
                began_at=self._clock.now(),
                deadline=self._clock.monotonic() + self._options.hard_timeout,
                timeout=self._options.hard_timeout,
            )
            work.children[sock.fileno()] = child
            self._selector.register(sock, selectors.EVENT_READ, child)

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
            # How it ended is told by who forked it, a moment later.
            self._let_go(child)
            child.deadline = self._clock.monotonic() + 1.0
            self._work.closing[child.pid] = child

    def _template_events(self) -> None:
        if self._template is None or not (self._work.closing or self._work.children):
            return
        try:
            events = self._template.events()
        except TemplateGone:
            self._template_lost()
            return
        for event in events:
            child = self._work.closing.get(event.pid)
            if child is not None and isinstance(event, SpawnExited):
                child.ended = event
                self._finish(child)

    def _enforce_deadlines(self) -> None:
        now = self._clock.monotonic()
        for child in [one for one in self._work.children.values() if one.deadline <= now]:
            log.warning("parse.killed", path=child.path, seconds=child.timeout)
            child.kill()
            self._finish(child)
        for child in [one for one in self._work.closing.values() if one.deadline <= now]:
            self._finish(child)

    def _finish(self, child: ParseChild) -> None:
        self._let_go(child)
        self._work.closing.pop(child.pid, None)
        report = with_own_environment(child.outcome())
        if not self._work.results:
            self._oldest_result = self._clock.monotonic()
        self._work.results.append(
            ParseResult(
                path=child.path,
                report=report,
                stamp=child.stamp,
                began_at=child.began_at,
                parsed_at=self._clock.now(),
                contents=self._stamps.contents([child.path, *(one.path for one in report.files)]),
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
        gone = () if is_busy else tuple(work.gone)
        enough = len(work.results) >= BATCH or (work.results and now - self._oldest_result >= STORE_SECONDS)
        if not (work.results or gone) or (is_busy and not enough):
            return
        results, work.results = work.results, []
        todo = plan(self._records, results, gone, stale_after=timedelta(seconds=self._options.stale_after))
        if any(not file.is_same for file in todo.files) or todo.deactivate:
            with self._db.begin(except_for=self._own_bell) as tx:
                registered = apply(
                    tx,
                    todo,
                    self._next_run,
                    paused_default=self._options.paused_default,
                    digest=self._digest,
                    read_source=read_source,
                )
            for dag_id, is_new in registered:
                log.info("dag.registered", dag_id=dag_id, is_new_version=is_new)
        for file in todo.files:
            if file.record is None:
                self._records.pop(file.path, None)
            else:
                self._records[file.path] = file.record
        work.gone.difference_update(gone)
        if todo.unblocked:
            self._asked.update(todo.unblocked)
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

    def _take_requests(self) -> bool:
        """Requests of the API to parse a file now."""
        with self._db.read() as tx:
            waiting = tx.dags.parsing_requests()
        if not waiting:
            return False
        with self._db.begin(except_for=self._own_bell) as tx:
            self._asked.update(tx.dags.take_parsing_requests())
        return bool(self._asked)

    def _until_due(self) -> float:
        if not os.path.isdir(self._options.dags_folder):
            return MISSING_FOLDER_SECONDS
        at = next_due_at(self._records, self._options.intervals)
        return 3600.0 if at is None else max(1.0, (at - self._clock.now()).total_seconds())

    def _watched(self) -> list[str]:
        if not self._options.watch:
            return []
        return [
            self._options.dags_folder,
            *self._folder.links,
            self._options.plugins_folder or self._options.dags_folder,
        ]

    def _watch_again(self, watch: FolderWatch) -> FolderWatch:
        """A new watch when the folders behind links have changed."""
        wanted = FolderWatch.existing(self._watched())
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
