"""Effective priority weights: each task's own weight combined with its neighbours' by its weight rule. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .states import WeightRule

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)


def effective_weights(
    weights: Mapping[str, int], rules: Mapping[str, str], downstream: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """The priority weight that the queue sorts by, for each task id of ``weights``.

    ``downstream``: task id → its direct downstream ids, without cycles; ``rules``: task id → weight rule (an unknown
    rule counts as absolute: a custom strategy is asked where user code may run). Each related task counts once,
    however many ways lead to it. Results are held within 32 bits, which is what the column takes.
    """
    ids = list(weights)
    position = {task_id: index for index, task_id in enumerate(ids)}
    down: Mapping[str, Sequence[str]] = {i: [d for d in downstream.get(i, ()) if d in position] for i in ids}
    masks = _masks(weights, position)
    reach_down = reach_up = None
    result: dict[str, int] = {}
    for task_id in ids:
        match rules.get(task_id, WeightRule.DOWNSTREAM):
            case WeightRule.DOWNSTREAM:
                reach_down = reach_down or _reach(down, position)
                related = reach_down[task_id]
            case WeightRule.UPSTREAM:
                reach_up = reach_up or _reach(_reversed(down), position)
                related = reach_up[task_id]
            case _:
                related = 0
        total = weights[task_id] + sum(weight * (related & mask).bit_count() for weight, mask in masks.items())
        result[task_id] = max(INT32_MIN, min(INT32_MAX, total))
    return result


def _reversed(edges: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {task_id: [] for task_id in edges}
    for source, targets in edges.items():
        for target in targets:
            result[target].append(source)
    return result


def _reach(edges: Mapping[str, Sequence[str]], position: Mapping[str, int]) -> dict[str, int]:
    """For each node the set of nodes that can be reached from it, as a bit set: a closure of ten thousand tasks is
    a few million machine words this way, and sets of names are not."""
    reached: dict[str, int] = {}
    for start in edges:
        stack = [start]
        while stack:
            node = stack[-1]
            if node in reached:
                stack.pop()
                continue
            waiting = [target for target in edges[node] if target not in reached]
            if waiting:
                stack.extend(waiting)
                continue
            bits = 0
            for target in edges[node]:
                bits |= reached[target] | (1 << position[target])
            reached[node] = bits
            stack.pop()
    return reached


def _masks(weights: Mapping[str, int], position: Mapping[str, int]) -> dict[int, int]:
    by_weight: dict[int, int] = {}
    for task_id, weight in weights.items():
        by_weight[weight] = by_weight.get(weight, 0) | (1 << position[task_id])
    return by_weight
