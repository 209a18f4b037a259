"""What one turn of the loop gathers: what to look at, and what to send once the transaction is committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tradewind.actions.asking import News
from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.storage.database import Transaction
from tradewind.wire.messages import Message, WorkerMessage

from .gateway_server import Closed, Connection


@dataclass(slots=True)
class Step:
    """One transaction's worth of work. Nothing is sent before the commit: a message says only what is durable."""

    tx: Transaction
    now: datetime
    touched: dict[RunKey, set[TaskKey] | None] = field(default_factory=dict)
    """Runs to examine; None: look at every task of the run."""
    changed: dict[RunKey, list[TaskInstance]] = field(default_factory=dict)
    """Rows that this transaction has changed and the run's board has not been told of."""
    news: dict[RunKey, list[News]] = field(default_factory=dict)
    """Stored values that the run's board has not been told of."""
    dags: set[str] = field(default_factory=set)
    """DAGs whose queued runs or next run must be looked at."""
    busy: set[RunKey] = field(default_factory=set)
    """Runs that another scheduler is working on at this moment (PostgreSQL): looked at again shortly."""
    wants_queueing: bool = False
    has_place: bool = False
    """A worker has room for one more: of interest only when that is what task instances wait for."""
    wants_runs: bool = False
    """A DAG's next run may be due by now: the run that stood in its way has ended."""
    wants_wake_plan: bool = False
    """A moment to wake up at may have come or moved: a retry, a poke or a timeout."""
    tokens: list[str] = field(default_factory=list)
    """Attempts queued in this step; let go when it fails."""
    ended: list[str] = field(default_factory=list)
    """Attempts that have said their end, and have been believed."""
    read_last: tuple[str, TaskInstance] | None = None
    """The token of the last message, and the row that it left as it is."""
    wants_triggers: bool = False
    """Triggers may wait for somebody to run them."""
    wants_datasets: bool = False
    """Datasets were updated, or a DAG that waits for them may have a run again."""
    sends: list[tuple[object, Message]] = field(default_factory=list)
    """To whom, and what: the connection of a worker, or what stands for one."""
    postponed: list[tuple[Connection, WorkerMessage | Closed]] = field(default_factory=list)
    """Messages that cannot be answered before a plugin has answered; nothing of theirs was done."""
    callback_ids: set[int] = field(default_factory=set)
    """Callbacks owed whose process is gone, or that never had one: launched after the commit."""

    def touch(self, run: RunKey, *rows: TaskInstance) -> None:
        """These rows of the run have changed: examine them and what follows them."""
        self.changed.setdefault(run, []).extend(rows)
        self.wants_wake_plan = self.wants_wake_plan or any(row.wake_at is not None for row in rows)
        keys = self.touched.setdefault(run, set())
        if keys is not None:
            keys.update(row.key for row in rows)

    def touch_all(self, run: RunKey) -> None:
        """Examine the whole run."""
        self.touched[run] = None
