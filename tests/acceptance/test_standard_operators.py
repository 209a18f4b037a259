"""Operators in whole runs: other DAGs triggered and waited for, mapped branches, conditions, another interpreter.

What is expected was seen in Airflow 2.10.5.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from acceptance.live_server import LiveServer, live_server

DAGS = """
import sys
from datetime import timedelta

import pendulum

from airflow import DAG
from airflow.decorators import task, task_group
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.sensors.filesystem import FileSensor
from airflow.utils.task_group import TaskGroup

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)

with DAG("within", **BASE):

    @task.branch
    def branch(i):
        return "a" if i else "b"

    branch.expand(i=[0, 1]) >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]

    @task_group
    def group(i):
        @task.short_circuit
        def check(i):
            return i == 1

        @task
        def work():
            return 1

        check(i) >> work()

    group.expand(i=[0, 1])

    @task.run_if(lambda context: False, skip_message="not today")
    @task
    def conditional():
        return 1

    conditional()

    @task.skip_if(lambda context: context["task_instance"].task_id == "another")
    @task.bash
    def command():
        return "echo {{ ds }} $AIRFLOW_CTX_TASK_ID"

    command()

    @task.external_python(python=sys.executable)
    def elsewhere(a, ds=None):
        return {"a": a, "ds": ds}

    @task
    def show(found):
        assert found == {"a": 4, "ds": "2024-01-03"}

    show(elsewhere(4))

with DAG("child", params={"p": 1}, **BASE):
    with TaskGroup("grp"):
        BashOperator(task_id="one", bash_command="echo {{ params.p }}")
        EmptyOperator(task_id="two")

with DAG("parent", **BASE):
    trigger = dict(trigger_dag_id="child", logical_date="{{ logical_date }}", poke_interval=1)
    first = TriggerDagRunOperator(task_id="first", conf={"p": "{{ ds }}"}, wait_for_completion=True, **trigger)
    again = TriggerDagRunOperator(task_id="again", skip_when_already_exists=True, **trigger)
    exists = TriggerDagRunOperator(task_id="exists", trigger_rule="all_done", **trigger)
    reset = TriggerDagRunOperator(
        task_id="reset", reset_dag_run=True, wait_for_completion=True, trigger_rule="all_done", **trigger
    )
    first >> again >> exists >> reset
    TriggerDagRunOperator(task_id="unknown", trigger_dag_id="nobody")
    wait = dict(external_dag_id="child", poke_interval=0.5, check_existence=True)
    reset >> [
        ExternalTaskSensor(task_id="sees_run", timeout=30, **wait),
        ExternalTaskSensor(task_id="sees_task", external_task_id="grp.one", timeout=30, **wait),
        ExternalTaskSensor(task_id="sees_group", external_task_group_id="grp", mode="reschedule", timeout=30, **wait),
        ExternalTaskSensor(task_id="sees_nobody", external_task_id="nobody", timeout=30, **wait),
        ExternalTaskSensor(task_id="looks_back", execution_delta=timedelta(1), timeout=1, soft_fail=True, **wait),
    ]
    FileSensor(task_id="no_connection", filepath="/etc/hostname", poke_interval=1)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which runs of both DAGs have ended."""
    with live_server(tmp_path_factory.mktemp("home"), AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False") as server:
        server.put_dag("operators.py", DAGS)
        for dag_id in ("within", "child", "parent"):
            server.wait_for_dag(dag_id)
        for dag_id in ("within", "parent"):
            server.trigger(dag_id, dag_run_id="r", logical_date="2024-01-03T00:00:00+00:00")
        assert server.wait_for_run("within", "r") == "success"
        assert server.wait_for_run("parent", "r") == "failed"
        yield server


def test_within_one_dag(server: LiveServer) -> None:
    """A mapped branch skips nothing; a short circuit in a mapped group skips its own index."""
    assert server.task_states("within", "r") == {
        "branch[0]": "success",
        "branch[1]": "success",
        "a": "success",
        "b": "success",
        "group.check[0]": "success",
        "group.check[1]": "success",
        "group.work[0]": "skipped",
        "group.work[1]": "success",
        "conditional": "skipped",
        "command": "success",
        "elsewhere": "success",
        "show": "success",
    }


def test_across_dags(server: LiveServer) -> None:
    assert server.task_states("parent", "r") == {
        "first": "success",
        "again": "skipped",
        "exists": "failed",
        "reset": "success",
        "unknown": "failed",
        "sees_run": "success",
        "sees_task": "success",
        "sees_group": "success",
        "sees_nobody": "failed",
        "looks_back": "skipped",
        "no_connection": "failed",
    }


@pytest.mark.parametrize(
    ("task_id", "words"),
    [
        ("exists", "A DAG Run already exists for DAG child at 2024-01-03 00:00:00+00:00 with run id manual__2024"),
        ("unknown", "Dag id nobody not found"),
        ("sees_nobody", "The external task nobody in DAG child does not exist."),
        ("no_connection", "The conn_id `fs_default` isn't defined"),
    ],
)
def test_the_log_says_why(task_id: str, words: str, server: LiveServer) -> None:
    path = f"/dags/parent/dagRuns/r/taskInstances/{task_id}/logs/1"
    assert words in server.request("GET", path, headers={"Accept": "text/plain"}).text


def test_a_triggered_run_is_manual_with_the_conf_as_rendered_and_is_cleared_by_reset(server: LiveServer) -> None:
    run = server.get("/dags/child/dagRuns")["dag_runs"][0]
    assert (run["run_type"], run["external_trigger"], run["conf"]) == ("manual", True, {"p": "2024-01-03"})
    one = server.get(f"/dags/child/dagRuns/{run['dag_run_id'].replace('+', '%2B')}/taskInstances/grp.one")
    assert one["try_number"] == 2


@pytest.mark.parametrize(
    ("task_id", "has_xcoms"), [("first", True), ("reset", True), ("again", False), ("exists", False)]
)
def test_only_a_trigger_that_made_a_run_stores_xcoms(task_id: str, has_xcoms: bool, server: LiveServer) -> None:
    found = server.get(f"/dags/parent/dagRuns/r/taskInstances/{task_id}/xcomEntries")["xcom_entries"]
    assert {entry["key"] for entry in found} == ({"trigger_logical_date_iso", "trigger_run_id"} if has_xcoms else set())
