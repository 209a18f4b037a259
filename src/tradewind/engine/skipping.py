"""What a branch or a short circuit skips, and the changes that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, KeysView, Mapping
from dataclasses import dataclass
from datetime import datetime

from tradewind.model.changes import TaskChange
from tradewind.model.errors import InvalidInput
from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import TaskState

from .graph import Graph, graph_of
from .transitions import TaskEvent, next_task_state


@dataclass(frozen=True, slots=True)
class BranchSkip:
    """``followed``: direct downstream tasks that go on, chosen or reached from a chosen one (what the branch records);
    ``skip``: those that do not."""

    followed: tuple[str, ...]
    skip: tuple[str, ...]


def skips_of_branch(spec: DagSpec | Graph, task_id: str, followed: Iterable[str]) -> BranchSkip:
    """What follows from the ids (of tasks or groups) that a branch chose; none at all skips everything downstream.

    A task that is not chosen but that a chosen one leads to is not skipped. Raises InvalidInput for unknown ids.
    """
    graph = graph_of(spec)
    direct = graph.task(task_id).downstream_task_ids
    chosen = _chosen_tasks(graph, task_id, followed)
    kept = frozenset(chosen).union(*(graph.descendants(id) for id in chosen))
    return BranchSkip(
        followed=tuple(id for id in direct if id in kept), skip=tuple(id for id in direct if id not in kept)
    )


def _chosen_tasks(graph: Graph, task_id: str, followed: Iterable[str]) -> tuple[str, ...]:
    """Task ids, with a group's first tasks instead of the group."""
    chosen: dict[str, None] = {}
    groups = {group.group_id for group in graph.spec.groups if group.group_id}
    unknown = []
    for name in followed:
        if name in graph:
            chosen[name] = None
        elif name in groups:
            chosen.update(dict.fromkeys(group_roots(graph, name)))
        else:
            unknown.append(name)
    if unknown:
        raise InvalidInput(
            f"'branch_task_ids' must contain only valid task_ids. Invalid tasks found: {set(unknown)!r}."
            f" Task {task_id!r} may follow task or group ids of its DAG."
        )
    return tuple(chosen)


def group_roots(graph: Graph, group_id: str) -> tuple[str, ...]:
    """The first tasks of a group: those without an upstream task inside it."""
    members = group_members(graph, group_id)
    return tuple(id for id in members if not members & set(graph.tasks[id].upstream_task_ids))


def group_members(graph: Graph, group_id: str) -> KeysView[str]:
    """All tasks of a group and the groups in it, in order."""
    children = {group.group_id: group.children for group in graph.spec.groups}
    found: dict[str, None] = {}
    stack = [group_id]
    while stack:
        for child, kind in children.get(stack.pop(), ()):
            if kind == "group":
                stack.append(child)
            elif child in graph:
                found[child] = None
    return found.keys()


def skips_of_short_circuit(
    spec: DagSpec | Graph, task_id: str, ignore_downstream_trigger_rules: bool
) -> tuple[str, ...]:
    """What a short circuit skips on a false value: all downstream tasks, or only the direct ones when further ones are
    to follow their own rules. Teardowns are never skipped."""
    graph = graph_of(spec)
    direct = graph.task(task_id).downstream_task_ids
    below = graph.descendants(task_id) if ignore_downstream_trigger_rules else frozenset(direct)
    return tuple(task.task_id for task in graph.spec.tasks if task.task_id in below and not task.is_teardown)


def skip_changes(
    run: RunKey,
    task_instances: Mapping[TaskKey, TaskInstance],
    key: TaskKey,
    skip_ids: Iterable[str],
    now: datetime,
    *,
    every_index: bool = False,
) -> tuple[TaskChange, ...]:
    """The changes that skip tasks on behalf of ``key``: of each the instance with its own index, so that a branch in a
    mapped group skips at its index only, and a mapped branch outside one skips nothing.

    ``every_index``: of an unmapped short circuit, which skips all instances of a mapped task where a branch skips none.
    """
    wanted = set(skip_ids)
    if every_index and key.map_index < 0:
        rows = [row for row in task_instances.values() if row.task_id in wanted]
    else:
        found = (task_instances.get(TaskKey(task_id, key.map_index)) for task_id in skip_ids)
        rows = [row for row in found if row is not None]
    return tuple(skip_change(run, row, now) for row in rows if row.state is not TaskState.SKIPPED)


def skip_change(run: RunKey, row: TaskInstance, now: datetime) -> TaskChange:
    """Skip one instance, whatever state it is in: also an empty operator that has succeeded already."""
    return TaskChange(
        run=run,
        key=row.key,
        old_states=frozenset({row.state}),
        values={
            "state": next_task_state(row.state, TaskEvent.SKIP),
            "start_date": now,
            "end_date": now,
            "token": None,
            "wake_at": None,
            "trigger_id": None,
        },
        event="task.skipped",
    )
