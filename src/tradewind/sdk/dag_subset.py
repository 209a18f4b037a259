"""A DAG reduced to some of its tasks (``dag.partial_subset``)."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .task_group import TaskGroup

if TYPE_CHECKING:
    from .dag import DAG


def subset(
    dag: DAG,
    wanted: str | re.Pattern[str] | Iterable[str],
    *,
    downstream: bool,
    upstream: bool,
    direct_upstream: bool,
) -> DAG:
    """A copy of ``dag`` with the tasks that match, and their relatives as asked."""
    if isinstance(wanted, (str, re.Pattern)):
        pattern = re.compile(wanted)
        matched = [task for task in dag.tasks if pattern.search(task.task_id)]
    else:
        names = set(wanted)
        matched = [task for task in dag.tasks if task.task_id in names]
    keep = {task.task_id for task in matched} | _relatives(matched, downstream, upstream, direct_upstream)
    reduced = copy.copy(dag)
    reduced.task_dict = {}
    reduced.edge_info = copy.deepcopy(dag.edge_info)
    reduced._task_group = _copy_group(dag.task_group, reduced, None, keep)
    order = [task.task_id for task in matched] + [task.task_id for task in dag.tasks]
    reduced.task_dict = {name: reduced.task_dict[name] for name in dict.fromkeys(order) if name in keep}
    reduced.task_count = len(reduced.task_dict)
    reduced.partial = len(reduced.task_dict) < len(dag.task_dict)
    return reduced


def _relatives(matched: list[Any], downstream: bool, upstream: bool, direct_upstream: bool) -> set[str]:
    also: set[str] = set()
    for task in matched:
        if downstream:
            for follower in task.get_flat_relatives(upstream=False):
                also.add(follower.task_id)
                also |= {setup.task_id for setup in follower.get_upstreams_only_setups_and_teardowns()}
        if upstream:
            also |= {other.task_id for other in task.get_upstreams_follow_setups()}
        else:
            also |= {other.task_id for other in task.get_upstreams_only_setups_and_teardowns()}
        if direct_upstream:
            also |= set(task.upstream_task_ids)
    return also


def _copy_group(group: TaskGroup, dag: DAG, parent: TaskGroup | None, keep: set[str]) -> TaskGroup:
    """The group with the kept tasks only; copies go into ``dag.task_dict``."""
    twin = copy.copy(group)
    twin.dag = dag
    twin.task_group = parent
    twin.children = {}
    twin.used_group_ids = set(group.used_group_ids)
    twin.upstream_task_ids = group.upstream_task_ids & keep
    twin.downstream_task_ids = group.downstream_task_ids & keep
    for key, child in group.children.items():
        if isinstance(child, TaskGroup):
            inner = _copy_group(child, dag, twin, keep)
            if inner.children:
                twin.children[key] = inner
        elif child.task_id in keep:
            twin.children[key] = _copy_task(child, dag, twin, keep)
    return twin


def _copy_task(task: Any, dag: DAG, group: TaskGroup, keep: set[str]) -> Any:
    twin = copy.copy(task)
    twin.upstream_task_ids = task.upstream_task_ids & keep
    twin.downstream_task_ids = task.downstream_task_ids & keep
    twin.task_group = group
    dag.task_dict[task.task_id] = twin
    if hasattr(twin, "_dag"):
        twin._dag = dag
    else:
        twin.dag = dag
    return twin
