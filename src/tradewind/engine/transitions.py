"""The one table of state changes: (state, event) → state, for task instances and for runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from tradewind.model.errors import IllegalTransition
from tradewind.model.states import TERMINAL_TASK_STATES, RunState, TaskState


class TaskEvent(StrEnum):
    """What happens to a task instance."""

    SCHEDULE = "schedule"
    """Its dependencies are met."""
    QUEUE = "queue"
    """It got its slots and an attempt."""
    START = "start"
    """The attempt's code begins."""
    SUCCEED = "succeed"
    FAIL = "fail"
    RETRY = "retry"
    """It failed and will be tried again."""
    SKIP = "skip"
    UPSTREAM_FAIL = "upstream_fail"
    RESCHEDULE = "reschedule"
    """A sensor comes back later, in the same try."""
    DEFER = "defer"
    RESUME = "resume"
    """Its trigger fired."""
    REQUEUE = "requeue"
    """The attempt's code never began: the same try again."""
    REMOVE = "remove"
    """The DAG has it no more."""
    RESTORE = "restore"
    """The DAG has it again."""
    CLEAR = "clear"
    RESTART = "restart"
    """Cleared while it runs."""
    MARK_SUCCESS = "mark_success"
    MARK_FAILED = "mark_failed"
    MARK_SKIPPED = "mark_skipped"


class RunEvent(StrEnum):
    """What happens to a DAG run."""

    START = "start"
    SUCCEED = "succeed"
    FAIL = "fail"
    CLEAR = "clear"
    MARK_SUCCESS = "mark_success"
    MARK_FAILED = "mark_failed"


TaskTable = Mapping[tuple[TaskState | None, TaskEvent], TaskState | None]
RunTable = Mapping[tuple[RunState, RunEvent], RunState]

_MARKS = {
    TaskEvent.MARK_SUCCESS: TaskState.SUCCESS,
    TaskEvent.MARK_FAILED: TaskState.FAILED,
    TaskEvent.MARK_SKIPPED: TaskState.SKIPPED,
}
_WAITING: tuple[TaskState | None, ...] = (None, TaskState.UP_FOR_RETRY, TaskState.UP_FOR_RESCHEDULE)
_ENDS = {
    TaskEvent.SUCCEED: TaskState.SUCCESS,
    TaskEvent.FAIL: TaskState.FAILED,
    TaskEvent.RETRY: TaskState.UP_FOR_RETRY,
}


def _task_table() -> TaskTable:
    table: dict[tuple[TaskState | None, TaskEvent], TaskState | None] = {}

    def allow(states: Iterable[TaskState | None], event: TaskEvent, target: TaskState | None) -> None:
        table.update({(state, event): target for state in states})

    every: tuple[TaskState | None, ...] = (None, *TaskState)
    for event, target in _MARKS.items():
        allow(every, event, target)
    # Waiting for its dependencies, the scheduler may give it any end; an empty operator succeeds right there.
    allow(_WAITING, TaskEvent.SCHEDULE, TaskState.SCHEDULED)
    allow(_WAITING, TaskEvent.SUCCEED, TaskState.SUCCESS)
    # start_from_trigger: it waits in the triggerer before it has ever had an attempt.
    allow(_WAITING, TaskEvent.DEFER, TaskState.DEFERRED)
    allow(_WAITING, TaskEvent.UPSTREAM_FAIL, TaskState.UPSTREAM_FAILED)
    # A branch, a short circuit, fail_stop or a run's timeout skips whatever state it is in, finished ones too.
    allow(every, TaskEvent.SKIP, TaskState.SKIPPED)
    allow(every, TaskEvent.REMOVE, TaskState.REMOVED)
    allow([TaskState.REMOVED], TaskEvent.RESTORE, None)
    allow([state for state in every if state not in (TaskState.RUNNING, TaskState.RESTARTING)], TaskEvent.CLEAR, None)
    allow([TaskState.RUNNING, TaskState.RESTARTING], TaskEvent.RESTART, TaskState.RESTARTING)

    allow([TaskState.SCHEDULED], TaskEvent.QUEUE, TaskState.QUEUED)
    allow([TaskState.QUEUED], TaskEvent.START, TaskState.RUNNING)
    allow([TaskState.QUEUED, TaskState.RUNNING], TaskEvent.REQUEUE, TaskState.SCHEDULED)
    allow([TaskState.RUNNING], TaskEvent.RESCHEDULE, TaskState.UP_FOR_RESCHEDULE)
    allow([TaskState.RUNNING], TaskEvent.DEFER, TaskState.DEFERRED)
    allow([TaskState.DEFERRED], TaskEvent.RESUME, TaskState.SCHEDULED)
    for event, end in _ENDS.items():
        allow([TaskState.RUNNING], event, end)
    for event in (TaskEvent.FAIL, TaskEvent.RETRY):
        allow([TaskState.SCHEDULED, TaskState.QUEUED, TaskState.DEFERRED], event, _ENDS[event])
    # A trigger may end the task itself, without another attempt.
    allow([TaskState.DEFERRED], TaskEvent.SUCCEED, TaskState.SUCCESS)
    # Cleared while running: however the attempt ends, it is tried again.
    allow([TaskState.RESTARTING], TaskEvent.RETRY, TaskState.UP_FOR_RETRY)
    return table


TASK_TABLE: TaskTable = _task_table()

RUN_TABLE: RunTable = {
    (RunState.QUEUED, RunEvent.START): RunState.RUNNING,
    (RunState.RUNNING, RunEvent.SUCCEED): RunState.SUCCESS,
    (RunState.RUNNING, RunEvent.FAIL): RunState.FAILED,
    (RunState.QUEUED, RunEvent.FAIL): RunState.FAILED,
    **{(state, RunEvent.CLEAR): RunState.QUEUED for state in RunState},
    **{(state, RunEvent.MARK_SUCCESS): RunState.SUCCESS for state in RunState},
    **{(state, RunEvent.MARK_FAILED): RunState.FAILED for state in RunState},
}


def next_task_state(old: TaskState | None, event: TaskEvent) -> TaskState | None:
    """The state after ``event``. Raises IllegalTransition when the table has no such change."""
    try:
        return TASK_TABLE[(old, event)]
    except KeyError:
        shown = old.value if old else "null"
        raise IllegalTransition(f"a task instance in state {shown} cannot {event.value}") from None


def next_run_state(old: RunState, event: RunEvent) -> RunState:
    """The state after ``event``. Raises IllegalTransition when the table has no such change."""
    try:
        return RUN_TABLE[(old, event)]
    except KeyError:
        raise IllegalTransition(f"a run in state {old.value} cannot {event.value}") from None


def chart() -> str:
    """Both tables as one Mermaid text, for docs/concepts/states.md; marks and skips from any state are left out."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> null"]
    left_out = {*_MARKS, TaskEvent.SKIP, TaskEvent.REMOVE, TaskEvent.CLEAR}
    for (old, event), new in TASK_TABLE.items():
        is_plain_skip = event is TaskEvent.SKIP and (old is None or old is TaskState.RUNNING)
        if event not in left_out or is_plain_skip:
            lines.append(f"    {_name(old)} --> {_name(new)}: {event.value}")
    lines += [f"    {state.value} --> [*]" for state in TaskState if state in TERMINAL_TASK_STATES]
    lines += ["```", "", "```mermaid", "stateDiagram-v2", "    [*] --> queued"]
    lines += [f"    {old.value} --> {new.value}: {event.value}" for (old, event), new in RUN_TABLE.items()]
    return "\n".join([*lines, "```"])


def _name(state: TaskState | None) -> str:
    return state.value if state else "null"
