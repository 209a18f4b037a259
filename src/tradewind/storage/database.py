"""Opening a database, and its transactions: ``with db.begin() as tx`` writes, ``with db.read() as tx`` reads."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tradewind.model.errors import ConfigError, DatabaseRefused
from tradewind.model.times import Clock

from . import migration
from .callbacks import CallbackStore, TriggerStore
from .counters import CounterStore
from .dags import DagStore
from .datasets import DatasetStore
from .history import HistoryStore, RetentionStore
from .jobs import JobStore
from .outbox import OutboxStore
from .pools import PoolStore
from .runs import RunStore
from .sqlite import SqliteStore
from .task_instances import TaskInstanceStore
from .transaction import Link, Work
from .users import UserStore
from .vault import Cipher, VaultStore
from .xcoms import RenderedStore, XComStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseOptions:
    """What can be chosen about a database."""

    fernet_keys: tuple[str, ...] = field(default=(), repr=False)
    """The first encrypts, all decrypt; none: values stay plain."""
    synchronous: str = "FULL"
    """SQLite: FULL makes each commit safe against loss of power, NORMAL only against the death of the process, as the
    log is then synced at checkpoints alone. Measured with three commits a task: FULL costs 0.5 ms of processor a task
    more, and waits for the disk each time (0.2 ms on a quiet SSD, 5 to 10 ms on one that others keep busy, where NORMAL
    waits 0.3 ms). FULL is the default because a task that has run must not run again after a power cut. On PostgreSQL
    the server's synchronous_commit decides."""
    idle_readers: int = 8
    """SQLite: reader connections that are kept open."""
    pool_size: int = 15
    """PostgreSQL: connections at once; more callers wait."""
    default_pool_slots: int = 128
    """Slots of default_pool when it is made."""


class Listener(Protocol):
    """Becomes readable when somebody committed events."""

    name: str
    """Given to ``Database.begin(except_for=…)``, this listener does not hear that commit."""

    def fileno(self) -> int:
        """For select and its kin; stays the same."""
        ...

    def drain(self) -> bool:
        """Take all rings; whether there was one. The news are in the outbox."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Transaction(Work):
    """One open transaction with all stores. Whoever began it ends it; no store commits."""

    def __init__(self, link: Link, database: Database, *, writes: bool, except_for: str | None = None) -> None:
        super().__init__(link, database.clock.now(), writes=writes, origin=database.origin, except_for=except_for)
        self._cipher = database.cipher

    @cached_property
    def outbox(self) -> OutboxStore:
        """Events, in the order of commits."""
        return OutboxStore(self)

    @cached_property
    def dags(self) -> DagStore:
        """DAGs, versions, import errors, file states."""
        return DagStore(self)

    @cached_property
    def runs(self) -> RunStore:
        """DAG runs."""
        return RunStore(self)

    @cached_property
    def task_instances(self) -> TaskInstanceStore:
        """Task instances and their history."""
        return TaskInstanceStore(self)

    @cached_property
    def xcoms(self) -> XComStore:
        """XComs."""
        return XComStore(self)

    @cached_property
    def rendered(self) -> RenderedStore:
        """Rendered template fields."""
        return RenderedStore(self)

    @cached_property
    def pools(self) -> PoolStore:
        """Pools."""
        return PoolStore(self)

    @cached_property
    def vault(self) -> VaultStore:
        """Variables and connections."""
        return VaultStore(self, self._cipher)

    @cached_property
    def jobs(self) -> JobStore:
        """Heartbeats of the roles."""
        return JobStore(self)

    @cached_property
    def callbacks(self) -> CallbackStore:
        """Callbacks owed."""
        return CallbackStore(self)

    @cached_property
    def triggers(self) -> TriggerStore:
        """Triggers of deferred task instances."""
        return TriggerStore(self, self._cipher)

    @cached_property
    def history(self) -> HistoryStore:
        """The audit log."""
        return HistoryStore(self)

    @cached_property
    def retention(self) -> RetentionStore:
        """Deleting what is old."""
        return RetentionStore(self)

    @cached_property
    def users(self) -> UserStore:
        """Users, roles, tokens."""
        return UserStore(self)

    @cached_property
    def datasets(self) -> DatasetStore:
        """Datasets and their events."""
        return DatasetStore(self)

    @cached_property
    def counters(self) -> CounterStore:
        """Exact counts of task instances and runs."""
        return CounterStore(self)


class Database:
    """A database that is open in this process. Safe from several threads; not to be used after a fork."""

    def __init__(self, store: SqliteStore | PostgresBackend, *, clock: Clock, options: DatabaseOptions) -> None:
        self._store = store
        self._pid = os.getpid()
        self.clock = clock
        self.options = options
        self.cipher = Cipher(options.fernet_keys)
        self.origin = secrets.token_hex(8)
        """Written beside each event: ``outbox.foreign`` leaves out one's own."""

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._store.dialect

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return self._store.path

    @contextlib.contextmanager
    def begin(self, *, except_for: str | None = None, rings: bool = True) -> Iterator[Transaction]:
        """A write transaction: commits at the end of the block, rolls back when an exception leaves it.

        SQLite: waits for its turn among all writers of all processes, then nobody else writes. PostgreSQL: READ
        COMMITTED; lock what must not move. Raises DatabaseUnavailable when the server cannot be reached.
        ``except_for``: the name of a listener that need not hear of it. ``rings`` False: the caller has something more
        urgent to do first, and calls :meth:`ring` after it."""
        self._check_process()
        with self._store.write() as link:
            transaction = Transaction(link, self, writes=True, except_for=except_for)
            yield transaction
            has_news = transaction.finish()
        if has_news and rings:
            self._store.committed(except_for)

    def ring(self, *, except_for: str | None = None) -> None:
        """Tell listeners of what a transaction with ``rings=False`` has committed."""
        self._store.committed(except_for)

    @contextlib.contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one moment of the database, waits for no writer, and writes nothing."""
        self._check_process()
        with self._store.read() as link:
            yield Transaction(link, self, writes=False)

    def listen(self) -> Listener:
        """A listener of one's own; close it."""
        return self._store.listen()

    def lay_out_log(self) -> bool:
        """For a process that will commit often: make the file ready into which commits go (PostgreSQL does so itself).
        False when there is no room for it."""
        return not isinstance(self._store, SqliteStore) or self._store.lay_out_log()

    def migrate(self) -> bool:
        """Bring the tables to this program's version, and put in what must be there; whether tables changed.

        Raises DatabaseRefused for a database with a real Airflow's tables, or of a newer version."""
        self.refuse_strangers()
        with self.begin() as tx:
            if self.dialect == "postgresql":
                # Two roles may start at once: one migrates, the other waits and finds it done.
                tx.link.execute("SELECT pg_advisory_xact_lock(7463542116)", {})
            changed = migration.migrate(tx.connection)
            tx.pools.ensure_default(self.options.default_pool_slots)
        return changed

    def check(self) -> None:
        """Raises DatabaseRefused unless the tables are at this program's version."""
        if self.path is not None and not self.path.exists():
            raise DatabaseRefused(f"there is no database at {self.path}; run `tradewind db migrate`")
        with self.read() as tx:
            migration.check(tx.connection)

    def refuse_strangers(self) -> None:
        """Raises DatabaseRefused for somebody else's database. Asked by a reader, before any writer: to open a SQLite
        file for writing makes it a WAL database, which changes its bytes."""
        if self.path is None or self.path.exists():
            with self.read() as tx:
                migration.version_of(tx.connection)

    def reset(self) -> None:
        """Drop all our tables and make them anew, empty. Raises DatabaseRefused for somebody else's database."""
        self.refuse_strangers()
        with self.begin() as tx:
            migration.drop_all(tx.connection)
            migration.migrate(tx.connection)
            tx.pools.ensure_default(self.options.default_pool_slots)

    def close(self) -> None:
        """Close all connections."""
        if os.getpid() == self._pid:
            self._store.close()

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise RuntimeError("a Database cannot be used after a fork; open one in the new process")


class PostgresBackend(Protocol):
    """What Database needs of postgres.PostgresStore, without importing psycopg for it."""

    dialect: str
    path: None

    def write(self) -> contextlib.AbstractContextManager[Link]: ...
    def read(self) -> contextlib.AbstractContextManager[Link]: ...
    def committed(self, except_for: str | None) -> None: ...
    def listen(self) -> Listener: ...
    def close(self) -> None: ...


def open_database(url: str, *, clock: Clock, options: DatabaseOptions | None = None) -> Database:
    """The database at a URL: ``sqlite:////path``, ``postgresql://…`` (whatever driver is spelled, psycopg 3 is used).

    Nothing is connected yet. Raises ConfigError for another kind of URL."""
    chosen = options or DatabaseOptions()
    try:
        parsed = make_url(url)
    except ArgumentError as problem:
        raise ConfigError(f"[database] sql_alchemy_conn is not a database URL: {problem}") from problem
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ConfigError("[database] sql_alchemy_conn: SQLite needs a file, e.g. sqlite:////srv/tradewind.db")
        store = SqliteStore(Path(parsed.database), synchronous=chosen.synchronous, idle_readers=chosen.idle_readers)
        return Database(store, clock=clock, options=chosen)
    if kind in ("postgresql", "postgres"):
        # Optional and heavy: only those who have a PostgreSQL need psycopg.
        from .postgres import PostgresStore

        return Database(PostgresStore(parsed, pool_size=chosen.pool_size), clock=clock, options=chosen)
    raise ConfigError(f"[database] sql_alchemy_conn: {kind} is not supported; use sqlite:////path or postgresql://…")
