"""The life of an attempt as changes of its row: queued, started, and what its end means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tradewind.model.changes import TaskChange
from tradewind.model.outcomes import Deferred, Failed, NotStarted, Outcome, Rescheduled, Skipped, Succeeded
from tradewind.model.records import RunKey, TaskInstance
from tradewind.model.spec import TaskSpec
from tradewind.model.states import TaskState

from . import retries
from .transitions import TaskEvent, next_task_state

ENDABLE_STATES: frozenset[TaskState | None] = frozenset(
    {TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING, TaskState.DEFERRED}
)

LONGEST_ERROR_LINE = 500

_NO_OWNER: Mapping[str, Any] = {"token": None, "pid": None, "queued_by_job_id": None}
"""For an attempt that never began. One that has ended keeps its token until the next is queued: its process goes on to
run callbacks, which may ask for XComs, and what it said may come a second time."""
_NO_DEFERRAL: Mapping[str, Any] = {
    "next_method": None,
    "next_kwargs": None,
    "trigger_id": None,
    "trigger_timeout": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """What a finished attempt becomes. ``callbacks``: kinds owed, in order, of those that the task has: success,
    failure, retry, skipped. ``is_final_failure``: ``fail_stop`` looks at it."""

    row: TaskInstance
    state: TaskState | None
    values: Mapping[str, Any]
    event: str
    callbacks: tuple[str, ...] = ()
    save_history: bool = False
    history: Mapping[str, Any] = field(default_factory=dict)
    is_final_failure: bool = False
    payload: Mapping[str, Any] = field(default_factory=dict)

    def change(self, run: RunKey) -> TaskChange:
        """The guarded update: only while the row is this attempt's and in the state that was judged."""
        return TaskChange(
            run=run,
            key=self.row.key,
            old_states=frozenset({self.row.state}),
            values=self.values,
            event=self.event,
            token=self.row.token,
            payload=self.payload,
            save_history=self.save_history,
            history=self.history,
        )


def queue_change(run: RunKey, row: TaskInstance, *, token: str, job_id: int | None, now: datetime) -> TaskChange:
    """scheduled → queued: a new attempt with its owner and token."""
    state = next_task_state(row.state, TaskEvent.QUEUE)
    values = {"state": state, "token": token, "queued_by_job_id": job_id, "queued_dttm": now, "pid": None}
    return _change(run, row, values)


def start_change(
    run: RunKey, row: TaskInstance, *, now: datetime, pid: int, hostname: str, unixname: str
) -> TaskChange:
    """queued → running. A try that goes on after a deferral or a reschedule keeps its first start."""
    state = next_task_state(row.state, TaskEvent.START)
    start = row.first_start_date or now
    values = {
        "state": state,
        "start_date": start,
        "first_start_date": start,
        "end_date": None,
        "duration": None,
        "pid": pid,
        "hostname": hostname,
        "unixname": unixname,
        "wake_at": None,
    }
    return replace(_change(run, row, values), token=row.token)


def place_change(run: RunKey, row: TaskInstance, values: Mapping[str, Any]) -> TaskChange:
    """A running attempt's hook or weight strategy says where it waits when it is queued next: pool, slots, weight …"""
    states = frozenset({row.state})
    return TaskChange(run=run, key=row.key, old_states=states, values=values, event="task.placed", token=row.token)


def resume_change(run: RunKey, row: TaskInstance, *, next_kwargs: Any, next_method: str | None = None) -> TaskChange:
    """deferred → scheduled: its trigger fired, failed or took too long. ``next_kwargs`` has the event or the error now;
    ``next_method`` None: the one that the task named. Only while the row is at the attempt that was deferred."""
    values = {
        "state": next_task_state(row.state, TaskEvent.RESUME),
        "next_method": next_method or row.next_method,
        "next_kwargs": next_kwargs,
        "trigger_id": None,
        "trigger_timeout": None,
        "wake_at": None,
    }
    return replace(_change(run, row, values), token=row.token)


def is_deferral_over(row: TaskInstance, now: datetime) -> bool:
    """Whether the row waits for a trigger longer than its task allowed."""
    return row.state is TaskState.DEFERRED and row.trigger_timeout is not None and row.trigger_timeout <= now


def after_attempt(
    task: TaskSpec, row: TaskInstance, outcome: Outcome, now: datetime, *, logical_date: datetime
) -> AttemptResult:
    """What the end of an attempt means. Raises IllegalTransition when the row's state knows no such end."""
    if row.state is TaskState.RESTARTING:
        # Cleared while it ran: whatever came of it, the cleared task runs again.
        return _retry(task, row, now, logical_date)
    match outcome:
        case Succeeded():
            return _ended(row, TaskEvent.SUCCEED, now, _owed(task, "success"))
        case Skipped():
            # on_success_callback follows on_skipped_callback, as in Airflow.
            return _ended(row, TaskEvent.SKIP, now, _owed(task, "skipped", "success"))
        case Failed():
            return _failed(task, row, outcome, now, logical_date)
        case Rescheduled(at=at):
            return _paused(row, TaskEvent.RESCHEDULE, now, {"wake_at": at})
        case Deferred():
            return _paused(row, TaskEvent.DEFER, now, _deferral(task, row, outcome, now))
        case NotStarted():
            values = {"state": next_task_state(row.state, TaskEvent.REQUEUE), **_NO_OWNER, "queued_dttm": None}
            return AttemptResult(row=row, state=TaskState.SCHEDULED, values=values, event="task.scheduled")


def error_line(outcome: Failed) -> str:
    """The one line by which people know a failure: the message's first one that says something (of a traceback the
    last), cut to fit. An error whose message begins on the next line keeps its name. Never empty."""
    lines = [line.strip() for line in outcome.error.splitlines() if line.strip()]
    if not lines:
        return f"The task failed without a message ({outcome.kind})."
    if lines[0].startswith("Traceback ("):
        lines = lines[-1:]
    is_bare_name = lines[0].endswith(":") and " " not in lines[0] and len(lines) > 1
    line = f"{lines[0]} {lines[1]}" if is_bare_name else lines[0]
    return line if len(line) <= LONGEST_ERROR_LINE else line[: LONGEST_ERROR_LINE - 1] + "…"


def can_retry(row: TaskInstance) -> bool:
    """Whether the try that failed leaves another one."""
    return row.try_number <= row.max_tries


def _failed(task: TaskSpec, row: TaskInstance, outcome: Failed, now: datetime, logical_date: datetime) -> AttemptResult:
    if outcome.retryable and can_retry(row):
        delay = None if outcome.retry_delay is None else timedelta(seconds=outcome.retry_delay)
        result = _retry(task, row, now, logical_date, delay)
    else:
        result = replace(_ended(row, TaskEvent.FAIL, now, _owed(task, "failure")), is_final_failure=True)
    return replace(result, payload={"error": outcome.error, "kind": outcome.kind})


def _retry(
    task: TaskSpec, row: TaskInstance, now: datetime, logical_date: datetime, delay: timedelta | None = None
) -> AttemptResult:
    if delay is None:
        delay = retries.wait(task, dag_id=row.dag_id, logical_date=logical_date, try_number=row.try_number)
    ended = _ended(row, TaskEvent.RETRY, now, _owed(task, "retry"))
    # A restarted try is in the history since it was cleared.
    is_new = row.state is not TaskState.RESTARTING
    end = {"end_date": now, "duration": ended.values["duration"]}
    return replace(
        ended,
        values={**ended.values, "wake_at": now + delay},
        save_history=is_new,
        history={"state": TaskState.FAILED, **end} if is_new else {},
    )


def _ended(row: TaskInstance, event: TaskEvent, now: datetime, callbacks: tuple[str, ...]) -> AttemptResult:
    state = next_task_state(row.state, event)
    start = row.start_date or now
    values = {
        "state": state,
        "start_date": start,
        "end_date": now,
        "duration": max(now - start, timedelta()).total_seconds(),
        "wake_at": None,
        **_NO_DEFERRAL,
    }
    return AttemptResult(row=row, state=state, values=values, event=f"task.{state}", callbacks=callbacks)


def _paused(row: TaskInstance, event: TaskEvent, now: datetime, extra: Mapping[str, Any]) -> AttemptResult:
    state = next_task_state(row.state, event)
    start = row.start_date or now
    lasted = max(now - start, timedelta()).total_seconds()
    values: dict[str, Any] = {"state": state, "end_date": now, "duration": lasted}
    if event is TaskEvent.RESCHEDULE:
        values |= _NO_DEFERRAL
    return AttemptResult(row=row, state=state, values=values | dict(extra), event=f"task.{state}")


def _deferral(task: TaskSpec, row: TaskInstance, outcome: Deferred, now: datetime) -> dict[str, Any]:
    """What the trigger has until: the deferral's own timeout, and no longer than the try may last in all."""
    limits = [] if outcome.timeout is None else [now + timedelta(seconds=outcome.timeout)]
    if task.execution_timeout is not None:
        limits.append((row.start_date or now) + timedelta(seconds=task.execution_timeout))
    timeout = min(limits, default=None)
    return {
        "next_method": outcome.next_method,
        "next_kwargs": outcome.next_kwargs,
        "trigger_timeout": timeout,
        "wake_at": timeout,
        "end_date": None,
        "duration": None,
    }


def mail_of(task: TaskSpec, state: TaskState | None) -> str | None:
    """The kind of callback with which the mail about an attempt's end goes out; None when nobody is to get one."""
    if task.email and state is TaskState.FAILED and task.email_on_failure:
        return "failure"
    if task.email and state is TaskState.UP_FOR_RETRY and task.email_on_retry:
        return "retry"
    return None


def _owed(task: TaskSpec, *kinds: str) -> tuple[str, ...]:
    return tuple(kind for kind in kinds if getattr(task, f"has_on_{kind}_callback"))


def _change(run: RunKey, row: TaskInstance, values: Mapping[str, Any]) -> TaskChange:
    state = values["state"]
    return TaskChange(run=run, key=row.key, old_states=frozenset({row.state}), values=values, event=f"task.{state}")
