"""A transaction's bare self: runs prepared statements and gathers what must be written at its end (events, counters,
revisions). The stores hang on it; database.py puts both together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, bindparam, update

from tradewind.model.changes import Event
from tradewind.model.records import RunKey

from .statements import Prepared, insert_for
from .tables_runs import DAG_RUN, OUTBOX, ROW_COUNT

T = TypeVar("T")

_BUMP = Prepared(
    update(DAG_RUN)
    .where(DAG_RUN.c.dag_id == bindparam("k_dag_id"), DAG_RUN.c.run_id == bindparam("k_run_id"))
    .values(revision=DAG_RUN.c.revision + 1)
    .returning(DAG_RUN.c.revision)
)

_ADD_COUNT = Prepared(
    lambda dialect: (insert := insert_for(dialect, ROW_COUNT)).on_conflict_do_update(
        index_elements=["kind", "dag_id", "state", "shard"], set_={"n": ROW_COUNT.c.n + insert.excluded.n}
    ),
    keys=("kind", "dag_id", "state", "shard", "n"),
)

_EVENT_COLUMNS = ("at", "kind", "dag_id", "run_id", "task_id", "map_index", "try_number", "state", "payload", "origin")
_ADD_EVENT = Prepared(lambda dialect: insert_for(dialect, OUTBOX), keys=_EVENT_COLUMNS)


class Link(Protocol):
    """One database connection, as sqlite.py or postgres.py gives it."""

    dialect: str
    shard: int
    """Which shard of the counters a transaction on it may write without waiting for another."""

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection over the same driver connection and transaction."""
        ...

    def execute(self, sql: str, params: Mapping[str, Any]) -> tuple[list[Any], int]:
        """Run one statement: its rows and its row count."""
        ...

    def execute_many(self, sql: str, params: list[dict[str, Any]]) -> None:
        """Run one statement for each mapping."""
        ...

    def execute_batch(self, statements: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Any]]:
        """Run statements in order, without waiting for one's answer before sending the next: the rows of each."""
        ...

    def announce(self, except_for: str | None) -> None:
        """Called before the commit of a transaction with events, when their ids are about to be given."""
        ...


class Work:
    """One open transaction. Not for use by two threads."""

    def __init__(
        self, link: Link, now: datetime, *, writes: bool, origin: str = "", except_for: str | None = None
    ) -> None:
        self.link = link
        self.origin = origin
        """Which Database object writes; its own events are not foreign to it."""
        self.dialect = link.dialect
        self.now = now
        """The moment the transaction began, by the database's clock object."""
        self.writes = writes
        self.revisions: dict[RunKey, int] = {}
        """After the commit: the new revision of each run that was touched."""
        self.events: list[Event] = []
        self._except_for = except_for
        self._touched: set[RunKey] = set()
        self._counts: dict[tuple[str, str, str], int] = {}

    # Statements -----------------------------------------------------------------------------------------------------

    def all(self, statement: Prepared[T], **params: Any) -> list[T]:
        """All rows."""
        compiled = statement.compiled(self.dialect)
        rows, _ = self.link.execute(compiled.sql, compiled.bind(params))
        make = compiled.make
        return [make(row) for row in rows]

    def one(self, statement: Prepared[T], **params: Any) -> T | None:
        """The first row, or None."""
        compiled = statement.compiled(self.dialect)
        rows, _ = self.link.execute(compiled.sql, compiled.bind(params))
        return compiled.make(rows[0]) if rows else None

    def scalar(self, statement: Prepared[tuple[Any, ...]], **params: Any) -> Any:
        """The first column of the first row; None when there is no row."""
        row = self.one(statement, **params)
        return None if row is None else row[0]

    def run(self, statement: Prepared[Any], **params: Any) -> int:
        """Run a statement without rows; how many rows it changed."""
        compiled = statement.compiled(self.dialect)
        return self.link.execute(compiled.sql, compiled.bind(params))[1]

    def batch(self, statements: Sequence[tuple[Prepared[Any], dict[str, Any]]]) -> list[list[Any]]:
        """The rows of several statements, run in order in as few round trips as the driver needs."""
        compiled = [(statement.compiled(self.dialect), params) for statement, params in statements]
        answers = self.link.execute_batch([(each.sql, each.bind(params)) for each, params in compiled])
        return [
            [each.make(row) for row in rows] if rows else rows
            for (each, _), rows in zip(compiled, answers, strict=True)
        ]

    def many(self, statement: Prepared[Any], rows: Iterable[dict[str, Any]]) -> None:
        """Run a statement without rows once for each mapping (which is changed)."""
        compiled = statement.compiled(self.dialect)
        self.link.execute_many(compiled.sql, [compiled.bind(row) for row in rows])

    @property
    def connection(self) -> Connection:
        """SQLAlchemy's connection in this transaction, for statements built on the spot. Never commit on it."""
        return self.link.connection

    @contextmanager
    def nested(self) -> Iterator[None]:
        """A block that is undone as a whole by an exception, without the rest of the transaction."""
        events, touched, counts = len(self.events), set(self._touched), dict(self._counts)
        self.link.execute("SAVEPOINT nested", {})
        try:
            yield
        except BaseException:
            self.link.execute("ROLLBACK TO SAVEPOINT nested", {})
            self.link.execute("RELEASE SAVEPOINT nested", {})
            del self.events[events:]
            self._touched, self._counts = touched, counts
            raise
        self.link.execute("RELEASE SAVEPOINT nested", {})

    # What the end of the transaction writes ---------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        """Put an event into the outbox, with this transaction's changes or not at all."""
        self.events.append(event)

    def touch(self, run: RunKey) -> None:
        """The run or one of its task instances changes: its revision goes up by one with this transaction."""
        self._touched.add(run)

    def bumped(self, run: RunKey, revision: int) -> None:
        """The run's revision went up in a statement of its own already."""
        self.revisions[run] = revision

    def count(self, kind: str, dag_id: str, state: str | None, by: int) -> None:
        """``by`` more rows (fewer, when negative) of a kind, DAG and state: "run" or "task"."""
        place = (kind, dag_id, state or "")
        self._counts[place] = self._counts.get(place, 0) + by

    def flush_counts(self) -> None:
        """Write what was counted, so that a reader in this transaction sees it."""
        changed = sorted((place, by) for place, by in self._counts.items() if by)
        self._counts.clear()
        if changed:
            shard = self.link.shard
            self.many(
                _ADD_COUNT,
                [
                    {"kind": kind, "dag_id": dag_id, "state": state, "shard": shard, "n": by}
                    for (kind, dag_id, state), by in changed
                ],
            )

    def finish(self) -> bool:
        """Write revisions, counters and events; to be called once, before the commit. Whether there were events."""
        # In one order everywhere, so that two transactions on PostgreSQL cannot wait for each other in a ring.
        touched = sorted(self._touched - self.revisions.keys())
        bumps = [(_BUMP, {"k_dag_id": run.dag_id, "k_run_id": run.run_id}) for run in touched]
        for run, rows in zip(touched, self.batch(bumps) if bumps else (), strict=True):
            if rows:
                self.revisions[run] = rows[0][0]
        self.flush_counts()
        if not self.events:
            return False
        self.link.announce(self._except_for)
        now = self.now
        self.many(
            _ADD_EVENT,
            [
                {
                    "at": event.at or now,
                    "kind": event.kind,
                    "dag_id": event.dag_id,
                    "run_id": event.run_id,
                    "task_id": event.task_id,
                    "map_index": event.map_index,
                    "try_number": event.try_number,
                    "state": event.state,
                    "payload": event.payload or None,
                    "origin": self.origin,
                }
                for event in self.events
            ],
        )
        return True
