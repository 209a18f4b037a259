"""What a selection of task instances brings along: upstream, downstream, the past, the future, setups and teardowns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewind.engine import clearing
from tradewind.engine.graph import Graph, graph_of
from tradewind.model.spec import DagSpec
from tradewind.storage import selections
from tradewind.storage.database import Transaction
from tradewind.storage.selections import TaskRef

SpecOf = Callable[[str], DagSpec | None]
RUNS_AT_ONCE = 200
"""Whose task instances one statement asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How far a selection reaches."""

    upstream: bool = False
    downstream: bool = False
    past: bool = False
    future: bool = False


def widened(tx: Transaction, spec_of: SpecOf, refs: Sequence[TaskRef], scope: Scope) -> list[TaskRef]:
    """The task instances and all that the scope adds, each once. Of a DAG that is gone only they themselves."""
    by_dag: dict[str, list[TaskRef]] = defaultdict(list)
    for ref in refs:
        by_dag[ref.dag_id].append(ref)
    found: list[TaskRef] = []
    for dag_id, chosen in by_dag.items():
        spec = spec_of(dag_id)
        found += chosen if spec is None else _of_dag(tx, graph_of(spec), chosen, scope)
    return found


def _of_dag(tx: Transaction, graph: Graph, chosen: list[TaskRef], scope: Scope) -> list[TaskRef]:
    dag_id = chosen[0].dag_id
    named: dict[str, set[str]] = defaultdict(set)
    dates: dict[str, datetime] = {}
    for ref in chosen:
        named[ref.run_id].add(ref.task_id)
        dates[ref.run_id] = ref.logical_date
    wanted = {run_id: _tasks(graph, tasks, scope) for run_id, tasks in named.items()}
    if scope.past or scope.future:
        wanted = _spread(tx, dag_id, wanted, dates, scope)
    more = {run_id: tasks - named.get(run_id, set()) for run_id, tasks in wanted.items()}
    known = {ref[:4] for ref in chosen}
    return [*chosen, *(ref for ref in _instances(tx, dag_id, more) if ref[:4] not in known)]


def _tasks(graph: Graph, named: Iterable[str], scope: Scope) -> set[str]:
    """As in clearing by run: with what the chosen work needs of setups and teardowns."""
    chosen = clearing.selected_tasks(graph, named, upstream=scope.upstream, downstream=scope.downstream)
    return set(chosen) | set(named)


def _spread(
    tx: Transaction, dag_id: str, wanted: dict[str, set[str]], dates: dict[str, datetime], scope: Scope
) -> dict[str, set[str]]:
    """Each run's tasks also in the runs before or after it."""
    start = None if scope.past else min(dates.values())
    end = None if scope.future else max(dates.values())
    runs = [row.run_id for row in selections.runs_between(tx, dag_id, start, end)]
    spread = {run_id: set(wanted.get(run_id, ())) for run_id in runs}
    for order in ([runs] if scope.future else []) + ([runs[::-1]] if scope.past else []):
        reached: set[str] = set()
        for run_id in order:
            reached |= wanted.get(run_id, set())
            spread[run_id] |= reached
    return spread


def _instances(tx: Transaction, dag_id: str, wanted: dict[str, set[str]]) -> Iterable[TaskRef]:
    runs = [run_id for run_id, tasks in wanted.items() if tasks]
    for place in range(0, len(runs), RUNS_AT_ONCE):
        some = runs[place : place + RUNS_AT_ONCE]
        tasks = set().union(*(wanted[run_id] for run_id in some))
        for ref in selections.of_tasks(tx, dag_id, some, tasks):
            if ref.task_id in wanted[ref.run_id]:
                yield ref
