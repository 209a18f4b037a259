"""One request of a running attempt while it is answered, and what an answer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.storage.database import Transaction
from tradewind.timetables import registry
from tradewind.wire import messages as wire


class Specs(Protocol):
    """Where parsed DAGs come from; kept decoded between requests."""

    def get(self, tx: Transaction, dag_id: str) -> DagSpec | None:
        """The DAG as it is now, or None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Pushed:
    """A return value was stored; ``length`` None: not a list or dict."""

    key: TaskKey
    length: int | None


@dataclass(frozen=True, slots=True)
class Branched:
    """A branch or short circuit has said what it follows or skips."""

    key: TaskKey
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cleared:
    """A task instance's XComs are gone: a new try begins."""

    key: TaskKey


News = Pushed | Branched | Cleared
RETURN_VALUE = "return_value"
BRANCH_RECORD = "skipmixin_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply, and what the caller must look at after it: task instances that changed, by run."""

    reply: wire.AttemptReply
    run: RunKey | None = None
    changed: tuple[TaskInstance, ...] = ()
    callbacks: tuple[int, ...] = ()
    """Callbacks that the attempt's own process runs now."""
    new_runs: tuple[RunKey, ...] = ()
    """Other runs that were made or changed."""
    news: tuple[News, ...] = ()
    """What was stored that mapped tasks and branches depend on."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request being answered."""

    tx: Transaction
    specs: Specs
    token: str
    row: TaskInstance
    now: datetime
    task_fields: Mapping[str, Any] = field(default_factory=dict)
    timetables: registry.TimetableBuilder = registry.build

    @property
    def run_key(self) -> RunKey:
        return RunKey(self.row.dag_id, self.row.run_id)


STALE = wire.Refused(code="stale", message="this attempt is not the task instance's current one any more; end")
