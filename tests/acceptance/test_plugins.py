"""Plugins on a whole server: timetables, macros, weights, links and listeners, and broken ones beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server
from support.plugin_files import BROKEN, LISTENER, MACROS, TIMETABLES, XCOM_BACKEND

DAGS = """
from datetime import datetime

from airflow import DAG
from airflow.datasets import Dataset
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator
from timetables import EveryOther, Hangs, Raises

START, END = datetime(2024, 1, 1), datetime(2024, 1, 6)


def say(context):
    with open(r"{record}", "a") as file:
        file.write(f"callback {{context['ti'].task_id}}\\n")


def pull(ti):
    print("pulled", ti.xcom_pull("shout"))
    ti.xcom_push("heard", [1, 2])
    assert ti.xcom_pull("pull", key="heard") == [1, 2]


with DAG("every_other", start_date=START, end_date=END, schedule=EveryOther(2), catchup=True):
    BashOperator(
        task_id="shout",
        bash_command="echo {{{{ macros.my_macros.shout(run_id) }}}}",
        weight_rule="my_macros.Twice",
        priority_weight=21,
    ) >> PythonOperator(task_id="pull", python_callable=pull)

with DAG("by_hand", start_date=START, schedule=EveryOther(3)):
    BashOperator(task_id="a", bash_command="true")

with DAG("raises", start_date=START, schedule=Raises()):
    BashOperator(task_id="a", bash_command="true")

with DAG("hangs", start_date=START, schedule=Hangs()):
    BashOperator(task_id="a", bash_command="true")


def fail():
    raise ValueError("boo")


with DAG("heard", start_date=START, schedule=None):
    PythonOperator(task_id="good", python_callable=lambda: 1, outlets=[Dataset("s3://heard/x")],
                   on_execute_callback=say, on_success_callback=say) >> PythonOperator(
        task_id="fails", python_callable=fail, on_execute_callback=say, on_failure_callback=say)
"""

HEARD = """\
on_dag_run_running heard running
callback good
on_task_instance_running queued good running 1
callback good
on_task_instance_success running good success 1
callback fails
on_task_instance_running queued fails running 1
on_task_instance_failed running fails failed 1 ValueError('boo')
callback fails
on_dag_run_failed heard failed task_failure
on_dataset_changed s3://heard/x
"""
"""As Airflow 2.10.5 tells it, in order for each task.

What the plugin host tells may come between what attempts tell; a task may begin while the one before it, whose state
is known already, still tells its listeners.
"""


SHOWN = {
    "name",
    "hooks",
    "executors",
    "macros",
    "flask_blueprints",
    "appbuilder_views",
    "appbuilder_menu_items",
    "global_operator_extra_links",
    "operator_extra_links",
    "source",
    "ti_deps",
    "listeners",
    "timetables",
}
"""What Airflow 2.10.5 says of each plugin."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("home")
    plugins = home / "plugins"
    plugins.mkdir()
    record = home / "record.txt"
    record.touch()
    (plugins / "timetables.py").write_text(TIMETABLES)
    (plugins / "my_macros.py").write_text(MACROS)
    (plugins / "broken.py").write_text(BROKEN)
    (plugins / "listener.py").write_text(LISTENER.format(record=record))
    (plugins / "kept_xcoms.py").write_text(XCOM_BACKEND)
    options = {"TEST_CONNECTION": "Enabled", "XCOM_BACKEND": "kept_xcoms.Kept"}
    with live_server(home, **{f"AIRFLOW__CORE__{name}": value for name, value in options.items()}) as running:
        running.put_dag("plugged.py", DAGS.format(record=record))
        for dag_id in ("every_other", "by_hand", "heard"):
            running.wait_for_dag(dag_id)
        yield running


def test_a_plugins_timetable_makes_the_runs_that_its_code_says(server: LiveServer) -> None:
    server.unpause("every_other")
    path = "/api/v1/dags/every_other/dagRuns?order_by=execution_date"
    found = server.wait_until(
        lambda: [run for run in [server.get(path)] if [one["state"] for one in run["dag_runs"]] == ["success"] * 3],
        "three runs have succeeded",
    )[0]
    assert [(run["dag_run_id"], run["data_interval_end"]) for run in found["dag_runs"]] == [
        ("scheduled_own_20240101", "2024-01-03T00:00:00+00:00"),
        ("scheduled_own_20240103", "2024-01-05T00:00:00+00:00"),
        ("scheduled_own_20240105", "2024-01-07T00:00:00+00:00"),
    ]
    instance = server.get("/api/v1/dags/every_other/dagRuns/scheduled_own_20240105/taskInstances/shout")
    assert instance["priority_weight"] == 42
    entry = server.get(
        "/api/v1/dags/every_other/dagRuns/scheduled_own_20240105/taskInstances/shout/xcomEntries/return_value"
    )
    assert entry["value"] == "kept for shout"
    pulled = server.get("/api/v1/dags/every_other/dagRuns/scheduled_own_20240105/taskInstances/pull/xcomEntries/heard")
    assert pulled["value"] == "kept for pull"
    log = server.request(
        "GET", "/api/v1/dags/every_other/dagRuns/scheduled_own_20240105/taskInstances/pull/logs/1?full_content=true"
    )
    assert "pulled SCHEDULED_OWN_20240105" in log.text
    detail = server.get("/api/v1/dags/every_other")
    assert detail["timetable_description"] == "every other day"
    assert detail["schedule_interval"] == {"__type": "CronExpression", "value": "every 2 days"}
    assert detail["next_dagrun"] is None


def test_a_run_by_hand_has_the_interval_that_the_timetable_infers(server: LiveServer) -> None:
    run = server.post("/api/v1/dags/by_hand/dagRuns", {"logical_date": "2024-05-05T01:02:03Z"})
    assert run["dag_run_id"] == "manual__2024-05-05T01:02:03+00:00"
    assert run["data_interval_start"] == "2024-05-02T01:02:03+00:00"
    assert run["data_interval_end"] == "2024-05-05T01:02:03+00:00"


def test_a_timetable_that_fails_or_hangs_is_an_error_of_its_dag_alone(server: LiveServer) -> None:
    answer = server.request("POST", "/api/v1/dags/raises/dagRuns", {})
    assert (answer.status, answer.json["title"]) == (400, "Bad Request")
    assert "no interval today" in answer.json["detail"]
    hung = server.request("POST", "/api/v1/dags/hangs/dagRuns", {})
    assert hung.status == 400
    assert "by_hand" in {dag["dag_id"] for dag in server.get("/api/v1/dags")["dags"]}
    assert server.get("/api/v1/dags/raises")["next_dagrun"] is None


def test_plugins_are_listed_and_their_links_are_given(server: LiveServer) -> None:
    found = server.get("/api/v1/plugins")
    assert [plugin["name"] for plugin in found["plugins"]] == ["listener", "my_macros", "timetables"]
    assert [Path(error["source"]).name for error in found["import_errors"]] == ["broken.py"]
    assert all(set(plugin) == SHOWN for plugin in found["plugins"])
    server.post("/api/v1/dags/by_hand/dagRuns", {"dag_run_id": "linked", "logical_date": "2024-05-06T00:00:00Z"})
    links = server.get("/api/v1/dags/by_hand/dagRuns/linked/taskInstances/a/links")
    assert links == {"Bash docs": "https://example.org/bash/a", "Fails": None, "Global": "https://example.org/by_hand"}


def test_a_connection_is_really_tested(server: LiveServer) -> None:
    body = {"connection_id": "t", "conn_type": "fs", "extra": '{"path": "/nonono"}'}
    assert server.post("/api/v1/connections/test", body) == {
        "status": False,
        "message": "Path /nonono does not exist.",
    }


def test_listeners_hear_what_happens_in_airflows_order(server: LiveServer) -> None:
    record = server.home / "record.txt"
    server.unpause("heard")
    server.trigger("heard", dag_run_id="r")
    expected = HEARD.splitlines()

    def heard() -> list[str]:
        lines = [line for line in record.read_text().splitlines() if "by_hand" not in line]
        return [line for line in lines if line in expected]

    lines = server.wait_until(lambda: found if len(found := heard()) == len(expected) else None, "all was heard")
    of_attempts = [line for line in expected if line.startswith(("on_task", "callback"))]
    for task_id in ("good", "fails"):
        of_one = [line for line in of_attempts if task_id in line.split()]
        assert [line for line in lines if line in of_one] == of_one
    of_host = [line for line in lines if line not in of_attempts]
    assert of_host[0] == "on_dag_run_running heard running"
    assert sorted(of_host) == sorted(line for line in expected if line not in of_attempts)
