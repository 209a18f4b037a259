"""Small DagSpecs for the engine's tests: tasks by keyword, edges as text."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from tradewind.engine.weights import effective_weights_of
from tradewind.model.spec import DagSpec, ExpandSpec, LengthSpec, TaskSpec
from tradewind.model.states import TriggerRule


def a_task(task_id: str, rule: str = "all_success", **values: Any) -> TaskSpec:
    """A task that is not empty: the simulator runs it."""
    return TaskSpec(task_id=task_id, task_type="PythonOperator", trigger_rule=TriggerRule(rule), **values)


def a_dag(*tasks: TaskSpec, edges: str = "", **values: Any) -> DagSpec:
    """A DAG; ``edges`` like "a>b>c, a>d". Tasks are put into topological order."""
    up: dict[str, list[str]] = {task.task_id: [] for task in tasks}
    down: dict[str, list[str]] = {task.task_id: [] for task in tasks}
    for chain in filter(None, edges.replace(" ", "").split(",")):
        ids = chain.split(">")
        for before, after in itertools.pairwise(ids):
            up[after].append(before)
            down[before].append(after)
    linked = {
        task.task_id: replace(
            task, upstream_task_ids=tuple(up[task.task_id]), downstream_task_ids=tuple(down[task.task_id])
        )
        for task in tasks
    }
    ordered: list[TaskSpec] = []
    while len(ordered) < len(linked):
        done = {task.task_id for task in ordered}
        ordered += [t for t in linked.values() if t.task_id not in done and done.issuperset(t.upstream_task_ids)]
    spec = DagSpec(dag_id="d", fileloc="d.py", tasks=tuple(ordered), **values)
    weights = effective_weights_of(spec)
    return replace(spec, tasks=tuple(replace(task, effective_weight=weights[task.task_id]) for task in spec.tasks))


def over_xcom(*suppliers: str) -> ExpandSpec:
    """expand(a=supplier.output, b=…)."""
    return ExpandSpec(
        kind="dict",
        arguments={f"x{n}": LengthSpec(kind="xcom", task_id=task_id) for n, task_id in enumerate(suppliers)},
    )


def over_literal(*lengths: int) -> ExpandSpec:
    """expand over lists of these lengths."""
    return ExpandSpec(
        kind="dict", arguments={f"x{n}": LengthSpec(kind="literal", length=length) for n, length in enumerate(lengths)}
    )
