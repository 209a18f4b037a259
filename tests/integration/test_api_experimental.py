"""The experimental API: answers as recorded from Airflow 2.10.5 with a DAG of the same shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from support.api_server import ApiServer, api_server

DATE = "2024-03-01T00:00:00+00:00"
NOT_A_DATE = (
    "Given execution date, nonsense, could not be identified as a date. Example date format: 2015-11-16T14:34:15+00:00"
)


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server(api__enable_experimental_api=True) as made:
        yield made


def ask(server: ApiServer, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
    return server.request(method, "/../experimental" + path, json=json, **more)


def get(server: ApiServer, path: str) -> tuple[int, Any]:
    answer = ask(server, "GET", path)
    return answer.status_code, answer.json()


@pytest.fixture
def with_run(server: ApiServer) -> ApiServer:
    answer = ask(server, "POST", "/dags/etl/dag_runs", {"run_id": "one", "execution_date": DATE, "conf": {"a": 1}})
    assert answer.status_code == 200
    assert answer.json()["run_id"] == "one"
    assert answer.json()["execution_date"] == DATE
    assert answer.json()["message"].startswith("Created <DagRun etl @ 2024-03-01 00:00:00+00:00: one, state:queued,")
    return server


def test_every_answer_says_that_it_is_deprecated(server: ApiServer) -> None:
    for path, status in (("/test", 200), ("/pools/nope", 404), ("/dags/nope/code", 404)):
        answer = ask(server, "GET", path)
        assert (answer.status_code, answer.headers["deprecation"]) == (status, "true")
        assert 'rel="deprecation"' in answer.headers["link"]
    assert "deprecation" not in ask(server, "GET", "/nothing").headers
    assert ask(server, "GET", "/nothing").status_code == 404
    assert ask(server, "POST", "/test").status_code == 405


def test_test_and_info(server: ApiServer) -> None:
    assert get(server, "/test") == (200, {"status": "OK"})
    assert set(get(server, "/info")[1]) == {"version"}


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"run_id": "one", "execution_date": DATE}, 400, "at 2024-03-01 00:00:00+00:00 with run id one"),
        ({"execution_date": DATE}, 400, "with run id manual__2024-03-01T00:00:00+00:00"),
        ({"execution_date": "nonsense"}, 400, NOT_A_DATE),
        ({"conf": '{"b": 2}'}, 400, "Dag Run conf must be a dictionary object, other types are not supported"),
        ({"conf": [1]}, 400, "Dag Run conf must be a dictionary object, other types are not supported"),
        ({"run_id": "has space"}, 400, "has space"),
    ],
)
def test_runs_that_cannot_be_triggered(with_run: ApiServer, body: dict[str, Any], status: int, error: str) -> None:
    answer = ask(with_run, "POST", "/dags/etl/dag_runs", body)
    assert answer.status_code == status
    assert error in answer.json()["error"]


def test_a_body_needs_no_content_type_but_must_be_json(server: ApiServer) -> None:
    for content, status in ((b"{}", 200), (b"not json", 400), (b"", 400), (b"[1]", 400)):
        answer = server.request("POST", "/../experimental/dags/etl/dag_runs", content=content)
        assert answer.status_code == status, content
    (run,) = get(server, "/dags/etl/dag_runs")[1]
    assert "." not in run["execution_date"]


def test_runs_are_listed_and_read(with_run: ApiServer) -> None:
    shown = {
        "dag_id": "etl",
        "dag_run_url": "/dags/etl/graph?execution_date=2024-03-01+00%3A00%3A00%2B00%3A00",
        "execution_date": DATE,
        "start_date": "",
    }
    (run,) = get(with_run, "/dags/etl/dag_runs")[1]
    assert {name: run[name] for name in shown} == shown
    assert (run["run_id"], run["state"]) == ("one", "queued")
    assert get(with_run, "/latest_runs") == (200, {"items": [shown]})
    assert len(get(with_run, "/dags/etl/dag_runs?state=QUEUED")[1]) == 1
    assert get(with_run, "/dags/etl/dag_runs?state=failed") == (200, [])
    assert get(with_run, "/dags/etl/dag_runs?state=nope")[0] == 400
    assert get(with_run, "/dags/nope/dag_runs") == (400, {"error": "Dag id nope not found in DagModel"})
    for date in (DATE, "2024-03-01T00:00:00%2B00:00", "2024-03-01T00:00:00"):
        assert get(with_run, f"/dags/etl/dag_runs/{date}") == (200, {"state": "queued"})
    missing = {"error": "Dag Run for date 2023-03-01 00:00:00+00:00 not found in dag etl"}
    for path in ("/dags/etl/dag_runs/2023-03-01", "/lineage/etl/2023-03-01"):
        assert get(with_run, path) == (404, missing)
    for path in ("/dags/etl/dag_runs/nonsense", "/lineage/etl/nonsense"):
        assert get(with_run, path) == (400, {"error": NOT_A_DATE})
    assert get(with_run, f"/lineage/etl/{DATE}") == (200, {"task_ids": {}})


def test_a_task_instance_is_told_in_texts(with_run: ApiServer) -> None:
    status, body = get(with_run, f"/dags/etl/dag_runs/{DATE}/tasks/extract")
    assert status == 200
    assert {type(value) for value in body.values()} == {str}
    wanted = {"state": "None", "try_number": "0", "map_index": "-1", "operator": "BashOperator", "pool_slots": "1"}
    assert {name: body[name] for name in wanted} == wanted
    assert len(body) == 34
    assert get(with_run, f"/dags/etl/dag_runs/{DATE}/tasks/nope")[1] == {"error": "Task nope not found in dag etl"}


def test_dags_and_tasks(server: ApiServer) -> None:
    assert ask(server, "GET", "/dags/etl/code").text == "# etl\n"
    body = get(server, "/dags/etl/tasks/extract")[1]
    wanted = {"task_id": "extract", "retries": "1", "retry_delay": "0:05:00", "downstream_task_ids": "{'load'}"}
    assert {name: body[name] for name in wanted} == wanted
    assert get(server, "/dags/etl/paused") == (200, {"is_paused": False})
    for word, is_paused in (("true", True), ("false", False)):
        assert get(server, f"/dags/etl/paused/{word}") == (200, {"response": "ok"})
        assert get(server, "/dags/etl/paused") == (200, {"is_paused": is_paused})
    assert get(server, "/dags/nope/paused/true")[0] == 404


def test_a_dag_is_deleted_with_its_runs(with_run: ApiServer) -> None:
    assert ask(with_run, "DELETE", "/dags/etl").json() == {"count": 2, "message": "Removed 2 record(s)"}
    answer = ask(with_run, "DELETE", "/dags/etl")
    assert (answer.status_code, answer.json()) == (404, {"error": "Dag id etl not found"})


def test_pools(server: ApiServer) -> None:
    made = ask(server, "POST", "/pools", {"name": "p", "slots": 3, "description": "x"}).json()
    assert made == {"description": "x", "id": made["id"], "include_deferred": False, "pool": "p", "slots": 3}
    changed = ask(server, "POST", "/pools", {"name": "p", "slots": 4, "description": "y"}).json()
    assert changed == {**made, "slots": 4, "description": "y"}
    assert get(server, "/pools/p") == (200, changed)
    assert [pool["pool"] for pool in get(server, "/pools")[1]] == ["default_pool", "p"]
    assert ask(server, "DELETE", "/pools/p").json() == changed
    assert get(server, "/pools/p") == (404, {"error": "Pool 'p' doesn't exist"})
    for body, error in (
        ({"name": "", "slots": 3}, "Pool name shouldn't be empty"),
        ({"name": "n" * 257, "slots": 3}, "Pool name can't be more than 256 characters"),
        ({"name": "q", "slots": "x"}, "Bad value for `slots`: x"),
    ):
        answer = ask(server, "POST", "/pools", body)
        assert (answer.status_code, answer.json()) == (400, {"error": error})
    assert ask(server, "DELETE", "/pools/default_pool").json() == {"error": "default_pool cannot be deleted"}


def test_permissions_hold_here_too(server: ApiServer) -> None:
    assert ask(server, "GET", "/pools", user=None).status_code == 401
    assert ask(server, "GET", "/pools", user=None).text == "Unauthorized"
    assert ask(server, "POST", "/pools", {"name": "p", "slots": 1}, user=("viewer", "viewer")).status_code == 403
    assert ask(server, "GET", "/dags/etl/paused/true", user=("viewer", "viewer")).status_code == 403


def test_it_is_not_there_unless_asked_for() -> None:
    with api_server() as server:
        assert ask(server, "GET", "/test").status_code == 404
