"""What DAGs do wrong is said in plain words, in the task's log and by the API, and everything else goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server

DAGS = """
import threading
import time
from datetime import datetime

from airflow.datasets import Dataset
from airflow.decorators import task
from airflow.operators.bash import BashOperator
from airflow.models.baseoperator import BaseOperator
from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow import DAG

BASE = dict(start_date=datetime(2024, 1, 1), schedule=None, catchup=False)


class Blocks(BaseTrigger):
    def serialize(self):
        return ("bad.Blocks", {})

    async def run(self):
        time.sleep(2)
        yield TriggerEvent("late")


class Waits(BaseOperator):
    def execute(self, context):
        self.defer(trigger=Blocks(), method_name="done")

    def done(self, context, event=None):
        return event


with DAG("bad", **BASE):
    Waits(task_id="blocking_trigger")
    BashOperator(task_id="template", bash_command="echo {{ nothing.there }}")
    BashOperator(task_id="fine", bash_command="echo fine")

    @task
    def provider():
        from airflow.providers.microsoft.psrp.hooks.psrp import PsrpHook

    @task
    def unstorable():
        return {"a": [threading.Lock()]}

    @task
    def too_large():
        return "x" * 2_000_000

    @task
    def too_large_together(ti=None):
        ti.xcom_push("mine", ["x" * 1_500_000])

    @task
    def large_enough():
        return "x" * 900_000

    @task
    def length(value):
        return len(value)

    @task
    def too_many():
        return list(range(1025))

    @task
    def no_list():
        return 1

    @task
    def each(value):
        return value

    @task
    def surrogate():
        return {"text": "a\\ud800b"}

    @task
    def points(value):
        return [ord(one) for one in value["text"]]

    provider(), unstorable(), too_large(), too_large_together()
    length(large_enough())
    points(surrogate())
    each.override(task_id="each_of_many").expand(value=too_many())
    each.override(task_id="each_of_one").expand(value=no_list())

ONE, TWO = Dataset("s3://one"), Dataset("s3://two")
CIRCLE = dict(start_date=datetime(2024, 1, 1), catchup=False, max_active_runs=1)
with DAG("first", schedule=[ONE], **CIRCLE):
    BashOperator(task_id="write", bash_command="true", outlets=[TWO])
with DAG("second", schedule=[TWO], **CIRCLE):
    # The circle is there, and does not run on and on.
    BashOperator(task_id="write", bash_command="exit 1", outlets=[ONE])
"""
MISSING = "from airflow.providers.microsoft.psrp.hooks.psrp import PsrpHook\nfrom airflow import DAG\n"
INSTALL = "`tradewind providers install microsoft-psrp`"
WORDS = {
    "blocking_trigger": "Trigger bad.Blocks (id ",
    "template": "Template: 'echo {{ nothing.there }}'",
    "provider": INSTALL,
    "unstorable": "The XCom 'return_value' of task 'unstorable' cannot be stored",
    "too_large": "The XCom 'return_value' of task 'too_large' has 1.9 MiB, and at most 1.0 MiB are taken. Keep it in a",
    "too_large_together": "The XCom 'mine' of task 'too_large_together' has 1.4 MiB",
    "too_many": "unmappable return value length: 1025 > 1024",
    "no_list": "unmappable return type 'int'",
}
"""Task → what its log says."""
GOOD = {"blocking_trigger", "fine", "large_enough", "length", "surrogate", "points"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which the bad DAG's run has ended."""
    home = tmp_path_factory.mktemp("home")
    options = {"AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False", "AIRFLOW__TRADEWIND__MAX_XCOM_BYTES": "1048576"}
    with live_server(home, **options) as server:
        server.put_dag("bad.py", DAGS)
        server.put_dag("missing.py", MISSING)
        server.wait_for_dag("bad")
        server.trigger("bad", dag_run_id="r")
        server.wait_for_run("bad", "r")
        yield server


def log_of(server: LiveServer, dag_id: str, run_id: str, task_id: str) -> str:
    path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/logs/1?full_content=true"
    answer = server.request("GET", path, headers={"Accept": "text/plain"})
    assert answer.status == 200
    return answer.text


def test_what_is_bad_fails_and_the_rest_goes_on(server: LiveServer) -> None:
    states = server.task_states("bad", "r")
    assert {task for task, state in states.items() if state == "success"} == GOOD
    assert {task for task, state in states.items() if state == "failed"} == WORDS.keys() - GOOD
    assert {states["each_of_many"], states["each_of_one"]} == {"upstream_failed"}


@pytest.mark.parametrize("task", WORDS)
def test_the_log_says_what_is_wrong_and_what_to_do(task: str, server: LiveServer) -> None:
    assert WORDS[task] in log_of(server, "bad", "r", task)


def test_an_import_error_names_the_provider_to_install(server: LiveServer) -> None:
    def found() -> Any:
        return server.get("/importErrors")["import_errors"]

    (error,) = server.wait_until(found, "the import error is there")
    assert "No module named 'airflow.providers.microsoft" in error["stack_trace"]
    assert INSTALL in error["stack_trace"]


def test_half_a_character_comes_back_as_its_escape(server: LiveServer) -> None:
    """JSON has a form for it, which UTF-8 has not: what Python's own json writes and reads."""
    path = "/dags/bad/dagRuns/r/taskInstances/surrogate/xcomEntries/return_value?stringify=false"
    answer = server.request("GET", path)
    assert answer.status == 200
    assert '"a\\ud800b"' in answer.text
    assert answer.json["value"] == {"text": "a\ud800b"}
    points = server.get("/dags/bad/dagRuns/r/taskInstances/points/xcomEntries/return_value?stringify=false")
    assert points["value"] == [97, 0xD800, 98]
    assert server.request("GET", path.replace("?stringify=false", "")).status == 200


def test_datasets_that_go_round_in_a_circle_are_warned_of(server: LiveServer) -> None:
    server.wait_for_dag("second")
    warnings = server.get("/dagWarnings")["dag_warnings"]
    told = {one["dag_id"]: one["message"] for one in warnings if one["warning_type"] == "dataset circle"}
    assert told.keys() == {"first", "second"}
    assert "first → (s3://two/) → second → (s3://one/) → first" in told["first"]
    run_id = server.trigger("first")
    server.wait_for_run("first", run_id)
    assert "go round in a circle" in log_of(server, "first", run_id, "write")


@pytest.mark.slow
def test_a_value_of_200_megabytes_costs_nobody_else_memory(server: LiveServer) -> None:
    """It is refused where it is made."""
    server.put_dag(
        "huge.py",
        "from datetime import datetime\nfrom airflow import DAG\nfrom airflow.decorators import task\n"
        "with DAG('huge', start_date=datetime(2024, 1, 1), schedule=None):\n"
        "    @task\n    def make():\n        return 'x' * 200_000_000\n    make()\n",
    )
    server.wait_for_dag("huge")
    before = {name: server.role(name).memory_info().rss for name in ("scheduler", "worker")}
    run_id = server.trigger("huge")
    assert server.wait_for_run("huge", run_id) == "failed"
    assert "has 190.7 MiB" in log_of(server, "huge", run_id, "make")
    for name, rss in before.items():
        assert server.role(name).memory_info().rss - rss < 50_000_000
