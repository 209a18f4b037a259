"""The older dialects of API v1, and that they are gone when they are switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.api_server import ApiServer, api_server

from tradewind.model.changes import TaskChange
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState

RUNS = "/dags/etl/dagRuns"
TASKS = RUNS + "/one/taskInstances"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server(api__older_dialects=True) as made:
        yield made


@pytest.fixture
def with_run(server: ApiServer) -> ApiServer:
    answer = server.post(RUNS, {"run_id": "one", "execution_date": "2024-03-01T00:00:00+00:00"})
    assert answer.status_code == 200, answer.text
    return server


def set_state(server: ApiServer, task_id: str, state: TaskState) -> None:
    """What a scheduler would have done."""
    change = TaskChange(
        run=RunKey("etl", "one"),
        key=TaskKey(task_id),
        old_states=frozenset({None, TaskState.SCHEDULED}),
        values={"state": state, "try_number": 1, "start_date": server.database.clock.now()},
        event=f"task.{state.value}",
    )
    with server.database.begin() as tx:
        assert tx.task_instances.apply([change])[0] is not None


def state_of(server: ApiServer, task_id: str) -> tuple[Any, int]:
    body = server.get(f"{TASKS}/{task_id}").json()
    return body["state"], body["try_number"]


def test_variables_by_val(server: ApiServer) -> None:
    made = server.post("/variables", {"key": "a", "val": "1"})
    assert made.json() == {"key": "a", "val": "1", "value": "1"}
    assert server.get("/variables/a").json()["val"] == "1"
    assert server.get("/variables").json()["variables"][0]["val"] == "1"
    assert server.request("PUT", "/variables/a", json={"val": "2"}).json()["value"] == "2"
    assert server.get("/variables/a").json()["val"] == "2"
    assert server.patch("/variables/a", {"key": "a", "val": "3"}).json()["value"] == "3"


def test_connections_by_conn_id(server: ApiServer) -> None:
    made = server.post("/connections", {"conn_id": "db", "conn_type": "postgres", "host": "a"}).json()
    assert (made["conn_id"], made["connection_id"]) == ("db", "db")
    put = server.request("PUT", "/connections/db", json={"conn_type": "postgres", "host": "b"})
    assert (put.status_code, put.json()["host"], put.json()["conn_id"]) == (200, "b", "db")


def test_pools_by_pool_id(server: ApiServer) -> None:
    assert server.post("/pools", {"pool_id": "p", "slots": 2}).json()["pool_id"] == "p"
    put = server.request("PUT", "/pools/p", json={"slots": 5, "description": "five"}).json()
    assert (put["name"], put["slots"], put["description"]) == ("p", 5, "five")
    assert server.request("PUT", "/pools/default_pool", json={"slots": 64}).json()["slots"] == 64
    assert server.request("PUT", "/pools/p", json={"pool_id": "q", "slots": 5}).json()["pool_id"] == "q"
    assert server.request("PUT", "/pools/nowhere", json={"slots": 5}).status_code == 404


def test_runs_by_run_id_and_execution_date(with_run: ApiServer) -> None:
    body = with_run.get(f"{RUNS}/one").json()
    assert body["run_id"] == body["dag_run_id"] == "one"
    assert body["execution_date"] == body["logical_date"] == "2024-03-01T00:00:00+00:00"
    assert with_run.get(RUNS).json()["dag_runs"][0]["run_id"] == "one"


def test_two_names_that_contradict_each_other_are_refused(server: ApiServer) -> None:
    assert server.post("/variables", {"key": "a", "val": "1", "value": "2"}).status_code == 400
    assert server.post("/variables", {"key": "a", "val": "1", "value": "1"}).status_code == 200


def test_users_need_three_things_and_have_flags(server: ApiServer) -> None:
    made = server.post("/users", {"username": "ann", "email": "a@example.com", "password": "pw"}).json()
    assert (made["is_active"], made["is_admin"], made["roles"]) == (True, False, [{"name": "Viewer"}])
    boss = {"username": "bo", "email": "b@example.com", "password": "pw", "is_admin": True, "is_active": False}
    assert server.post("/users", boss).json()["is_admin"] is True
    assert server.get("/dags", user=("bo", "pw")).status_code == 401
    assert server.patch("/users/bo", {"is_active": True}).json()["is_active"] is True
    assert server.get("/users", user=("bo", "pw")).status_code == 200
    demoted = server.patch("/users/bo", {"is_admin": False}).json()
    assert (demoted["is_admin"], demoted["roles"]) == (False, [{"name": "Viewer"}])
    assert server.get("/users", user=("bo", "pw")).status_code == 403
    assert server.patch("/users/bo", {"is_admin": "yes"}).status_code == 400


def test_a_task_instance_is_cleared(with_run: ApiServer) -> None:
    set_state(with_run, "extract", TaskState.FAILED)
    answer = with_run.post(f"{TASKS}/extract/clear")
    assert (answer.status_code, answer.json()) == (200, {"message": "Task instance cleared successfully."})
    assert state_of(with_run, "extract")[0] is None
    assert with_run.post(f"{TASKS}/nothing/clear").status_code == 404
    assert with_run.post(f"{RUNS}/nothing/taskInstances/extract/clear").status_code == 404


def test_a_task_instance_runs_without_its_dependencies(with_run: ApiServer) -> None:
    answer = with_run.post(f"{TASKS}/report/run")
    assert (answer.status_code, answer.json()) == (200, {"message": "Task instance triggered to run."})
    assert state_of(with_run, "report") == ("scheduled", 1)
    set_state(with_run, "report", TaskState.RUNNING)
    assert with_run.post(f"{TASKS}/report/run").status_code == 409
    assert with_run.post(f"{TASKS}/nothing/run").status_code == 404


def test_a_finished_run_goes_on_for_it(with_run: ApiServer) -> None:
    set_state(with_run, "extract", TaskState.SUCCESS)
    assert with_run.patch(f"{RUNS}/one", {"state": "success"}).status_code == 200
    assert with_run.post(f"{TASKS}/extract/run").status_code == 200
    assert with_run.get(f"{RUNS}/one").json()["state"] == "queued"
    assert state_of(with_run, "extract") == ("scheduled", 2)


@pytest.mark.parametrize("word", ["clear", "run"])
def test_both_verbs_need_edit_on_task_instances(with_run: ApiServer, word: str) -> None:
    assert with_run.post(f"{TASKS}/extract/{word}", user=("viewer", "viewer")).status_code == 403
    assert with_run.post(f"{TASKS}/extract/{word}", user=("user", "user")).status_code == 200


def test_switched_off_nothing_of_it_is_there() -> None:
    with api_server(api__older_dialects=False) as server:
        assert server.post("/variables", {"key": "a", "val": "1"}).status_code == 400
        assert set(server.post("/variables", {"key": "a", "value": "1"}).json()) == {"key", "value"}
        assert server.request("PUT", "/variables/a", json={"value": "2"}).status_code == 405
        assert server.post(RUNS, {"dag_run_id": "one"}).status_code == 200
        assert "run_id" not in server.get(f"{RUNS}/one").json()
        assert server.post(f"{TASKS}/extract/run").status_code == 404
        assert server.post("/users", {"username": "a", "email": "a@b", "password": "p"}).status_code == 400
