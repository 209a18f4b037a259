"""Mapped tasks: how many instances, which item of each argument an instance gets, which indices correspond."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod

from tradewind.model.errors import InvalidInput
from tradewind.model.records import TaskKey
from tradewind.model.spec import ExpandSpec, LengthSpec, TaskSpec

from .graph import Graph

Lengths = Callable[[str], int | None]
"""Supplier task id → number of items of its result, None while unknown."""


def item_count(length: LengthSpec, lengths: Lengths) -> int | None:
    """How many items an expand argument has; None while a supplier's result is unknown."""
    if length.kind == "literal":
        return length.length
    if length.kind == "xcom":
        return lengths(length.task_id)
    counts = [item_count(item, lengths) for item in length.items]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        return None
    if length.kind == "concat":
        return sum(known)
    return (max if length.longest else min)(known, default=0)


def length(expand: ExpandSpec, lengths: Lengths) -> int | None:
    """How many instances an expansion makes: the product over its arguments."""
    counts = [item_count(argument, lengths) for argument in expand.arguments.values()]
    known = [count for count in counts if count is not None]
    # An empty argument decides alone: nothing times anything is nothing, but Airflow waits for all of them.
    return prod(known) if len(known) == len(counts) else None


def total(graph: Graph, task: TaskSpec, lengths: Lengths) -> int | None:
    """How many instances a task has: its mapped groups' lengths times its own."""
    counts = [length(expand, lengths) for expand in graph.expansions(task)]
    known = [count for count in counts if count is not None]
    return prod(known) if len(known) == len(counts) else None


def arguments(expand: ExpandSpec, index: int, lengths: Lengths) -> dict[str, int]:
    """Argument → which of its items instance ``index`` gets; the last argument runs fastest.

    Raises InvalidInput for an index outside the expansion, or while a length is unknown.
    """
    count = length(expand, lengths)
    if count is None or not 0 <= index < count:
        raise InvalidInput(f"map index {index} is outside an expansion of {count} instances")
    found: dict[str, int] = {}
    rest = index
    for name in reversed(tuple(expand.arguments)):
        items = item_count(expand.arguments[name], lengths) or 1
        rest, found[name] = divmod(rest, items)
    return {name: found[name] for name in expand.arguments}


def concat_part(counts: list[int], index: int) -> tuple[int, int]:
    """Which of several chained lists item ``index`` comes from, and its place there."""
    for part, count in enumerate(counts):
        if index < count:
            return part, index
        index -= count
    raise InvalidInput(f"item {index} lies behind the end of {len(counts)} chained lists")


def check_max_map_length(length: int, limit: int) -> None:
    """Raises InvalidInput when a result has more items than may be mapped over."""
    if length > limit:
        raise InvalidInput(f"unmappable return value length: {length} > {limit}")


def initial_keys(graph: Graph, task: TaskSpec) -> tuple[TaskKey, ...]:
    """Keys of a task's instances when its run is made: all indices when literals tell their number, else one
    placeholder without index."""
    if not graph.is_mapped(task):
        return (TaskKey(task.task_id),)
    count = total(graph, task, lambda _: None)
    if not count:
        return (TaskKey(task.task_id),)
    return tuple(TaskKey(task.task_id, index) for index in range(count))


def matching_indices(own: int, own_count: int, other_count: int, shared_count: int) -> range:
    """Indices of another task's instances that stand in the same place of the groups both are in.

    ``shared_count`` is the number of instances of the shared groups; both counts are multiples of it.
    """
    place = own // (own_count // shared_count)
    width = other_count // shared_count
    return range(place * width, (place + 1) * width)


def shared_length(graph: Graph, task: TaskSpec, shared: int, lengths: Lengths) -> int | None:
    """How many instances the outermost ``shared`` mapped groups of a task have together."""
    groups: Mapping[str, ExpandSpec] = graph.group_expansions
    counts = [length(groups[group_id], lengths) for group_id in task.mapped_groups[:shared] if group_id in groups]
    known = [count for count in counts if count is not None]
    return prod(known) if len(known) == len(counts) else None
