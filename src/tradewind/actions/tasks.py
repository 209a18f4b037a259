"""What people and programs do to task instances: clear, mark, note, ask why one does not run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.engine import clearing, dependencies
from tradewind.engine.dependencies import Surroundings
from tradewind.engine.queueing import ActiveCounts, PoolSlots
from tradewind.engine.rows import RunRows
from tradewind.model.decisions import Verdict
from tradewind.model.errors import Conflict, NotFound
from tradewind.model.records import DagRun, RunKey, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import FAILED_TASK_STATES, OPEN_RUN_STATES, TaskState
from tradewind.storage import listings, notes
from tradewind.storage.database import Transaction
from tradewind.storage.selections import TaskRef

from . import nested
from .scopes import SpecOf

Touched = tuple[str, str, datetime]
"""Run id, task id and logical date of a task instance."""
_BUSY = frozenset({TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearWish:
    """What to clear: of one run, or of the runs between two logical dates (both included)."""

    run_id: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    task_ids: Sequence[str] | None = None
    only_failed: bool = True
    only_running: bool = False
    include_upstream: bool = False
    include_downstream: bool = False
    include_past: bool = False
    include_future: bool = False
    reset_runs: bool = True
    dry_run: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkWish:
    """What to set to an end state by hand, starting from one task of one run."""

    run_id: str
    task_id: str
    state: TaskState
    map_index: int | None = None
    include_upstream: bool = False
    include_downstream: bool = False
    include_past: bool = False
    include_future: bool = False
    dry_run: bool = True


def clear(tx: Transaction, spec: DagSpec, wish: ClearWish) -> list[Touched]:
    """Task instances run again; those that are (or would be) touched. Finished runs are queued again when
    ``reset_runs``."""
    named = [task.task_id for task in spec.tasks] if wish.task_ids is None else wish.task_ids
    task_ids = (
        tuple(named)
        if wish.task_ids is None
        else clearing.selected_tasks(spec, named, upstream=wish.include_upstream, downstream=wish.include_downstream)
    )
    tasks = {task.task_id: task for task in spec.tasks}
    touched: list[Touched] = []
    for run in _runs_to_clear(tx, spec.dag_id, wish):
        key = RunKey(run.dag_id, run.run_id)
        rows = {row.key: row for row in tx.task_instances.of_run(key)}
        keys = clearing.clear_keys(
            rows.values(), task_ids, only_failed=wish.only_failed, only_running=wish.only_running
        )
        touched += [(run.run_id, each.task_id, run.logical_date) for each in keys]
        if keys and not wish.dry_run:
            changes = [clearing.clear_change(key, rows[each], tasks.get(each.task_id), tx.now) for each in keys]
            tx.task_instances.apply(changes)
            if wish.reset_runs:
                tx.runs.apply(clearing.requeue_run(run, tx.now))
    return touched


def clear_keys(
    tx: Transaction, spec: DagSpec, key: RunKey, keys: Iterable[TaskKey], *, reset_runs: bool = True
) -> None:
    """These task instances of a run run again, and the run with them. Raises NotFound."""
    run = _run(tx, key)
    wanted = set(keys)
    rows = [row for row in tx.task_instances.of_run(key) if row.key in wanted]
    if rows:
        tasks = {task.task_id: task for task in spec.tasks}
        tx.task_instances.apply([clearing.clear_change(key, row, tasks.get(row.task_id), tx.now) for row in rows])
        if reset_runs:
            tx.runs.apply(clearing.requeue_run(run, tx.now))


def mark_keys(tx: Transaction, spec: DagSpec, key: RunKey, keys: Iterable[TaskKey], state: TaskState) -> None:
    """Sets these task instances of a run to an end state; failed ones downstream of them run again. Raises NotFound."""
    _mark_in_run(tx, spec, _run(tx, key), keys, state)


def clear_nested(
    tx: Transaction,
    spec_of: SpecOf,
    dag_id: str,
    touched: Sequence[Touched],
    wish: ClearWish,
    *,
    may_touch: Callable[[str], bool],
) -> list[TaskRef]:
    """Clears what markers among the touched task instances name in other DAGs too; those that are (or would be)."""
    refs = [TaskRef(dag_id, run_id, task_id, -1, None, date) for run_id, task_id, date in touched]
    found = [ref for ref in nested.followed(tx, spec_of, refs).refs if may_touch(ref.dag_id)]
    states = {*(FAILED_TASK_STATES if wish.only_failed else ()), *([TaskState.RUNNING] if wish.only_running else ())}
    found = [ref for ref in found if not states or ref.state in states]
    by_run: dict[RunKey, list[TaskKey]] = {}
    for ref in found:
        by_run.setdefault(RunKey(ref.dag_id, ref.run_id), []).append(TaskKey(ref.task_id, ref.map_index))
    for key, keys in by_run.items():
        spec = spec_of(key.dag_id)
        if spec is not None and not wish.dry_run:
            clear_keys(tx, spec, key, keys, reset_runs=wish.reset_runs)
    return found


def _runs_to_clear(tx: Transaction, dag_id: str, wish: ClearWish) -> list[DagRun]:
    start, end = wish.start_date, wish.end_date
    if wish.run_id is not None:
        run = _run(tx, RunKey(dag_id, wish.run_id))
        if not wish.include_past and not wish.include_future:
            return [run]
        start = end = run.logical_date
    return _between(tx, dag_id, None if wish.include_past else start, None if wish.include_future else end)


def _between(tx: Transaction, dag_id: str, start: datetime | None, end: datetime | None) -> list[DagRun]:
    return [_run(tx, RunKey(dag_id, run_id)) for run_id in listings.run_ids_between(tx, dag_id, start, end)]


def _run(tx: Transaction, key: RunKey) -> DagRun:
    run = tx.runs.get(key)
    if run is None:
        raise NotFound(f"DAGRun with DAG ID: '{key.dag_id}' and DagRun ID: '{key.run_id}' not found")
    return run


def mark(tx: Transaction, spec: DagSpec, wish: MarkWish) -> list[Touched]:
    """Sets task instances to an end state; those whose state changes (or would)."""
    run = _run(tx, RunKey(spec.dag_id, wish.run_id))
    runs = [run]
    if wish.include_past or wish.include_future:
        date = run.logical_date
        runs = _between(tx, spec.dag_id, None if wish.include_past else date, None if wish.include_future else date)
    task_ids = set(
        clearing.selected_tasks(
            spec, [wish.task_id], upstream=wish.include_upstream, downstream=wish.include_downstream
        )
    )
    touched: list[Touched] = []
    for each in runs:
        keys = _keys_to_mark(tx, each, task_ids, wish)
        touched += [(each.run_id, key.task_id, each.logical_date) for key in keys]
        if not wish.dry_run:
            _mark_in_run(tx, spec, each, keys, wish.state)
    return touched


def _keys_to_mark(tx: Transaction, run: DagRun, task_ids: set[str], wish: MarkWish) -> list[TaskKey]:
    return [
        row.key
        for row in tx.task_instances.of_run(RunKey(run.dag_id, run.run_id))
        if row.task_id in task_ids
        and row.state is not wish.state
        and (wish.map_index is None or row.task_id != wish.task_id or row.map_index == wish.map_index)
    ]


def _mark_in_run(tx: Transaction, spec: DagSpec, run: DagRun, keys: Iterable[TaskKey], state: TaskState) -> None:
    key = RunKey(run.dag_id, run.run_id)
    rows = {row.key: row for row in tx.task_instances.of_run(key)}
    plan = clearing.mark_tasks(spec, rows, keys, state, tx.now)
    tx.task_instances.apply([*plan.changes, *plan.clears])
    if plan.clears and run.state not in OPEN_RUN_STATES:
        tx.runs.apply(clearing.requeue_run(run, tx.now))


def set_state(tx: Transaction, spec: DagSpec, run: RunKey, task: TaskKey, state: TaskState) -> None:
    """Sets one task instance to an end state; failed ones downstream of it run again. Raises NotFound."""
    mark_keys(tx, spec, run, [task], state)


def run_now(tx: Transaction, spec: DagSpec, key: RunKey, task_id: str) -> list[TaskKey]:
    """All instances of a task run again at once, without waiting for their dependencies; which. A finished run is
    queued again. Raises NotFound, and Conflict when one is queued or running, or the task is not expanded yet."""
    run = _run(tx, key)
    rows = [row for row in tx.task_instances.of_run(key) if row.task_id == task_id]
    if not rows:
        raise NotFound(f"Task Instance not found for dag_id={key.dag_id}, run_id={key.run_id}, task_id={task_id}")
    task = next((task for task in spec.tasks if task.task_id == task_id), None)
    if task is None or (task.is_mapped and any(row.map_index < 0 for row in rows)):
        raise Conflict(f"Task '{task_id}' is not in the DAG any more, or waits for what it is mapped over")
    busy = [row for row in rows if row.state in _BUSY]
    if busy:
        raise Conflict(f"Task '{task_id}' is {busy[0].state} already")
    waiting = [row for row in rows if row.state is not TaskState.SCHEDULED]
    tx.task_instances.apply([clearing.run_now_change(key, row, task, tx.now) for row in waiting])
    if run.state not in OPEN_RUN_STATES:
        tx.runs.apply(clearing.requeue_run(run, tx.now))
    return [row.key for row in rows]


def set_note(tx: Transaction, run: RunKey, task: TaskKey, note: str | None, *, user_id: int | None = None) -> None:
    """Writes a task instance's note."""
    notes.set_task_note(tx, run, task, note, user_id=user_id)


def explain(tx: Transaction, spec: DagSpec, run: RunKey, task: TaskKey) -> tuple[Verdict, ...]:
    """All reasons why a task instance does not run now. Raises NotFound."""
    view = tx.runs.view(run, with_past=True)
    if view is None or task not in view.task_instances:
        raise NotFound(f"Task Instance not found for dag_id={run.dag_id}, run_id={run.run_id}, task_id={task.task_id}")
    dag = tx.dags.get(run.dag_id)
    around = Surroundings(is_paused=dag is not None and dag.is_paused, pools=_pools(tx), active=_active(tx))
    return dependencies.explain(RunRows(spec, view), task, tx.now, around)


def _pools(tx: Transaction) -> dict[str, PoolSlots]:
    usage = tx.pools.usage(with_scheduled=False)
    found = {}
    for name, pool in tx.pools.all().items():
        taken = usage.get(name)
        used = 0
        if taken is not None:
            used = taken.running + taken.queued + (taken.deferred if pool.include_deferred else 0)
        found[name] = PoolSlots(pool.slots, pool.slots - used)
    return found


def _active(tx: Transaction) -> ActiveCounts:
    counts = tx.task_instances.running_counts()
    return ActiveCounts(by_dag=counts.by_dag, by_task=counts.by_task, by_run_task=counts.by_run_task)
