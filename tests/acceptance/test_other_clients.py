"""Public clients of Airflow's API besides the official one: what they send, as they send it, and what they read of it.

Tried by hand against a running server: dagster-airlift 0.29.27 (its ``AirflowInstance``, and Dagster definitions made
from it with their sensor), astro-airflow-mcp 0.9.1 (the methods of its adapter for Airflow 2) and
mcp-server-apache-airflow 0.2.10 (its tools; they call the official client, see ``test_every_client_method``).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import yaml
from acceptance.live_server import LiveServer, live_server
from acceptance.test_every_client_method import DAGS

LONG_AGO, FAR_AHEAD = "2020-01-01T00:00:00+00:00", "2101-01-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(tmp_path_factory.mktemp("home")) as server:
        server.put_dag("world.py", DAGS)
        server.wait_for_dag("world")
        server.wait_for_dag("listener")
        server.trigger("world", dag_run_id="r1", conf={"name": "Ada"})
        assert server.wait_for_run("world", "r1") == "success"
        yield server


def test_airlift_lists_dags_with_its_filter_and_stops_at_a_short_page(world: LiveServer) -> None:
    page = world.get("/dags?limit=100&offset=0&dag_id_pattern=wor&tags=t")
    assert [(dag["dag_id"], bool(dag["file_token"])) for dag in page["dags"]] == [("world", True)]
    assert world.get("/dags?limit=1&offset=2")["dags"] == []


def test_airlift_finds_runs_that_ended_in_a_span(world: LiveServer) -> None:
    body = {
        "dag_ids": ["world"],
        "order_by": "end_date",
        "states": ["success"],
        "page_offset": 0,
        "page_limit": 100,
        "end_date_gte": LONG_AGO,
        "end_date_lte": FAR_AHEAD,
    }
    found = world.post("/dags/~/dagRuns/list", body)
    assert "r1" in [run["dag_run_id"] for run in found["dag_runs"]]
    assert found["total_entries"] == len(found["dag_runs"])
    assert world.post("/dags/~/dagRuns/list", body | {"page_offset": 100})["dag_runs"] == []
    span = f"updated_at_gte={quote(LONG_AGO)}&updated_at_lte={quote(FAR_AHEAD)}"
    (run,) = (run for run in world.get(f"/dags/world/dagRuns?{span}&state=success")["dag_runs"] if run["conf"])
    assert {"run_type", "note", "start_date", "end_date", "state", "logical_date"} <= set(run)


def test_airlift_finds_task_instances_of_a_run_and_of_a_span(world: LiveServer) -> None:
    of_run = {"dag_ids": ["world"], "task_ids": ["greet", "say"], "dag_run_ids": ["r1"]}
    found = world.post("/dags/~/dagRuns/~/taskInstances/list", of_run)["task_instances"]
    assert sorted((row["task_id"], row["dag_run_id"], row["state"]) for row in found) == [
        ("greet", "r1", "success"),
        ("say", "r1", "success"),
    ]
    of_span = {"dag_ids": ["world"], "end_date_gte": LONG_AGO, "end_date_lte": FAR_AHEAD, "state": ["success"]}
    assert len(world.post("/dags/~/dagRuns/~/taskInstances/list", of_span)["task_instances"]) >= 5


def test_airlift_reads_a_log_until_nothing_new_comes(world: LiveServer) -> None:
    path = "/dags/world/dagRuns/r1/taskInstances/say/logs/1"
    first = world.request("GET", path, headers={"Accept": "application/json"}).json
    assert "said" in "".join(text for _, text in ast.literal_eval(first["content"]))
    token = first["continuation_token"]
    again = world.request("GET", f"{path}?token={quote(token)}", headers={"Accept": "application/json"}).json
    assert "".join(text for _, text in ast.literal_eval(again["content"])) == ""


def test_airlift_reads_tasks_sources_and_datasets(world: LiveServer) -> None:
    tasks = {row["task_id"]: row["downstream_task_ids"] for row in world.get("/dags/world/tasks")["tasks"]}
    assert tasks == {"greet": ["square"], "square": ["say"], "say": []}
    assert world.get("/dags/world/tasks/say")["class_ref"]["class_name"] == "BashOperator"
    token = world.get("/dags/world")["file_token"]
    anything = {"Accept": "*/*"}
    assert "def greet" in world.request("GET", f"/dagSources/{token}", headers=anything).text
    (said,) = world.get("/datasets?limit=100&offset=0&uri_pattern=said")["datasets"]
    assert [(row["dag_id"], row["task_id"]) for row in said["producing_tasks"]] == [("world", "say")]
    assert [row["dag_id"] for row in said["consuming_dags"]] == ["listener"]


def test_airlift_unpauses_by_pattern_triggers_waits_and_deletes(world: LiveServer) -> None:
    assert world.request("PATCH", "/dags?dag_id_pattern=listener", {"is_paused": False}).status == 200
    run_id = world.trigger("listener", logical_date="2023-01-02T00:00:00+00:00")
    assert run_id == "manual__2023-01-02T00:00:00+00:00"
    assert world.wait_for_run("listener", run_id) == "success"
    assert world.request("DELETE", f"/dags/listener/dagRuns/{quote(run_id)}").status == 204


def test_astro_mcp_finds_out_that_this_speaks_version_1(world: LiveServer) -> None:
    assert world.request("GET", "/api/v2/version").status == 404
    assert int(world.get("/version")["version"].split(".")[0]) == 2
    # JSON is YAML too: the client parses it as YAML.
    document = yaml.safe_load(world.request("GET", "/openapi.yaml").text)
    assert document["openapi"].startswith("3.")
    assert "/dags/{dag_id}/dagRuns" in document["paths"]


def test_astro_mcp_pauses_and_triggers_with_the_older_name_of_the_date(world: LiveServer) -> None:
    for is_paused in (True, False):
        assert world.request("PATCH", "/dags/listener", {"is_paused": is_paused}).json["is_paused"] is is_paused
    body = {"execution_date": "2022-02-03T00:00:00Z", "conf": {"a": 1}}
    run = world.post("/dags/listener/dagRuns", body)
    assert (run["dag_run_id"], run["conf"]) == ("manual__2022-02-03T00:00:00+00:00", {"a": 1})
    assert world.wait_for_run("listener", run["dag_run_id"]) == "success"
    assert world.request("DELETE", f"/dags/listener/dagRuns/{quote(run['dag_run_id'])}").status == 204


def test_astro_mcp_reads_statistics_events_and_logs(world: LiveServer) -> None:
    assert len(world.get("/dags?limit=1000")["dags"]) == 2
    stats = world.get("/dagStats?dag_ids=world%2Clistener")
    assert {row["dag_id"] for row in stats["dags"]} == {"world", "listener"}
    events = world.get("/datasets/events?limit=100&offset=0&source_dag_id=world&source_task_id=say")
    assert {row["source_run_id"] for row in events["dataset_events"]} == {"r1"}
    assert world.get("/dags/world/dagRuns/r1/upstreamDatasetEvents")["dataset_events"] == []
    path = "/dags/world/dagRuns/r1/taskInstances/square/logs/1?full_content=True&map_index=1"
    assert set(world.request("GET", path, headers={"Accept": "application/json"}).json) == {
        "content",
        "continuation_token",
    }
    assert world.request("GET", "/dags/world/dagRuns/r1/taskInstances/nobody/logs/1").status == 404


def test_astro_mcp_clears_dry(world: LiveServer) -> None:
    whole = world.post("/dags/world/dagRuns/r1/clear", {"dry_run": True})
    assert len(whole["task_instances"]) == 5
    body = {
        "dag_run_id": "r1",
        "task_ids": ["say"],
        "dry_run": True,
        "only_failed": False,
        "include_downstream": False,
        "include_upstream": False,
        "reset_dag_runs": True,
    }
    assert [row["task_id"] for row in world.post("/dags/world/clearTaskInstances", body)["task_instances"]] == ["say"]
    assert world.run_state("world", "r1") == "success"
