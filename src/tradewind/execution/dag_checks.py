"""What a DAG must satisfy once its file is imported: its own checks, template files that exist, cluster policies."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradewind.sdk.exceptions import (
    AirflowClusterPolicyError,
    AirflowClusterPolicySkipDag,
    AirflowClusterPolicyViolation,
)

if TYPE_CHECKING:
    from tradewind.sdk.dag import DAG


@dataclass(frozen=True, slots=True)
class Policies:
    """The operator's rules for all DAGs and tasks (``airflow_local_settings``, plugins), in order."""

    dag: tuple[Callable[[Any], Any], ...] = ()
    task: tuple[Callable[[Any], Any], ...] = ()


NO_POLICIES = Policies()


def local_policies() -> Policies:
    """``dag_policy``, ``task_policy`` (and the old ``policy``) of the module airflow_local_settings, when there is one.

    It is user code: call this where DAG files are imported. Errors of its import are raised.
    """
    if not local_policies_exist():
        return NO_POLICIES
    module = importlib.import_module("airflow_local_settings")
    task_rules = [getattr(module, name, None) for name in ("task_policy", "policy")]
    dag_rule = getattr(module, "dag_policy", None)
    return Policies(
        dag=(dag_rule,) if callable(dag_rule) else (),
        task=tuple(rule for rule in task_rules if callable(rule)),
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
    except (AirflowClusterPolicyViolation, AirflowClusterPolicySkipDag):
        raise
    except Exception as error:
        raise AirflowClusterPolicyError(error) from error
