"""task_instance_mutation_hook: what it changes of an instance is what the task's instances will have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind.execution.dag_checks import Policies, check_dag
from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowClusterPolicyError
from tradewind.serde.encode import to_spec
from tradewind.standard.bash import BashOperator


def a_dag() -> DAG:
    with DAG("d", start_date=datetime(2024, 1, 1, tzinfo=UTC), schedule=None) as dag:
        BashOperator(task_id="a", bash_command="true") >> BashOperator(task_id="b", bash_command="true")
        BashOperator.partial(task_id="mapped").expand(bash_command=["true", "false"])
    return dag


def test_the_hook_changes_queue_pool_and_weight() -> None:
    def hook(ti: Any) -> None:
        ti.queue = "fast"
        if ti.task_id == "a":
            ti.pool = "small"
            ti.priority_weight = 50

    dag = a_dag()
    check_dag(dag, Policies(task_instance=(hook,)))
    found = {task.task_id: (task.queue, task.pool, task.effective_weight) for task in to_spec(dag).tasks}
    assert found == {
        "a": ("fast", "small", 50),
        "b": ("fast", "default_pool", 1),
        "mapped": ("fast", "default_pool", 1),
    }


def test_a_hook_that_changes_nothing_leaves_the_weights_as_they_are() -> None:
    dag = a_dag()
    check_dag(dag, Policies(task_instance=(lambda _: None,)))
    assert {task.task_id: task.effective_weight for task in to_spec(dag).tasks} == {"a": 2, "b": 1, "mapped": 1}


def test_a_hook_that_raises_is_an_error_of_the_dag() -> None:
    def hook(ti: Any) -> None:
        raise RuntimeError("not today")

    with pytest.raises(AirflowClusterPolicyError, match="not today"):
        check_dag(a_dag(), Policies(task_instance=(hook,)))
