"""What the engine can ask for, as data. The scheduler applies each by one guarded statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .records import TaskKey
from .spec import StartTrigger
from .states import RunState, TaskState


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no with a sentence. ``name`` is the check's, as Airflow's dependency reports show it."""

    ok: bool
    reason: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Dependencies are met: make it ``scheduled``. ``try_number`` is what the row gets (one more than before, except
    after a reschedule or deferral)."""

    key: TaskKey
    old_state: TaskState | None
    try_number: int


@dataclass(frozen=True, slots=True)
class StartInTriggerer:
    """Dependencies are met, and the task begins with a trigger: make it ``deferred`` without an attempt."""

    key: TaskKey
    old_state: TaskState | None
    try_number: int
    trigger: StartTrigger


@dataclass(frozen=True, slots=True)
class SetState:
    """Give it an end state without running it: skipped, upstream_failed, removed; success of an empty operator
    (``is_empty``: try_number 1 more, start = end = now). ``is_dated`` False: mapped over nothing, which has
    no dates."""

    key: TaskKey
    old_state: TaskState | None
    state: TaskState
    is_empty: bool = False
    is_dated: bool = True


@dataclass(frozen=True, slots=True)
class Expand:
    """Replace the unmapped placeholder (map_index -1) by indices 0 … length-1 (it keeps its row as index 0), or, when
    already expanded, add the missing indices and mark superfluous ones removed. length 0: the placeholder stays and a
    SetState skipped follows."""

    task_id: str
    length: int


@dataclass(frozen=True, slots=True)
class AddInstances:
    """Create rows for tasks the run lacks (a newer version of the DAG), state null."""

    keys: tuple[TaskKey, ...]


@dataclass(frozen=True, slots=True)
class StartRun:
    """queued → running."""


@dataclass(frozen=True, slots=True)
class FinishRun:
    """The run is over. ``reason``: success, task_failure, all_tasks_deadlocked, timed_out."""

    state: RunState
    reason: str


Decision = Schedule | StartInTriggerer | SetState | Expand | AddInstances | StartRun | FinishRun


@dataclass(frozen=True, slots=True)
class CreateRun:
    """A scheduled run is due."""

    logical_date: datetime
    data_interval_start: datetime
    data_interval_end: datetime
    run_after: datetime
    partition_key: str | None = None


@dataclass(frozen=True, slots=True)
class NextRun:
    """What ``dag.next_dagrun*`` shows: the next run's logical date, interval and when it may be created; all None when
    there is none; ``create_after`` alone None when max_active_runs is reached."""

    logical_date: datetime | None = None
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    create_after: datetime | None = None
