"""Clearing and setting states of real runs: numbers, what runs again, what is left alone. Seen in Airflow 2.10.5."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server

DAGS = """
import os
import time

import pendulum

from airflow import DAG
from airflow.decorators import task
from airflow.exceptions import AirflowException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator

HOME = os.environ["AIRFLOW_HOME"]
BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None, default_args={"retry_delay": 0.1})


def while_told(ti):
    if os.path.exists(f"{HOME}/fail_{ti.run_id}"):
        raise AirflowException("told to fail")


with DAG("line", **BASE):
    a = PythonOperator(task_id="a", python_callable=lambda: None)
    b = PythonOperator(task_id="b", python_callable=while_told)
    a >> b >> EmptyOperator(task_id="c") >> BashOperator(task_id="d", bash_command="true")

with DAG("retried", **BASE):

    def third_time(ti):
        if ti.try_number == 1:
            raise AirflowException("once")

    PythonOperator(task_id="a", python_callable=third_time, retries=1)

with DAG("mapped", **BASE):

    @task
    def square(x):
        return x

    square.expand(x=[1, 2, 3]) >> EmptyOperator(task_id="end")

with DAG("branched", **BASE):
    BranchPythonOperator(task_id="branch", python_callable=lambda: "x") >> [
        EmptyOperator(task_id="x"), EmptyOperator(task_id="y")
    ]

with DAG("slow", **BASE):

    @task(on_failure_callback=lambda context: open(f"{HOME}/failed_{context['run_id']}", "a").write("called "))
    def sleeps(run_id=None):
        with open(f"{HOME}/started_{run_id}", "w") as file:
            file.write("1")
        try:
            time.sleep(60)
        finally:
            with open(f"{HOME}/ended_{run_id}", "w") as file:
                file.write("1")

    class Killed(PythonOperator):
        def on_kill(self):
            with open(f"{HOME}/killed_{self.params['name']}", "w") as file:
                file.write("1")

    BashOperator(task_id="bash", bash_command="echo one; echo $$ > $AIRFLOW_HOME/pid_{{ run_id }}; sleep 60")
    Killed(task_id="with_on_kill", python_callable=lambda: time.sleep(60), params={"name": "x"}) >> EmptyOperator(
        task_id="after"
    )
    sleeps() >> EmptyOperator(task_id="end")
"""
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("home")
    with live_server(home, AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False") as server:
        server.put_dag("dags.py", DAGS)
        server.wait_for_dag("slow")
        yield server


def run_of(server: LiveServer, dag_id: str, wanted: str = "success", *, fails: bool = False) -> str:
    """A new run that has ended."""
    run_id = f"r{next(numbers)}"
    if fails:
        (server.home / f"fail_{run_id}").touch()
    server.trigger(dag_id, dag_run_id=run_id)
    assert server.wait_for_run(dag_id, run_id) == wanted
    (server.home / f"fail_{run_id}").unlink(missing_ok=True)
    return run_id


def seen(server: LiveServer, dag_id: str, run_id: str) -> dict[str, str]:
    rows = server.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
    return {
        row["task_id"] + (f"[{row['map_index']}]" if row["map_index"] >= 0 else ""): (
            f"{row['state'] or 'null'} {row['try_number']}/{row['max_tries']}"
        )
        for row in rows
    }


def clear(server: LiveServer, dag_id: str, run_id: str, **body: Any) -> list[str]:
    body = {"dag_run_id": run_id, "dry_run": False, "only_failed": False, "reset_dag_runs": True, **body}
    answer = server.post(f"/dags/{dag_id}/clearTaskInstances", body)
    return [reference["task_id"] for reference in answer["task_instances"]]


def mark(server: LiveServer, dag_id: str, run_id: str, task_id: str, state: str) -> Any:
    return server.request(
        "PATCH", f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}", {"dry_run": False, "new_state": state}
    )


def test_a_cleared_task_runs_again_as_the_next_try(server: LiveServer) -> None:
    run_id = run_of(server, "retried")
    assert seen(server, "retried", run_id) == {"a": "success 2/1"}
    server.request("PATCH", "/dags/retried", {"is_paused": True})
    assert clear(server, "retried", run_id) == ["a"]
    assert seen(server, "retried", run_id) == {"a": "null 2/3"}
    assert server.run_state("retried", run_id) == "queued"
    assert clear(server, "retried", run_id) == ["a"]
    assert seen(server, "retried", run_id) == {"a": "null 2/3"}
    server.unpause("retried")
    assert server.wait_for_run("retried", run_id) == "success"
    assert seen(server, "retried", run_id) == {"a": "success 3/3"}
    tries = server.get(f"/dags/retried/dagRuns/{run_id}/taskInstances/a/tries")["task_instances"]
    assert [(row["try_number"], row["state"]) for row in tries] == [(1, "failed"), (2, "success"), (3, "success")]
    for number in (1, 2, 3):
        path = f"/dags/retried/dagRuns/{run_id}/taskInstances/a/logs/{number}"
        assert f"attempt {number} of" in server.request("GET", path, headers={"Accept": "text/plain"}).text


def test_only_failed_takes_failed_and_upstream_failed(server: LiveServer) -> None:
    run_id = run_of(server, "line", "failed", fails=True)
    assert seen(server, "line", run_id) == {
        "a": "success 1/0",
        "b": "failed 1/0",
        "c": "upstream_failed 0/0",
        "d": "upstream_failed 0/0",
    }
    assert sorted(clear(server, "line", run_id, only_failed=True, dry_run=True)) == ["b", "c", "d"]
    assert seen(server, "line", run_id)["b"] == "failed 1/0"
    assert sorted(clear(server, "line", run_id, only_failed=True)) == ["b", "c", "d"]
    assert server.wait_for_run("line", run_id) == "success"
    found = seen(server, "line", run_id)
    assert (found["a"], found["b"], found["c"], found["d"]) == (
        "success 1/0",
        "success 2/1",
        "success 1/0",
        "success 1/0",
    )


def test_directions_are_followed_and_others_keep_their_numbers(server: LiveServer) -> None:
    run_id = run_of(server, "line")
    assert sorted(clear(server, "line", run_id, task_ids=["b"], include_downstream=True)) == ["b", "c", "d"]
    assert server.wait_for_run("line", run_id) == "success"
    assert seen(server, "line", run_id) == {
        "a": "success 1/0",
        "b": "success 2/1",
        "c": "success 2/1",
        "d": "success 2/1",
    }
    assert sorted(clear(server, "line", run_id, task_ids=["b"], include_upstream=True)) == ["a", "b"]
    assert server.wait_for_run("line", run_id) == "success"
    assert seen(server, "line", run_id)["d"] == "success 2/1"


def test_a_mapped_task_is_cleared_with_all_indices(server: LiveServer) -> None:
    run_id = run_of(server, "mapped")
    assert clear(server, "mapped", run_id, task_ids=["square"]) == ["square"] * 3
    assert server.wait_for_run("mapped", run_id) == "success"
    assert seen(server, "mapped", run_id) == {**{f"square[{n}]": "success 2/1" for n in range(3)}, "end": "success 1/0"}


def test_clearing_an_unknown_task_clears_nothing(server: LiveServer) -> None:
    run_id = run_of(server, "line")
    assert clear(server, "line", run_id, task_ids=["nobody"]) == []


def test_without_resetting_the_run_nothing_starts_it(server: LiveServer) -> None:
    run_id = run_of(server, "line")
    body = {"dag_run_id": run_id, "dry_run": False, "only_failed": False, "task_ids": ["d"]}
    server.post("/dags/line/clearTaskInstances", body)
    assert seen(server, "line", run_id)["d"] == "null 1/1"
    run_of(server, "line")
    assert server.run_state("line", run_id) == "success"
    assert seen(server, "line", run_id)["d"] == "null 1/1"


def test_a_cleared_run_runs_all_of_it_again(server: LiveServer) -> None:
    run_id = run_of(server, "line")
    assert server.post(f"/dags/line/dagRuns/{run_id}/clear", {"dry_run": False})["state"] == "queued"
    assert server.wait_for_run("line", run_id) == "success"
    assert set(seen(server, "line", run_id).values()) == {"success 2/1"}


def test_what_a_branch_left_out_is_skipped_again(server: LiveServer) -> None:
    run_id = run_of(server, "branched")
    assert clear(server, "branched", run_id, task_ids=["y"]) == ["y"]
    assert server.wait_for_run("branched", run_id) == "success"
    found = seen(server, "branched", run_id)
    assert (found["branch"], found["y"].split()[0]) == ("success 1/0", "skipped")


def test_a_failed_task_set_to_success_lets_the_rest_run(server: LiveServer) -> None:
    run_id = run_of(server, "line", "failed", fails=True)
    assert mark(server, "line", run_id, "b", "success").status == 200
    server.wait_until(lambda: server.run_state("line", run_id) == "success", "the run goes on and succeeds")
    found = seen(server, "line", run_id)
    assert (found["b"], found["c"], found["d"]) == ("success 1/0", "success 1/0", "success 1/0")


def test_a_task_of_a_finished_run_set_to_failed_leaves_the_run(server: LiveServer) -> None:
    run_id = run_of(server, "line")
    assert mark(server, "line", run_id, "d", "failed").status == 200
    assert (server.run_state("line", run_id), seen(server, "line", run_id)["d"]) == ("success", "failed 1/0")


def test_a_state_that_cannot_be_set_is_refused(server: LiveServer) -> None:
    run_id = run_of(server, "line")
    answer = mark(server, "line", run_id, "d", "running")
    assert answer.status == 400
    assert answer.json["detail"] == "'running' is not one of ['success', 'failed', 'skipped'] - 'new_state'"


def set_run(server: LiveServer, dag_id: str, run_id: str, state: str) -> Any:
    return server.request("PATCH", f"/dags/{dag_id}/dagRuns/{run_id}", {"state": state}).json["state"]


def test_setting_the_state_of_a_finished_run(server: LiveServer) -> None:
    failed = run_of(server, "line", "failed", fails=True)
    assert set_run(server, "line", failed, "success") == "success"
    assert seen(server, "line", failed)["b"] == "success 1/0"
    done = run_of(server, "line")
    assert set_run(server, "line", done, "failed") == "failed"
    assert set(seen(server, "line", done).values()) == {"success 1/0"}
    assert set_run(server, "line", done, "queued") == "queued"
    assert server.wait_for_run("line", done) == "success"
    assert set(seen(server, "line", done).values()) == {"success 1/0"}


@pytest.fixture
def running(server: LiveServer) -> Iterator[str]:
    """A run whose tasks sleep."""
    run_id = f"r{next(numbers)}"
    server.trigger("slow", dag_run_id=run_id)
    wait_for_tasks(server, run_id)
    yield run_id
    server.request("PATCH", f"/dags/slow/dagRuns/{run_id}", {"state": "failed"})


def wait_for_tasks(server: LiveServer, run_id: str) -> None:
    server.wait_until(
        lambda: (
            (server.home / f"started_{run_id}").exists()
            and (server.home / f"pid_{run_id}").exists()
            and seen(server, "slow", run_id)["with_on_kill"] == "running 1/0"
        ),
        "all three run",
    )


def test_a_run_set_to_failed_ends_what_runs(server: LiveServer, running: str) -> None:
    assert set_run(server, "slow", running, "failed") == "failed"
    found = seen(server, "slow", running)
    assert found == {
        "bash": "failed 1/0",
        "sleeps": "failed 1/0",
        "with_on_kill": "failed 1/0",
        "after": "skipped 0/0",
        "end": "skipped 0/0",
    }
    server.wait_until((server.home / f"ended_{running}").exists, "finally was run")
    server.wait_until((server.home / "killed_x").exists, "on_kill was called")
    server.wait_until(lambda: not is_alive(server, running), "the command was ended")


def is_alive(server: LiveServer, run_id: str) -> bool:
    pid = (server.home / f"pid_{run_id}").read_text().strip()
    return server.home.joinpath("/proc", pid).exists()


def test_a_log_is_read_while_its_task_runs(server: LiveServer, running: str) -> None:
    path = f"/dags/slow/dagRuns/{running}/taskInstances/bash/logs/1"
    server.wait_until(
        lambda: "INFO - one" in server.request("GET", path, headers={"Accept": "text/plain"}).text, "the line is there"
    )
    assert seen(server, "slow", running)["bash"] == "running 1/0"


def test_a_running_task_set_to_success_is_ended_and_what_follows_runs(server: LiveServer, running: str) -> None:
    assert mark(server, "slow", running, "sleeps", "success").status == 200
    server.wait_until((server.home / f"ended_{running}").exists, "its process was ended")
    server.wait_until(lambda: seen(server, "slow", running)["end"] == "success 1/0", "what follows has run")
    assert seen(server, "slow", running)["sleeps"] == "success 1/0"


def test_a_running_task_that_is_cleared_starts_again(server: LiveServer, running: str) -> None:
    (server.home / f"started_{running}").unlink()
    assert clear(server, "slow", running, task_ids=["sleeps"]) == ["sleeps"]
    server.wait_until((server.home / f"started_{running}").exists, "it starts again")
    server.wait_until(lambda: seen(server, "slow", running)["sleeps"].startswith("running 2/"), "as the second try")


def test_a_running_run_can_be_deleted(server: LiveServer, running: str) -> None:
    server.request("DELETE", f"/dags/slow/dagRuns/{running}")
    assert server.request("GET", f"/dags/slow/dagRuns/{running}").status == 404
    server.wait_until((server.home / f"ended_{running}").exists, "its processes are ended")


def test_a_worker_that_is_killed_fails_the_try_that_ran(server: LiveServer, running: str) -> None:
    server.role("worker").kill()
    server.wait_until(lambda: server.run_state("slow", running) == "failed", "the run has failed")
    found = seen(server, "slow", running)
    assert (found["sleeps"], found["bash"], found["end"]) == ("failed 1/0", "failed 1/0", "upstream_failed 0/0")
    server.wait_until(lambda: not is_alive(server, running), "nothing of it is left", 20)
    failed = server.home / f"failed_{running}"
    server.wait_until(lambda: failed.exists() and failed.read_text() == "called ", "the callback was called, once")
