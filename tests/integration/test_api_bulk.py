"""Bulk actions over a filter: counted first, guarded by the count, within what one may do, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from support.api_server import ApiServer, a_dag, api_server, cheap_hash

from tradewind.actions import runs as run_actions
from tradewind.actions import tasks as task_actions
from tradewind.api import extensions_bulk
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import RunState, TaskState

TASKS, RUNS, DAGS = "/bulk/taskInstances", "/bulk/dagRuns", "/dags/bulk"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """DAGs etl and ops with two finished runs each, in which load failed and report is upstream_failed."""
    with api_server() as made:
        made.register(a_dag("ops", tags=("night",), owners=("bob",)))
        with made.database.begin() as tx:
            for dag_id in ("etl", "ops"):
                spec = made.services.specs.of_dag(tx, dag_id)
                assert spec is not None
                for number in (1, 2):
                    date = datetime(2024, 4, number, tzinfo=UTC)
                    run_actions.trigger(tx, spec, run_id=f"r{number}", logical_date=date, conf={"n": number})
                    key = RunKey(dag_id, f"r{number}")
                    task_actions.set_state(tx, spec, key, TaskKey("extract"), TaskState.SUCCESS)
                    task_actions.set_state(tx, spec, key, TaskKey("load"), TaskState.FAILED)
                    run_actions.set_state(tx, spec, key, RunState.FAILED)
        yield made


def states(server: ApiServer, dag_id: str, run_id: str) -> dict[str, str | None]:
    with server.database.read() as tx:
        return {row.task_id: row.state for row in tx.task_instances.of_run(RunKey(dag_id, run_id))}


def asked(server: ApiServer, path: str, action: str, filter: dict[str, Any], **more: Any) -> Any:
    status = more.pop("status", 200)
    extra = {name: more.pop(name) for name in ("user", "headers") if name in more}
    answer = server.post(path, {"action": action, "filter": filter, **more}, **extra)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_dry_run_counts_by_state_and_dag_and_changes_nothing(server: ApiServer) -> None:
    told = asked(server, TASKS, "clear", {"states": ["failed"]})
    assert (told["total"], told["by_state"], told["by_dag"], told["dry_run"], told["applied"]) == (
        4,
        {"failed": 4},
        {"etl": 2, "ops": 2},
        True,
        0,
    )
    assert told["sample"][0] == {
        "dag_id": "etl",
        "dag_run_id": "r1",
        "task_id": "load",
        "map_index": -1,
        "state": "failed",
        "execution_date": "2024-04-01T00:00:00+00:00",
    }
    assert states(server, "etl", "r1")["load"] == "failed"


def test_clearing_what_failed_with_downstream_queues_the_runs_again(server: ApiServer) -> None:
    wish = {"include_downstream": True, "note": "once more"}
    planned = asked(server, TASKS, "clear", {"states": ["failed"]}, **wish)
    assert (planned["total"], planned["by_state"]) == (8, {"failed": 4, "skipped": 4})
    done = asked(server, TASKS, "clear", {"states": ["failed"]}, dry_run=False, expected_count=8, **wish)
    assert (done["applied"], done["refused"]) == (8, [])
    for dag_id in ("etl", "ops"):
        assert states(server, dag_id, "r2") == {"extract": "success", "load": None, "report": None, "fan": "skipped"}
        assert server.get(f"/dags/{dag_id}/dagRuns/r2").json()["state"] == "queued"
    one = server.get("/dags/etl/dagRuns/r1/taskInstances/load").json()
    assert (one["note"], one["state"]) == ("once more", None)
    with server.database.read() as tx:
        rows = [row for row in tx.history.latest() if row.event == "bulk.taskInstances.clear"]
    assert {(row.dag_id, row.owner, '"count":4' in (row.extra or "")) for row in rows} == {
        ("etl", "admin", True),
        ("ops", "admin", True),
    }


def test_another_count_than_expected_changes_nothing(server: ApiServer) -> None:
    answer = asked(server, TASKS, "success", {"states": ["failed"]}, dry_run=False, expected_count=3, status=409)
    assert "4 would be touched" in answer["detail"]
    assert states(server, "etl", "r1")["load"] == "failed"


@pytest.mark.parametrize(
    ("filter", "more", "total"),
    [
        ({"dag_ids": ["etl"], "task_ids": ["extract"]}, {}, 2),
        ({"tags": ["night"], "states": ["failed"]}, {}, 2),
        ({"owners": ["bob"], "task_ids": ["load"]}, {}, 2),
        ({"dag_id_pattern": "e%", "task_ids": ["load"]}, {}, 2),
        ({"execution_date_gte": "2024-04-02T00:00:00Z", "task_ids": ["load"]}, {}, 2),
        ({"task_instances": [{"dag_id": "etl", "dag_run_id": "r1", "task_id": "fan", "map_index": 2}]}, {}, 1),
        (
            {
                "dag_ids": ["etl"],
                "task_ids": ["load"],
                "except": [{"dag_id": "etl", "dag_run_id": "r1", "task_id": "load"}],
            },
            {},
            1,
        ),
        ({"dag_ids": ["etl"], "dag_run_ids": ["r1"], "task_ids": ["load"]}, {"include_future": True}, 2),
        ({"dag_ids": ["etl"], "dag_run_ids": ["r2"], "task_ids": ["load"]}, {"include_past": True}, 2),
        ({"dag_ids": ["etl"], "dag_run_ids": ["r1"], "task_ids": ["load"]}, {"include_past": True}, 1),
        ({"dag_ids": ["etl"], "dag_run_ids": ["r1"], "task_ids": ["load"]}, {"include_upstream": True}, 2),
        (
            {"dag_ids": ["etl"], "dag_run_ids": ["r1"], "task_ids": ["load"]},
            {"include_upstream": True, "include_downstream": True, "include_future": True},
            6,
        ),
        ({"dag_ids": ["etl"]}, {"only_failed": True}, 2),
        ({"dag_ids": ["etl"], "states": [None, "none"]}, {}, 0),
        ({"dag_ids": ["etl"], "map_indexes": [0, 1.0, 2**70]}, {}, 4),
    ],
    ids=[
        "dag and task",
        "tag",
        "owner",
        "pattern",
        "date",
        "key",
        "except",
        "future",
        "past",
        "nothing before",
        "upstream",
        "all around",
        "only failed",
        "no state",
        "indices",
    ],
)
def test_what_a_filter_selects(server: ApiServer, filter: dict[str, Any], more: dict[str, Any], total: int) -> None:
    assert asked(server, TASKS, "clear", filter, **more)["total"] == total


def test_marking_leaves_alone_what_has_the_state_already(server: ApiServer) -> None:
    told = asked(server, TASKS, "success", {"dag_ids": ["etl"], "dag_run_ids": ["r1"]}, dry_run=False)
    assert (told["total"], told["applied"]) == (5, 5)
    assert set(states(server, "etl", "r1").values()) == {"success"}
    assert asked(server, TASKS, "success", {"dag_ids": ["etl"], "dag_run_ids": ["r1"]})["total"] == 0


def test_many_parts_come_to_the_same(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions_bulk, "TASKS_AT_ONCE", 1)
    headers = {"idempotency-key": "k"}
    first = asked(server, TASKS, "clear", {"states": ["failed"]}, dry_run=False, headers=headers)
    again = asked(server, TASKS, "clear", {"states": ["failed"]}, dry_run=False, headers=headers)
    assert (first["applied"], again) == (4, first)
    assert asked(server, TASKS, "clear", {"states": ["failed"]})["total"] == 0


def test_what_changes_between_the_parts_is_left_alone(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    change = extensions_bulk.Bulk.change_tasks

    def late(bulk: Any, tx: Any, part: Any, action: Any) -> None:
        spec = server.services.specs.of_dag(tx, "etl")
        assert spec is not None
        task_actions.set_state(tx, spec, RunKey("etl", "r2"), TaskKey("load"), TaskState.SUCCESS)
        change(bulk, tx, part, action)

    monkeypatch.setattr(extensions_bulk.Bulk, "change_tasks", late)
    done = asked(server, TASKS, "clear", {"dag_ids": ["etl"], "states": ["failed"]}, dry_run=False)
    assert (done["total"], done["applied"], states(server, "etl", "r2")["load"]) == (2, 1, "success")


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        (TASKS, {"action": "explode", "filter": {}}, "is not one of"),
        (TASKS, {"action": "clear"}, "required property"),
        (TASKS, {"action": "clear", "filter": {}, "dry_run": False}, "expected_count"),
        (TASKS, {"action": "clear", "filter": {"state": ["failed"]}}, "does not know"),
        (TASKS, {"action": "clear", "filter": {"states": ["broken"]}}, "none of"),
        (RUNS, {"action": "clear", "filter": {"run_types": ["odd"]}}, "none of"),
        (DAGS, {"action": "pause", "filter": {"dags": []}}, "does not know"),
    ],
)
def test_what_is_not_understood_is_refused(server: ApiServer, path: str, body: Any, word: str) -> None:
    answer = server.post(path, body)
    assert (answer.status_code, word in answer.json()["detail"]) == (400, True), answer.text


def test_runs_are_cleared_marked_and_deleted(server: ApiServer) -> None:
    failed = {"states": ["failed"], "dag_ids": ["etl"]}
    planned = asked(server, RUNS, "clear", failed)
    assert (planned["by_state"], planned["task_instances"]["total"]) == ({"failed": 2}, 12)
    assert asked(server, RUNS, "clear", failed, only_failed=True)["task_instances"]["by_state"] == {"failed": 2}
    marked = asked(server, RUNS, "success", failed)["task_instances"]
    assert marked == {"total": 10, "by_state": {"failed": 2, "skipped": 8}}
    done = asked(server, RUNS, "clear", {**failed, "dag_run_ids": ["r1"]}, dry_run=False, only_failed=True, note="n")
    assert done["applied"] == 1
    assert states(server, "etl", "r1") == {"extract": "success", "load": None, "report": "skipped", "fan": "skipped"}
    assert server.get("/dags/etl/dagRuns/r1").json()["note"] == "n"
    asked(server, RUNS, "success", {"dag_runs": [{"dag_id": "etl", "dag_run_id": "r2"}]}, dry_run=False)
    assert server.get("/dags/etl/dagRuns/r2").json()["state"] == "success"
    gone = asked(server, RUNS, "delete", {"dag_ids": ["ops"]}, dry_run=False, expected_count=2)
    assert (gone["applied"], server.get("/dags/ops/dagRuns").json()["total_entries"]) == (2, 0)


def test_runs_are_triggered_again_with_their_conf(server: ApiServer) -> None:
    done = asked(server, RUNS, "trigger-again", {"dag_ids": ["etl"]}, dry_run=False, headers={"idempotency-key": "x"})
    asked(server, RUNS, "trigger-again", {"dag_ids": ["etl"]}, dry_run=False, headers={"idempotency-key": "x"})
    assert len(done["created"]) == 2
    found = server.get("/dags/etl/dagRuns").json()
    made = [run for run in found["dag_runs"] if run["run_type"] == "manual" and run["state"] == "queued"]
    assert (found["total_entries"], sorted(run["conf"]["n"] for run in made)) == (4, [1, 2])


def test_dags_are_paused_triggered_and_deleted(server: ApiServer) -> None:
    assert asked(server, DAGS, "pause", {"tags": ["night"]}, dry_run=False)["applied"] == 1
    assert server.get("/dags/ops").json()["is_paused"] is True
    assert asked(server, DAGS, "pause", {"dag_ids": ["ops", "etl"]})["by_state"] == {"unpaused": 1}
    assert asked(server, DAGS, "unpause", {"paused": True}, dry_run=False)["applied"] == 1
    made = asked(server, DAGS, "trigger", {"dag_ids": ["ops", "etl"]}, dry_run=False, conf={"x": 1})
    assert {one["dag_id"] for one in made["created"]} == {"etl", "ops"}
    assert asked(server, DAGS, "delete", {"dag_ids": ["ops"]}, dry_run=False)["applied"] == 1
    assert server.get("/dags/ops").status_code == 404


def test_a_dag_with_running_tasks_is_not_deleted_and_says_why(server: ApiServer) -> None:
    with server.database.begin() as tx:
        tx.connection.exec_driver_sql("UPDATE task_instance SET state = 'running' WHERE dag_id = 'etl'")
    done = asked(server, DAGS, "delete", {"dag_ids": ["etl", "ops"]}, dry_run=False)
    assert (done["applied"], [one["dag_id"] for one in done["refused"]]) == (1, ["etl"])
    assert "running" in done["refused"][0]["reason"]
    told = asked(server, TASKS, "clear", {"dag_ids": ["etl"]}, prevent_running_task=True, status=409)
    assert "running" in told["detail"]


def test_only_ones_own_dags_are_touched(server: ApiServer) -> None:
    grants = [
        ("can_read", "DAG:ops"),
        ("can_edit", "DAG:ops"),
        ("can_read", "DAG:etl"),
        ("can_edit", "DAG Runs"),
        ("can_edit", "Task Instances"),
    ]
    with server.database.begin() as tx:
        tx.users.create_role("Night", grants)
        tx.users.create(username="eve", email="e@example.com", password=cheap_hash("eve"), roles=["Night"])
    eve = ("eve", "eve")
    assert asked(server, TASKS, "clear", {"states": ["failed"]}, user=eve)["by_dag"] == {"ops": 2}
    asked(server, TASKS, "clear", {"dag_ids": ["etl"]}, user=eve, status=403)
    asked(server, RUNS, "delete", {"dag_ids": ["ops"]}, user=eve, status=403)
    asked(server, DAGS, "trigger", {"dag_ids": ["ops"]}, user=eve, status=403)
    asked(server, TASKS, "clear", {"states": ["failed"]}, user=("viewer", "viewer"), status=403)
    asked(server, TASKS, "clear", {"states": ["failed"]}, user=None, status=401)
