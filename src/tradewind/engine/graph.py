"""A DagSpec with the indices that deciding needs: neighbours, closures, leaves, setups, mapped relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from tradewind.model.errors import NotFound
from tradewind.model.spec import DagSpec, ExpandSpec, LengthSpec, TaskSpec
from tradewind.model.states import TriggerRule

_FAST_RULES = frozenset({TriggerRule.ONE_SUCCESS, TriggerRule.ONE_FAILED, TriggerRule.ONE_DONE})


class Graph:
    """Questions about one DagSpec, answered from indices that are built when first needed."""

    def __init__(self, spec: DagSpec) -> None:
        self.spec = spec
        self.tasks: Mapping[str, TaskSpec] = {task.task_id: task for task in spec.tasks}
        self._ancestors: dict[str, frozenset[str]] = {}
        self._descendants: dict[str, frozenset[str]] = {}
        self._setups: dict[str, tuple[str, ...]] = {}
        self._suppliers: dict[str, tuple[str, ...]] = {}

    def task(self, task_id: str) -> TaskSpec:
        """The task; NotFound when the DAG has none of that id."""
        try:
            return self.tasks[task_id]
        except KeyError:
            raise NotFound(f"DAG {self.spec.dag_id!r} has no task {task_id!r}") from None

    def __contains__(self, task_id: str) -> bool:
        return task_id in self.tasks

    def ancestors(self, task_id: str) -> frozenset[str]:
        """All tasks upstream, direct or not."""
        return self._closure(task_id, self._ancestors, upstream=True)

    def descendants(self, task_id: str) -> frozenset[str]:
        """All tasks downstream, direct or not."""
        return self._closure(task_id, self._descendants, upstream=False)

    def _closure(self, task_id: str, known: dict[str, frozenset[str]], *, upstream: bool) -> frozenset[str]:
        if task_id not in known:
            found: set[str] = set()
            stack = [task_id]
            while stack:
                task = self.tasks[stack.pop()]
                for other in task.upstream_task_ids if upstream else task.downstream_task_ids:
                    if other not in found and other in self.tasks:
                        found.add(other)
                        stack.append(other)
            known[task_id] = frozenset(found)
        return known[task_id]

    # Setup and teardown

    @cached_property
    def has_setups(self) -> bool:
        """Whether any task is a setup; without one the setup rules cost nothing."""
        return any(task.is_setup for task in self.spec.tasks)

    def teardowns_of(self, setup_id: str) -> tuple[str, ...]:
        """Direct downstream teardowns of a setup."""
        return tuple(id for id in self.tasks[setup_id].downstream_task_ids if self.tasks[id].is_teardown)

    def setups_over(self, task_id: str) -> tuple[str, ...]:
        """Setups upstream in whose scope the task is: it lies before one of their teardowns, or they have none."""
        if not self.has_setups:
            return ()
        if task_id not in self._setups:
            below = self.descendants(task_id)
            self._setups[task_id] = tuple(
                setup
                for setup in sorted(self.ancestors(task_id))
                if self.tasks[setup].is_setup
                and (not (teardowns := self.teardowns_of(setup)) or not below.isdisjoint(teardowns))
            )
        return self._setups[task_id]

    def indirect_setups(self, task_id: str) -> tuple[str, ...]:
        """Setups in whose scope the task is without following them directly; a teardown has none."""
        task = self.tasks[task_id]
        if not self.has_setups or task.is_teardown:
            return ()
        return tuple(setup for setup in self.setups_over(task_id) if setup not in task.upstream_task_ids)

    # Leaves

    @cached_property
    def leaves(self) -> frozenset[str]:
        """Tasks whose states decide the run: teardowns do not count (unless they fail the run), so that the work
        before them does."""
        found = frozenset(task.task_id for task in self.spec.tasks if self._is_leaf(task))
        return found or frozenset(task.task_id for task in self.spec.tasks if not task.downstream_task_ids)

    def _is_leaf(self, task: TaskSpec) -> bool:
        return self._counts(task) and not any(
            self._counts(self.tasks[id]) for id in task.downstream_task_ids if id in self.tasks
        )

    @staticmethod
    def _counts(task: TaskSpec) -> bool:
        return not task.is_teardown or task.on_failure_fail_dagrun

    # Mapping

    @cached_property
    def group_expansions(self) -> Mapping[str, ExpandSpec]:
        """Expansion of each mapped task group."""
        return {
            group.group_id: group.expand for group in self.spec.groups if group.group_id and group.expand is not None
        }

    def expansions(self, task: TaskSpec) -> tuple[ExpandSpec, ...]:
        """All that multiply the task's instances: its mapped groups from the outermost, then its own."""
        groups = (self.group_expansions.get(group_id) for group_id in task.mapped_groups)
        return tuple(expand for expand in (*groups, task.expand) if expand is not None)

    def is_mapped(self, task: TaskSpec) -> bool:
        """Whether the task's instances carry a map index."""
        return task.is_mapped or task.expand is not None or bool(task.mapped_groups)

    def suppliers(self, task_id: str) -> tuple[str, ...]:
        """Tasks whose results say how many instances this one has."""
        if task_id not in self._suppliers:
            lengths = (
                length for expand in self.expansions(self.tasks[task_id]) for length in expand.arguments.values()
            )
            self._suppliers[task_id] = tuple(dict.fromkeys(supplier_ids(lengths)))
        return self._suppliers[task_id]

    @cached_property
    def consumers(self) -> Mapping[str, tuple[str, ...]]:
        """Supplier → tasks whose number of instances hangs on its result."""
        found: dict[str, list[str]] = {}
        for task in self.spec.tasks:
            for supplier in self.suppliers(task.task_id):
                found.setdefault(supplier, []).append(task.task_id)
        return {supplier: tuple(ids) for supplier, ids in found.items()}

    def common_groups(self, one: TaskSpec, other: TaskSpec) -> int:
        """How many mapped groups two tasks share, from the outermost: there their indices correspond."""
        shared = 0
        for mine, theirs in zip(one.mapped_groups, other.mapped_groups, strict=False):
            if mine != theirs:
                break
            shared += 1
        return shared

    def aligned_groups(self, task: TaskSpec, upstream: TaskSpec) -> int:
        """The shared mapped groups within which a task looks at an upstream task at its own index only. None for a rule
        that one instance can satisfy, of a task directly in a mapped group: that one looks at all instances, as in
        Airflow."""
        if task.trigger_rule in _FAST_RULES and self._parents.get(task.task_id) in self.group_expansions:
            expand = self.group_expansions[self._parents[task.task_id]]
            if upstream.task_id not in set(supplier_ids(expand.arguments.values())):
                return 0
        return self.common_groups(task, upstream)

    @cached_property
    def _parents(self) -> Mapping[str, str]:
        """Task → the group that it is directly in, if it is in one."""
        return {
            child: group.group_id
            for group in self.spec.groups
            if group.group_id
            for child, kind in group.children
            if kind == "task"
        }

    @cached_property
    def indexed_upstream(self) -> Mapping[str, tuple[str, ...]]:
        """Task → direct upstream tasks of which it sees only the instances at its own index."""
        return {
            task.task_id: tuple(
                id for id in task.upstream_task_ids if id in self.tasks and self.aligned_groups(task, self.tasks[id])
            )
            for task in self.spec.tasks
            if task.mapped_groups
        }

    @cached_property
    def whole_downstream(self) -> Mapping[str, tuple[str, ...]]:
        """Task → direct downstream tasks whose instances each see all of its instances."""
        return {
            task.task_id: tuple(
                id
                for id in task.downstream_task_ids
                if id in self.tasks and not self.aligned_groups(self.tasks[id], task)
            )
            for task in self.spec.tasks
        }


def graph_of(spec: DagSpec | Graph) -> Graph:
    """A Graph, made when only the spec is at hand; whoever asks often keeps one."""
    return spec if isinstance(spec, Graph) else Graph(spec)


def supplier_ids(lengths: Iterable[LengthSpec]) -> Iterable[str]:
    """Task ids in an expression of lengths, in order."""
    for length in lengths:
        if length.kind == "xcom":
            yield length.task_id
        yield from supplier_ids(length.items)
