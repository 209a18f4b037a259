"""The ``with`` stacks of authoring: which DAG, task group and setup/teardown scope a new task belongs to.

Kept per process, not per thread or async task: a DAG file is imported by one thread, and Airflow's users know it so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .abstract_operator import AbstractOperator
    from .dag import DAG
    from .task_group import TaskGroup


class DagContext:
    """DAGs of the ``with`` statements that are open, innermost first, and those to register when their block ends."""

    _stack: ClassVar[list[DAG]] = []
    autoregistered_dags: ClassVar[set[tuple[DAG, Any]]] = set()
    current_autoregister_module_name: ClassVar[str | None] = None

    @classmethod
    def push_context_managed_dag(cls, dag: DAG) -> None:
        """Open a DAG's block."""
        cls._stack.insert(0, dag)

    @classmethod
    def pop_context_managed_dag(cls) -> DAG:
        """Close the innermost block; its DAG becomes one of the module being imported."""
        dag = cls._stack.pop(0)
        if cls.current_autoregister_module_name is not None and getattr(dag, "auto_register", True):
            import sys

            module = sys.modules.get(cls.current_autoregister_module_name)
            cls.autoregistered_dags.add((dag, module))
        return dag

    @classmethod
    def get_current_dag(cls) -> DAG | None:
        """The innermost open DAG."""
        return cls._stack[0] if cls._stack else None

    get_current = get_current_dag


class TaskGroupContext:
    """Task groups of the ``with`` statements that are open."""

    _stack: ClassVar[list[TaskGroup]] = []

    @classmethod
    def push_context_managed_task_group(cls, task_group: TaskGroup) -> None:
        """Open a group's block."""
        cls._stack.append(task_group)

    @classmethod
    def pop_context_managed_task_group(cls) -> TaskGroup | None:
        """Close the innermost block."""
        return cls._stack.pop() if cls._stack else None

    @classmethod
    def get_current_task_group(cls, dag: DAG | None) -> TaskGroup | None:
        """The innermost open group of this DAG, else its root group; None without any DAG."""
        dag = dag or DagContext.get_current_dag()
        if dag is None:
            return cls._stack[-1] if cls._stack else None
        for group in reversed(cls._stack):
            if group.dag is dag:
                return group
        return dag.task_group


class _Scope:
    """An open setup/teardown block: its setups, teardowns, and the tasks made in it."""

    def __init__(self, setups: list[AbstractOperator], teardowns: list[AbstractOperator]) -> None:
        self.setups = setups
        self.teardowns = teardowns
        self.tasks: list[AbstractOperator] = []
        self.made_here: list[AbstractOperator] = []

    def add_task(self, task: Any) -> None:
        """Bring a task that was made elsewhere into the block."""
        for item in _operators(task):
            if item not in self.tasks and item not in self.setups and item not in self.teardowns:
                self.tasks.append(item)

    def note(self, task: AbstractOperator) -> None:
        """A task was made in the block."""
        self.made_here.append(task)
        self.add_task(task)

    def connect(self) -> None:
        """First tasks follow the setups; teardowns follow the last tasks."""
        inside = {task.node_id for task in self.tasks}
        for task in list(self.tasks):
            if task in self.made_here and (task.is_setup or task.is_teardown):
                continue  # Airflow leaves setups and teardowns that are made in a block to their own work
            if not task.upstream_task_ids & inside and self.setups:
                task.set_upstream([s for s in self.setups if s.task_id not in task.upstream_task_ids])
            if not task.downstream_task_ids & inside and self.teardowns:
                task.set_downstream([t for t in self.teardowns if t.task_id not in task.downstream_task_ids])


class SetupTeardownContext:
    """The open setup/teardown blocks."""

    _stack: ClassVar[list[_Scope]] = []

    @classmethod
    def push(cls, tasks: Iterable[AbstractOperator]) -> _Scope:
        """Open a block for these setups or teardowns; their partners are found by the edges between them."""
        setups: list[AbstractOperator] = []
        teardowns: list[AbstractOperator] = []
        for task in tasks:
            if task.is_teardown:
                teardowns.append(task)
                setups += [other for other in task.upstream_list if other.is_setup and other not in setups]
            else:
                setups.append(task)
                teardowns += [other for other in task.downstream_list if other.is_teardown and other not in teardowns]
        for task in (*setups, *teardowns):
            if cls._stack:
                cls._stack[-1].add_task(task)
        scope = _Scope(setups, teardowns)
        cls._stack.append(scope)
        return scope

    @classmethod
    def pop(cls) -> None:
        """Close the innermost block and draw its edges."""
        cls._stack.pop().connect()

    @classmethod
    def note(cls, task: AbstractOperator) -> None:
        """A task was made: it belongs to the innermost block."""
        if cls._stack:
            cls._stack[-1].note(task)


def _operators(item: Any) -> list[Any]:
    if hasattr(item, "iter_references"):
        return [operator for operator, _ in item.iter_references()]
    return list(item) if isinstance(item, (list, tuple)) else [item]
