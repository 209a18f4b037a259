"""The reads of /ui/v1 about many DAGs: the list and home, on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from conftest import StillClock
from support.api_server import a_dag
from support.ui_server import FIRST, UiServer, a_run, a_wide_dag, ui_server

from tradewind.model.records import TaskInstance
from tradewind.model.states import RunState, TaskState
from tradewind.storage.database import Database
from tradewind.storage.failures import note_failure


@pytest.fixture
def server(database: Database, tmp_path: Path, clock: StillClock) -> UiServer:
    clock.at = FIRST + timedelta(days=30)
    return ui_server(database, tmp_path)


def test_the_list_has_each_dag_with_its_last_runs(server: UiServer) -> None:
    with server.database.begin() as tx:
        for number in range(25):
            a_run(tx, "etl", number, tasks={"extract": TaskState.SUCCESS, "load": None})
        a_run(tx, "etl", 25, state=RunState.RUNNING, tasks={"extract": TaskState.RUNNING})
    body = server.get("/dags")
    assert body["total"] == 2
    etl, mine = body["dags"]
    assert (etl["id"], etl["tags"], etl["owners"], etl["file"]) == ("etl", ["a", "b"], ["ann"], "etl.py")
    assert etl["strip"] == "s" * 19 + "r"
    assert etl["strip_ids"] == [f"r{number}" for number in range(6, 26)]
    assert etl["strip_d"] == [300] * 19 + [None]
    assert etl["last"]["run_id"] == "r25"
    assert etl["ti"] == {"running": 1}
    assert etl["active"] == 1
    assert set("etdcl") <= set(etl["perms"])
    assert (mine["strip"], mine["last"], mine["ti"]) == ("", None, {})


def test_counts_of_a_run_follow_its_changes(server: UiServer) -> None:
    with server.database.begin() as tx:
        run = a_run(tx, "etl", tasks={"extract": TaskState.SUCCESS})
    assert server.get("/dags")["dags"][0]["ti"] == {"success": 1}
    with server.database.begin() as tx:
        tx.task_instances.add(run, [TaskInstance(dag_id="etl", run_id=run.run_id, task_id="load")])
    assert server.get("/dags")["dags"][0]["ti"] == {"success": 1, "none": 1}


def test_both_cost_the_same_for_one_dag_and_for_many(server: UiServer) -> None:
    before = {path: server.cost(path) for path in ("/dags", "/home")}
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, state=RunState.FAILED, tasks={"extract": TaskState.FAILED})
        for number in range(3):
            note(tx, a_run(tx, "mine", number, state=RunState.FAILED, tasks={"load": TaskState.FAILED}), "load", number)
    server.register(*(a_dag(f"dag{number}") for number in range(20)))
    assert {path: server.cost(path) for path in before} == before
    assert before["/dags"] <= 12
    assert before["/home"] <= 22


def note(tx, run, task_id: str, days: int, error: str = "ValueError: no") -> None:  # type: ignore[no-untyped-def]
    row = TaskInstance(dag_id=run.dag_id, run_id=run.run_id, task_id=task_id, try_number=1)
    note_failure(tx, row, error, ended_at=FIRST + timedelta(days=days, minutes=1))


def test_home_has_one_row_for_each_run_that_failed(server: UiServer, clock: StillClock) -> None:
    clock.at = FIRST + timedelta(hours=3)
    with server.database.begin() as tx:
        states = {"extract": TaskState.FAILED, "load": TaskState.UPSTREAM_FAILED, "report": TaskState.FAILED}
        run = a_run(tx, "etl", state=RunState.FAILED, tasks=states)
        note(tx, run, "extract", 0, "ValueError: first")
        row = TaskInstance(dag_id="etl", run_id=run.run_id, task_id="report", try_number=1)
        note_failure(tx, row, "later", ended_at=FIRST + timedelta(minutes=2))
    body = server.get("/home")
    (failure,) = body["inbox"]
    assert (failure["task_id"], failure["error"], failure["owner"]) == ("extract", "ValueError: first", "ann")
    assert (failure["upstream_failed"], failure["more"], failure["total_in_run"]) == (1, 1, 3)
    assert (failure["try"], failure["max_tries"]) == (1, 2)
    assert body["counts"]["failed"] == 2
    assert body["last_failure"]["run_id"] == "r0"
    assert {pool["name"] for pool in body["pools"]} == {"default_pool"}
    roles = {role["role"]: role["status"] for role in body["health"]}
    assert (roles["scheduler"], roles["triggerer"], roles["api"]) == ("unhealthy", "idle", "healthy")
    clock.advance(48 * 3600)
    assert server.get("/home")["inbox"] == []
    assert len(server.get("/home?hours=72")["inbox"]) == 1


def test_what_was_cleared_is_no_failure_any_more(server: UiServer, clock: StillClock) -> None:
    clock.at = FIRST + timedelta(hours=3)
    with server.database.begin() as tx:
        note(tx, a_run(tx, "etl", state=RunState.RUNNING, tasks={"extract": TaskState.RUNNING}), "extract", 0)
    assert server.get("/home")["inbox"] == []


def test_whoever_may_read_one_dag_sees_nothing_of_the_others(server: UiServer, clock: StillClock) -> None:
    clock.at = FIRST + timedelta(hours=3)
    with server.database.begin() as tx:
        for dag_id in ("etl", "mine"):
            note(tx, a_run(tx, dag_id, state=RunState.FAILED, tasks={"extract": TaskState.FAILED}), "extract", 0)
    for path in ("/dags", "/home"):
        text = server.ask(path, user="one").text
        assert "mine" in text
        assert "etl" not in text
    home = server.get("/home", user="one")
    assert home["counts"]["failed"] == 1
    assert home["pools"] == []
    assert set(server.get("/dags", user="one")["dags"][0]["perms"]) == set("rilxs")
    assert server.ask("/dags", user="nobody").status_code == 401


def test_jobs_are_listed_with_the_roles_health(server: UiServer, clock: StillClock) -> None:
    with server.database.begin() as tx:
        tx.jobs.create("SchedulerJob", hostname="here")
        number = tx.jobs.create("TriggererJob", hostname="there")
        tx.jobs.finish(number)
    body = server.get("/jobs")
    assert {job["type"]: (job["state"], job["host"]) for job in body["jobs"]} == {
        "SchedulerJob": ("running", "here"),
        "TriggererJob": ("success", "there"),
    }
    assert [job["type"] for job in server.get("/jobs?state=running")["jobs"]] == ["SchedulerJob"]
    assert next(role["status"] for role in body["health"] if role["role"] == "scheduler") == "healthy"
    assert server.ask("/jobs", user="one").status_code == 403


def test_an_unchanged_answer_is_not_sent_again(server: UiServer) -> None:
    first = server.ask("/dags")
    assert first.headers["cache-control"] == "private, no-cache"
    again = server.ask("/dags", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    server.register(a_dag("new"))
    changed = server.ask("/dags", headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200


def test_a_thousand_dags_fit_the_budget(server: UiServer) -> None:
    if server.database.dialect != "sqlite":
        pytest.skip("the same bytes")
    server.register(*(a_wide_dag(f"dag_{number:04}", 2) for number in range(1000)))
    with server.database.begin() as tx:
        for dag in range(1000):
            for number in range(5):
                a_run(tx, f"dag_{dag:04}", number, tasks={"t0": TaskState.SUCCESS})
    answer = server.ask("/dags", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) <= 60 * 1024
