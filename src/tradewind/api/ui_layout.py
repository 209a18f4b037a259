"""The rows of a DAG's matrix: tasks and groups as a tree, groups before what is in them, in topological order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tradewind.model.spec import DagSpec, GroupSpec, TaskSpec


@dataclass(frozen=True, slots=True)
class Layout:
    """``rows``: what is shown of each row. ``parents``: the row of each one's group, -1 at the top."""

    rows: Sequence[dict[str, Any]]
    index: Mapping[str, int]
    """Task id → row. Groups are not in it: a group and a task may have the same name."""
    parents: Sequence[int]
    mapped: frozenset[int]


def layout_of(spec: DagSpec) -> Layout:
    """The rows of a DAG."""
    builder = _Builder(spec)
    builder.add(spec.groups[0] if spec.groups else None, -1, 0)
    return Layout(tuple(builder.rows), builder.index, tuple(builder.parents), frozenset(builder.mapped))


class _Builder:
    def __init__(self, spec: DagSpec) -> None:
        self._tasks = {task.task_id: task for task in spec.tasks}
        self._groups = {group.group_id: group for group in spec.groups if group.group_id is not None}
        self._order = {task.task_id: place for place, task in enumerate(spec.tasks)}
        self._firsts: dict[str, int] = {}
        self.rows: list[dict[str, Any]] = []
        self.index: dict[str, int] = {}
        self.parents: list[int] = []
        self.mapped: set[int] = set()

    def add(self, group: GroupSpec | None, parent: int, depth: int) -> None:
        """What is directly in a group, and so on."""
        children = group.children if group is not None else [(task_id, "task") for task_id in self._tasks]
        for name, kind in sorted(children, key=lambda child: self._first(*child)):
            row = len(self.rows)
            if kind == "task" and name in self._tasks:
                self._put(_task_row(self._tasks[name], group), parent, depth, group)
                self.index[name] = row
                if self._tasks[name].is_mapped or self._tasks[name].mapped_groups:
                    self.mapped.add(row)
            elif kind == "group" and name in self._groups:
                self._put(_group_row(self._groups[name], group), parent, depth, group)
                self.add(self._groups[name], row, depth + 1)

    def _put(self, row: dict[str, Any], parent: int, depth: int, group: GroupSpec | None) -> None:
        if depth:
            row["depth"] = depth
        if group is not None and group.group_id is not None:
            row["parent"] = group.group_id
        self.rows.append(row)
        self.parents.append(parent)

    def _first(self, name: str, kind: str) -> int:
        """The place of a task, of a group that of its first task."""
        if kind == "task":
            return self._order.get(name, len(self._order))
        if name not in self._firsts:
            group = self._groups.get(name)
            places = [self._first(*child) for child in group.children] if group is not None else []
            self._firsts[name] = min(places, default=len(self._order))
        return self._firsts[name]


def short_label(name: str, group: GroupSpec | None) -> str:
    """The name without its group's."""
    prefix = f"{group.group_id}." if group is not None and group.group_id is not None else ""
    return name.removeprefix(prefix) if prefix else name


def task_label(task: TaskSpec, group: GroupSpec | None) -> str:
    """The name that the DAG file gives, else the id without its group's. An id as display name is no name."""
    given = task.display_name if task.display_name != task.task_id else None
    return given or short_label(task.task_id, group)


def _task_row(task: TaskSpec, group: GroupSpec | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": task.task_id, "op": task.operator_name or task.task_type}
    label = task_label(task, group)
    if label != task.task_id:
        row["label"] = label
    if task.is_mapped or task.mapped_groups:
        row["mapped"] = 1
    if task.is_setup:
        row["setup"] = 1
    if task.is_teardown:
        row["teardown"] = 1
    return row


def _group_row(group: GroupSpec, outer: GroupSpec | None) -> dict[str, Any]:
    name = str(group.group_id)
    row: dict[str, Any] = {"id": name, "group": 1}
    label = group.label or short_label(name, outer)
    if label != name:
        row["label"] = label
    if group.expand is not None:
        row["mapped"] = 1
    return row
