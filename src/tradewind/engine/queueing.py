"""Which scheduled task instances get an attempt now: by priority, within pools, limits and free slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tradewind.model.records import TaskInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A scheduled task instance of a running run, with its DAG's and task's limits."""

    row: TaskInstance
    logical_date: datetime
    max_active_tasks: int = 16
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None


@dataclass(frozen=True, slots=True)
class PoolSlots:
    """A pool's size and what is open of it; ``total`` -1 is unlimited."""

    total: int
    open: int

    @property
    def is_unlimited(self) -> bool:
        return self.total < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveCounts:
    """Queued and running task instances: per DAG (all its runs), per task, per task of a run."""

    by_dag: Mapping[str, int] = field(default_factory=dict)
    by_task: Mapping[tuple[str, str], int] = field(default_factory=dict)
    by_run_task: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """``chosen`` in order of their priority. What starved need not be asked for again before something ends;
    ``reasons`` says of each candidate that has to wait why."""

    chosen: tuple[Candidate, ...] = ()
    starved_pools: frozenset[str] = frozenset()
    starved_dags: frozenset[str] = frozenset()
    starved_tasks: frozenset[tuple[str, str]] = frozenset()
    reasons: Mapping[tuple[str, str, str, int], str] = field(default_factory=dict)


def select(
    candidates: Iterable[Candidate],
    *,
    pools: Mapping[str, PoolSlots],
    active: ActiveCounts,
    free_slots: int,
) -> Selection:
    """Choose what to queue. A candidate that does not fit leaves room for ones behind it that do."""
    room = _Room(pools, active, free_slots)
    chosen: list[Candidate] = []
    reasons: dict[tuple[str, str, str, int], str] = {}
    for candidate in sorted(candidates, key=_order):
        reason = room.refusal(candidate)
        if reason:
            row = candidate.row
            reasons[(row.dag_id, row.run_id, row.task_id, row.map_index)] = reason
        else:
            room.take(candidate)
            chosen.append(candidate)
    return Selection(
        chosen=tuple(chosen),
        starved_pools=frozenset(room.starved_pools),
        starved_dags=frozenset(room.starved_dags),
        starved_tasks=frozenset(room.starved_tasks),
        reasons=reasons,
    )


def _order(candidate: Candidate) -> tuple[int, datetime, str, str, str, int]:
    row = candidate.row
    return (-row.priority_weight, candidate.logical_date, row.dag_id, row.run_id, row.task_id, row.map_index)


class _Room:
    """What is left, while candidates take it."""

    def __init__(self, pools: Mapping[str, PoolSlots], active: ActiveCounts, free_slots: int) -> None:
        self._pools = pools
        self._open = {name: pool.open for name, pool in pools.items()}
        self._free = free_slots
        self._by_dag = Counter(active.by_dag)
        self._by_task = Counter(active.by_task)
        self._by_run_task = Counter(active.by_run_task)
        self.starved_pools: set[str] = set()
        self.starved_dags: set[str] = set()
        self.starved_tasks: set[tuple[str, str]] = set()

    def take(self, candidate: Candidate) -> None:
        row = candidate.row
        self._free -= 1
        if not self._pools[row.pool].is_unlimited:
            self._open[row.pool] -= row.pool_slots
        self._by_dag[row.dag_id] += 1
        self._by_task[(row.dag_id, row.task_id)] += 1
        self._by_run_task[(row.dag_id, row.run_id, row.task_id)] += 1

    def refusal(self, candidate: Candidate) -> str:
        """Why there is no room for the candidate; "" when there is."""
        if self._free <= 0:
            return "No worker slot is free."
        return self._pool_refusal(candidate.row) or self._limit_refusal(candidate)

    def _pool_refusal(self, row: TaskInstance) -> str:
        pool = self._pools.get(row.pool)
        if pool is None:
            self.starved_pools.add(row.pool)
            return f"Pool {row.pool!r} does not exist; create it, or give task {row.task_id!r} another one."
        if pool.is_unlimited:
            return ""
        if row.pool_slots > pool.total:
            self.starved_tasks.add((row.dag_id, row.task_id))
            return f"Task {row.task_id!r} needs {row.pool_slots} slots; pool {row.pool!r} has only {pool.total}."
        left = self._open[row.pool]
        if row.pool_slots > left:
            if left <= 0:
                self.starved_pools.add(row.pool)
            else:
                self.starved_tasks.add((row.dag_id, row.task_id))
            return (
                f"Pool {row.pool!r} has {max(left, 0)} of {pool.total} slots free; "
                f"task {row.task_id!r} needs {row.pool_slots}."
            )
        return ""

    def _limit_refusal(self, candidate: Candidate) -> str:
        row = candidate.row
        if self._by_dag[row.dag_id] >= candidate.max_active_tasks:
            self.starved_dags.add(row.dag_id)
            return f"DAG {row.dag_id!r} has {candidate.max_active_tasks} active tasks, its max_active_tasks."
        task = (row.dag_id, row.task_id)
        limit = candidate.max_active_tis_per_dag
        if limit is not None and self._by_task[task] >= limit:
            self.starved_tasks.add(task)
            return f"Task {row.task_id!r} has {limit} active instances, its max_active_tis_per_dag."
        limit = candidate.max_active_tis_per_dagrun
        if limit is not None and self._by_run_task[(row.dag_id, row.run_id, row.task_id)] >= limit:
            # Other runs of the task may have room: it does not starve as a whole.
            return f"Task {row.task_id!r} has {limit} active instances in this run, its max_active_tis_per_dagrun."
        return ""
