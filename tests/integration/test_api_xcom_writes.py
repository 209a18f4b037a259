"""XComs written from outside: stored, changed and deleted by those who may edit a DAG's task instances."""

from __future__ import annotations

from typing import Any

import pytest
from support.api_server import ApiServer, api_server

RUN = "/dags/etl/dagRuns"
XCOMS = f"{RUN}/one/taskInstances/extract/xcomEntries"


@pytest.fixture
def server(server_on_each: ApiServer) -> ApiServer:
    server_on_each.post(RUN, {"dag_run_id": "one"})
    return server_on_each


def value_of(server: ApiServer, key: str) -> Any:
    return server.get(f"{XCOMS}/{key}?stringify=false").json()["value"]


def test_a_value_is_stored_changed_and_deleted(server: ApiServer) -> None:
    made = server.post(XCOMS, {"key": "rows/all", "value": {"n": [1, 2]}})
    assert made.status_code == 201, made.text
    assert made.json()["value"] == {"n": [1, 2]}
    assert value_of(server, "rows/all") == {"n": [1, 2]}
    assert server.patch(f"{XCOMS}/rows/all", {"value": None}).status_code == 200
    assert value_of(server, "rows/all") is None
    assert server.delete(f"{XCOMS}/rows/all").status_code == 204
    assert server.get(f"{XCOMS}/rows/all").status_code == 404


def test_the_scheduler_is_told(server: ApiServer) -> None:
    server.post(XCOMS, {"key": "return_value", "value": [1, 2, 3]})
    with server.database.read() as tx:
        kinds = [event.kind for event in tx.outbox.after(0, 100)]
    assert "xcom.changed" in kinds


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", XCOMS, {"key": "a", "value": 1}, 409),
        ("POST", XCOMS, {"key": "", "value": 1}, 400),
        ("POST", XCOMS, {"key": "b"}, 400),
        ("POST", XCOMS, {"key": "b", "value": 1, "map_index": 7}, 404),
        ("POST", XCOMS.replace("extract", "none"), {"key": "b", "value": 1}, 404),
        ("PATCH", f"{XCOMS}/none", {"value": 1}, 404),
        ("DELETE", f"{XCOMS}/none", None, 404),
    ],
)
def test_what_cannot_be_written_changes_nothing(
    server: ApiServer, method: str, path: str, body: Any, status: int
) -> None:
    server.post(XCOMS, {"key": "a", "value": "kept"})
    answer = server.request(method, path, json=body)
    assert answer.status_code == status, answer.text
    assert value_of(server, "a") == "kept"
    assert server.get(XCOMS).json()["total_entries"] == 1


@pytest.mark.parametrize(("user", "status"), [("viewer", 403), ("user", 201), ("op", 201), ("nobody", 403)])
def test_who_may_edit_task_instances_may_write(server: ApiServer, user: str, status: int) -> None:
    assert server.post(XCOMS, {"key": "a", "value": 1}, user=(user, user)).status_code == status


def test_values_of_a_back_end_of_ones_own_are_left_to_tasks() -> None:
    with api_server(core__xcom_backend="mine.Values") as server:
        server.post(RUN, {"dag_run_id": "one"})
        answer = server.post(XCOMS, {"key": "a", "value": 1})
        assert answer.status_code == 400
        assert "[core] xcom_backend" in answer.json()["detail"]
