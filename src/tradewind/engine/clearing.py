"""What clearing and marking touch, and what it makes of each task instance and run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tradewind.model.changes import RunChange, TaskChange
from tradewind.model.errors import InvalidInput
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import (
    FAILED_TASK_STATES,
    OWNED_TASK_STATES,
    TERMINAL_RUN_STATES,
    TERMINAL_TASK_STATES,
    RunState,
    TaskState,
)

from .graph import Graph, graph_of
from .skipping import skip_change
from .transitions import RunEvent, TaskEvent, next_run_state, next_task_state

_MARK_EVENTS = {
    TaskState.SUCCESS: TaskEvent.MARK_SUCCESS,
    TaskState.FAILED: TaskEvent.MARK_FAILED,
    TaskState.SKIPPED: TaskEvent.MARK_SKIPPED,
}
_ACTIVE_STATES = frozenset({TaskState.RUNNING, TaskState.DEFERRED, TaskState.UP_FOR_RESCHEDULE})
"""States of a task that has begun its try: marking the run failed fails it, where others are skipped."""


# Which ------------------------------------------------------------------------------------------------------------


def selected_tasks(
    spec: DagSpec | Graph, task_ids: Iterable[str], *, upstream: bool = False, downstream: bool = False
) -> tuple[str, ...]:
    """The tasks that a request names, with all upstream or downstream of them, and the setups and teardowns that the
    chosen work needs. Unknown ids are left out. In topological order."""
    graph = graph_of(spec)
    named = [task_id for task_id in task_ids if task_id in graph]
    chosen = set(named)
    for task_id in named:
        chosen |= graph.ancestors(task_id) if upstream else set()
        chosen |= graph.descendants(task_id) if downstream else set()
    for task_id in tuple(chosen):
        if not graph.tasks[task_id].is_teardown:
            chosen |= _scope(graph, task_id)
    return tuple(task.task_id for task in graph.spec.tasks if task.task_id in chosen)


def _scope(graph: Graph, task_id: str) -> set[str]:
    """Setups that a task needs to run again, their teardowns with them."""
    setups = set(graph.setups_over(task_id))
    if graph.tasks[task_id].is_setup:
        setups.add(task_id)
    return setups | {teardown for setup in setups for teardown in graph.teardowns_of(setup)}


def clear_keys(
    rows: Iterable[TaskInstance],
    task_ids: Collection[str],
    *,
    only_failed: bool = False,
    only_running: bool = False,
    map_indexes: Mapping[str, Collection[int]] | None = None,
) -> tuple[TaskKey, ...]:
    """Keys of the instances of these tasks that a clear touches; ``map_indexes`` narrows named tasks to indices."""
    wanted = set(task_ids)
    states: set[TaskState | None] | None = None
    if only_failed or only_running:
        states = {*(FAILED_TASK_STATES if only_failed else ()), *([TaskState.RUNNING] if only_running else ())}
    return tuple(
        row.key
        for row in rows
        if row.task_id in wanted
        and (states is None or row.state in states)
        and (map_indexes is None or row.task_id not in map_indexes or row.map_index in map_indexes[row.task_id])
    )


# Clearing ---------------------------------------------------------------------------------------------------------


def clear_change(run: RunKey, row: TaskInstance, task: TaskSpec | None, now: datetime) -> TaskChange:
    """Make an instance run again: stateless, with its task's retries on top of the tries it had. One that runs is
    restarted: its attempt is ended, then it is tried again. The numbers and dates of the old try stay until then."""
    is_running = row.state in (TaskState.RUNNING, TaskState.RESTARTING)
    event = TaskEvent.RESTART if is_running else TaskEvent.CLEAR
    retries = task.retries if task else row.max_tries
    values: dict[str, Any] = {
        "state": next_task_state(row.state, event),
        "wake_at": None,
        "next_method": None,
        "next_kwargs": None,
        "trigger_id": None,
        "trigger_timeout": None,
    }
    if not is_running:
        # A restarted one needs no more: it is tried again whatever max_tries says.
        values |= {"max_tries": row.try_number + retries, "token": None}
    return TaskChange(
        run=run,
        key=row.key,
        old_states=frozenset({row.state}),
        values=values,
        event="task.restarting" if is_running else "task.cleared",
        save_history=row.state is not None and row.try_number > 0 and row.state is not TaskState.RESTARTING,
        history=_end_of_try(row, now),
    )


def run_now_change(run: RunKey, row: TaskInstance, task: TaskSpec | None, now: datetime) -> TaskChange:
    """Make an instance run without waiting for its dependencies: a new try, scheduled at once, so that only pools and
    limits decide. Raises IllegalTransition for one that is running."""
    cleared = clear_change(run, row, task, now)
    state = next_task_state(next_task_state(row.state, TaskEvent.CLEAR), TaskEvent.SCHEDULE)
    values = {**cleared.values, "state": state, "try_number": row.try_number + 1, "first_start_date": None}
    return replace(cleared, values=values, event="task.run_now")


def _end_of_try(row: TaskInstance, now: datetime) -> dict[str, Any]:
    """A try that is cleared before its end is kept as failed."""
    if row.state in TERMINAL_TASK_STATES or row.state is None:
        return {}
    lasted = None if row.start_date is None else max(now - row.start_date, timedelta()).total_seconds()
    return {"state": TaskState.FAILED, "end_date": now, "duration": lasted}


def requeue_run(run: DagRun, now: datetime) -> RunChange:
    """A run that goes on after its task instances were cleared: queued, without start and end, one clear more. An open
    run stays as it is."""
    values: dict[str, Any] = {"state": run.state}
    if run.state in TERMINAL_RUN_STATES:
        values = {
            "state": next_run_state(run.state, RunEvent.CLEAR),
            "clear_number": run.clear_number + 1,
            "queued_at": now,
            "start_date": None,
            "end_date": None,
            "last_scheduling_decision": None,
        }
    return RunChange(
        run=RunKey(run.dag_id, run.run_id), old_states=frozenset({run.state}), values=values, event="run.cleared"
    )


# Marking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPlan:
    """``changes`` set the state; ``clears`` are failed instances downstream that run again now. With any clears the
    run is queued again. ``killed``: attempts to end, by token."""

    changes: tuple[TaskChange, ...] = ()
    clears: tuple[TaskChange, ...] = ()
    killed: tuple[str, ...] = ()


def mark_tasks(
    spec: DagSpec | Graph,
    rows: Mapping[TaskKey, TaskInstance],
    keys: Iterable[TaskKey],
    state: TaskState,
    now: datetime,
) -> MarkPlan:
    """Set instances of one run to success, failed or skipped; failed ones downstream of them are cleared."""
    graph = graph_of(spec)
    marked = [rows[key] for key in keys if key in rows]
    touched = {row.key for row in marked}
    below = frozenset().union(*(graph.descendants(row.task_id) for row in marked if row.task_id in graph))
    again = [
        row
        for row in rows.values()
        if row.task_id in below and row.key not in touched and row.state in FAILED_TASK_STATES
    ]
    return MarkPlan(
        changes=tuple(mark_change(row, state, now) for row in marked if row.state is not state),
        clears=tuple(
            clear_change(RunKey(row.dag_id, row.run_id), row, graph.tasks.get(row.task_id), now) for row in again
        ),
        killed=tuple(row.token for row in marked if row.token and row.state in OWNED_TASK_STATES),
    )


def mark_change(row: TaskInstance, state: TaskState, now: datetime) -> TaskChange:
    """Give one instance an end state by hand; tries stay as they are. Raises InvalidInput for any other state."""
    event = _MARK_EVENTS.get(state)
    if event is None:
        raise InvalidInput(f"a task instance can be marked success, failed or skipped, not {state!r}")
    start = row.start_date or now
    is_over = row.state in TERMINAL_TASK_STATES and row.end_date is not None
    end = row.end_date if is_over and row.end_date else now
    return TaskChange(
        run=RunKey(row.dag_id, row.run_id),
        key=row.key,
        old_states=frozenset({row.state}),
        values={
            "state": next_task_state(row.state, event),
            "start_date": start,
            "end_date": end,
            "duration": max(end - start, timedelta()).total_seconds(),
            "wake_at": None,
            "token": None,
            "trigger_id": None,
        },
        event=f"task.{state.value}",
    )


def mark_run(
    run: DagRun, rows: Iterable[TaskInstance], state: RunState, now: datetime, spec: DagSpec | Graph | None = None
) -> tuple[RunChange, tuple[TaskChange, ...]]:
    """Set a run by hand. success: all its instances become success. failed: running ones fail, those not started are
    skipped, finished ones stay. queued: nothing but the run changes. Raises InvalidInput for running.

    Teardowns (``spec`` tells them) stay as they are; while one has not ended the run keeps its state, and gets its end
    when the teardown has cleaned up.
    """
    key = RunKey(run.dag_id, run.run_id)
    if state is RunState.QUEUED:
        values = {"state": next_run_state(run.state, RunEvent.CLEAR), "queued_at": now, "start_date": None}
        return _run_change(key, run, {**values, "end_date": None}), ()
    if state not in TERMINAL_RUN_STATES:
        raise InvalidInput(f"a DAG run can be set to success, failed or queued, not {state.value}")
    teardowns = {task.task_id for task in graph_of(spec).spec.tasks if task.is_teardown} if spec else set()
    rows = tuple(rows)
    marked = [row for row in rows if row.task_id not in teardowns]
    if state is RunState.SUCCESS:
        changes = [mark_change(row, TaskState.SUCCESS, now) for row in marked if row.state is not TaskState.SUCCESS]
    else:
        changes = [_failed_with_run(key, row, now) for row in marked if row.state not in TERMINAL_TASK_STATES]
    if any(row.task_id in teardowns and row.state not in TERMINAL_TASK_STATES for row in rows):
        return _run_change(key, run, {"state": run.state}), tuple(changes)
    event = RunEvent.MARK_SUCCESS if state is RunState.SUCCESS else RunEvent.MARK_FAILED
    end = run.end_date if run.end_date and run.state in TERMINAL_RUN_STATES else now
    values = {"state": next_run_state(run.state, event), "end_date": end, "start_date": run.start_date or now}
    return _run_change(key, run, values), tuple(changes)


def _failed_with_run(run: RunKey, row: TaskInstance, now: datetime) -> TaskChange:
    return mark_change(row, TaskState.FAILED, now) if row.state in _ACTIVE_STATES else skip_change(run, row, now)


def _run_change(key: RunKey, run: DagRun, values: Mapping[str, Any]) -> RunChange:
    return RunChange(run=key, old_states=frozenset({run.state}), values=values, event=f"run.{values['state'].value}")
