"""Effective priority weights: a task's own, added up over its neighbours as its rule says. Each task counts once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.model.errors import InvalidInput
from tradewind.model.spec import DagSpec
from tradewind.model.states import WeightRule


@dataclass(frozen=True, slots=True)
class Weighted:
    """What a weight is computed from: of each task its own weight, rule and direct neighbours."""

    priority_weight: int
    weight_rule: str
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]


def effective_weights(tasks: Mapping[str, Weighted]) -> dict[str, int]:
    """Task id → effective weight. Raises InvalidInput for a rule that is not built in."""
    return {task_id: _weight(task_id, task, tasks) for task_id, task in tasks.items()}


def effective_weights_of(spec: DagSpec) -> dict[str, int]:
    """Task id → effective weight of a spec's tasks."""
    return effective_weights(
        {
            task.task_id: Weighted(
                task.priority_weight, task.weight_rule, task.upstream_task_ids, task.downstream_task_ids
            )
            for task in spec.tasks
        }
    )


def _weight(task_id: str, task: Weighted, tasks: Mapping[str, Weighted]) -> int:
    if task.weight_rule not in list(WeightRule):
        raise InvalidInput(f"Unknown priority strategy {task.weight_rule}")
    if task.weight_rule == WeightRule.ABSOLUTE:
        return task.priority_weight
    seen = {task_id}
    stack = [task_id]
    while stack:
        here = tasks[stack.pop()]
        neighbours = here.upstream if task.weight_rule == WeightRule.UPSTREAM else here.downstream
        for neighbour in neighbours:
            if neighbour not in seen and neighbour in tasks:
                seen.add(neighbour)
                stack.append(neighbour)
    return sum(tasks[other].priority_weight for other in seen)
