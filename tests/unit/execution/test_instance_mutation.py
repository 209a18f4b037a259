"""task_instance_mutation_hook: what it changes of an instance is what the task's instances will have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind.execution.dag_checks import check_dag
from tradewind.execution.policies import NO_POLICIES, Policies, placement
from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowClusterPolicyError
from tradewind.sdk.task_instance import TaskInstance
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


class Lighter:
    """A strategy of weights that looks at the try."""

    def get_weight(self, ti: Any) -> int:
        return 10 - int(ti.try_number)


def test_each_try_is_placed_anew_from_what_the_author_wrote() -> None:
    def hook(ti: Any) -> None:
        ti.queue = "first" if ti.try_number == 0 else ti.queue
        ti.pool_slots = 1 + ti.try_number

    dag = a_dag()
    policies = Policies(task_instance=(hook,))
    check_dag(dag, policies)
    task = dag.get_task("a")
    assert (task.queue, task.pool_slots) == ("first", 1)
    instance = TaskInstance(task)
    instance.try_number = 2
    found = placement(task, instance, policies, weight=7)
    assert (found["queue"], found["pool_slots"], found["priority_weight"]) == ("default", 3, 7)


def test_a_strategy_of_weights_is_asked_at_each_try() -> None:
    task = a_dag().get_task("a")
    task.weight_rule = Lighter()
    instance = TaskInstance(task)
    instance.try_number = 3
    assert placement(task, instance, NO_POLICIES, weight=1)["priority_weight"] == 7


def test_nothing_is_placed_where_nobody_has_a_say() -> None:
    task = a_dag().get_task("a")
    assert placement(task, TaskInstance(task), NO_POLICIES, weight=1) == {}


def test_import_timeout_and_variables_are_those_of_the_first_that_gives_some() -> None:
    silent, loud = (lambda _: None), len
    assert Policies(import_timeout=(silent, loud)).timeout_of("four", 30) == 4.0
    assert NO_POLICIES.timeout_of("four", 30) == 30
    assert Policies(context_vars=(silent, lambda _: {"a": "b"}, lambda _: {"c": "d"})).variables_of(None) == {"a": "b"}
    with pytest.raises(TypeError, match="must be int or float"):
        Policies(import_timeout=(lambda _: "5",)).timeout_of("p", 30)
    with pytest.raises(TypeError, match="must be string"):
        Policies(context_vars=(lambda _: {"a": 1},)).variables_of(None)
