"""What the DAG processor knows of the files: which there are, what came of their last parses, which are due now."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import structlog

from tradewind.execution.bundles import LocalFolders
from tradewind.model.times import Clock
from tradewind.storage.database import Database

from .due import FileRecord, Stamp, Why, due_files, next_due_at
from .lookups import present_digests
from .options import ProcessorOptions
from .stamps import Stamps
from .sync import SyncPlan, record_from_json

log = structlog.get_logger(__name__)

MISSING_FOLDER_SECONDS = 2.0
"""How often a DAG folder that is not there is looked for."""


class KnownFiles:
    """The records, kept in step with the database by :meth:`take_over`."""

    def __init__(self, db: Database, clock: Clock, options: ProcessorOptions) -> None:
        self._db = db
        self._clock = clock
        self._options = options
        roots = [Path(folder) for folder in (options.dags_folder, *options.more_folders)]
        self._folder = LocalFolders(roots, safe_mode=options.safe_mode, ignore_syntax=options.ignore_syntax)
        self._stamps = Stamps()
        self._asked: set[str] = set()
        self.digest = self._stamps.salt(options)
        """Of everything besides files that a parse depends on."""
        self.records: dict[str, FileRecord] = {}
        self.files: dict[str, Stamp] = {}
        """Of the last listing."""
        self.gone: set[str] = set()
        """Files that are recorded and no longer there."""

    def contents(self, paths: Iterable[str]) -> dict[str, str]:
        """Path → digest of the content, for regular files."""
        return self._stamps.contents(paths)

    def load(self) -> None:
        """Take over what the database knows of earlier parses: unchanged files are not parsed again."""
        with self._db.read() as tx:
            states = tx.dags.file_states()
        for path, kept in states.items():
            record = record_from_json(kept.state) if kept.digest == self.digest else None
            if record is not None:
                self.records[path] = record
            else:
                self.records.pop(path, None)
                if not Path(path).exists():
                    self.gone.add(path)

    def due(self) -> list[tuple[Why, str]] | None:
        """List the folder; (reason, path) of what is due, the most urgent first. None: it cannot be listed now."""
        if not os.access(self._options.dags_folder, os.R_OK):
            # A file system that is not mounted for a moment must not take all DAGs away.
            log.warning("dag_folder.not_readable", folder=self._options.dags_folder)
            return None
        listed = self._folder.files()
        self.files = {path: (stamp.mtime_ns, stamp.size) for path, stamp in listed.items()}
        for warning in self._folder.warnings:
            log.warning("dag_folder.problem", problem=warning)
        self.gone = (self.gone | self.records.keys()) - self.files.keys()
        self._ask_for_lost_dags()
        now = self._clock.now()
        stamps = self._stamps.of(self.records, self.files)
        self.records = self._stamps.restamped(self.records, stamps)
        lookups = present_digests(self._db, self.records.values())
        due = due_files(
            self.files,
            self.records,
            stamps,
            lookups,
            now=now,
            intervals=self._options.intervals,
            asked=frozenset(self._asked),
        )
        self._asked.clear()
        return due

    def _ask_for_lost_dags(self) -> None:
        """A DAG that was deleted (API, another processor) while its file is still there comes back."""
        with self._db.read() as tx:
            active = tx.dags.active_ids()
        for path, record in self.records.items():
            if not record.dags.keys() <= active:
                kept = {dag_id: known for dag_id, known in record.dags.items() if dag_id in active}
                self.records[path] = replace(record, dags=kept)
                self._asked.add(path)

    def take_requests(self, own_bell: str | None) -> bool:
        """Requests of the API to parse a file now."""
        with self._db.read() as tx:
            waiting = tx.dags.parsing_requests()
        if not waiting:
            return False
        with self._db.begin(except_for=own_bell) as tx:
            self._asked.update(tx.dags.take_parsing_requests())
        return bool(self._asked)

    def seconds_until_due(self) -> float:
        """How long nothing becomes due by time alone."""
        if not os.path.isdir(self._options.dags_folder):
            return MISSING_FOLDER_SECONDS
        at = next_due_at(self.records, self._options.intervals)
        return 3600.0 if at is None else max(1.0, (at - self._clock.now()).total_seconds())

    def watched(self) -> list[str]:
        """Folders whose changes are to be seen at once."""
        if not self._options.watch:
            return []
        return [
            self._options.dags_folder,
            *self._folder.links,
            self._options.plugins_folder or self._options.dags_folder,
        ]

    def forget_listed(self) -> None:
        """Take all files for new. Those that are gone stay known, so that what was made of them is taken away."""
        listed = self._folder.files()
        self.records = {path: record for path, record in self.records.items() if path not in listed}

    def take_over(self, done: SyncPlan) -> None:
        """The plan is committed: its records are ours now."""
        for file in done.files:
            if file.record is None:
                self.records.pop(file.path, None)
                self.gone.discard(file.path)
            else:
                self.records[file.path] = file.record
        self._asked.update(done.unblocked)
