"""The same thing done to many: task instances, runs and DAGs that a filter has selected.

Each call does one part of it in the caller's transaction; the caller makes the parts small, so that no other writer
waits long. Between selection and part the world goes on: what is in another state by then is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from tradewind.engine import clearing, run_creation
from tradewind.model.errors import AlreadyExists, Conflict, IllegalTransition, InvalidInput, NotFound
from tradewind.model.records import DagRun, RunKey, TaskInstance
from tradewind.model.spec import DagSpec
from tradewind.model.states import FAILED_TASK_STATES, TERMINAL_TASK_STATES, RunState, RunType, TaskState
from tradewind.storage import notes
from tradewind.storage.database import Transaction
from tradewind.storage.selections import DagRef, RunRef, TaskRef

from . import dags as dag_actions
from . import runs as run_actions
from . import tasks as task_actions
from .scopes import SpecOf

T = TypeVar("T")
REFUSALS = (NotFound, AlreadyExists, InvalidInput, Conflict, IllegalTransition)
"""What stands against one of many, and stops the others not."""


class TaskAction(StrEnum):
    """What is done to task instances."""

    CLEAR = "clear"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"


class RunAction(StrEnum):
    """What is done to DAG runs."""

    CLEAR = "clear"
    SUCCESS = "success"
    FAILED = "failed"
    DELETE = "delete"
    TRIGGER_AGAIN = "trigger-again"


class DagAction(StrEnum):
    """What is done to DAGs."""

    PAUSE = "pause"
    UNPAUSE = "unpause"
    TRIGGER = "trigger"
    DELETE = "delete"


@dataclass(slots=True)
class Tally:
    """What came of it, over all parts."""

    applied: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    """Of what nothing was done, with the reason."""
    created: list[RunKey] = field(default_factory=list)

    def refuse(self, problem: Exception | str, **key: str) -> None:
        """Note that one was left alone."""
        self.refused.append({**key, "reason": str(problem)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How it is done, apart from what."""

    only_failed: bool = False
    reset_runs: bool = True
    note: str | None = None
    user_id: int | None = None
    conf: Any = None


def touched(refs: Iterable[TaskRef], action: TaskAction, *, only_failed: bool = False) -> list[TaskRef]:
    """Those of the task instances that the action changes."""
    if action is TaskAction.CLEAR:
        return [ref for ref in refs if not only_failed or ref.state in FAILED_TASK_STATES]
    return [ref for ref in refs if ref.state != action.value]


def touched_states(
    states: Mapping[TaskState | None, int], action: RunAction, *, only_failed: bool = False
) -> dict[TaskState | None, int]:
    """Of the task instances of runs, by state, those that the action on the runs changes."""

    def is_touched(state: TaskState | None) -> bool:
        match action:
            case RunAction.CLEAR:
                return not only_failed or state in FAILED_TASK_STATES
            case RunAction.SUCCESS:
                return state is not TaskState.SUCCESS
            case RunAction.FAILED:
                return state not in TERMINAL_TASK_STATES
            case RunAction.DELETE:
                return True
        return False

    return {state: number for state, number in states.items() if is_touched(state)}


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, so many at a time."""
    return (items[place : place + size] for place in range(0, len(items), size))


def parts_by_run(refs: Iterable[TaskRef], size: int) -> Iterator[dict[RunKey, list[TaskRef]]]:
    """Whole runs, together about so many task instances at a time: a run is changed in one transaction."""
    by_run: dict[RunKey, list[TaskRef]] = defaultdict(list)
    for ref in refs:
        by_run[RunKey(ref.dag_id, ref.run_id)].append(ref)
    part: dict[RunKey, list[TaskRef]] = {}
    for run, chosen in by_run.items():
        part[run] = chosen
        if sum(map(len, part.values())) >= size:
            yield part
            part = {}
    if part:
        yield part


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One bulk action over its parts."""

    spec_of: SpecOf
    manner: Manner = Manner()
    tally: Tally = field(default_factory=Tally)

    def _spec(self, dag_id: str) -> DagSpec:
        spec = self.spec_of(dag_id)
        if spec is None:
            raise NotFound(f"DAG '{dag_id}' is not known any more")
        return spec

    # Task instances

    def change_tasks(self, tx: Transaction, part: Mapping[RunKey, Sequence[TaskRef]], action: TaskAction) -> None:
        """Clear or mark the task instances of some runs."""
        tx.runs.hold(part)
        for run, refs in part.items():
            seen = {(ref.task_id, ref.map_index): ref.state for ref in refs}
            rows = [row for row in tx.task_instances.of_run(run) if _is_as_seen(row, seen)]
            try:
                self._change_in_run(tx, run, rows, action)
                self.tally.applied += len(rows)
            except REFUSALS as problem:
                self.tally.refuse(problem, dag_id=run.dag_id, dag_run_id=run.run_id)

    def _change_in_run(self, tx: Transaction, run: RunKey, rows: Sequence[TaskInstance], action: TaskAction) -> None:
        spec, keys = self._spec(run.dag_id), [row.key for row in rows]
        if action is TaskAction.CLEAR:
            task_actions.clear_keys(tx, spec, run, keys, reset_runs=self.manner.reset_runs)
        else:
            task_actions.mark_keys(tx, spec, run, keys, TaskState(action.value))
        if self.manner.note is not None:
            for key in keys:
                notes.set_task_note(tx, run, key, self.manner.note, user_id=self.manner.user_id)

    # Runs

    def change_runs(self, tx: Transaction, refs: Sequence[RunRef], action: RunAction) -> None:
        """Clear, mark, delete or repeat some runs."""
        tx.runs.hold(RunKey(ref.dag_id, ref.run_id) for ref in refs)
        for ref in refs:
            run = tx.runs.get(RunKey(ref.dag_id, ref.run_id))
            if run is None or (run.state is not ref.state and action is not RunAction.TRIGGER_AGAIN):
                continue
            try:
                self._change_run(tx, run, action)
                self.tally.applied += 1
            except REFUSALS as problem:
                self.tally.refuse(problem, dag_id=ref.dag_id, dag_run_id=ref.run_id)

    def _change_run(self, tx: Transaction, run: DagRun, action: RunAction) -> None:
        key = RunKey(run.dag_id, run.run_id)
        match action:
            case RunAction.DELETE:
                run_actions.delete_run(tx, key)
                return
            case RunAction.TRIGGER_AGAIN:
                self.tally.created.append(_trigger(tx, self._spec(run.dag_id), run.conf))
                return
            case RunAction.CLEAR:
                self._clear_run(tx, key)
            case _:
                run_actions.set_state(tx, self._spec(run.dag_id), key, RunState(action.value))
        if self.manner.note is not None:
            run_actions.set_note(tx, key, self.manner.note, user_id=self.manner.user_id)

    def _clear_run(self, tx: Transaction, key: RunKey) -> None:
        spec = self._spec(key.dag_id)
        if not self.manner.only_failed:
            run_actions.clear_run(tx, spec, key)
            return
        rows = tx.task_instances.of_run(key)
        failed = clearing.clear_keys(rows, {row.task_id for row in rows}, only_failed=True)
        task_actions.clear_keys(tx, spec, key, failed)

    # DAGs

    def change_dags(self, tx: Transaction, refs: Sequence[DagRef], action: DagAction) -> None:
        """Pause, unpause, trigger or delete some DAGs."""
        if action in (DagAction.PAUSE, DagAction.UNPAUSE):
            ids = [ref.dag_id for ref in refs]
            dag_actions.set_paused(tx, ids, is_paused=action is DagAction.PAUSE)
            self.tally.applied += len(ids)
            return
        for ref in refs:
            try:
                if action is DagAction.DELETE:
                    dag_actions.delete_dag(tx, ref.dag_id)
                else:
                    self._trigger_dag(tx, ref.dag_id)
                self.tally.applied += 1
            except REFUSALS as problem:
                self.tally.refuse(problem, dag_id=ref.dag_id)

    def _trigger_dag(self, tx: Transaction, dag_id: str) -> None:
        row = tx.dags.get(dag_id)
        if row is not None and row.has_import_errors:
            raise InvalidInput(f"DAG with dag_id: '{dag_id}' has import errors")
        self.tally.created.append(_trigger(tx, self._spec(dag_id), self.manner.conf))


def _is_as_seen(row: TaskInstance, seen: Mapping[tuple[str, int], TaskState | None]) -> bool:
    key = (row.task_id, row.map_index)
    return key in seen and seen[key] == row.state


def _trigger(tx: Transaction, spec: DagSpec, conf: Any) -> RunKey:
    """A run of now; several in one transaction are microseconds apart, since a DAG has one run of a date."""
    date = tx.now
    while _is_taken(tx, spec.dag_id, date):
        date += timedelta(microseconds=1)
    run = run_actions.trigger(tx, spec, logical_date=date, conf=conf)
    return RunKey(run.dag_id, run.run_id)


def _is_taken(tx: Transaction, dag_id: str, date: datetime) -> bool:
    key = RunKey(dag_id, run_creation.run_id(RunType.MANUAL, date))
    return tx.runs.by_date(dag_id, date) is not None or tx.runs.get(key) is not None
