"""Clearing nested DAGs: what ExternalTaskMarkers name in other DAGs runs again too, by the v1 operation and in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from support.api_server import ApiServer, a_dag, api_server

from tradewind.actions import runs as run_actions
from tradewind.model.records import RunKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState

DAY = datetime(2024, 4, 1, tzinfo=UTC)
OWN_DATE = "{{ logical_date.isoformat() }}"


def a_marker(dag_id: str, task_id: str, date: str = OWN_DATE) -> TaskSpec:
    return TaskSpec(
        task_id="marker",
        task_type="ExternalTaskMarker",
        static_fields={"external_dag_id": dag_id, "external_task_id": task_id, "execution_date": date},
    )


def a_parent(dag_id: str, *tasks: TaskSpec) -> DagSpec:
    return replace(a_dag(dag_id), tasks=tasks, groups=())


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """parent names load of etl; etl has succeeded on the same day, and on another."""
    with api_server() as made:
        made.register(a_parent("parent", a_marker("etl", "load")))
        a_done_run(made, "parent", "p1", DAY)
        a_done_run(made, "etl", "e1", DAY)
        a_done_run(made, "etl", "e2", datetime(2024, 4, 2, tzinfo=UTC))
        yield made


def a_done_run(server: ApiServer, dag_id: str, run_id: str, date: datetime) -> None:
    with server.database.begin() as tx:
        spec = server.services.specs.of_dag(tx, dag_id)
        assert spec is not None
        run_actions.trigger(tx, spec, run_id=run_id, logical_date=date)
        run_actions.set_state(tx, spec, RunKey(dag_id, run_id), RunState.SUCCESS)


def states(server: ApiServer, dag_id: str, run_id: str) -> dict[str, str | None]:
    with server.database.read() as tx:
        return {row.task_id: row.state for row in tx.task_instances.of_run(RunKey(dag_id, run_id))}


def cleared(server: ApiServer, dag_id: str, run_id: str, **more: Any) -> set[tuple[str, str]]:
    body = {"dry_run": False, "only_failed": False, "include_subdags": True, "reset_dag_runs": True, **more}
    body["dag_run_id"] = run_id
    answer = server.post(f"/dags/{dag_id}/clearTaskInstances", body)
    assert answer.status_code == 200, answer.text
    return {(one["dag_run_id"], one["task_id"]) for one in answer.json()["task_instances"]}


def test_the_named_task_and_what_follows_it_run_again(server: ApiServer) -> None:
    expected = {("p1", "marker"), ("e1", "load"), ("e1", "report")}
    assert cleared(server, "parent", "p1", dry_run=True) == expected
    assert states(server, "etl", "e1")["load"] == "success"
    assert cleared(server, "parent", "p1") == expected
    after = states(server, "etl", "e1")
    assert (after["extract"], after["load"], after["report"]) == ("success", None, None)
    assert server.get("/dags/etl/dagRuns/e1").json()["state"] == "queued"
    assert states(server, "etl", "e2")["load"] == "success"


def test_without_the_word_nested_dags_are_left_alone(server: ApiServer) -> None:
    assert cleared(server, "parent", "p1", include_subdags=False) == {("p1", "marker")}


def test_a_fixed_date_is_followed(server: ApiServer) -> None:
    server.register(a_parent("fixed", a_marker("etl", "report", "2024-04-02T00:00:00+00:00")))
    a_done_run(server, "fixed", "f1", DAY)
    assert cleared(server, "fixed", "f1") == {("f1", "marker"), ("e2", "report")}


def test_bulk_follows_markers_and_says_which_it_cannot(server: ApiServer) -> None:
    server.register(a_parent("odd", a_marker("etl", "load", "{{ macros.ds_add(ds, 1) }}")))
    a_done_run(server, "odd", "o1", DAY)
    wish = {"action": "clear", "filter": {"task_ids": ["marker"]}, "include_nested_dags": True}
    told = server.post("/bulk/taskInstances", wish).json()
    assert (told["total"], told["by_dag"]) == (4, {"odd": 1, "parent": 1, "etl": 2})
    assert [(one["dag_id"], "template" in one["reason"]) for one in told["refused"]] == [("odd", True)]
    done = server.post("/bulk/taskInstances", {**wish, "dry_run": False, "expected_count": 4}).json()
    assert (done["applied"], states(server, "etl", "e1")["report"]) == (4, None)


def test_dags_that_name_each_other_end(server: ApiServer) -> None:
    server.register(a_parent("ping", a_marker("pong", "marker")), a_parent("pong", a_marker("ping", "marker")))
    a_done_run(server, "ping", "r", DAY)
    a_done_run(server, "pong", "r", DAY)
    assert cleared(server, "ping", "r") == {("r", "marker")}
    assert (states(server, "ping", "r"), states(server, "pong", "r")) == ({"marker": None}, {"marker": None})
