"""Decisions as changes of rows: what the scheduler hands to storage, all of one commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tradewind.model.changes import RunChange, TaskChange
from tradewind.model.decisions import (
    AddInstances,
    Decision,
    Expand,
    FinishRun,
    Schedule,
    SetState,
    StartInTriggerer,
    StartRun,
)
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import StartTrigger
from tradewind.model.states import RunState, TaskState

from .graph import Graph
from .rows import RunRows
from .run_creation import task_instance
from .transitions import RunEvent, TaskEvent, next_run_state, next_task_state

_END_EVENTS = {
    TaskState.SUCCESS: TaskEvent.SUCCEED,
    TaskState.SKIPPED: TaskEvent.SKIP,
    TaskState.UPSTREAM_FAILED: TaskEvent.UPSTREAM_FAIL,
    TaskState.REMOVED: TaskEvent.REMOVE,
}


@dataclass(frozen=True, slots=True)
class Application:
    """What to write, in this order: delete placeholders, add rows, change rows (new ones too), change the run."""

    deleted: tuple[TaskKey, ...] = ()
    new_rows: tuple[TaskInstance, ...] = ()
    task_changes: tuple[TaskChange, ...] = ()
    run_change: RunChange | None = None


def changes(rows: RunRows, decisions: Iterable[Decision], now: datetime) -> Application:
    """The changes for the decisions that ``decide`` just gave about these rows."""
    builder = _Builder(rows, now)
    for decision in decisions:
        builder.take(decision)
    return builder.application()


def start_run(run: DagRun, now: datetime) -> RunChange:
    """queued → running; a run that starts again after a clear keeps no old end."""
    return RunChange(
        run=RunKey(run.dag_id, run.run_id),
        old_states=frozenset({run.state}),
        values={
            "state": next_run_state(run.state, RunEvent.START),
            "start_date": run.start_date or now,
            "end_date": None,
            "last_scheduling_decision": now,
        },
        event="run.running",
    )


class _Builder:
    """Collects changes; knows which rows are new in this very batch."""

    def __init__(self, rows: RunRows, now: datetime) -> None:
        self._rows = rows
        self._graph: Graph = rows.graph
        self._now = now
        self._run = RunKey(rows.run.dag_id, rows.run.run_id)
        self._deleted: list[TaskKey] = []
        self._new: dict[TaskKey, TaskInstance] = {}
        self._latest: dict[TaskKey, TaskInstance] = {}
        self._changes: list[TaskChange] = []
        self._run_change: RunChange | None = None

    def take(self, decision: Decision) -> None:
        match decision:
            case Schedule(key, _, try_number):
                self._schedule(key, try_number)
            case StartInTriggerer(key, _, try_number, trigger):
                self._defer(key, try_number, trigger)
            case SetState(key, _, state, is_empty, is_dated):
                self._set_state(key, state, is_empty, is_dated)
            case Expand(task_id, length):
                self._expand(task_id, length)
            case AddInstances(keys):
                for key in keys:
                    self._add(key)
            case StartRun():
                self._run_change = start_run(self._rows.run, self._now)
            case FinishRun(state, reason):
                self._finish(state, reason)

    def application(self) -> Application:
        return Application(tuple(self._deleted), tuple(self._new.values()), tuple(self._changes), self._run_change)

    def _row(self, key: TaskKey) -> TaskInstance:
        return self._latest.get(key) or self._rows.task_instances[key]

    def _schedule(self, key: TaskKey, try_number: int) -> None:
        row = self._row(key)
        values: dict[str, Any] = {
            "state": next_task_state(row.state, TaskEvent.SCHEDULE),
            "try_number": try_number,
            "wake_at": None,
        }
        if try_number != row.try_number:
            values |= {"first_start_date": None, "next_method": None, "next_kwargs": None}
        self._change(row, values)

    def _defer(self, key: TaskKey, try_number: int, trigger: StartTrigger) -> None:
        row = self._row(key)
        is_same_try = try_number == row.try_number
        start = (row.first_start_date if is_same_try else None) or self._now
        limit = self._graph.tasks[key.task_id].execution_timeout
        ends = [] if limit is None else [start + timedelta(seconds=limit)]
        if trigger.timeout is not None:
            ends.append(self._now + timedelta(seconds=trigger.timeout))
        values = {
            "state": next_task_state(row.state, TaskEvent.DEFER),
            "try_number": try_number,
            "start_date": start,
            "first_start_date": start,
            "end_date": None,
            "duration": None,
            "next_method": trigger.next_method,
            "next_kwargs": trigger.next_kwargs,
            "trigger_timeout": min(ends, default=None),
            "wake_at": min(ends, default=None),
        }
        self._change(row, values, trigger)

    def _set_state(self, key: TaskKey, state: TaskState, is_empty: bool, is_dated: bool) -> None:
        row = self._row(key)
        values: dict[str, Any] = {"state": next_task_state(row.state, _END_EVENTS[state]), "wake_at": None}
        if is_empty:
            start = self._now
            values["try_number"] = row.try_number + 1
        else:
            start = row.start_date or self._now
        if is_dated and state is not TaskState.REMOVED:
            duration = (self._now - start).total_seconds()
            values |= {"start_date": start, "end_date": self._now, "duration": duration}
        self._change(row, values)

    def _expand(self, task_id: str, length: int) -> None:
        placeholder = TaskKey(task_id)
        if placeholder in self._rows.task_instances and length:
            self._deleted.append(placeholder)
        if length:
            self._new.pop(placeholder, None)
        for index in range(length):
            key = TaskKey(task_id, index)
            row = self._rows.task_instances.get(key)
            if row is None:
                self._add(key)
            elif row.state is TaskState.REMOVED:
                self._change(row, {"state": next_task_state(row.state, TaskEvent.RESTORE)})
        for row in list(self._rows.instances(task_id)):
            if row.map_index >= length and row.state is not TaskState.REMOVED:
                self._change(row, {"state": next_task_state(row.state, TaskEvent.REMOVE)})

    def _add(self, key: TaskKey) -> None:
        row = task_instance(self._graph.tasks[key.task_id], self._run, key.map_index)
        self._new[key] = self._latest[key] = row

    def _finish(self, state: RunState, reason: str) -> None:
        event = RunEvent.SUCCEED if state is RunState.SUCCESS else RunEvent.FAIL
        self._run_change = RunChange(
            run=self._run,
            old_states=frozenset({self._rows.run.state}),
            values={
                "state": next_run_state(self._rows.run.state, event),
                "end_date": self._now,
                "last_scheduling_decision": self._now,
            },
            event=f"run.{state.value}",
            payload={"reason": reason},
        )

    def _change(self, row: TaskInstance, values: Mapping[str, Any], trigger: StartTrigger | None = None) -> None:
        state = values["state"]
        change = TaskChange(
            run=self._run,
            key=row.key,
            old_states=frozenset({row.state}),
            values=values,
            event=f"task.{state.value if state else 'cleared'}",
            trigger=trigger,
        )
        self._changes.append(change)
        self._latest[row.key] = applied(row, change)


def applied(row: TaskInstance, change: TaskChange) -> TaskInstance:
    """The row after the change; for boards and tests, storage answers with its own."""
    return replace(row, **change.values)
