"""Charts, graphs, datasets, search and comparison of /ui/v1, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from conftest import StillClock
from support.api_server import a_dag
from support.ui_server import FIRST, UiServer, a_run, a_task, ui_server

from tradewind.model.decisions import NextRun
from tradewind.model.records import Pool
from tradewind.model.spec import DagSpec, GroupSpec, TaskSpec, TimetableSpec
from tradewind.model.states import RunState, TaskState
from tradewind.storage.database import Database

OK, BAD, RUN = TaskState.SUCCESS, TaskState.FAILED, TaskState.RUNNING
DAY = timedelta(days=1)
SECRET = "s3cr3t-value"


@pytest.fixture
def server(database: Database, tmp_path: Path, clock: StillClock) -> UiServer:
    clock.at = FIRST + 30 * DAY
    return ui_server(database, tmp_path)


def a_daily_dag(server: UiServer, dag_id: str, next_date: datetime) -> None:
    args = {"expression": "0 0 * * *", "timezone": "UTC"}
    spec = DagSpec(
        dag_id=dag_id,
        fileloc=f"/dags/{dag_id}.py",
        timetable=TimetableSpec(kind="cron_interval", args=args, summary="@daily"),
        start_date=FIRST,
        catchup=False,
        tasks=(TaskSpec(task_id="a", task_type="A"),),
    )
    upcoming = NextRun(
        logical_date=next_date,
        data_interval_start=next_date,
        data_interval_end=next_date + DAY,
        create_after=next_date + DAY,
    )
    with server.database.begin() as tx:
        data = msgspec.json.encode(spec)
        tx.dags.register(spec, data, dag_id, fileloc=spec.fileloc, next=upcoming, paused_default=False)


def test_gantt_has_every_span_and_earlier_tries(server: UiServer) -> None:
    with server.database.begin() as tx:
        run = a_run(tx, "etl", 0, tasks={"extract": OK, "load": None})
        queued = FIRST - timedelta(seconds=2)
        tx.task_instances.add(run, [a_task(run, "report", BAD, queued_dttm=queued, start_date=FIRST, end_date=None)])
    body = server.get("/dags/etl/runs/r0/gantt")
    assert [(row["id"], row["state"], row["try"]) for row in body["rows"]] == [
        ("extract", "success", 1),
        ("load", None, 0),
        ("report", "failed", 1),
    ]
    assert body["rows"][0]["end"] - body["rows"][0]["start"] == 300
    assert body["rows"][2]["queued"] == queued.timestamp()
    assert (body["run"]["start"], body["total"]) == (FIRST.timestamp(), 3)


def test_durations_of_runs_and_tasks(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK})
        run = a_run(tx, "etl", 1)
        spans = [(OK, 0, 10), (BAD, 5, 20)]
        rows = [
            a_task(
                run,
                "fan",
                state,
                map_index=at,
                start_date=FIRST + DAY + timedelta(seconds=start),
                end_date=FIRST + DAY + timedelta(seconds=end),
            )
            for at, (state, start, end) in enumerate(spans)
        ]
        tx.task_instances.add(run, rows)
    body = server.get("/dags/etl/durations?tasks=extract,fan,gone")
    assert [run["id"] for run in body["runs"]] == ["r0", "r1"]
    assert body["tasks"] == {
        "extract": [[None, 300, 1, "success"], None],
        "fan": [None, [None, 20, 1, "failed"]],
        "gone": [None, None],
    }


def test_the_calendar_counts_days_and_plans(server: UiServer, clock: StillClock) -> None:
    a_daily_dag(server, "daily", datetime(2024, 4, 30, tzinfo=UTC))
    with server.database.begin() as tx:
        a_run(tx, "daily", 0)
        a_run(tx, "daily", 0, state=RunState.FAILED, run_id="again", logical_date=FIRST + timedelta(hours=3))
        a_run(tx, "daily", 1)
    body = server.get("/dags/daily/calendar?from=2024-04-01&to=2024-05-02")
    assert body["days"] == [["2024-04-01", {"success": 1, "failed": 1}], ["2024-04-02", {"success": 1}]]
    assert body["planned"] == [["2024-04-30", 1], ["2024-05-01", 1], ["2024-05-02", 1]]
    assert server.ask("/dags/daily/calendar?from=nonsense").status_code == 400
    with server.database.begin() as tx:
        tx.dags.set_paused(["daily"], True)
    assert server.get("/dags/daily/calendar?from=2024-04-01&to=2024-05-02")["planned"] == []


def test_the_timeline_has_runs_and_plans_of_all_dags(server: UiServer, clock: StillClock) -> None:
    a_daily_dag(server, "daily", datetime(2024, 4, 30, tzinfo=UTC))
    with server.database.begin() as tx:
        a_run(tx, "daily", 28)
        a_run(tx, "daily", 29, state=RunState.RUNNING)
        a_run(tx, "daily", 1)
    start, end = clock.at - 3 * DAY, clock.at + 2 * DAY
    body = server.get(f"/timeline?from={start.timestamp()}&to={end.isoformat().replace('+00:00', 'Z')}")
    lanes = {lane["dag_id"]: lane for lane in body["lanes"]}
    assert [run[:2] for run in lanes["daily"]["runs"]] == [["r28", "success"], ["r29", "running"]]
    assert lanes["daily"]["planned"] == [datetime(2024, 5, day, tzinfo=UTC).timestamp() for day in (1, 2)]
    assert lanes["etl"]["runs"] == []
    assert server.ask("/timeline?from=5&to=1").status_code == 400
    assert {lane["dag_id"] for lane in server.get("/timeline", user="one")["lanes"]} == {"mine"}


def a_linked_dag() -> DagSpec:
    tasks = (
        TaskSpec(
            task_id="wait", task_type="ExternalTaskSensor", trigger_dag_id="mine", downstream_task_ids=("g.make",)
        ),
        TaskSpec(
            task_id="g.make",
            task_type="PythonOperator",
            operator_name="@task",
            group_id="g",
            upstream_task_ids=("wait",),
            downstream_task_ids=("start",),
            outlets=({"uri": "s3://made"},),
        ),
        TaskSpec(
            task_id="start",
            task_type="TriggerDagRunOperator",
            trigger_dag_id="etl",
            upstream_task_ids=("g.make",),
        ),
    )
    groups = (
        GroupSpec(group_id=None, children=(("wait", "task"), ("g", "group"), ("start", "task"))),
        GroupSpec(group_id="g", label="g", children=(("g.make", "task"),)),
    )
    return DagSpec(
        dag_id="linked",
        fileloc="/dags/linked.py",
        tasks=tasks,
        groups=groups,
        edge_labels={"wait": {"g.make": "then"}},
        dataset_condition={"all": ["s3://in"]},
    )


def test_a_graph_has_tasks_groups_and_what_is_outside(server: UiServer) -> None:
    server.register(a_linked_dag())
    body = server.get("/dags/linked/graph")
    nodes = {node["id"]: node for node in body["nodes"]}
    assert {name: node["type"] for name, node in nodes.items()} == {
        "g": "group",
        "wait": "sensor",
        "g.make": "task",
        "start": "task",
        "dag:mine": "dag",
        "dag:etl": "dag",
        "asset:s3://made": "asset",
        "asset:s3://in": "asset",
    }
    assert (nodes["g.make"]["label"], nodes["g.make"]["parent"], nodes["g.make"]["op"]) == ("make", "g", "@task")
    assert ["wait", "g.make", "then"] in body["edges"]
    assert ["dag:mine", "wait"] in body["edges"]
    assert ["start", "dag:etl"] in body["edges"]
    assert ["g.make", "asset:s3://made"] in body["edges"]
    assert ["asset:s3://in", "wait"] in body["edges"]


def test_a_graph_of_a_run_is_the_dag_as_it_was(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0)
    server.register(replace(a_dag("etl"), tasks=a_dag("etl").tasks[:1]))
    assert len(server.get("/dags/etl/graph")["nodes"]) == 1
    assert len(server.get("/dags/etl/graph?run=r0")["nodes"]) == 4


def test_dependencies_of_dags(server: UiServer) -> None:
    server.register(a_linked_dag())
    body = server.get("/dependencies")
    assert ["dag:mine", "sensor:linked:wait"] in body["edges"]
    assert ["sensor:linked:wait", "dag:linked"] in body["edges"]
    assert ["trigger:linked:start", "dag:etl"] in body["edges"]
    assert {node["id"] for node in body["nodes"]} >= {"dag:linked", "dag:mine", "dag:etl"}


def test_datasets_have_their_dags_and_events(server: UiServer) -> None:
    with server.database.begin() as tx:
        for dag_id, uris in (("etl", ["s3://a", "s3://b"]), ("mine", ["s3://a"])):
            spec = replace(a_dag(dag_id), dataset_condition={"all": uris}, description="by data")
            data = msgspec.json.encode(spec)
            tx.dags.register(spec, data, f"{dag_id}2", fileloc=spec.fileloc, next=NextRun(), paused_default=False)
    body = server.get("/assets")
    found = {each["uri"]: each for each in body["assets"]}
    assert [each["dag_id"] for each in found["s3://a"]["consumers"]] == ["etl", "mine"]
    assert found["s3://a"]["consumers"][0] == {"dag_id": "etl", "ready": 0, "needs": 2, "has_this": False}
    one = server.get(f"/assets/{found['s3://b']['id']}")
    assert (one["asset"]["uri"], one["events"]) == ("s3://b", [])
    assert server.ask("/assets/999").status_code == 404
    assert server.ask("/assets", user="one").status_code == 403


def test_search_tells_names_and_no_values(server: UiServer) -> None:
    with server.database.begin() as tx:
        tx.vault.put_variable("password", SECRET)
        tx.pools.create(Pool(name="narrow", slots=1))
    body = server.get("/search?q=EXTR")
    assert body["dags"] == [["etl", None, 0], ["mine", None, 0]]
    assert (body["variables"], body["pools"]) == (["password"], ["default_pool", "narrow"])
    assert body["tasks"] == [["etl", "extract"], ["mine", "extract"]]
    mine = server.get("/search?q=extract", user="one")
    assert (mine["dags"], mine["tasks"], mine["variables"], mine["pools"]) == (
        [["mine", None, 0]],
        [["mine", "extract"]],
        [],
        [],
    )


def test_runs_are_compared_side_by_side(server: UiServer) -> None:
    with server.database.begin() as tx:
        a_run(tx, "etl", 0, tasks={"extract": OK, "load": BAD}, conf={"a": 1})
        a_run(tx, "etl", 1, tasks={"extract": OK})
    body = server.get("/compare?dag_id=etl&runs=r0,r1")
    assert [run["conf"] for run in body["runs"]] == [{"a": 1}, {}]
    cells = {task["id"]: [cell and cell["state"] for cell in task["cells"]] for task in body["tasks"]}
    assert cells == {"extract": ["success", "success"], "load": ["failed", None]}
    assert [run["code"] for run in body["runs"]] == [None, None], "they began before the file was read"
    assert server.ask("/compare?dag_id=etl&runs=r0,gone").status_code == 404
    assert server.ask("/compare?dag_id=etl&runs=").status_code == 400
    assert server.ask("/compare?dag_id=etl&runs=r0", user="one").status_code == 403


def test_nothing_of_other_dags_is_shown(server: UiServer) -> None:
    with server.database.begin() as tx:
        for dag_id in ("etl", "mine"):
            a_run(tx, dag_id, 0)
    for path in ("runs/r0/gantt", "durations", "calendar", "graph", "graph?run=r0"):
        assert server.ask(f"/dags/mine/{path}", user="one").status_code == 200, path
        assert server.ask(f"/dags/etl/{path}", user="one").status_code == 403, path


def test_the_cost_does_not_grow_with_dags_and_runs(server: UiServer) -> None:
    paths = {
        "/timeline": 8,
        "/search?q=a": 10,
        "/dependencies": 9,
        "/assets": 8,
        "/dags/etl/durations?tasks=extract": 8,
        "/dags/etl/calendar": 9,
    }
    before = {path: server.cost(path) for path in paths}
    server.register(*(a_dag(f"dag{number}") for number in range(10)))
    with server.database.begin() as tx:
        for number in range(10):
            a_run(tx, "etl", number, tasks={"extract": OK})
    assert {path: server.cost(path) for path in paths} == before
    assert [path for path, most in paths.items() if before[path] > most] == []
