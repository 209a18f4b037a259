"""What a DAG must satisfy once its file is imported: its own checks, template files that exist, cluster policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.sdk.exceptions import (
    AirflowClusterPolicyError,
    AirflowClusterPolicySkipDag,
    AirflowClusterPolicyViolation,
)

from .policies import NO_POLICIES, Policies, mutate

if TYPE_CHECKING:
    from tradewind.sdk.dag import DAG


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
