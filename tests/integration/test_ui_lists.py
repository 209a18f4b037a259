"""The long lists and the administrators' reads of /ui/v1, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import StillClock
from support.ui_server import FIRST, UiServer, a_run, a_task, ui_server

from tradewind.actions import access as access_actions
from tradewind.config.settings import load_settings
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState
from tradewind.storage.database import Database

OK, BAD = TaskState.SUCCESS, TaskState.FAILED
SECRET = "s3cr3t-value"


@pytest.fixture
def server(database: Database, tmp_path: Path, clock: StillClock) -> UiServer:
    clock.at = FIRST + timedelta(days=30)
    return ui_server(database, tmp_path)


def _listed(server: UiServer, path: str, wanted: Any, more: str = "", user: str = "admin") -> Any:
    return server.get(f"{path}?filter={quote(json.dumps(wanted))}{more}", user=user)


def test_lists_take_the_filter_of_a_bulk_request(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK, "load": BAD})
        run = a_run(tx, "etl", 1)
        tx.task_instances.add(run, [a_task(run, "report", BAD, pool="slow", start_date=FIRST, end_date=None)])
    failed = _listed(server, "/task_instances", {"states": ["failed"]}, "&order_by=task_id")
    assert [(row["task_id"], row["perms"] != "") for row in failed["rows"]] == [("load", True), ("report", True)]
    assert _listed(server, "/task_instances", {"pools": ["slow"]})["rows"][0]["task_id"] == "report"
    assert _listed(server, "/task_instances", {"task_id_pattern": "%ORT%"})["total"] == 1
    assert _listed(server, "/task_instances", {}, "&limit=1&offset=1&order_by=task_id")["rows"][0]["task_id"] == "load"
    runs = _listed(server, "/dag_runs", {"dag_run_id_pattern": "%1"}, "&order_by=-logical")
    assert [(row["run_id"], row["conf"]) for row in runs["rows"]] == [("r1", False)]


@pytest.mark.parametrize("text", ["{", '{"stats": []}', '{"states": "failed"}', '{"states": ["odd"]}', "[]"])
def test_wrong_filters_are_refused(server: UiServer, text: str) -> None:
    assert server.ask(f"/task_instances?filter={quote(text)}").status_code == 400


def test_lists_show_readable_dags_only(server: UiServer) -> None:
    with server.database.begin() as tx:
        for dag_id in ("etl", "mine"):
            run = a_run(tx, dag_id, 0, tasks={"extract": OK})
            tx.xcoms.put(RunKey(dag_id, run.run_id), TaskKey("extract"), "return_value", '"x"')
    for path in ("/task_instances", "/dag_runs", "/xcoms"):
        assert {row["dag_id"] for row in server.get(path)["rows"]} == {"etl", "mine"}
        assert {row["dag_id"] for row in server.get(path, user="one")["rows"]} == {"mine"}
    assert server.get("/xcoms?key=RETURN&dag_id=et")["rows"][0]["preview"] == '"x"'


def test_variables_keep_their_secrets(server: UiServer) -> None:
    with server.database.begin() as tx:
        access_actions.set_variable(tx, "api_password", SECRET, None)
        access_actions.set_variable(tx, "target", json.dumps({"host": "h", "password": SECRET}), "where to")
        access_actions.set_variable(tx, "plain", "x" * 3000, None)
    answer = server.ask("/variables")
    assert SECRET not in answer.text
    rows = {row["key"]: row for row in answer.json()["variables"]}
    assert (rows["target"]["masked"], rows["target"]["json"], rows["api_password"]["masked"]) == (True, True, True)
    assert (rows["plain"]["masked"], rows["plain"]["cut"], len(rows["plain"]["value"])) == (False, True, 2000)
    assert server.ask("/variables", user="viewer").status_code == 403


def test_configuration_has_sources_and_no_secrets(server: UiServer, tmp_path: Path) -> None:
    assert server.ask("/config").status_code == 403
    environment = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__PARALLELISM": "7",
        "AIRFLOW__WEBSERVER__SECRET_KEY": SECRET,
    }
    shown = ui_server_with(server, load_settings(environment))
    answer = shown.ask("/config")
    assert SECRET not in answer.text
    sections = {
        section["name"]: {one["key"]: one for one in section["options"]} for section in answer.json()["sections"]
    }
    parallelism = sections["core"]["parallelism"]
    assert (parallelism["value"], parallelism["default"]) == ("7", "32")
    assert "AIRFLOW__CORE__PARALLELISM" in parallelism["source"]
    assert sections["webserver"]["secret_key"]["secret"]


def ui_server_with(server: UiServer, settings: Any) -> UiServer:
    """The server, which shows its configuration."""
    server.services.settings = settings
    server.services.options = replace(server.services.options, expose_config="True")
    return server


def test_jobs(server: UiServer) -> None:
    body = server.get("/jobs")
    assert {row["role"] for row in body["health"]} >= {"api", "database", "scheduler"}
    assert body["jobs"] == []
