"""Triggering other DAGs and waiting for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pendulum
import pytest
from support.standard_fakes import DATE, FakeRuntime, as_runtime, context_of

from tradewind.model.errors import AlreadyExists, NotFound
from tradewind.sdk.dag import DAG
from tradewind.sdk.exceptions import AirflowException, AirflowSkipException, DagNotFound, DagRunAlreadyExists
from tradewind.standard.dag_runs import TriggerDagRunOperator
from tradewind.standard.external_task import ExternalTaskMarker, ExternalTaskSensor


def a_trigger(**more: Any) -> TriggerDagRunOperator:
    dag = DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1))
    arguments = {"trigger_dag_id": "other", "logical_date": DATE, "poke_interval": 0, **more}
    return TriggerDagRunOperator(task_id="t", dag=dag, **arguments)


def test_a_trigger_makes_a_manual_run_and_stores_its_id_and_date() -> None:
    task = a_trigger(conf={"a": [1]})
    context = context_of(task)
    with as_runtime(FakeRuntime()) as fake:
        task.execute(context)
    assert fake.triggered == [
        {
            "dag_id": "other",
            "run_id": "manual__2024-01-03T00:00:00+00:00",
            "logical_date": DATE,
            "conf": '{"a": [1]}',
            "reset": False,
        }
    ]
    assert context["ti"].xcoms == {
        "trigger_logical_date_iso": "2024-01-03T00:00:00+00:00",
        "trigger_run_id": "manual__2024-01-03T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("refusal", "more", "error"),
    [
        (AlreadyExists("there"), {}, DagRunAlreadyExists),
        (AlreadyExists("there"), {"skip_when_already_exists": True}, AirflowSkipException),
        (NotFound("no DAG"), {}, DagNotFound),
    ],
    ids=["exists", "exists, skip", "unknown DAG"],
)
def test_a_refused_trigger_stores_no_xcom(refusal: Exception, more: dict[str, Any], error: type[Exception]) -> None:
    task = a_trigger(**more)
    context = context_of(task)
    with as_runtime(FakeRuntime(refusal=refusal)), pytest.raises(error):
        task.execute(context)
    assert context["ti"].xcoms == {}


def test_a_conf_that_is_no_json_fails() -> None:
    with as_runtime(FakeRuntime()), pytest.raises(AirflowException, match="JSON Serializable"):
        task = a_trigger(conf={"a": object()})
        task.execute(context_of(task))


def test_waiting_ends_with_an_allowed_state() -> None:
    task = a_trigger(wait_for_completion=True)
    with as_runtime(FakeRuntime(run_states=["running", "running", "success"])) as fake:
        task.execute(context_of(task))
    assert fake.run_states == []


def test_waiting_fails_with_a_failed_state_and_keeps_the_xcoms() -> None:
    task = a_trigger(wait_for_completion=True)
    context = context_of(task)
    with as_runtime(FakeRuntime(run_states=["failed"])), pytest.raises(AirflowException, match="failed states failed"):
        task.execute(context)
    assert set(context["ti"].xcoms) == {"trigger_logical_date_iso", "trigger_run_id"}


def test_failed_can_be_an_allowed_state() -> None:
    task = a_trigger(wait_for_completion=True, allowed_states=["failed"], failed_states=[])
    with as_runtime(FakeRuntime(run_states=["failed"])):
        task.execute(context_of(task))


def a_sensor(**more: Any) -> ExternalTaskSensor:
    dag = DAG("d", schedule=None, start_date=pendulum.datetime(2024, 1, 1))
    return ExternalTaskSensor(task_id="s", external_dag_id="other", dag=dag, **more)


SUCCESS, FAILED, SKIPPED = ("success",), ("failed",), ("skipped",)


@pytest.mark.parametrize(
    ("more", "counts", "done"),
    [
        ({}, {SUCCESS: 1}, True),
        ({}, {SUCCESS: 0}, False),
        ({"external_task_id": "a"}, {SUCCESS: 1}, True),
        ({"external_task_ids": ["a", "b"]}, {SUCCESS: 1}, False),
        ({"external_task_ids": ["a", "b"]}, {SUCCESS: 2}, True),
        ({"external_task_group_id": "g"}, {SUCCESS: 2, None: 3}, False),
        ({"external_task_group_id": "g"}, {SUCCESS: 3, None: 3}, True),
        ({"external_task_group_id": "g"}, {None: 0}, False),
        ({"execution_date_fn": lambda date: [date, date]}, {SUCCESS: 1}, False),
        ({"external_task_id": "a", "allowed_states": ["failed"]}, {FAILED: 1}, True),
    ],
)
def test_a_sensor_is_done_when_all_is_in_an_allowed_state(more: Any, counts: Any, done: bool) -> None:
    sensor = a_sensor(**more)
    with as_runtime(FakeRuntime(counts=counts)):
        assert sensor.poke(context_of(sensor)) is done


def test_a_sensor_looks_back_by_its_delta() -> None:
    sensor = a_sensor(execution_delta=timedelta(days=1))
    with as_runtime(FakeRuntime()) as fake:
        sensor.poke(context_of(sensor))
    assert fake.questions[-1]["logical_dates"] == (DATE - timedelta(days=1),)


def test_a_function_for_dates_may_ask_for_the_context() -> None:
    sensor = a_sensor(execution_date_fn=lambda date, ds: [date] if ds == "2024-01-03" else [])
    with as_runtime(FakeRuntime()) as fake:
        sensor.poke(context_of(sensor))
    assert fake.questions[-1]["logical_dates"] == (DATE,)


@pytest.mark.parametrize(
    ("more", "counts", "error", "words"),
    [
        ({"external_task_id": "a", "failed_states": ["failed"]}, {FAILED: 1}, AirflowException, "Some of the external"),
        ({"failed_states": ["failed"]}, {FAILED: 1}, AirflowException, "The external DAG other failed"),
        ({"failed_states": ["failed"], "soft_fail": True}, {FAILED: 1}, AirflowSkipException, "soft_fail"),
        ({"external_task_id": "a", "skipped_states": ["skipped"]}, {SKIPPED: 1}, AirflowSkipException, "Skipping"),
    ],
)
def test_a_sensor_ends_at_states_it_does_not_want(more: Any, counts: Any, error: Any, words: str) -> None:
    sensor = a_sensor(**more)
    with as_runtime(FakeRuntime(counts=counts)), pytest.raises(error, match=words):
        sensor.poke(context_of(sensor))


@pytest.mark.parametrize(
    ("more", "info", "words"),
    [
        ({}, None, "The external DAG other does not exist"),
        ({"external_task_id": "a"}, {"task_ids": [], "group_ids": []}, "The external task a in DAG other does not"),
        ({"external_task_group_id": "g"}, {"task_ids": [], "group_ids": []}, "The external task group 'g'"),
    ],
)
def test_existence_can_be_checked(more: Any, info: Any, words: str) -> None:
    sensor = a_sensor(check_existence=True, **more)
    with as_runtime(FakeRuntime(dag_info=info)), pytest.raises(AirflowException, match=words):
        sensor.poke(context_of(sensor))


@pytest.mark.parametrize(
    "more",
    [
        {"external_task_id": "a", "external_task_ids": ["b"]},
        {"external_task_ids": ["a", "a"]},
        {"external_task_id": "a", "external_task_group_id": "g"},
        {"execution_delta": timedelta(1), "execution_date_fn": lambda date: date},
        {"allowed_states": ["skipped"]},
        {"external_task_id": "a", "allowed_states": ["nonsense"]},
    ],
)
def test_a_sensor_refuses_what_contradicts_itself(more: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        a_sensor(**more)


def test_a_marker_is_an_empty_task() -> None:
    marker = ExternalTaskMarker(task_id="m", external_dag_id="other", external_task_id="a")
    assert marker.inherits_from_empty_operator
