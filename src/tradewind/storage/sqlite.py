"""The SQLite side: WAL, one writer connection a process, writers of all processes queueing on a lock file.

Writers take an flock on ``<database>.lock`` before BEGIN IMMEDIATE. SQLite's own busy handler polls with growing sleeps
and starves; a lock file hands over in microseconds, and nobody ever sees "database is locked". Readers are separate
connections that see the last commit and wait for nobody."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from tradewind.model.errors import DatabaseUnavailable
from tradewind.wire.doorbell import Bells, Doorbell

BUSY_SECONDS = 60
"""Only for writers that do not know our lock file (a shell on the file, a backup)."""


LOG_PAGES = 4000
"""Pages that the log holds when it is copied into the database and begun again from its front."""
LOG_BYTES = 17 << 20
"""What its file grows to: those pages, their headers, and what one commit is over."""


class SqliteLink:
    """One connection to the file."""

    dialect = "sqlite"
    shard = 0

    def __init__(self, engine: Engine, *, writes: bool, synchronous: str) -> None:
        self._sa = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        raw = self._sa.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        self.raw = raw
        self.raw.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_SECONDS * 1000}",
            "foreign_keys = ON",
            f"synchronous = {synchronous}",
            "temp_store = MEMORY",
            # 2 MiB a connection; the system keeps the file's other pages. More would only be the same pages twice, and
            # make every process grow with the database: this cache is all that grows in a scheduler between its 1,000th
            # and its 20,000th task.
            "cache_size = -2000",
            # 16 MiB of log between checkpoints: hot pages are then copied into the file once, not every few commits.
            f"wal_autocheckpoint = {LOG_PAGES}",
            f"query_only = {'OFF' if writes else 'ON'}",
        ):
            self.raw.execute(f"PRAGMA {pragma}")

    @property
    def connection(self) -> Connection:
        return self._sa

    def execute(self, sql: str, params: Mapping[str, Any]) -> tuple[list[Any], int]:
        cursor = self.raw.execute(sql, params)
        return cursor.fetchall(), cursor.rowcount

    def execute_many(self, sql: str, params: list[dict[str, Any]]) -> None:
        if len(params) == 1:
            self.raw.execute(sql, params[0])
        else:
            self.raw.executemany(sql, params)

    def execute_batch(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Any]]:
        run = self.raw.execute
        return [run(sql, params).fetchall() for sql, params in statements]

    def announce(self, except_for: str | None) -> None:
        """Nothing: events are announced after the commit, by ringing."""

    def end(self, statement: str) -> None:
        """COMMIT or ROLLBACK; the SQLAlchemy side forgets its own idea of a transaction."""
        if self.raw.in_transaction:
            self.raw.execute(statement)
        if self._sa.in_transaction():
            self._sa.rollback()

    def close(self) -> None:
        self._sa.close()


PASSING = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
)
"""Errors of the moment (a full disk, say), not of the statement."""


class SqliteStore:
    """The connections of one process to one file."""

    dialect = "sqlite"

    def __init__(self, path: Path, *, synchronous: str, idle_readers: int) -> None:
        self.path = path
        self.bells = Bells(path)
        self._synchronous = synchronous
        self._idle_limit = idle_readers
        self._engine = create_engine("sqlite://", creator=self._connect, poolclass=NullPool)
        self._writer: SqliteLink | None = None
        self._writer_lock = threading.Lock()
        self._readers: list[SqliteLink] = []
        self._lock_fd = -1

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
        )

    def _lock_file(self) -> None:
        if self._lock_fd < 0:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock_fd = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock_fd, fcntl.LOCK_EX)

    @contextlib.contextmanager
    def write(self) -> Iterator[SqliteLink]:
        """The writer's link inside a transaction; commits at the end, rolls back when an exception passes."""
        with self._writer_lock:
            self._lock_file()
            try:
                writer = self._writer
                if writer is None:
                    writer = self._writer = SqliteLink(self._engine, writes=True, synchronous=self._synchronous)
                    writer.raw.execute("PRAGMA journal_mode = WAL")
                writer.raw.execute("BEGIN IMMEDIATE")
                try:
                    yield writer
                    writer.end("COMMIT")
                except sqlite3.OperationalError as problem:
                    writer.end("ROLLBACK")
                    if problem.sqlite_errorcode & 0xFF in PASSING:
                        raise DatabaseUnavailable(f"SQLite could not write {self.path}: {problem}") from problem
                    raise
                except BaseException:
                    writer.end("ROLLBACK")
                    raise
            finally:
                fcntl.flock(self._lock_fd, fcntl.LOCK_UN)

    @contextlib.contextmanager
    def read(self) -> Iterator[SqliteLink]:
        """A reader's link inside a transaction that sees one moment."""
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = SqliteLink(self._engine, writes=False, synchronous=self._synchronous)
        try:
            reader.raw.execute("BEGIN")
            yield reader
        finally:
            reader.end("ROLLBACK")
            if len(self._readers) < self._idle_limit:
                self._readers.append(reader)
            else:
                reader.close()

    def lay_out_log(self) -> bool:
        """Give the log's file at once the length that it comes to, in zeros, which SQLite takes for the end of the log.

        A commit that makes a file longer syncs the file system's journal too; one that writes over what is there syncs
        its own pages alone, in a tenth of the time on a disk that others use (measured: 0.1 instead of 1.2 ms). No
        commit is less durable. Under our write transaction nobody else can be appending. False: there is no room, and
        the log will grow as it is written."""
        with self.write():
            fd = os.open(f"{self.path}-wal", os.O_WRONLY | os.O_CLOEXEC)
            try:
                zeros = bytes(1 << 20)
                while (size := os.fstat(fd).st_size) < LOG_BYTES:
                    os.pwrite(fd, zeros[: LOG_BYTES - size], size)
                os.fdatasync(fd)
            except OSError:
                return False
            finally:
                os.close(fd)
        return True

    def committed(self, except_for: str | None) -> None:
        """Events were committed: ring."""
        self.bells.ring(except_for)

    def listen(self) -> Doorbell:
        """A bell of one's own."""
        return Doorbell(self.path)

    def close(self) -> None:
        """Close all connections."""
        with self._writer_lock:
            for link in (self._writer, *self._readers):
                if link is not None:
                    link.close()
            self._writer = None
            self._readers.clear()
            if self._lock_fd >= 0:
                os.close(self._lock_fd)
                self._lock_fd = -1
        self.bells.close()
        self._engine.dispose()
