"""What branches and short circuits skip, follow and remember (recorded from Airflow 2.10.5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pendulum
import pytest
from support.standard_fakes import DATE, FakeRun, FakeRuntime, as_runtime, context_of

from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowException
from tradewind.sdk.task_group import TaskGroup
from tradewind.standard.branch import (
    BranchDateTimeOperator,
    BranchDayOfWeekOperator,
    EmptyOperator,
    LatestOnlyOperator,
)
from tradewind.standard.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator


def a_dag(**more: Any) -> DAG:
    return DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1), **more)


def executed(task: Any, **more: Any) -> tuple[Any, dict[str, Any], list[str]]:
    """Result, XComs and skipped tasks."""
    context = context_of(task, **more)
    with as_runtime(FakeRuntime()) as fake:
        result = task.execute(context)
    return result, context["ti"].xcoms, fake.skipped


def a_branch(choice: Any) -> BranchPythonOperator:
    with a_dag():
        branch = BranchPythonOperator(task_id="branch", python_callable=lambda: choice)
        a, b, join = (EmptyOperator(task_id=name) for name in ("a", "b", "join"))
        with TaskGroup("g"):
            first = EmptyOperator(task_id="first")
            first >> EmptyOperator(task_id="second")
        branch >> [a, b, first]
        a >> join
        branch >> join
    return branch


def test_a_branch_skips_the_direct_downstream_tasks_that_it_did_not_choose() -> None:
    result, xcoms, skipped = executed(a_branch("b"))
    assert result == "b"
    assert sorted(skipped) == ["a", "g.first", "join"]
    assert xcoms == {"skipmixin_key": {"followed": ["b"]}}


def test_a_task_that_a_followed_one_leads_to_is_not_skipped() -> None:
    _, xcoms, skipped = executed(a_branch("a"))
    assert sorted(skipped) == ["b", "g.first"]
    assert sorted(xcoms["skipmixin_key"]["followed"]) == ["a", "join"]


@pytest.mark.parametrize("choice", [None, []])
def test_a_branch_that_chooses_nothing_skips_all(choice: Any) -> None:
    _, xcoms, skipped = executed(a_branch(choice))
    assert sorted(skipped) == ["a", "b", "g.first", "join"]
    assert xcoms == {"skipmixin_key": {"followed": []}}


def test_a_branch_that_names_a_group_follows_its_first_tasks() -> None:
    _, xcoms, skipped = executed(a_branch("g"))
    assert xcoms == {"skipmixin_key": {"followed": ["g.first"]}}
    assert sorted(skipped) == ["a", "b", "join"]


def test_a_task_further_down_that_is_named_is_skipped_with_all_between() -> None:
    _, xcoms, skipped = executed(a_branch("g.second"))
    assert xcoms == {"skipmixin_key": {"followed": []}}
    assert sorted(skipped) == ["a", "b", "g.first", "join"]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ("nobody", "must contain only valid task_ids"),
        (["a", "nobody"], "must contain only valid task_ids"),
        (42, "must be either None, a task ID, or an Iterable of IDs"),
        ([1], "invalid 'branch_task_ids'"),
    ],
)
def test_a_branch_that_names_no_task_fails_and_skips_nobody(choice: Any, words: str) -> None:
    branch = a_branch(choice)
    with as_runtime(FakeRuntime()) as fake, pytest.raises(AirflowException, match=words):
        branch.execute(context_of(branch))
    assert fake.skipped == []


def test_the_keys_of_a_dict_are_followed() -> None:
    _, xcoms, _ = executed(a_branch({"b": 1}))
    assert xcoms == {"skipmixin_key": {"followed": ["b"]}}


def test_a_mapped_branch_skips_nothing_outside_its_group() -> None:
    _, _, skipped = executed(a_branch("b"), map_index=1)
    assert skipped == []


def a_short_circuit(value: Any, **more: Any) -> ShortCircuitOperator:
    with a_dag():
        check = ShortCircuitOperator(task_id="check", python_callable=lambda: value, **more)
        near, far = EmptyOperator(task_id="near"), EmptyOperator(task_id="far", trigger_rule="all_done")
        clean = EmptyOperator(task_id="clean").as_teardown()
        check >> near >> far >> clean
    return check


@pytest.mark.parametrize("value", [False, 0, "", [], None])
def test_a_false_value_skips_all_that_is_downstream_but_teardowns(value: Any) -> None:
    result, xcoms, skipped = executed(a_short_circuit(value))
    assert result == value
    assert sorted(skipped) == ["far", "near"]
    assert sorted(xcoms["skipmixin_key"]["skipped"]) == ["far", "near"]


def test_a_short_circuit_can_leave_tasks_further_down_to_their_rules() -> None:
    _, _, skipped = executed(a_short_circuit(False, ignore_downstream_trigger_rules=False))
    assert skipped == ["near"]


def test_a_true_value_skips_nothing_and_remembers_nothing() -> None:
    assert executed(a_short_circuit("yes")) == ("yes", {}, [])


@pytest.mark.parametrize(
    ("run", "is_latest", "skipped"),
    [
        (FakeRun(external_trigger=True), False, []),
        (FakeRun(external_trigger=False), True, []),
        (FakeRun(external_trigger=False), False, ["after"]),
    ],
    ids=["manual", "newest", "old"],
)
def test_latest_only_skips_in_old_scheduled_runs(run: FakeRun, is_latest: bool, skipped: list[str]) -> None:
    with a_dag():
        latest = LatestOnlyOperator(task_id="latest")
        latest >> EmptyOperator(task_id="after")
    context = context_of(latest, dag_run=run)
    with as_runtime(FakeRuntime(is_latest=is_latest)) as fake:
        latest.execute(context)
    assert fake.skipped == skipped


@pytest.mark.parametrize(
    ("days", "chosen"), [("Wednesday", "yes"), ({"monday", "wednesday"}, "yes"), (["Sunday"], "no")]
)
def test_a_branch_by_day_of_the_logical_date(days: Any, chosen: str) -> None:
    with a_dag():
        branch = BranchDayOfWeekOperator(
            task_id="branch",
            week_day=days,
            use_task_logical_date=True,
            follow_task_ids_if_true="yes",
            follow_task_ids_if_false="no",
        )
        branch >> [EmptyOperator(task_id="yes"), EmptyOperator(task_id="no")]
    assert executed(branch)[0] == chosen


@pytest.mark.parametrize(
    ("lower", "upper", "chosen"),
    [
        (datetime(2024, 1, 2), datetime(2024, 1, 4), "inside"),  # noqa: DTZ001  as users write it
        (datetime(2024, 1, 4), None, "outside"),  # noqa: DTZ001
        (None, datetime(2024, 1, 2), "outside"),  # noqa: DTZ001
        (pendulum.time(23), pendulum.time(1), "outside"),
        (pendulum.time(0), pendulum.time(1), "inside"),
    ],
)
def test_a_branch_by_date_and_time(lower: Any, upper: Any, chosen: str) -> None:
    with a_dag():
        branch = BranchDateTimeOperator(
            task_id="branch",
            target_lower=lower,
            target_upper=upper,
            use_task_logical_date=True,
            follow_task_ids_if_true="inside",
            follow_task_ids_if_false="outside",
        )
        branch >> [EmptyOperator(task_id="inside"), EmptyOperator(task_id="outside")]
    assert executed(branch)[0] == chosen


def test_a_function_gets_arguments_and_the_context_names_it_has() -> None:
    def add(x: int, y: int, ds: str, **context: Any) -> tuple[Any, ...]:
        return x, y, ds, context["logical_date"], context["templates_dict"]

    task = PythonOperator(
        task_id="t", python_callable=add, op_args=[1], op_kwargs={"y": 2}, templates_dict={"a": "b"}, dag=a_dag()
    )
    assert executed(task)[0] == (1, 2, "2024-01-03", DATE, {"a": "b"})


def test_op_kwargs_win_over_the_context() -> None:
    task = PythonOperator(task_id="t", python_callable=lambda ds: ds, op_kwargs={"ds": "mine"}, dag=a_dag())
    assert executed(task)[0] == "mine"


def test_a_positional_argument_for_a_context_name_fails() -> None:
    task = PythonOperator(task_id="t", python_callable=lambda ds: ds, op_args=["x"], dag=a_dag())
    with pytest.raises(ValueError, match="The key 'ds' in args is a part of kwargs and therefore reserved"):
        executed(task)


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(AirflowException, match="`python_callable` param must be callable"):
        PythonOperator(task_id="t", python_callable="no")  # type: ignore[arg-type]
