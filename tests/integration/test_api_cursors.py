"""Paging by cursor: every entry once, in the list's order, whatever comes and goes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.api_server import ApiServer, api_server

RUNS = "/dags/~/dagRuns"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as made:
        for day in range(1, 8):
            body = {"dag_run_id": f"run{day}", "logical_date": f"2024-03-0{day}T00:00:00Z"}
            assert made.post("/dags/etl/dagRuns", body).status_code == 200
        for day, state in ((2, "success"), (5, "failed")):
            made.patch(f"/dags/etl/dagRuns/run{day}", {"state": state})
        yield made


def pages(server: ApiServer, path: str, name: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
    cursor: str | None = ""
    while cursor is not None:
        answer = server.get(path, params={**query, "cursor": cursor})
        assert answer.status_code == 200, answer.text
        yield answer.json()[name]
        cursor = answer.json()["next_cursor"]


@pytest.mark.parametrize("order", [None, "-id", "execution_date", "-execution_date", "end_date", "-end_date", "state"])
def test_pages_by_cursor_are_the_list(server: ApiServer, order: str | None) -> None:
    query = {} if order is None else {"order_by": order}
    whole = server.get(RUNS, params=query).json()["dag_runs"]
    parts = list(pages(server, RUNS, "dag_runs", limit=2, **query))
    assert [run["dag_run_id"] for part in parts for run in part] == [run["dag_run_id"] for run in whole]
    assert [len(part) for part in parts] == [2, 2, 2, 1]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/dags/~/dagRuns/~/taskInstances", "task_instances"),
        ("/eventLogs", "event_logs"),
        ("/variables", "variables"),
        ("/pools", "pools"),
        ("/connections", "connections"),
        ("/importErrors", "import_errors"),
        ("/dagWarnings", "dag_warnings"),
    ],
)
def test_every_large_list_has_cursors(server: ApiServer, path: str, name: str) -> None:
    for number in range(3):
        server.post("/variables", {"key": f"v{number}", "value": "x"})
        server.post("/pools", {"name": f"p{number}", "slots": 1})
        server.post("/connections", {"connection_id": f"c{number}", "conn_type": "http"})
    whole = server.get(path, params={"limit": 100}).json()[name]
    found = [entry for part in pages(server, path, name, limit=2) for entry in part]
    assert found == whole


def test_entries_that_go_meanwhile_shift_nothing(server: ApiServer) -> None:
    found = []
    for part in pages(server, RUNS, "dag_runs", limit=2):
        found += [run["dag_run_id"] for run in part]
        server.delete(f"/dags/etl/dagRuns/{found[0]}")
    assert found == [f"run{day}" for day in range(1, 8)]


def test_cursors_that_do_not_fit_are_refused(server: ApiServer) -> None:
    first = server.get(RUNS, params={"limit": 2, "cursor": ""}).json()["next_cursor"]
    for query in ({"cursor": "x"}, {"cursor": first, "order_by": "-id"}, {"cursor": first, "offset": 2}):
        assert server.get(RUNS, params=query).status_code == 400
    assert server.get("/pools", params={"cursor": first}).status_code == 400


def test_without_a_cursor_answers_are_airflows(server: ApiServer) -> None:
    assert set(server.get(RUNS).json()) == {"dag_runs", "total_entries"}
