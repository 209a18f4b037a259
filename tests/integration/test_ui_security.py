"""No secret ever in an answer of /ui/v1, texts with scripts stay texts, and every read asks who may."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from conftest import StillClock
from support.api_server import a_dag, cheap_hash
from support.ui_server import FIRST, UiServer, a_run, ui_server

from tradewind.api.table import Operation
from tradewind.api.ui_operations import UI
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import RunState, TaskState
from tradewind.storage.database import DatabaseOptions, open_database
from tradewind.storage.notes import set_task_note
from tradewind.storage.rows import ConnectionRow

SECRET = "s3cr3t-never-shown"
SCRIPT = "</script><script>alert(1)</script>"
FERNET = "ZmRzYWZkc2FmZHNhZmRzYWZkc2FmZHNhZmRzYWZkc2E="
READS = [operation for operation in UI if operation.method == "GET" and operation.id != "ui_boot"]


@pytest.fixture
def server(tmp_path: Path, clock: StillClock) -> UiServer:
    clock.at = FIRST + timedelta(days=2)
    database = open_database(
        f"sqlite:///{tmp_path / 'ui.db'}", clock=clock, options=DatabaseOptions(fernet_keys=(FERNET,))
    )
    database.migrate()
    made = ui_server(database, tmp_path)
    made.register(replace(a_dag("etl"), doc_md=SCRIPT, description=SCRIPT, tags=(SCRIPT,)))
    with database.begin() as tx:
        run = a_run(tx, "etl", 0, state=RunState.RUNNING, tasks={"extract": TaskState.RUNNING, "load": None})
        set_task_note(tx, RunKey("etl", run.run_id), TaskKey("extract"), SCRIPT, user_id=None)
        tx.vault.put_variable("password", SECRET, "opens the warehouse")
    return made


def address(operation: Operation) -> str:
    path = operation.path.replace("{asset_id:int}", "1")
    path = path.format(dag_id="etl", run_id="r0", task_id="extract")
    return path + ("?dag_id=etl&runs=r0" if operation.id == "ui_compare" else "")


def test_an_address_is_answered_in_one_place() -> None:
    addresses = [(operation.method, operation.path) for operation in UI]
    assert sorted(addresses) == sorted(set(addresses))


def test_every_read_wants_somebody_who_may(server: UiServer) -> None:
    with server.database.begin() as tx:
        password = cheap_hash("nobody")
        tx.users.create(username="nobody", email="nobody@example.com", password=password, roles=["Public"])
    assert len(READS) > 20
    for operation in READS:
        url = address(operation)
        assert operation.access, url
        assert server.ask(url, user=None).status_code == 401, url
        assert server.ask(url, user="nobody").status_code == 403, url
        answer = server.ask(url)
        # The configuration is for nobody until [webserver] expose_config says so.
        assert answer.status_code in ((403,) if url == "/config" else (200, 404)), url
        assert SECRET not in answer.text, url
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")


def test_connections_and_variables_are_names_only(server: UiServer) -> None:
    with server.database.begin() as tx:
        row = ConnectionRow(
            conn_id="warehouse",
            conn_type="postgres",
            description=SECRET,
            host=SECRET,
            login=SECRET,
            password=SECRET,
            extra=json.dumps({"key": SECRET}),
        )
        tx.vault.put_connection(row)
    body = server.get("/search")
    assert body["connections"] == [["warehouse", "postgres"]]
    assert body["variables"] == ["password"]
    assert SECRET not in json.dumps(body)
    assert (server.get("/search", user="viewer")["connections"], server.get("/search", user="viewer")["variables"]) == (
        [],
        [],
    )


def test_texts_with_scripts_come_as_json_that_no_browser_runs(server: UiServer) -> None:
    for path in ("/dags", "/dags/etl", "/dags/etl/runs/r0/tasks/extract"):
        answer = server.ask(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert server.get("/dags/etl/runs/r0/tasks/extract")["note"] == SCRIPT
    assert server.get("/dags/etl")["doc_md"] == SCRIPT


@pytest.mark.parametrize("task_id", ["..%2f..%2f..%2fsecret", "%2e%2e%2f"])
def test_no_log_outside_of_the_folder_is_read(server: UiServer, tmp_path: Path, task_id: str) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "attempt=1.log").write_text(SECRET)
    answer = server.ask(f"/dags/etl/runs/r0/tasks/{task_id}/log")
    assert answer.status_code != 200
    assert SECRET not in answer.text


def test_writes_are_not_taken(server: UiServer) -> None:
    async def posted() -> int:
        transport = httpx.ASGITransport(app=server.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ui.test") as client:
            return (await client.post("/ui/v1/dags", auth=("admin", "admin"), json={})).status_code

    assert asyncio.run(posted()) == 405
