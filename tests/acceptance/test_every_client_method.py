"""Every method of the official Python clients 2.10.0 and 2.5.1 works, or is answered as a real Airflow answers it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server
from support.older_client import older_client

PROGRAM = Path(__file__).parents[1] / "support" / "every_client_method.py"

DAGS = """
import pendulum

from airflow import DAG
from airflow.datasets import Dataset
from airflow.decorators import task
from airflow.operators.bash import BashOperator

FIRST = pendulum.datetime(2024, 1, 1)

with DAG("world", start_date=FIRST, schedule=None, tags=["t"], is_paused_upon_creation=False):

    @task
    def greet(dag_run=None):
        print("hello", dag_run.conf["name"])
        return {"name": dag_run.conf["name"]}

    @task
    def square(x):
        return x * x

    say = BashOperator(task_id="say", bash_command="echo said", outlets=[Dataset("s3://bucket/said")])
    greet() >> square.expand(x=[1, 2, 3]) >> say

both = [Dataset("s3://bucket/said"), Dataset("s3://bucket/other")]
with DAG("listener", start_date=FIRST, schedule=both, is_paused_upon_creation=False):
    BashOperator(task_id="hear", bash_command="echo heard")
"""

BROKEN = "from airflow import DAG\nimport nothing_that_is_there\n"

# Recorded with both clients from a real Airflow 2.10.5 with its default settings: they hide the configuration and test
# no connection.
REFUSED = {"get_config": "403", "test_connection": "403"}

# Answers with nulls that the models of 2.5.1 do not know: it reads them, from a real 2.10.5 too, only when told not to
# check the types.
NULLS_OF_LATER = {
    "get_dag_details",
    "get_mapped_task_instance",
    "get_mapped_task_instances",
    "get_mapped_task_instances+",
    "get_task",
    "get_task_instance",
    "get_task_instances",
    "get_task_instances+",
    "get_task_instances_batch",
    "get_tasks",
    "get_tasks+",
    "set_mapped_task_instance_note",
    "set_task_instance_note",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[LiveServer]:
    """A server with a run that has ended, a DAG that waits for datasets, and a broken file."""
    with live_server(tmp_path / "home") as server:
        server.put_dag("world.py", DAGS)
        server.put_dag("broken.py", BROKEN)
        server.wait_for_dag("listener")
        server.wait_for_dag("world")
        server.wait_until(lambda: server.get("/importErrors")["total_entries"], "the broken file is told")
        server.trigger("world", dag_run_id="r1", conf={"name": "Ada"})
        assert server.wait_for_run("world", "r1") == "success"
        yield server


def call_everything(server: LiveServer, client: Path | None = None) -> dict[str, str]:
    """What each method of the client gave; without a folder, of the client that is installed here."""
    environ = os.environ | ({"PYTHONPATH": str(client)} if client is not None else {})
    command = [sys.executable, str(PROGRAM), f"http://127.0.0.1:{server.port}", server.username, server.password]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    outcomes: dict[str, str] = json.loads(done.stdout)
    return outcomes


def test_every_method_of_the_client_of_2_10_works(world: LiveServer) -> None:
    outcomes = call_everything(world)
    assert len({name.rstrip("+") for name in outcomes}) == 89
    others = {name: outcome for name, outcome in outcomes.items() if outcome != "ok"}
    assert others == REFUSED | {"get_config+": "403", "get_value": "403"}


def test_every_method_of_the_client_of_2_5_works(world: LiveServer) -> None:
    outcomes = call_everything(world, older_client("2.5.1"))
    assert len({name.rstrip("+") for name in outcomes}) == 73
    unchecked = {name for name, outcome in outcomes.items() if outcome.startswith("unchecked: Invalid type")}
    assert unchecked == NULLS_OF_LATER
    others = {name: outcome for name, outcome in outcomes.items() if outcome != "ok" and name not in unchecked}
    assert others == REFUSED
