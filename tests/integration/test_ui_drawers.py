"""What the page of a DAG and the drawers of its runs and tasks read, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import StillClock
from support.api_server import a_dag
from support.ui_server import FIRST, UiServer, a_run, a_task, ui_server

from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.states import RunState, TaskState
from tradewind.observability.task_logs import log_path
from tradewind.storage.database import Database
from tradewind.storage.failures import note_failure
from tradewind.storage.notes import set_task_note

OK, BAD, RUN = TaskState.SUCCESS, TaskState.FAILED, TaskState.RUNNING
PARAMS = {"region": {"value": "eu", "description": "Where", "schema": {"type": "string", "enum": ["eu", "us"]}}}


@pytest.fixture
def server(database: Database, tmp_path: Path, clock: StillClock) -> UiServer:
    clock.at = FIRST + timedelta(days=30)
    return ui_server(database, tmp_path)


def a_failed_run(server: UiServer) -> None:
    with server.database.begin() as tx:
        run = a_run(tx, "etl", 0, state=RunState.FAILED, tasks={"extract": BAD, "load": TaskState.UPSTREAM_FAILED})
        rows = [a_task(run, "fan", state, map_index=at) for at, state in enumerate((OK, BAD, None))]
        tx.task_instances.add(run, rows)
        row = TaskInstance(dag_id="etl", run_id="r0", task_id="extract", try_number=1)
        note_failure(tx, row, "ValueError: no", ended_at=FIRST)
        set_task_note(tx, RunKey("etl", "r0"), TaskKey("extract"), "look", user_id=None)


def a_log(server: UiServer, task_id: str, text: str, try_number: int = 1) -> None:
    path = server.services.options.log_folder / log_path("etl", "r0", task_id, -1, try_number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_dag_has_its_head(server: UiServer) -> None:
    server.register(replace(a_dag("etl"), params=PARAMS, doc_md="# Hi"))
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, state=RunState.RUNNING)
    body = server.get("/dags/etl")
    assert (body["dag_id"], body["paused"], body["tags"], body["version"]) == ("etl", False, ["a", "b"], 2)
    assert (body["active_runs"], body["max_active_runs"], body["doc_md"]) == (1, 16, "# Hi")
    assert body["params"] == [{"name": "region", **PARAMS["region"]}]
    assert body["last_run"] == {"run_id": "r0", "state": "running"}
    assert body["details"]["fail_stop"] is False
    assert "e" in body["perms"]
    assert server.ask("/dags/gone").status_code == 404


def test_a_dag_shows_its_source_and_versions(server: UiServer) -> None:
    server.register(replace(a_dag("etl"), description="new"))
    body = server.get("/dags/etl/code")
    assert (body["source"], body["version"]) == ("# etl\n", 2)
    assert [each["number"] for each in body["versions"]] == [2, 1]
    old = json.loads(server.get("/dags/etl/code?version=1")["spec"])
    assert old["description"] is None
    assert server.ask("/dags/etl/code?version=9").status_code == 404


def test_a_version_and_a_run_show_the_text_that_the_file_had(server: UiServer, clock: StillClock) -> None:
    def text(query: str) -> str | None:
        source: str | None = server.get(f"/dags/etl/code?{query}")["source"]
        return source

    def write(source: str) -> None:
        with server.database.begin() as tx:
            tx.dags.put_source("/dags/etl.py", source)

    with server.database.begin() as tx:
        a_run(tx, "etl", 0)
        a_run(tx, "etl", 1, start_date=clock.at)
    clock.advance(60)
    write("# only the text is new\n")
    with server.database.begin() as tx:
        a_run(tx, "etl", 2, start_date=clock.at)
    for number in (2, 3):
        clock.advance(60)
        server.register(replace(a_dag("etl"), description=f"version {number}"))
        write(f"# of version {number}\n")
    clock.advance(60)
    write("# newest\n")
    assert text("run_id=r0") is None, "it began before the file was ever read"
    assert (text("run_id=r1"), text("run_id=r2")) == ("# etl\n", "# only the text is new\n")
    assert (text("version=1"), text("version=2")) == ("# etl\n", "# of version 2\n")
    assert (text("version=3"), text("")) == ("# newest\n", "# newest\n")
    assert server.ask("/dags/etl/code?run_id=r9").status_code == 404
    assert server.ask("/dags/etl/code?run_id=r1&version=1").status_code == 400


def test_a_file_that_holds_dags_of_others_is_not_shown(server: UiServer) -> None:
    assert server.ask("/dags/mine/code", user="one").status_code == 200
    server.register(replace(a_dag("other"), fileloc="/dags/mine.py"))
    assert server.ask("/dags/mine/code", user="one").status_code == 403


def test_the_form_has_the_params_and_what_was_given_before(server: UiServer) -> None:
    server.register(replace(a_dag("etl"), params=PARAMS))
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, run_type="manual", conf={"region": "us"})
        a_run(tx, "etl", 1, run_type="manual")
    body = server.get("/trigger/etl")
    assert body["params"][0]["schema"]["enum"] == ["eu", "us"]
    assert [(each["run_id"], each["conf"]) for each in body["confs"]] == [("r0", {"region": "us"})]


def test_a_run_lists_what_failed_first(server: UiServer) -> None:
    a_failed_run(server)
    body = server.get("/dags/etl/runs/r0")
    assert (body["run"]["state"], body["run"]["logical"], body["run"]["version"]) == ("failed", FIRST.timestamp(), 1)
    assert [(task["id"], task["map_index"], task["state"]) for task in body["tasks"]][:3] == [
        ("extract", -1, "failed"),
        ("fan", 1, "failed"),
        ("load", -1, "upstream_failed"),
    ]
    assert body["states"] == {"failed": 2, "upstream_failed": 1, "success": 1, "none": 1}
    assert body["total"] == 5
    assert server.ask("/dags/etl/runs/gone").status_code == 404


def test_whoever_triggered_a_run_is_told(server: UiServer, clock: StillClock) -> None:
    with server.database.begin() as tx:
        tx.history.add("api.post_dag_run", dag_id="etl", owner="ann", at=FIRST + timedelta(seconds=1))
        a_run(tx, "etl", 0, run_type="manual")
    assert server.get("/dags/etl/runs/r0")["run"]["triggered_by"] == "ann"


def test_a_task_instance_has_its_tries_error_note_and_fields(server: UiServer) -> None:
    a_failed_run(server)
    with server.database.begin() as tx:
        fields = json.dumps({"bash_command": "echo 1", "env": {"A": "b"}})
        tx.rendered.put(RunKey("etl", "r0"), TaskKey("extract"), fields)
    body = server.get("/dags/etl/runs/r0/tasks/extract")
    assert (body["ti"]["state"], body["ti"]["try"], body["ti"]["max_tries"]) == ("failed", 1, 2)
    assert [(each["try"], each["state"], each["error"]) for each in body["tries"]] == [(1, "failed", "ValueError: no")]
    assert body["rendered"] == {"bash_command": "echo 1", "env": '{\n  "A": "b"\n}'}
    assert (body["note"], body["why"], body["mapped"]) == ("look", [], None)
    assert body["task"]["downstream"] == ["load"]
    assert server.get("/dags/etl/runs/r0/tasks/extract/rendered")["rendered"] == body["rendered"]


def test_a_mapped_task_shows_its_instances(server: UiServer) -> None:
    a_failed_run(server)
    body = server.get("/dags/etl/runs/r0/tasks/fan")
    assert (body["ti"], body["mapped"]) == (None, {"total": 3, "states": {"success": 1, "failed": 1, "none": 1}})
    assert server.get("/dags/etl/runs/r0/tasks/fan?map_index=1")["ti"]["state"] == "failed"
    mapped = server.get("/dags/etl/runs/r0/tasks/fan/mapped?limit=2")
    assert ([task["map_index"] for task in mapped["tasks"]], mapped["total"]) == ([0, 1], 3)
    some = server.get("/dags/etl/runs/r0/tasks/fan/mapped?state=failed&state=none")
    assert ([task["map_index"] for task in some["tasks"]], some["total"]) == ([1, 2], 2)
    assert server.ask("/dags/etl/runs/r0/tasks/fan?map_index=7").status_code == 404
    assert server.ask("/dags/etl/runs/r0/tasks/gone").status_code == 404


def why(server: UiServer, task_id: str) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in server.get(f"/dags/etl/runs/r0/tasks/{task_id}")["why"]}


def test_every_reason_has_its_fix(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, state=RunState.RUNNING, tasks={"extract": BAD, "load": None, "report": TaskState.QUEUED})
        tx.dags.set_paused(["etl"], True)
    rows = why(server, "load")
    assert list(rows)[:3] == ["Scheduler", "Dag Not Paused", "Dagrun Running"]
    assert {name for name, row in rows.items() if not row["ok"]} == {"Scheduler", "Dag Not Paused", "Trigger Rule"}
    assert all(bool(row["fix"]) is not row["ok"] and row["reason"] for row in rows.values())
    assert rows["Trigger Rule"]["upstream"] == [{"task_id": "extract", "map_index": -1, "state": "failed"}]
    assert "upstream_states" not in rows["Trigger Rule"]["reason"]
    assert rows["Dag Not Paused"]["link"] == "dags/etl"
    assert "waits for a free place" in why(server, "report")["Executor"]["reason"]


def test_xcoms_come_in_one_answer_and_long_ones_cut(server: UiServer) -> None:
    with server.database.begin() as tx:
        run = a_run(tx, "etl", 0, tasks={"extract": OK})
        key = RunKey("etl", run.run_id)
        tx.xcoms.put(key, TaskKey("extract"), "return_value", json.dumps({"rows": [1, 2]}))
        tx.xcoms.put(key, TaskKey("extract"), "long", json.dumps("x" * 100_000))
    long, short = server.get("/dags/etl/runs/r0/tasks/extract/xcoms")["xcoms"]
    assert (short["key"], short["value"], short["truncated"]) == ("return_value", {"rows": [1, 2]}, False)
    assert (len(long["value"]), long["size"], long["truncated"]) == (65536, 100_002, True)


def test_a_log_comes_in_parts(server: UiServer) -> None:
    a_failed_run(server)
    url = "/dags/etl/runs/r0/tasks/extract/log"
    nothing = server.get(url)
    assert (nothing["missing"], nothing["text"], nothing["complete"], nothing["try"]) == (True, "", True, 1)
    lines = [f"[2024-04-01T00:00:{at:02}.000+0000] {{x.py:1}} INFO - line {at}\n" for at in range(50)]
    lines[30] = lines[30].replace("INFO", "ERROR")
    a_log(server, "extract", "".join(lines))
    first = server.get(f"{url}?limit=150")
    assert (first["offset"], first["complete"]) == (0, False)
    assert first["text"] == "".join(lines)[: first["next"]]
    rest = server.get(f"{url}?offset={first['next']}")
    assert (first["text"] + rest["text"], rest["complete"]) == ("".join(lines), True)
    assert rest["first_error_offset"] == len("".join(lines[:30]))
    assert server.get(f"{url}?at=tail&limit=100")["text"] == lines[-1]
    error = server.get(f"{url}?at=first_error&limit=100000")
    assert lines[30] in error["text"]
    assert error["line"] == 1
    linked = server.get(f"{url}?line=40&limit=100000")
    assert lines[39] in linked["text"]
    assert (first["line"], "line" in rest) == (1, False)
    inside = server.get(f"{url}?at=offset&offset=3&limit=100000")
    assert (inside["line"], inside["offset"]) == (2, len(lines[0]))


def test_a_log_of_a_running_task_is_not_complete(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, state=RunState.RUNNING, tasks={"extract": RUN})
    a_log(server, "extract", "line\n")
    assert server.get("/dags/etl/runs/r0/tasks/extract/log")["complete"] is False


def test_a_task_comes_with_what_is_seen_first_of_its_log(server: UiServer) -> None:
    a_failed_run(server)
    url = "/dags/etl/runs/r0/tasks/extract"
    assert server.get(f"{url}?log=true")["log"] is None  # there is no file
    lines = [f"[2024-04-01T00:00:{at:02}.000+0000] {{x.py:1}} INFO - line {at}\n" for at in range(50)]
    lines[30] = lines[30].replace("INFO", "ERROR")
    a_log(server, "extract", "".join(lines))
    assert "log" not in server.get(url)
    seen = server.get(f"{url}?log=true")["log"]
    assert seen.pop("at") == "first_error"
    assert seen == server.get(f"{url}/log?at=first_error&limit=200000")


def test_the_logs_of_a_run_are_merged(server: UiServer) -> None:
    a_failed_run(server)
    a_log(server, "extract", "[2024-04-01T00:00:01.000+0000] a\n[2024-04-01T00:00:03.000+0000] c\n")
    a_log(server, "load", "[2024-04-01T00:00:02.000+0000] b\n")
    body = server.get("/dags/etl/runs/r0/log")
    assert [(line["task"], line["text"][-1]) for line in body["lines"]] == [
        ("extract", "a"),
        ("load", "b"),
        ("extract", "c"),
    ]
    assert (body["next"], body["complete"]) == (3, True)
    assert [line["text"][-1] for line in server.get("/dags/etl/runs/r0/log?offset=1&limit=1")["lines"]] == ["b"]


def test_nothing_of_other_dags_is_shown(server: UiServer) -> None:
    with server.database.begin() as tx:
        for dag_id in ("etl", "mine"):
            a_run(tx, dag_id, 0, tasks={"extract": OK})
    tabs = [f"/runs/r0/tasks/extract{tab}" for tab in ("", "/mapped", "/xcoms", "/rendered", "/log")]
    for path in ("", "/code", "/runs/r0", "/runs/r0/log", *tabs):
        assert server.ask(f"/dags/mine{path}", user="one").status_code == 200, path
        assert server.ask(f"/dags/etl{path}", user="one").status_code == 403, path


def test_the_cost_does_not_grow_with_the_run(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0)
        a_run(tx, "etl", 1, state=RunState.RUNNING, tasks={"extract": None})
        run = a_run(tx, "etl", 2, state=RunState.RUNNING, tasks={"extract": None, "load": None, "report": OK})
        tx.task_instances.add(run, [a_task(run, "fan", OK, map_index=at) for at in range(30)])
    for path, most in (("/dags/etl/runs/{}", 10), ("/dags/etl/runs/{}/tasks/extract", 24), ("/dags/etl", 14)):
        costs = [server.cost(path.format(run)) for run in ("r1", "r2")]
        assert costs[0] == costs[1] <= most, path
