"""Queueing: claim pool slots for scheduled task instances and hand them to workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from tradewind.actions.replies import run_reply
from tradewind.engine import attempts, queueing
from tradewind.engine.board import RunBoard
from tradewind.model.changes import TaskChange
from tradewind.model.records import DagRun, Pool, RunKey, TaskInstance
from tradewind.model.spec import TaskSpec
from tradewind.model.states import TaskState
from tradewind.observability.log_names import log_name_in
from tradewind.storage.rows import Occupied
from tradewind.wire.messages import Attempt, Launch

from .runs import RunKeeper
from .step import Step
from .workers import Worker, Workers

log = structlog.get_logger(__name__)

BATCH = 256
"""Candidates looked at in one query at most."""
SPARE = 4
"""Candidates looked at besides twice as many as there is room for: some may not fit into their pool or limits. A task
that ends usually makes room for one, and reading many rows to choose it would be most of its cost."""


class Enqueuer:
    """Fills free slots with the scheduled task instances of the highest priority."""

    def __init__(self, keeper: RunKeeper, *, parallelism: int, log_folder: Path, new_token: Callable[[], str]) -> None:
        self._keeper = keeper
        self._parallelism = parallelism
        self._log_folder = log_folder
        self._new_token = new_token
        self.lacks_workers = True
        """Task instances may be waiting for nothing but room at a worker: the end of a process gives it."""

    def fill(self, step: Step, workers: Workers) -> None:
        """Queue what may be queued now. The pool rows are locked while slots are counted."""
        step.wants_queueing = False
        self.lacks_workers = True
        free = min(workers.free, self._parallelism - workers.busy)
        if free <= 0:
            return
        is_left = step.tx.dialect != "sqlite"  # elsewhere another scheduler may have hidden some from us
        pools: dict[str, Pool] = {}
        skipped = queueing.Selection()
        while free > 0:
            limit = min(BATCH, SPARE + free * 2)
            rows = step.tx.task_instances.candidates(
                limit,
                skip_pools=skipped.starved_pools,
                skip_dags=skipped.starved_dags,
                skip_tasks=skipped.starved_tasks,
            )
            if not rows:
                self.lacks_workers = is_left
                return
            if not pools:
                step.tx.pools.lock()
                pools = step.tx.pools.all()
            occupied = step.tx.task_instances.occupied()
            selection = queueing.select(
                self._candidates(step, rows),
                pools=pool_slots(pools, occupied),
                active=active_counts(occupied),
                free_slots=free,
            )
            queued = self._queue(step, workers, [candidate.row for candidate in selection.chosen])
            free -= queued
            is_left = is_left or free <= 0 or queued < len(selection.chosen)
            more = merged(skipped, selection)
            if len(rows) < limit or (not queued and more == skipped):
                self.lacks_workers = is_left
                return  # all were looked at
            skipped = more

    def _candidates(self, step: Step, rows: Sequence[TaskInstance]) -> list[queueing.Candidate]:
        found = []
        for row in rows:
            board = self._keeper.board(step, RunKey(row.dag_id, row.run_id))
            if board is None:
                continue
            task = board.graph.tasks.get(row.task_id)
            found.append(
                queueing.Candidate(
                    row=row,
                    logical_date=board.run.logical_date,
                    max_active_tasks=board.graph.spec.max_active_tasks,
                    max_active_tis_per_dag=task.max_active_tis_per_dag if task is not None else None,
                    max_active_tis_per_dagrun=task.max_active_tis_per_dagrun if task is not None else None,
                )
            )
        return found

    def _queue(self, step: Step, workers: Workers, rows: Sequence[TaskInstance]) -> int:
        """Give each row a worker and a token; launch those whose guard held. Returns how many."""
        chosen: list[Worker] = []
        changes: list[TaskChange] = []
        for row in rows:
            worker = workers.choose(row)
            if worker is None:
                continue
            token = self._new_token()
            run = RunKey(row.dag_id, row.run_id)
            workers.hold(token, run, row.key, worker)
            step.tokens.append(token)
            chosen.append(worker)
            changes.append(attempts.queue_change(run, row, token=token, job_id=worker.job_id, now=step.now))
        done = 0
        for worker, change, stored in zip(chosen, changes, step.tx.task_instances.apply(changes), strict=True):
            if stored is None:
                workers.release(str(change.values["token"]))
                self._keeper.forget(change.run)
                continue
            done += 1
            self._launch(step, worker, change.run, stored)
        return done

    def _launch(self, step: Step, worker: Worker, run: RunKey, row: TaskInstance) -> None:
        board = self._keeper.board(step, run)
        if board is None:
            return
        board.update([row])
        task = board.graph.tasks.get(row.task_id)
        message = attempt_message(
            row,
            board.run,
            task,
            map_lengths(board, row),
            log_folder=self._log_folder,
            fileloc=board.graph.spec.fileloc,
        )
        step.sends.append((worker.connection, Launch(attempt=message)))


def pool_slots(pools: Mapping[str, Pool], occupied: Sequence[Occupied]) -> dict[str, queueing.PoolSlots]:
    """What is open in each pool."""
    taken: Counter[str] = Counter()
    for row in occupied:
        pool = pools.get(row.pool)
        if pool is not None and (row.state is not TaskState.DEFERRED or pool.include_deferred):
            taken[row.pool] += row.slots
    return {name: queueing.PoolSlots(pool.slots, pool.slots - taken[name]) for name, pool in pools.items()}


def active_counts(occupied: Sequence[Occupied]) -> queueing.ActiveCounts:
    """Queued and running task instances in the ways in which they are limited."""
    by_dag: Counter[str] = Counter()
    by_task: Counter[tuple[str, str]] = Counter()
    by_run_task: Counter[tuple[str, str, str]] = Counter()
    for row in occupied:
        if row.state is not TaskState.DEFERRED:
            by_dag[row.dag_id] += row.count
            by_task[row.dag_id, row.task_id] += row.count
            by_run_task[row.dag_id, row.run_id, row.task_id] += row.count
    return queueing.ActiveCounts(by_dag=by_dag, by_task=by_task, by_run_task=by_run_task)


def merged(one: queueing.Selection, other: queueing.Selection) -> queueing.Selection:
    """What starved in either."""
    return queueing.Selection(
        starved_pools=one.starved_pools | other.starved_pools,
        starved_dags=one.starved_dags | other.starved_dags,
        starved_tasks=one.starved_tasks | other.starved_tasks,
    )


def map_lengths(board: RunBoard, row: TaskInstance) -> dict[str, dict[int, int]]:
    """For a mapped task instance: the lengths of its suppliers' results, by their map index."""
    if row.map_index < 0:
        return {}
    return {supplier: board.lengths_of(supplier) for supplier in board.graph.suppliers(row.task_id)}


def attempt_message(
    row: TaskInstance,
    run: DagRun,
    task: TaskSpec | None,
    lengths: dict[str, dict[int, int]],
    *,
    log_folder: Path,
    fileloc: str,
) -> Attempt:
    """All that the attempt's process must know."""
    return Attempt(
        token=row.token or "",
        dag_id=row.dag_id,
        run_id=row.run_id,
        task_id=row.task_id,
        map_index=row.map_index,
        try_number=row.try_number,
        max_tries=row.max_tries,
        fileloc=fileloc,
        run=run_reply(run),
        pool=row.pool,
        pool_slots=row.pool_slots,
        queue=row.queue,
        priority_weight=row.priority_weight,
        queued_at=row.queued_dttm,
        first_start_date=row.first_start_date,
        next_method=row.next_method,
        next_kwargs=row.next_kwargs,
        map_lengths=lengths,
        # Not a Path: that would intern every part, and the names of runs only come and go.
        log_path=f"{log_folder}/{log_name_in(run, row.task_id, row.map_index, row.try_number)}",
        execution_timeout=task.execution_timeout if task is not None else None,
    )
