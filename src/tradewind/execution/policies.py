"""The operator's rules for DAGs, tasks and their instances: ``airflow_local_settings``, and what distributions bring as
entry points ``airflow.policy``."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.model.states import WeightRule
from tradewind.plugins import catalogue
from tradewind.sdk.exceptions import AirflowException
from tradewind.sdk.task_instance import TaskInstance

Rule = Callable[[Any], Any]

MARK = "airflow.policy_impl"
"""What pluggy's marker ``airflow.policies.hookimpl`` leaves on a function of an entry point."""
MUTABLE = ("queue", "pool", "pool_slots", "executor", "executor_config", "run_as_user", "priority_weight")
"""What a task_instance_mutation_hook may change of a task instance."""


@dataclass(frozen=True, slots=True)
class Policies:
    """Rules by what they are for, those of ``airflow_local_settings`` before those of entry points. Of
    ``context_vars`` and ``import_timeout`` the first that gives something counts."""

    dag: tuple[Rule, ...] = ()
    task: tuple[Rule, ...] = ()
    task_instance: tuple[Rule, ...] = ()
    context_vars: tuple[Rule, ...] = ()
    import_timeout: tuple[Rule, ...] = ()

    def timeout_of(self, path: str, default: float) -> float:
        """Seconds that the import of a DAG file may take. Raises TypeError for what is no number."""
        for rule in self.import_timeout:
            seconds = rule(path)
            if seconds is not None:
                if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
                    raise TypeError(f"Value ({seconds}) from get_dagbag_import_timeout must be int or float")
                return float(seconds)
        return default

    def variables_of(self, context: Any) -> Mapping[str, str]:
        """What programs that a task starts find in their environment. Raises TypeError for what is no text."""
        for rule in self.context_vars:
            found = rule(context)
            if found is not None:
                wrong = next((item for pair in found.items() for item in pair if not isinstance(item, str)), None)
                if wrong is not None:
                    raise TypeError(f"value of get_airflow_context_vars must be string, not {type(wrong)}: {wrong!r}")
                return dict(found)
        return {}


NO_POLICIES = Policies()
_NAMES: Mapping[str, tuple[str, ...]] = {
    "dag": ("dag_policy",),
    "task": ("task_policy", "policy"),
    "task_instance": ("task_instance_mutation_hook",),
    "context_vars": ("get_airflow_context_vars",),
    "import_timeout": ("get_dagbag_import_timeout",),
}
"""Field of Policies → names of the functions; ``policy`` is the old name of ``task_policy``."""


def local_policies() -> Policies:
    """All policies there are. It is user code: call this where DAG files are imported. Errors of its import are
    raised."""
    if not local_policies_exist():
        return NO_POLICIES
    sources: list[tuple[Any, bool]] = []
    if importlib.util.find_spec("airflow_local_settings") is not None:
        sources.append((importlib.import_module("airflow_local_settings"), False))
    sources += [(plugin, True) for plugin in _of_entry_points()]
    return Policies(
        **{
            field: tuple(rule for source, marked in sources for name in names for rule in _rules(source, name, marked))
            for field, names in _NAMES.items()
        }
    )


@functools.cache
def local_policies_exist() -> bool:
    """Whether there may be policies; nothing is imported. Looked for once a process, and by the template for all its
    forks: as in Airflow a new one is seen after a restart."""
    found = importlib.util.find_spec("airflow_local_settings")
    return found is not None or bool(catalogue.installed(catalogue.POLICY_GROUP))


def mutate(task: Any, hook: Rule) -> None:
    """Let the hook change a fresh instance of the task, and give the task what it changed: its instances are made where
    no user code runs. So the hook sees no run yet; :func:`placement` asks it again when the instance runs."""
    instance = TaskInstance(task)
    before = {name: getattr(instance, name, None) for name in MUTABLE}
    hook(instance)
    changed = {name: getattr(instance, name) for name in MUTABLE if getattr(instance, name, None) != before[name]}
    if not changed:
        return
    # A later try begins from what the author wrote, not from what the hook made of it.
    task.authored_placement = {**{name: before[name] for name in changed}, **getattr(task, "authored_placement", {})}
    if "priority_weight" in changed:
        changed["weight_rule"] = WeightRule.ABSOLUTE  # an instance's weight is the effective one
    for name, value in changed.items():
        if getattr(task, "is_mapped", False):
            task.partial_kwargs[name] = value
        setattr(task, name, value)


def placement(task: Any, instance: TaskInstance, policies: Policies, *, weight: int) -> dict[str, Any]:
    """What a strategy of weights and the hooks make of an instance that is about to run: name of MUTABLE → value,
    for all of them; {} when nobody has a say. ``weight``: the one that the instance has.

    As in Airflow it is for the time that the instance is queued next: for a retry, or after a reschedule."""
    strategy = task.weight_rule if hasattr(task.weight_rule, "get_weight") else None
    if strategy is None and not policies.task_instance:
        return {}
    authored = getattr(task, "authored_placement", {})
    for name in MUTABLE:
        setattr(instance, name, authored.get(name, getattr(task, name, None)))
    instance.priority_weight = weight if strategy is None else int(strategy.get_weight(instance))
    for hook in policies.task_instance:
        hook(instance)
    return {name: getattr(instance, name) for name in MUTABLE}


def _of_entry_points() -> list[Any]:
    found = []
    for package in catalogue.installed(catalogue.POLICY_GROUP):
        module, _, name = package.value.partition(":")
        try:
            plugin: Any = importlib.import_module(module)
            for part in name.split(".") if name else ():
                plugin = getattr(plugin, part)
        except Exception as error:
            raise AirflowException(f"The policies of {package.name} ({package.value}) cannot be loaded") from error
        found.append(plugin)
    return found


def _rules(source: Any, name: str, marked: bool) -> list[Rule]:
    rule = getattr(source, name, None)
    if not callable(rule) or (marked and not hasattr(rule, MARK)):
        return []
    # pluggy passes a hook only the parameters that it has: one may do without its argument.
    return [rule] if inspect.signature(rule).parameters else [lambda _: rule()]
