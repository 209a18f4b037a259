"""What a DAG must satisfy once its file is imported: its own checks, template files that exist, cluster policies."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradewind.model.states import WeightRule
from tradewind.sdk.exceptions import (
    AirflowClusterPolicyError,
    AirflowClusterPolicySkipDag,
    AirflowClusterPolicyViolation,
)
from tradewind.sdk.task_instance import TaskInstance

if TYPE_CHECKING:
    from tradewind.sdk.dag import DAG


@dataclass(frozen=True, slots=True)
class Policies:
    """The operator's rules for all DAGs and tasks (``airflow_local_settings``, plugins), in order."""

    dag: tuple[Callable[[Any], Any], ...] = ()
    task: tuple[Callable[[Any], Any], ...] = ()
    task_instance: tuple[Callable[[Any], Any], ...] = ()


NO_POLICIES = Policies()


def local_policies() -> Policies:
    """``dag_policy``, ``task_policy`` (and the old ``policy``) and ``task_instance_mutation_hook`` of the module
    airflow_local_settings, when there is one.

    It is user code: call this where DAG files are imported. Errors of its import are raised.
    """
    if not local_policies_exist():
        return NO_POLICIES
    module = importlib.import_module("airflow_local_settings")
    task_rules = [getattr(module, name, None) for name in ("task_policy", "policy")]
    dag_rule = getattr(module, "dag_policy", None)
    mutation = getattr(module, "task_instance_mutation_hook", None)
    return Policies(
        dag=(dag_rule,) if callable(dag_rule) else (),
        task=tuple(rule for rule in task_rules if callable(rule)),
        task_instance=(mutation,) if callable(mutation) else (),
    )


@functools.cache
def local_policies_exist() -> bool:
    """Whether there is a module airflow_local_settings; it is not imported. Looked for once a process, and by the
    template for all its forks: as in Airflow a new one is seen after a restart."""
    return importlib.util.find_spec("airflow_local_settings") is not None


def check_dag(dag: DAG, policies: Policies = NO_POLICIES) -> None:
    """Raise what makes the DAG unusable; AirflowClusterPolicySkipDag when a policy leaves it out."""
    dag.validate()
    dag.resolve_template_files()
    try:
        for rule in policies.dag:
            rule(dag)
        for task in dag.tasks:
            for rule in policies.task:
                rule(task)
            for rule in policies.task_instance:
                mutate(task, rule)
    except (AirflowClusterPolicyViolation, AirflowClusterPolicySkipDag):
        raise
    except Exception as error:
        raise AirflowClusterPolicyError(error) from error


MUTABLE = ("queue", "pool", "pool_slots", "executor", "executor_config", "run_as_user", "priority_weight")
"""What a task_instance_mutation_hook may change of a task instance."""


def mutate(task: Any, hook: Callable[[Any], Any]) -> None:
    """Let the hook change a fresh instance of the task, and give the task what it changed: its instances are made where
    no user code runs. So the hook sees no run and no later try."""
    instance = TaskInstance(task)
    before = {name: getattr(instance, name, None) for name in MUTABLE}
    hook(instance)
    changed = {name: getattr(instance, name) for name in MUTABLE if getattr(instance, name, None) != before[name]}
    if "priority_weight" in changed:
        changed["weight_rule"] = WeightRule.ABSOLUTE  # an instance's weight is the effective one
    for name, value in changed.items():
        if getattr(task, "is_mapped", False):
            task.partial_kwargs[name] = value
        setattr(task, name, value)
