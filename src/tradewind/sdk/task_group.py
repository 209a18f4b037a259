"""TaskGroup: tasks shown, connected and (when mapped) expanded together."""
# ruff: noqa: PLR0917
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

import copy
import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tradewind.model.states import TriggerRule

from .contexts import DagContext, TaskGroupContext
from .edges import EdgeModifier, flatten
from .exceptions import AirflowDagCycleException, AirflowException, DuplicateTaskIdFound, TaskAlreadyInTaskGroup
from .node import DAGNode
from .types import NOTSET, ArgNotSet, validate_group_key

if TYPE_CHECKING:
    from .abstract_operator import AbstractOperator
    from .dag import DAG


class TaskGroup(DAGNode):
    """A named group; ids of what is in it get its id as prefix. The root group of a DAG has the id None."""

    is_task: ClassVar[bool] = False
    is_mapped: ClassVar[bool] = False

    used_group_ids: set[str | None]

    def __init__(
        self,
        group_id: str | None,
        prefix_group_id: bool = True,
        parent_group: TaskGroup | None = None,
        dag: DAG | None = None,
        default_args: dict[str, Any] | None = None,
        tooltip: str = "",
        ui_color: str = "CornflowerBlue",
        ui_fgcolor: str = "#000",
        add_suffix_on_collision: bool = False,
        group_display_name: str = "",
        doc_md: str | None = None,
    ) -> None:
        self.prefix_group_id = prefix_group_id
        self.default_args = copy.copy(default_args or {})
        self._group_id = group_id
        self.dag: Any = None
        self.children: dict[str, Any] = {}
        self.upstream_group_ids: set[str | None] = set()
        self.downstream_group_ids: set[str | None] = set()
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self.tooltip = tooltip
        self.ui_color = ui_color
        self.ui_fgcolor = ui_fgcolor
        self.group_display_name = group_display_name
        self.doc_md = doc_md
        self.task_group: TaskGroup | None = None
        if group_id is None:
            if parent_group is not None:
                raise AirflowException("Root TaskGroup cannot have parent_group")
            self.used_group_ids = set()
            if dag is not None:
                self.dag = dag
            return
        validate_group_key(group_id)
        self._join(dag, parent_group, add_suffix_on_collision)

    def _join(self, dag: DAG | None, parent: TaskGroup | None, add_suffix: bool) -> None:
        """Find the place in DAG and parent group, and an id that is free."""
        dag = dag or (parent.dag if parent is not None else None) or DagContext.get_current_dag()
        parent = parent or TaskGroupContext.get_current_task_group(dag)
        if dag is None or parent is None:
            raise AirflowException("TaskGroup can only be used inside a dag")
        self.dag = dag
        self.default_args = {**parent.default_args, **self.default_args}
        self.used_group_ids = parent.used_group_ids
        self.task_group = parent
        self._take_free_id(add_suffix)
        parent.add(self)
        if self.group_id:
            self.used_group_ids.update((self.group_id, self.upstream_join_id, self.downstream_join_id))

    def _take_free_id(self, add_suffix: bool) -> None:
        if self.group_id not in self.used_group_ids:
            return
        if not add_suffix:
            raise DuplicateTaskIdFound(f"group_id '{self.group_id}' has already been added to the DAG")
        base = re.split(r"__\d+$", self._group_id or "")[0]
        pattern = re.compile(rf"^{re.escape(self._prefixed(base))}__(\d+)$")
        taken = [int(match[1]) for used in self.used_group_ids if used and (match := pattern.match(used))]
        self._group_id = f"{base}__{max(taken, default=0) + 1}"

    def _prefixed(self, label: str) -> str:
        parent = self.task_group
        if parent is not None and parent.prefix_group_id and parent.group_id is not None:
            return parent.child_id(label)
        return label

    @classmethod
    def create_root(cls, dag: DAG) -> TaskGroup:
        """The group that holds all of a DAG."""
        return cls(group_id=None, dag=dag)

    # Identity ---------------------------------------------------------------------------------------------------

    @property
    def group_id(self) -> str | None:
        """The id, with the prefixes of the groups around it."""
        return None if self._group_id is None else self._prefixed(self._group_id)

    @property
    def node_id(self) -> str:
        return self.group_id or ""

    @property
    def label(self) -> str | None:
        """The id without prefixes."""
        return self.group_display_name or self._group_id

    @property
    def is_root(self) -> bool:
        """Whether it is the DAG's root group."""
        return not self.group_id

    @property
    def parent_group(self) -> TaskGroup | None:
        """The group around it."""
        return self.task_group

    def child_id(self, label: str) -> str:
        """The full id of a child with this label."""
        if self.prefix_group_id and self.group_id:
            return f"{self.group_id}.{label}"
        return label

    @property
    def upstream_join_id(self) -> str:
        """Id of the point that the graph view draws before the group."""
        return f"{self.group_id}.upstream_join_id"

    @property
    def downstream_join_id(self) -> str:
        """Id of the point that the graph view draws after the group."""
        return f"{self.group_id}.downstream_join_id"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.group_id or '(root)'}>"

    # Members ----------------------------------------------------------------------------------------------------

    def add(self, node: Any) -> Any:
        """Take a task or group in. Raises for one that is elsewhere already, or whose id is taken."""
        existing = node.task_group
        if existing is not None and existing is not self:
            raise TaskAlreadyInTaskGroup(node.node_id, existing.node_id or None, self.node_id)
        key = node.node_id
        if key in self.children:
            kind = "Task" if getattr(node, "is_task", False) else "Task Group"
            raise DuplicateTaskIdFound(f"{kind} id '{key}' has already been added to the DAG")
        if not getattr(node, "is_task", False) and node.children:
            raise AirflowException("Cannot add a non-empty TaskGroup")
        if getattr(node, "is_task", False):
            self.used_group_ids.add(key)
        self.children[key] = node
        return node

    def has_task(self, task: Any) -> bool:
        """Whether the task is in this group or in one inside."""
        return task.task_id in self.children or any(
            child.has_task(task) for child in self.children.values() if isinstance(child, TaskGroup)
        )

    def iter_tasks(self) -> Iterator[Any]:
        """All tasks of the group and of the groups inside."""
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                yield from child.iter_tasks()
            else:
                yield child

    def get_child_by_label(self, label: str) -> Any:
        """The child of this label."""
        return self.children[self.child_id(label)]

    def get_task_group_dict(self) -> dict[str | None, TaskGroup]:
        """This group and all inside, by id."""
        found: dict[str | None, TaskGroup] = {self.group_id: self}
        for child in self.children.values():
            if isinstance(child, TaskGroup):
                found.update(child.get_task_group_dict())
        return found

    def iter_mapped_task_groups(self) -> Iterator[MappedTaskGroup]:
        """The mapped ones among this group and those around it, innermost first."""
        group: TaskGroup | None = self
        while group is not None:
            if isinstance(group, MappedTaskGroup):
                yield group
            group = group.parent_group

    # Edges ------------------------------------------------------------------------------------------------------

    @property
    def roots(self) -> list[Any]:
        return list(self.get_roots())

    @property
    def leaves(self) -> list[Any]:
        return list(self.get_leaves())

    def get_roots(self) -> Generator[Any, None, None]:
        """Tasks with nothing of the group before them."""
        tasks = list(self.iter_tasks())
        inside = {task.task_id for task in tasks}
        yield from (task for task in tasks if not task.upstream_task_ids & inside)

    def get_leaves(self) -> Generator[Any, None, None]:
        """Last tasks that are not teardowns: what comes after the group waits for its work, not for the clearing up."""
        tasks = {task.task_id: task for task in self.iter_tasks()}
        seen: set[str] = set()
        for task in tasks.values():
            if not task.downstream_task_ids & tasks.keys():
                yield from self._last_work(task, tasks, seen)

    def _last_work(self, task: Any, tasks: dict[str, Any], seen: set[str]) -> Iterator[AbstractOperator]:
        if task.task_id in seen:
            return
        seen.add(task.task_id)
        if not task.is_teardown:
            yield task
            return
        for task_id in sorted(task.upstream_task_ids & tasks.keys()):
            before = tasks[task_id]
            if not before.is_setup and not self._has_work_after(before, tasks):
                yield from self._last_work(before, tasks, seen)

    @staticmethod
    def _has_work_after(task: Any, tasks: dict[str, Any]) -> bool:
        return any(not tasks[name].is_teardown for name in task.downstream_task_ids & tasks.keys())

    def update_relative(self, other: Any, upstream: bool = True, edge_modifier: EdgeModifier | None = None) -> None:
        """Note a neighbour of the whole group, for the graph view."""
        if isinstance(other, TaskGroup):
            (self.upstream_group_ids if upstream else self.downstream_group_ids).add(other.group_id)
            return
        for task in other.leaves if upstream else other.roots:
            if not getattr(task, "is_task", False):
                raise AirflowException(
                    f"Relationships can only be set between TaskGroup or operators; received {type(task).__name__}"
                )
            (self.upstream_task_ids if upstream else self.downstream_task_ids).add(task.node_id)
            if edge_modifier is not None:
                ends = (task.node_id, self.upstream_join_id) if upstream else (self.downstream_join_id, task.node_id)
                edge_modifier.add_edge_info(self.dag, *ends)

    def _set_relatives(self, other: Any, *, upstream: bool, edge_modifier: EdgeModifier | None) -> None:
        for item in flatten(other):
            self.update_relative(item, upstream=upstream, edge_modifier=edge_modifier)
            item.update_relative(self, upstream=not upstream, edge_modifier=edge_modifier)
        # A label connects the group itself when its other side is known: that marks the group's end, not each edge.
        neighbours = [item for item in flatten(other) if not isinstance(item, EdgeModifier)]
        for task in self.roots if upstream else self.leaves:
            if upstream:
                task.set_upstream(neighbours)
            else:
                task.set_downstream(neighbours)

    def as_setup(self) -> Self:
        """Mark all tasks as setups."""
        for task in self.iter_tasks():
            task.as_setup()
        return self

    def as_teardown(self, *, setups: Any = NOTSET, on_failure_fail_dagrun: bool | ArgNotSet = NOTSET) -> Self:
        """Mark all tasks as teardowns."""
        for task in self.iter_tasks():
            task.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def topological_sort(self, _include_subdag_tasks: bool = False) -> list[Any]:
        """The children, each after those it waits for. Raises AirflowDagCycleException."""
        return sort_children(self)

    def hierarchical_alphabetical_sort(self) -> list[Any]:
        """The children, groups after tasks, each by id."""
        return sorted(self.children.values(), key=lambda node: (isinstance(node, TaskGroup), node.node_id))

    def __enter__(self) -> Self:
        TaskGroupContext.push_context_managed_task_group(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        TaskGroupContext.pop_context_managed_task_group()


class MappedTaskGroup(TaskGroup):
    """A group that a run has several instances of."""

    is_mapped: ClassVar[bool] = True

    def __init__(self, *, expand_input: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._expand_input = expand_input

    @property
    def expand_input(self) -> Any:
        """What it is mapped over."""
        return self._expand_input

    def iter_mapped_dependencies(self) -> Iterator[Any]:
        """Tasks whose results decide the number of instances."""
        for operator, _ in self._expand_input.iter_references():
            yield operator

    def __exit__(self, *exc_info: object) -> None:
        suppliers = list(self.iter_mapped_dependencies())
        for operator in suppliers:
            self.set_upstream(operator)
        super().__exit__(*exc_info)
        if suppliers and any(task.trigger_rule == TriggerRule.ALWAYS for task in self.iter_tasks()):
            # Such a task would not wait for the number of its instances to be known.
            raise ValueError(
                "Task-generated mapping within a mapped task group is not allowed with trigger rule 'always'"
            )


def sort_children(group: TaskGroup) -> list[Any]:
    """Order of the group's children: pass after pass over those not yet placed, in order of definition."""
    holder: dict[str, str] = {}
    for key, child in group.children.items():
        tasks = child.iter_tasks() if isinstance(child, TaskGroup) else (child,)
        for task in tasks:
            holder[task.task_id] = key
    waits: dict[str, set[str]] = {key: set() for key in group.children}
    for key, child in group.children.items():
        for task in child.iter_tasks() if isinstance(child, TaskGroup) else (child,):
            waits[key] |= {holder[name] for name in task.upstream_task_ids if name in holder} - (
                {key} if isinstance(child, TaskGroup) else set()
            )
    ordered: list[str] = []
    while len(ordered) < len(waits):
        placed = set(ordered)
        progress = False
        for key, before in waits.items():
            if key not in placed and before <= placed:
                ordered.append(key)
                placed.add(key)
                progress = True
        if not progress:
            raise AirflowDagCycleException(f"A cyclic dependency occurred in dag: {group.dag_id}")
    return [group.children[key] for key in ordered]
