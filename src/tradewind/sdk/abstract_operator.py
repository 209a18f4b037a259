"""What a plain and a mapped task have in common: graph walks, setup/teardown, templates, labels, weights."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tradewind.model.states import TriggerRule

from .exceptions import AirflowException
from .logging_mixin import LoggingMixin
from .node import DAGNode, walk
from .templating import Templater
from .types import NOTSET, ArgNotSet, as_list

if TYPE_CHECKING:
    from .dag import DAG
    from .task_group import MappedTaskGroup, TaskGroup
    from .xcom_arg import XComArg


class AbstractOperator(Templater, LoggingMixin, DAGNode):
    """A task as the graph sees it; BaseOperator and MappedOperator derive from it."""

    _log_config_logger_name: ClassVar[str | None] = "airflow.task.operators"
    is_task = True
    is_mapped: ClassVar[bool] = False

    task_id: str
    operator_class: Any
    priority_weight: int
    trigger_rule: Any
    weight_rule: Any
    outlets: list[Any]
    inlets: list[Any]
    operator_extra_links: Collection[Any]

    @property
    def task_type(self) -> str:
        """Name of the operator's class."""
        raise NotImplementedError

    @property
    def operator_name(self) -> str:
        """The class's name for people; TaskFlow tasks show as ``@task``."""
        raise NotImplementedError

    @property
    def _task_display_property_value(self) -> str | None:
        raise NotImplementedError

    @property
    def node_id(self) -> str:
        return self.task_id

    @property
    def task_display_name(self) -> str:
        """The name shown in the UI."""
        return self._task_display_property_value or self.task_id

    @property
    def label(self) -> str | None:
        return self._task_display_property_value or super().label

    @property
    def roots(self) -> Sequence[AbstractOperator]:
        return [self]

    @property
    def leaves(self) -> Sequence[AbstractOperator]:
        return [self]

    @property
    def output(self) -> XComArg:
        """A promise of the task's return value."""
        from .xcom_arg import PlainXComArg  # xcom_arg needs this module first

        return PlainXComArg(operator=self)

    @property
    def is_setup(self) -> bool:
        """Whether it prepares something that a teardown removes."""
        raise NotImplementedError

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        raise NotImplementedError

    @property
    def is_teardown(self) -> bool:
        """Whether it removes what a setup has prepared."""
        raise NotImplementedError

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        raise NotImplementedError

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Whether the failure of this teardown fails the run."""
        raise NotImplementedError

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        raise NotImplementedError

    @property
    def inherits_from_empty_operator(self) -> bool:
        """Whether the scheduler may finish it without running anything."""
        raise NotImplementedError

    def as_setup(self) -> Self:
        """Mark as setup."""
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = NOTSET, on_failure_fail_dagrun: bool | ArgNotSet = NOTSET) -> Self:
        """Mark as teardown, optionally of ``setups``, which become setups and run before it."""
        self.is_teardown = True
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        if not isinstance(on_failure_fail_dagrun, ArgNotSet):
            self.on_failure_fail_dagrun = on_failure_fail_dagrun
        if not isinstance(setups, ArgNotSet):
            for setup in [setups] if isinstance(setups, DAGNode) else as_list(setups):
                setup.as_setup()
                setup.set_downstream(self)
        return self

    def get_dag(self) -> DAG | None:
        """The task's DAG, if it has one."""
        return self.dag if self.has_dag() else None

    def get_flat_relative_ids(self, *, upstream: bool = False) -> set[str]:
        """Ids of all tasks on one side, near and far."""
        if not self.has_dag():
            return set()
        return {node.task_id for node in walk(self, upstream=upstream)}

    def get_flat_relatives(self, upstream: bool = False) -> Collection[AbstractOperator]:
        """All tasks on one side, near and far."""
        return list(walk(self, upstream=upstream)) if self.has_dag() else []

    def get_upstreams_follow_setups(self) -> Iterator[AbstractOperator]:
        """All tasks before this, and the teardowns of the setups among them."""
        for task in self.get_flat_relatives(upstream=True):
            yield task
            if task.is_setup:
                yield from (other for other in task.downstream_list if other.is_teardown and other is not self)

    def get_upstreams_only_setups_and_teardowns(self) -> Iterator[AbstractOperator]:
        """The setups that this task needs, and their teardowns."""
        downstream = self.get_flat_relative_ids(upstream=False)
        for setup in self.get_flat_relatives(upstream=True):
            if not setup.is_setup:
                continue
            teardowns = [task for task in setup.downstream_list if task.is_teardown]
            is_needed = not teardowns or any(t is self or t.task_id in downstream for t in teardowns)
            if is_needed:
                yield setup
                yield from (task for task in teardowns if task is not self)

    def get_upstreams_only_setups(self) -> Iterator[AbstractOperator]:
        """The setups that this task needs."""
        return (task for task in self.get_upstreams_only_setups_and_teardowns() if task.is_setup)

    def iter_mapped_task_groups(self) -> Iterator[MappedTaskGroup]:
        """The mapped groups around it, innermost first."""
        group: TaskGroup | None = self.task_group
        return iter(()) if group is None else group.iter_mapped_task_groups()

    def get_closest_mapped_task_group(self) -> MappedTaskGroup | None:
        """The innermost mapped group around it."""
        return next(self.iter_mapped_task_groups(), None)

    def get_needs_expansion(self) -> bool:
        """Whether it has several instances in a run."""
        return self.is_mapped or self.get_closest_mapped_task_group() is not None

    def iter_mapped_dependants(self) -> Iterator[Any]:
        """Mapped tasks and mapped groups whose size depends on this task's result."""
        if not self.has_dag():
            return
        for node in _nodes(self._dag_or_raise().task_group):
            dependencies = getattr(node, "iter_mapped_dependencies", None)
            if dependencies is not None and any(task.task_id == self.task_id for task in dependencies()):
                yield node

    @property
    def priority_weight_total(self) -> int:
        """The weight by which tasks wait for slots, as the weight rule counts it."""
        from .weights import total_weight  # weights needs this module's types

        return total_weight(self)

    def get_template_env(self, dag: DAG | None = None) -> Any:
        """The Jinja environment for the task's templates."""
        dag = dag or self.get_dag()
        return dag.get_template_env(force_sandboxed=False) if dag is not None else super().get_template_env(dag)

    def _render(self, template: Any, context: Any, dag: DAG | None = None) -> Any:
        dag = dag or self.get_dag()
        from .templating import render  # one place knows about native objects

        return render(template, context, native=bool(dag and dag.render_template_as_native_obj))

    @property
    def operator_extra_link_dict(self) -> dict[str, Any]:
        """Extra links of the operator by name."""
        return {link.name: link for link in self.operator_extra_links}

    @property
    def extra_links(self) -> list[str]:
        """Names of the extra links."""
        return sorted(self.operator_extra_link_dict)

    def get_extra_links(self, ti: Any, link_name: str) -> str | None:
        """Address behind the extra link of this name for a task instance; None when there is no such link."""
        link = self.operator_extra_link_dict.get(link_name)
        return None if link is None else link.get_link(self, ti_key=ti.key)

    def expand_start_from_trigger(self, *, context: Any, session: Any = None) -> bool:
        """Whether the task begins in the triggerer."""
        return bool(getattr(self, "start_from_trigger", False))

    def expand_start_trigger_args(self, *, context: Any, session: Any = None) -> Any:
        """Arguments of that trigger."""
        return getattr(self, "start_trigger_args", None)


def check_setup_teardown(task: AbstractOperator, *, setup: bool) -> None:
    """Raise ValueError when a task would be both setup and teardown."""
    other, kind = ("teardown", "setup") if setup else ("setup", "teardown")
    if task.is_teardown if setup else task.is_setup:
        raise ValueError(f"Cannot mark task '{task.task_id}' as {kind}; task is already a {other}.")


def check_trigger_rule(rule: Any, dag_id: str, task_id: str) -> TriggerRule:
    """The trigger rule of a name. Raises AirflowException for an unknown one."""
    if rule == "none_failed_or_skipped":
        rule = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    try:
        return TriggerRule(rule)
    except ValueError:
        raise AirflowException(
            f"The trigger_rule must be one of {set(TriggerRule)},'{dag_id}.{task_id}'; received '{rule}'."
        ) from None


def _nodes(group: Any) -> Iterable[Any]:
    for child in group.children.values():
        yield child
        if not getattr(child, "is_task", False):
            yield from _nodes(child)
