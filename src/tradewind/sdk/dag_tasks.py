"""The tasks and groups of a DAG: adding, finding, ordering."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from .exceptions import DuplicateTaskIdFound, TaskNotFound
from .task_group import TaskGroup

if TYPE_CHECKING:
    from .abstract_operator import AbstractOperator
    from .dag import DAG


class DagTasks:
    """The part of DAG that holds its graph."""

    task_dict: dict[str, Any]
    task_count: int
    edge_info: dict[str, dict[str, Any]]
    default_args: dict[str, Any]
    compat_level: int
    start_date: datetime | None
    end_date: datetime | None
    timetable: Any
    _task_group: TaskGroup

    @property
    def task_group(self) -> TaskGroup:
        """The root group."""
        return self._task_group

    @property
    def task_group_dict(self) -> dict[str, TaskGroup]:
        """All groups but the root, by id."""
        return {key: group for key, group in self._task_group.get_task_group_dict().items() if key is not None}

    @property
    def tasks(self) -> list[Any]:
        """All tasks."""
        return list(self.task_dict.values())

    @tasks.setter
    def tasks(self, value: Any) -> None:
        raise AttributeError("DAG.tasks can not be modified. Use dag.add_task() instead.")

    @property
    def task_ids(self) -> list[str]:
        """Ids of all tasks."""
        return list(self.task_dict)

    @property
    def roots(self) -> list[Any]:
        """Tasks that wait for none."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> list[Any]:
        """Tasks that none waits for."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    @property
    def teardowns(self) -> list[Any]:
        """Teardown tasks."""
        return [task for task in self.tasks if task.is_teardown]

    @property
    def tasks_upstream_of_teardowns(self) -> list[Any]:
        """Tasks directly before teardowns, other than setups."""
        before = {task_id for teardown in self.teardowns for task_id in teardown.upstream_task_ids}
        return [self.task_dict[task_id] for task_id in before if not self.task_dict[task_id].is_setup]

    @property
    def subdags(self) -> list[Any]:
        """The DAGs that SubDagOperators of this one run, and theirs."""
        return [dag for subdag in self.own_subdags for dag in (subdag, *subdag.subdags)]

    @property
    def own_subdags(self) -> list[Any]:
        """The DAGs that this one's own SubDagOperators run."""
        return [task.subdag for task in self.tasks if task.subdag is not None]

    def has_task(self, task_id: str) -> bool:
        """Whether there is a task of this id."""
        return task_id in self.task_dict

    def has_task_group(self, task_group_id: str) -> bool:
        """Whether there is a group of this id."""
        return task_group_id in self.task_group_dict

    def get_task(self, task_id: str, include_subdags: bool = False) -> Any:
        """The task of this id. Raises TaskNotFound."""
        found = self.task_dict.get(task_id)
        for subdag in self.subdags if found is None and include_subdags else ():
            found = found or subdag.task_dict.get(task_id)
        if found is None:
            raise TaskNotFound(f"Task {task_id} not found")
        return found

    def add_task(self, task: AbstractOperator) -> None:
        """Take a task in. Raises ValueError without any start date, DuplicateTaskIdFound for a known id."""
        default_start = self.start_date or self.default_args.get("start_date")
        needs_start = self.compat_level < 3 and self.timetable.can_be_scheduled
        if needs_start and not default_start and not task.start_date:
            raise ValueError("DAG is missing the start_date parameter")
        task.start_date = _later(task.start_date, self.start_date)
        task.end_date = _earlier(task.end_date, self.end_date)
        task_id = task.node_id
        known = self.task_dict.get(task_id)
        if (known is not None and known is not task) or self._task_group_holds(task_id, task):
            raise DuplicateTaskIdFound(f"Task id '{task_id}' has already been added to the DAG")
        self.task_dict[task_id] = task
        if task.task_group is None:
            task.task_group = self._task_group
            self._task_group.add(task)
        task.dag = cast("DAG", self)
        self._task_group.used_group_ids.add(task_id)
        self.task_count = len(self.task_dict)

    def _task_group_holds(self, task_id: str, task: Any) -> bool:
        return task_id in self._task_group.used_group_ids and task_id not in self.task_dict and task.task_group is None

    def add_tasks(self, tasks: Iterable[AbstractOperator]) -> None:
        """Take several tasks in."""
        for task in tasks:
            self.add_task(task)

    def _remove_task(self, task_id: str) -> None:
        task = self.task_dict.pop(task_id)
        if task.task_group is not None:
            task.task_group.children.pop(task_id, None)
            task.task_group.used_group_ids.discard(task_id)
        self.task_count = len(self.task_dict)

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Draw an edge between two tasks by their ids."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        """What is known of an edge: ``{"label": …}`` or nothing."""
        found: dict[str, Any] = self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})
        return found

    def set_edge_info(self, upstream_task_id: str, downstream_task_id: str, info: dict[str, Any]) -> None:
        """Note something about an edge."""
        self.edge_info.setdefault(upstream_task_id, {})[downstream_task_id] = info

    def topological_sort(self, include_subdag_tasks: bool = False) -> tuple[Any, ...]:
        """All tasks, each after those it waits for; groups stay together. Raises AirflowDagCycleException."""

        def walk_group(group: TaskGroup) -> Iterator[Any]:
            for node in group.topological_sort():
                if isinstance(node, TaskGroup):
                    yield from walk_group(node)
                else:
                    yield node

        tasks = tuple(walk_group(self._task_group))
        if not include_subdag_tasks:
            return tasks
        inner = [(task, *(task.subdag.topological_sort(True) if task.subdag is not None else ())) for task in tasks]
        return tuple(task for several in inner for task in several)

    def partial_subset(
        self,
        task_ids_or_regex: str | re.Pattern[str] | Iterable[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
    ) -> DAG:
        """A copy with the matching tasks only, and those up- or downstream of them."""
        from .dag_subset import subset  # a rare wish

        return subset(
            cast("DAG", self),
            task_ids_or_regex,
            downstream=include_downstream,
            upstream=include_upstream,
            direct_upstream=include_direct_upstream,
        )

    sub_dag = partial_subset


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    return max(first, second) if first and second else first or second


def _earlier(first: datetime | None, second: datetime | None) -> datetime | None:
    return min(first, second) if first and second else first or second
