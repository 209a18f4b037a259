"""The PostgreSQL side: a small pool of psycopg 3 connections, LISTEN/NOTIFY, outbox ids in the order of commits.

psycopg is an optional dependency: this module is imported when a postgresql URL is opened."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from tradewind.model.errors import DatabaseUnavailable, InvalidInput, TransactionRolledBack

CHANNEL = "tradewind_events"
OUTBOX_LOCK = 0x7464_7769
"""Key of the advisory lock under which outbox ids are given out."""

ROLLED_BACK = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""Nothing is wrong with the transaction but its moment: it may be done again."""

UNFIT = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)
"""A value that no column, or no index, has room for."""

_RETRY_SECONDS = 0.5


def _unfit(problem: BaseException) -> str | None:
    """What the server says of a value that cannot be stored; None when the problem is another."""
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    if not isinstance(cause, UNFIT):
        return None
    return cause.diag.message_primary or str(cause)


class PostgresLink:
    """One connection to the server."""

    dialect = "postgresql"

    def __init__(self, engine: Engine) -> None:
        self._sa = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        raw = self._sa.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        self.raw: psycopg.Connection[Any] = raw
        self.raw.autocommit = True
        self.shard = raw.info.backend_pid

    @property
    def connection(self) -> Connection:
        return self._sa

    def execute(self, sql: str, params: Mapping[str, Any]) -> tuple[list[Any], int]:
        cursor = self.raw.execute(sql, params)
        return rows_of(cursor), cursor.rowcount

    def execute_many(self, sql: str, params: list[dict[str, Any]]) -> None:
        if len(params) == 1:
            self.raw.execute(sql, params[0])
        else:
            with self.raw.cursor() as cursor:
                cursor.executemany(sql, params)

    def execute_batch(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Any]]:
        if len(statements) == 1:
            return [self.execute(*statements[0])[0]]
        with self.raw.pipeline():
            cursors = [self.raw.execute(sql, params) for sql, params in statements]
        return [rows_of(cursor) for cursor in cursors]

    def announce(self, except_for: str | None) -> None:
        """Take the outbox lock, held to the commit: ids are then visible in the order in which they were given, and a
        reader that asks for what comes after the last id it saw misses nothing. NOTIFY serialises commits anyway."""
        self.raw.execute(
            "SELECT pg_advisory_xact_lock(%s), pg_notify(%s, %s)", (OUTBOX_LOCK, CHANNEL, except_for or "")
        )

    def end(self, statement: str) -> None:
        """COMMIT or ROLLBACK; the SQLAlchemy side forgets its own idea of a transaction."""
        if self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            self.raw.execute(statement)
        if self._sa.in_transaction():
            self._sa.rollback()

    @property
    def is_broken(self) -> bool:
        return self.raw.closed or self._sa.invalidated

    def close(self) -> None:
        if self.is_broken:
            self._sa.invalidate()
        self._sa.close()


def rows_of(cursor: psycopg.Cursor[Any]) -> list[Any]:
    """All rows; none of a statement that gives none. Not by ``description``, which makes an object of each column."""
    result = cursor.pgresult
    return cursor.fetchall() if result is not None and result.status == psycopg.pq.ExecStatus.TUPLES_OK else []


class PostgresStore:
    """The connections of one process to one database."""

    dialect = "postgresql"
    path = None

    def __init__(self, url: URL, *, pool_size: int, synchronous_commit: str | None = None) -> None:
        self._url = url
        arguments: dict[str, Any] = {"options": "-c timezone=UTC"}
        if synchronous_commit:
            arguments["options"] += f" -c synchronous_commit={synchronous_commit}"
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args=arguments
        )
        self._idle: list[PostgresLink] = []
        self._free = threading.BoundedSemaphore(pool_size)

    @contextlib.contextmanager
    def write(self) -> Iterator[PostgresLink]:
        """A link inside a READ COMMITTED transaction; commits at the end."""
        with self._transaction("BEGIN", "COMMIT") as link:
            yield link

    @contextlib.contextmanager
    def read(self) -> Iterator[PostgresLink]:
        """A link inside a transaction that sees one moment and writes nothing."""
        with self._transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "ROLLBACK") as link:
            yield link

    @contextlib.contextmanager
    def _transaction(self, begin: str, end: str) -> Iterator[PostgresLink]:
        with self._free:
            link = self._take(begin)
            try:
                yield link
                link.end(end)
            except BaseException as problem:
                self._undo(link)
                if link.is_broken and isinstance(problem, (psycopg.OperationalError, DBAPIError)):
                    raise DatabaseUnavailable(f"the PostgreSQL server went away: {problem}") from problem
                if (unfit := _unfit(problem)) is not None:
                    raise InvalidInput(f"The database cannot store this: {unfit}") from problem
                if isinstance(problem, ROLLED_BACK):
                    raise TransactionRolledBack(f"PostgreSQL rolled the transaction back: {problem}") from problem
                raise
            finally:
                if link.is_broken:
                    link.close()
                else:
                    self._idle.append(link)

    def _undo(self, link: PostgresLink) -> None:
        with contextlib.suppress(psycopg.OperationalError, DBAPIError):
            link.end("ROLLBACK")

    def _take(self, begin: str) -> PostgresLink:
        while True:
            try:
                link = self._idle.pop()
            except IndexError:
                link = self._connect()
                link.raw.execute(begin)
                return link
            try:
                link.raw.execute(begin)
                return link
            except psycopg.OperationalError:
                # The server was restarted while the connection lay idle; all others of that time are as dead.
                link.close()

    def _connect(self) -> PostgresLink:
        try:
            return PostgresLink(self._engine)
        except (DBAPIError, psycopg.OperationalError) as problem:
            raise DatabaseUnavailable(
                f"cannot connect to {self._url.render_as_string(hide_password=True)}: {problem}"
            ) from problem

    def committed(self, except_for: str | None) -> None:
        """Nothing: NOTIFY went out with the commit."""

    def listen(self) -> PostgresListener:
        """A listener of one's own, with a connection and a thread."""
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresListener(url)

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


class PostgresListener:
    """Hears NOTIFY in a thread, so that its ``fileno()`` stays the same while the server comes and goes."""

    def __init__(self, url: str) -> None:
        self.name = secrets.token_hex(8)
        self._url = url
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._stop = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # The first connection is made here: events after the constructor's return are heard for certain.
        connection = self._connect()
        self._thread = threading.Thread(target=self._listen, args=(connection,), name="tradewind-listen", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """For select and its kin."""
        return self._bell

    def drain(self) -> bool:
        """Take all rings; whether there was one."""
        try:
            return os.eventfd_read(self._bell) > 0
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Stop listening."""
        os.eventfd_write(self._stop, 1)
        self._thread.join()
        os.close(self._bell)
        os.close(self._stop)

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection: psycopg.Connection[Any] = psycopg.connect(self._url, autocommit=True)
            connection.execute(f"LISTEN {CHANNEL}")
        except psycopg.OperationalError as problem:
            raise DatabaseUnavailable(f"cannot listen for events: {problem}") from problem
        return connection

    def _listen(self, connection: psycopg.Connection[Any] | None) -> None:
        while True:
            if connection is None:
                connection = self._connect_again()
                if connection is None:
                    return
                # Whatever was said meanwhile was not heard.
                os.eventfd_write(self._bell, 1)
            try:
                if not self._hear(connection):
                    connection.close()
                    return
            except psycopg.OperationalError:
                connection.close()
                connection = None

    def _connect_again(self) -> psycopg.Connection[Any] | None:
        while not select.select([self._stop], [], [], _RETRY_SECONDS)[0]:
            with contextlib.suppress(DatabaseUnavailable):
                return self._connect()
        return None

    def _hear(self, connection: psycopg.Connection[Any]) -> bool:
        """Wait for notifications once; False when it is time to stop."""
        ready, _, _ = select.select([connection.fileno(), self._stop], [], [])
        if self._stop in ready:
            return False
        # An empty payload is for all; else everybody but the one it names.
        if any(notice.payload != self.name for notice in connection.notifies(timeout=0)):
            os.eventfd_write(self._bell, 1)
        return True
