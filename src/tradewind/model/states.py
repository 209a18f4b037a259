"""The states and kinds that Airflow names, as string enums. Values are Airflow 2.10's and part of the contract."""

from __future__ import annotations

from enum import StrEnum


class TaskState(StrEnum):
    """State of a task instance; a task instance without a state has ``None`` (shown as null)."""

    REMOVED = "removed"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"
    UP_FOR_RETRY = "up_for_retry"
    UP_FOR_RESCHEDULE = "up_for_reschedule"
    UPSTREAM_FAILED = "upstream_failed"
    SKIPPED = "skipped"
    DEFERRED = "deferred"


class RunState(StrEnum):
    """State of a DAG run."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class RunType(StrEnum):
    """Why a DAG run exists; the value is the first part of its run id."""

    BACKFILL = "backfill"
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    DATASET_TRIGGERED = "dataset_triggered"


class ReprocessBehavior(StrEnum):
    """What a backfill does where the DAG has a finished run of the date already: leave it, run failed ones again, run
    every one again. Values are Airflow 3's."""

    NONE = "none"
    FAILED = "failed"
    COMPLETED = "completed"


class TriggerRule(StrEnum):
    """When a task may run, seen from its direct upstream task instances."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_SKIPPED = "none_skipped"
    DUMMY = "dummy"
    ALWAYS = "always"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ALL_SKIPPED = "all_skipped"

    @classmethod
    def is_valid(cls, trigger_rule: str) -> bool:
        """Whether there is such a rule."""
        return trigger_rule in cls.all_triggers()

    @classmethod
    def all_triggers(cls) -> set[str]:
        """All rules."""
        return set(cls)


class WeightRule(StrEnum):
    """How a task's effective priority weight is computed from its neighbours'."""

    DOWNSTREAM = "downstream"
    UPSTREAM = "upstream"
    ABSOLUTE = "absolute"


TERMINAL_TASK_STATES: frozenset[TaskState] = frozenset(
    {TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED, TaskState.UPSTREAM_FAILED, TaskState.REMOVED}
)
"""States from which the scheduler moves a task instance no further (a user may: clear, mark)."""

FAILED_TASK_STATES: frozenset[TaskState] = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})
SUCCESS_TASK_STATES: frozenset[TaskState] = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
"""States that satisfy ``depends_on_past``."""

OWNED_TASK_STATES: frozenset[TaskState] = frozenset({TaskState.QUEUED, TaskState.RUNNING})
"""States in which an attempt has an owner (a worker), a token and a lease; they occupy pool slots."""

TERMINAL_RUN_STATES: frozenset[RunState] = frozenset({RunState.SUCCESS, RunState.FAILED})
OPEN_RUN_STATES: frozenset[RunState] = frozenset({RunState.QUEUED, RunState.RUNNING})
