"""A node of the graph: what tasks and task groups have in common, above all how edges between them are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .edges import DependencyMixin, EdgeModifier, flatten
from .exceptions import AirflowException

if TYPE_CHECKING:
    from datetime import datetime

    from .dag import DAG
    from .task_group import TaskGroup


class DAGNode(DependencyMixin):
    """Has neighbours (by id), a DAG and perhaps a group."""

    dag: DAG | None = None
    task_group: TaskGroup | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    upstream_task_ids: set[str]
    downstream_task_ids: set[str]

    @property
    def node_id(self) -> str:
        """Id of the node within the DAG."""
        raise NotImplementedError

    @property
    def label(self) -> str | None:
        """Id as shown inside the group: without the group's prefix."""
        group = self.task_group
        if group and group.node_id and group.prefix_group_id and self.node_id.startswith(f"{group.node_id}."):
            return self.node_id[len(group.node_id) + 1 :]
        return self.node_id

    def has_dag(self) -> bool:
        """Whether it belongs to a DAG."""
        return self.dag is not None

    @property
    def dag_id(self) -> str:
        """Id of its DAG; of a task without one, Airflow's placeholder."""
        dag = self.dag
        return dag.dag_id if dag is not None else "_in_memory_dag_"

    @property
    def upstream_list(self) -> Iterable[Any]:
        """The tasks directly before this."""
        return [self._dag_or_raise().get_task(task_id) for task_id in self.upstream_task_ids]

    @property
    def downstream_list(self) -> Iterable[Any]:
        """The tasks directly after this."""
        return [self._dag_or_raise().get_task(task_id) for task_id in self.downstream_task_ids]

    def get_direct_relative_ids(self, upstream: bool = False) -> set[str]:
        """Ids of the direct neighbours on one side."""
        return self.upstream_task_ids if upstream else self.downstream_task_ids

    def get_direct_relatives(self, upstream: bool = False) -> Iterable[Any]:
        """The direct neighbours on one side."""
        return self.upstream_list if upstream else self.downstream_list

    def _dag_or_raise(self) -> DAG:
        if self.dag is None:
            raise AirflowException(f"Operator {self} has not been assigned to a DAG yet")
        return self.dag

    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """``other`` (task, group, XComArg, label, or a sequence of them) runs before this."""
        self._set_relatives(other, upstream=True, edge_modifier=edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """``other`` (task, group, XComArg, label, or a sequence of them) runs after this."""
        self._set_relatives(other, upstream=False, edge_modifier=edge_modifier)

    def _set_relatives(self, other: Any, *, upstream: bool, edge_modifier: EdgeModifier | None) -> None:
        """Draw the edges between this task and all ends of ``other``."""
        neighbours: list[Any] = []
        for item in flatten(other):
            item.update_relative(self, not upstream, edge_modifier=edge_modifier)
            neighbours.extend(item.leaves if upstream else item.roots)
        for neighbour in neighbours:
            if not getattr(neighbour, "is_task", False):
                raise AirflowException(
                    f"Relationships can only be set between Operators; received {type(neighbour).__name__}"
                )
        dag = self._common_dag(neighbours)
        for neighbour in neighbours:
            if dag is not None and not neighbour.has_dag():
                neighbour.dag = dag
            before, after = (neighbour, self) if upstream else (self, neighbour)
            before.downstream_task_ids.add(after.node_id)
            after.upstream_task_ids.add(before.node_id)
            if edge_modifier is not None and dag is not None:
                edge_modifier.add_edge_info(dag, before.node_id, after.node_id)

    def _common_dag(self, neighbours: list[Any]) -> DAG | None:
        """The one DAG of all; tasks without one join it. Raises AirflowException for none or several."""
        everyone = [self, *neighbours]
        dags = {id(node.dag): node.dag for node in everyone if node.has_dag()}
        if len(dags) > 1:
            raise AirflowException(
                f"Tried to set relationships between tasks in more than one DAG: {set(dags.values())}"
            )
        if not dags:
            if not neighbours:
                return None
            raise AirflowException(
                "Tried to create relationships between tasks that don't have DAGs yet. "
                f"Set the DAG for at least one task and try again: {everyone}"
            )
        dag: DAG | None = next(iter(dags.values()))
        if not self.has_dag():
            self.dag = dag
        return dag


def walk(start: Any, *, upstream: bool, stop: Any = None) -> Iterator[Any]:
    """All nodes on one side of ``start``, near ones first; ``stop(node)`` true: not beyond that node."""
    seen: set[str] = set()
    queue = sorted(start.get_direct_relative_ids(upstream))
    while queue:
        task_id = queue.pop(0)
        if task_id in seen:
            continue
        seen.add(task_id)
        node = start.dag.get_task(task_id)
        yield node
        if stop is None or not stop(node):
            queue += sorted(node.get_direct_relative_ids(upstream))
