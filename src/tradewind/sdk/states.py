"""All states of runs and tasks under one roof, for code that asks ``State.SUCCESS`` (``airflow.utils.state``)."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from tradewind.model.states import RunState, TaskState


class JobState(StrEnum):
    """State of a scheduler, worker or triggerer as a job."""

    RUNNING = "running"
    SUCCESS = "success"
    RESTARTING = "restarting"
    FAILED = "failed"


class State:
    """Constants and sets of states; ``None`` is a task instance that has no state yet."""

    SUCCESS = TaskState.SUCCESS
    RUNNING = TaskState.RUNNING
    FAILED = TaskState.FAILED
    NONE = None
    REMOVED = TaskState.REMOVED
    SCHEDULED = TaskState.SCHEDULED
    QUEUED = TaskState.QUEUED
    RESTARTING = TaskState.RESTARTING
    UP_FOR_RETRY = TaskState.UP_FOR_RETRY
    UP_FOR_RESCHEDULE = TaskState.UP_FOR_RESCHEDULE
    UPSTREAM_FAILED = TaskState.UPSTREAM_FAILED
    SKIPPED = TaskState.SKIPPED
    DEFERRED = TaskState.DEFERRED

    task_states: ClassVar[tuple[TaskState | None, ...]] = (None, *TaskState)
    dag_states: ClassVar[tuple[RunState, ...]] = (RunState.QUEUED, RunState.SUCCESS, RunState.RUNNING, RunState.FAILED)

    finished: ClassVar[frozenset[TaskState]] = frozenset(
        {TaskState.SUCCESS, TaskState.FAILED, TaskState.SKIPPED, TaskState.UPSTREAM_FAILED, TaskState.REMOVED}
    )
    unfinished: ClassVar[frozenset[TaskState | None]] = frozenset({None, *TaskState}) - finished
    failed_states: ClassVar[frozenset[TaskState]] = frozenset({TaskState.FAILED, TaskState.UPSTREAM_FAILED})
    success_states: ClassVar[frozenset[TaskState]] = frozenset({TaskState.SUCCESS, TaskState.SKIPPED})
    terminating_states: ClassVar[frozenset[TaskState]] = frozenset({TaskState.RESTARTING})
    adoptable_states: ClassVar[frozenset[TaskState]] = frozenset(
        {TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING}
    )

    state_color: ClassVar[dict[TaskState | None, str]] = {
        None: "lightblue",
        TaskState.QUEUED: "gray",
        TaskState.RUNNING: "lime",
        TaskState.SUCCESS: "green",
        TaskState.RESTARTING: "violet",
        TaskState.FAILED: "red",
        TaskState.UP_FOR_RETRY: "gold",
        TaskState.UP_FOR_RESCHEDULE: "turquoise",
        TaskState.UPSTREAM_FAILED: "orange",
        TaskState.SKIPPED: "hotpink",
        TaskState.REMOVED: "lightgrey",
        TaskState.SCHEDULED: "tan",
        TaskState.DEFERRED: "mediumpurple",
    }

    @classmethod
    def color(cls, state: TaskState | None) -> str:
        """The colour in which user interfaces show the state."""
        return cls.state_color.get(state, "white")

    @classmethod
    def color_fg(cls, state: TaskState | None) -> str:
        """The text colour that goes with it."""
        return "white" if cls.color(state) in {"green", "red"} else "black"
