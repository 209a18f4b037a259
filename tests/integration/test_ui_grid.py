"""The matrix of tasks and runs, on both databases."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import StillClock
from support.ui_server import FIRST, UiServer, a_run, a_task, a_wide_dag, ui_server

from tradewind.model.changes import TaskChange
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import RunState, TaskState
from tradewind.storage.database import Database
from tradewind.storage.notes import set_task_note

OK, BAD, RUN = TaskState.SUCCESS, TaskState.FAILED, TaskState.RUNNING


@pytest.fixture
def server(database: Database, tmp_path: Path, clock: StillClock) -> UiServer:
    clock.at = FIRST + timedelta(days=30)
    return ui_server(database, tmp_path)


def cell(body: dict[str, Any], task: str, run: str) -> str:
    rows = [each["id"] for each in body["tasks"]]
    runs = [each["id"] for each in body["runs"]]
    char: str = body["st"][rows.index(task) * len(runs) + runs.index(run)]
    return char


def test_the_matrix_has_a_character_for_each_cell(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK, "load": OK})
        run = a_run(tx, "etl", 1, state=RunState.RUNNING, tasks={"extract": BAD, "load": None}, conf={"a": 1})
        rows = [a_task(run, "fan", state, map_index=at) for at, state in enumerate((OK, RUN))]
        tx.task_instances.add(run, [*rows, a_task(run, "report", RUN, try_number=3)])
        set_task_note(tx, RunKey("etl", "r1"), TaskKey("load"), "look", user_id=None)
    body = server.get("/dags/etl/grid")
    assert [row["id"] for row in body["tasks"]] == ["extract", "load", "report", "fan"]
    assert body["st"] == "sfsn.r.r"
    assert body["try"] == {"2,1": 3}
    assert body["map"] == {"3,1": {"success": 1, "running": 1}}
    assert body["note"] == ["1,1"]
    first, second = body["runs"]
    assert (first["id"], first["state"], first["type"], first["version"]) == ("r0", "success", "scheduled", 1)
    assert (first["start"], first["end"]) == (FIRST.timestamp(), FIRST.timestamp() + 300)
    assert (second["conf"], second["end"]) == (1, None)
    assert "conf" not in first


def test_runs_before_one_are_the_page_before(server: UiServer) -> None:
    with server.database.begin() as tx:
        for number in range(6):
            a_run(tx, "etl", number, tasks={"extract": OK})
    assert [run["id"] for run in server.get("/dags/etl/grid?runs=2")["runs"]] == ["r4", "r5"]
    assert [run["id"] for run in server.get("/dags/etl/grid?runs=2&before=r4")["runs"]] == ["r2", "r3"]


def test_a_cell_that_changed_shows_at_once_and_alone(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK})
        run = a_run(tx, "etl", 1, state=RunState.RUNNING, tasks={"extract": RUN, "load": None})
    before = server.get("/dags/etl/grid")
    with server.database.begin() as tx:
        change = TaskChange(
            run=RunKey("etl", run.run_id),
            key=TaskKey("extract"),
            old_states=frozenset({RUN}),
            values={"state": BAD},
            event="task.failed",
        )
        assert tx.task_instances.apply([change])[0] is not None
    changes = server.get(f"/dags/etl/grid?since={before['rev']}")
    assert "tasks" not in changes
    assert [0, 1, "f", 1] in changes["cells"]
    assert {place for _, place, *_ in changes["cells"]} == {1}
    after = server.get("/dags/etl/grid")
    assert (cell(after, "extract", "r1"), cell(after, "extract", "r0")) == ("f", "s")
    assert server.get(f"/dags/etl/grid?since={after['rev']}")["cells"] == []
    # What happened to another DAG is no news here.
    tag = server.ask("/dags/etl/grid").headers["etag"]
    with server.database.begin() as tx:
        a_run(tx, "mine", 0)
    assert server.ask("/dags/etl/grid", headers={"if-none-match": tag}).status_code == 304
    with server.database.begin() as tx:
        tx.outbox.trim(10**6)
    assert "tasks" in server.get("/dags/etl/grid?since=0")


def test_a_run_made_again_under_its_old_name_is_not_taken_for_the_old_one(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK})
    assert server.get("/dags/etl/grid")["st"][0] == "s"
    with server.database.begin() as tx:
        tx.runs.delete(RunKey("etl", "r0"))
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": BAD}, queued_at=FIRST + timedelta(seconds=1))
    assert server.get("/dags/etl/grid")["st"][0] == "f"


def test_times_are_beside_the_matrix(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK, "load": None})
    body = server.get("/dags/etl/grid/times")
    assert (body["runs"], body["start"], body["dur"]) == (["r0"], [[0, 0, None, None]], [[300, 300, None, None]])


def test_one_may_see_the_matrix_of_ones_own_dag_only(server: UiServer) -> None:
    assert server.ask("/dags/mine/grid", user="one").status_code == 200
    for path in ("/dags/etl/grid", "/dags/etl/grid/times", "/dags/gone/grid"):
        assert server.ask(path, user="one").status_code == 403
    assert server.ask("/dags/gone/grid").status_code == 404


def test_the_cost_does_not_grow_with_runs_and_tasks(server: UiServer) -> None:
    server.register(a_wide_dag("wide", 40))
    with server.database.begin() as tx:
        a_run(tx, "wide", 0, tasks={"t0": OK})
    few = server.cost("/dags/wide/grid?runs=100")
    with server.database.begin() as tx:
        for number in range(1, 30):
            a_run(tx, "wide", number, tasks={f"t{task}": OK for task in range(20)})
    assert server.cost("/dags/wide/grid?runs=100") == few <= 10


def test_five_hundred_tasks_by_fifty_runs_fit_the_budget(server: UiServer) -> None:
    if server.database.dialect != "sqlite":
        pytest.skip("the same bytes")
    spec = a_wide_dag("wide", 500)
    server.register(spec)
    with server.database.begin() as tx:
        for number in range(50):
            name = f"scheduled__{(FIRST + timedelta(days=number)).isoformat()}"
            a_run(tx, "wide", number, run_id=name, tasks={task.task_id: OK for task in spec.tasks})
    answer = server.ask("/dags/wide/grid?runs=50", headers={"accept-encoding": "gzip"})
    assert len(gzip.compress(answer.content)) <= 5 * 1024
    assert int(answer.headers["content-length"]) <= 5 * 1024
