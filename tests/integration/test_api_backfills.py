"""Backfills and stars over the API: plan, create, look at, pause, resume, cancel; and who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from support.api_server import ApiServer, a_dag, api_server

from tradewind.actions import runs as run_actions
from tradewind.model.spec import TimetableSpec
from tradewind.model.states import RunState
from tradewind.testing.server import cheap_hash

DAILY = TimetableSpec(kind="cron_interval", args={"expression": "@daily", "timezone": "UTC"}, summary="@daily")
BODY = {"dag_id": "daily", "from_date": "2024-04-01T00:00:00Z", "to_date": "2024-04-03T00:00:00+00:00"}


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as made:
        made.register(replace(a_dag("daily"), timetable=DAILY))
        yield made


def a_finished_run(server: ApiServer, number: int, state: RunState) -> None:
    date = datetime(2024, 4, number, tzinfo=UTC)
    with server.database.begin() as tx:
        spec = server.services.specs.of_dag(tx, "daily")
        assert spec is not None
        run = run_actions.trigger(tx, spec, run_id=f"old{number}", logical_date=date)
        run_actions.set_state(tx, spec, run_actions.RunKey(run.dag_id, run.run_id), state)


def made(server: ApiServer, **changes: Any) -> dict[str, Any]:
    answer = server.post("/backfills", {**BODY, **changes})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_dry_run_names_every_date_and_changes_nothing(server: ApiServer) -> None:
    a_finished_run(server, 1, RunState.SUCCESS)
    a_finished_run(server, 2, RunState.FAILED)
    asked = {**BODY, "reprocess_behavior": "failed"}
    answer = server.post("/backfills", {**asked, "dry_run": True})
    assert answer.status_code == 200
    plan = answer.json()
    assert plan["counts"] == {"create": 1, "rerun": 1, "skip": 1}
    assert [(one["logical_date"], one["action"], one["dag_run_id"]) for one in plan["backfills"]] == [
        ("2024-04-02T00:00:00+00:00", "rerun", "old2"),
        ("2024-04-03T00:00:00+00:00", "create", None),
    ]
    assert [(one["reason"], one["state"]) for one in plan["skipped"]] == [("already exists", "success")]
    assert server.post("/backfills/dry_run", asked).json() == plan
    assert server.get("/backfills").json() == {"backfills": [], "total_entries": 0}


def test_a_backfill_is_made_shown_paused_resumed_and_cancelled(server: ApiServer) -> None:
    body = made(server, dag_run_conf={"x": 1}, max_active_runs=2, run_backwards=True)
    number = body["id"]
    assert body["progress"] == {
        "waiting": 3,
        "queued": 0,
        "running": 0,
        "success": 0,
        "failed": 0,
        "skipped": 0,
        "deleted": 0,
        "total": 3,
    }
    assert (body["dag_run_conf"], body["reprocess_behavior"], body["triggering_user_name"], body["completed_at"]) == (
        {"x": 1},
        "none",
        "admin",
        None,
    )
    assert server.get(f"/backfills/{number}").json() == body
    dates = server.get(f"/backfills/{number}/dagRuns").json()
    assert [(one["logical_date"][:10], one["state"]) for one in dates["backfill_dag_runs"]] == [
        ("2024-04-03", "waiting"),
        ("2024-04-02", "waiting"),
        ("2024-04-01", "waiting"),
    ]
    assert server.request("PUT", f"/backfills/{number}/pause").json()["is_paused"] is True
    assert server.request("PUT", f"/backfills/{number}/unpause").json()["is_paused"] is False
    again = server.post("/backfills", BODY)
    assert (again.status_code, "one at a time" in again.json()["detail"]) == (409, True)
    assert server.get("/backfills?active=true&dag_id=daily").json()["total_entries"] == 1
    cancelled = server.request("PUT", f"/backfills/{number}/cancel").json()
    assert (cancelled["progress"]["skipped"], cancelled["completed_at"] is not None) == (3, True)
    assert server.request("PUT", f"/backfills/{number}/cancel").status_code == 409
    assert server.get("/backfills?active=true").json()["total_entries"] == 0
    with server.database.read() as tx:
        kinds = [event.kind for event in tx.outbox.after(0) if event.kind.startswith("backfill.")]
        logged = [row.event for row in tx.history.latest() if "backfill" in (row.event or "")]
    assert kinds == ["backfill.created", "backfill.paused", "backfill.unpaused", "backfill.cancelled"]
    assert logged == ["cancel_backfill", "unpause_backfill", "pause_backfill", "create_backfill"]


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"dag_id": "none"}, 404, "none"),
        ({"dag_id": "etl"}, 400, "no schedule"),
        ({"to_date": "2024-03-01T00:00:00Z"}, 400, "before from_date"),
        ({"from_date": "2024-04-01T00:00:00"}, 400, ""),
        ({"max_active_runs": 0}, 400, "minimum"),
        ({"reprocess_behavior": "all"}, 400, "is not one of"),
        ({"unheard_of": 1}, 400, "Unknown field"),
    ],
    ids=["no DAG", "no schedule", "wrong way round", "no zone", "no run", "behaviour", "unknown field"],
)
def test_what_cannot_be_is_refused(server: ApiServer, changes: dict[str, Any], status: int, word: str) -> None:
    answer = server.post("/backfills", {**BODY, **changes})
    assert (answer.status_code, word in answer.text) == (status, True), answer.text


def test_the_same_key_makes_one_backfill(server: ApiServer) -> None:
    headers = {"idempotency-key": "k1"}
    first = server.post("/backfills", BODY, headers=headers)
    second = server.post("/backfills", BODY, headers=headers)
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert server.get("/backfills").json()["total_entries"] == 1


def test_who_may_not_change_runs_may_only_look(server: ApiServer) -> None:
    number = made(server)["id"]
    viewer = ("viewer", "viewer")
    assert server.get(f"/backfills/{number}", user=viewer).status_code == 200
    assert server.post("/backfills/dry_run", BODY, user=viewer).status_code == 403
    assert server.post("/backfills", BODY, user=viewer).status_code == 403
    assert server.request("PUT", f"/backfills/{number}/cancel", user=viewer).status_code == 403
    assert server.get("/backfills", user=("nobody", "nobody")).status_code == 403


def test_a_dag_that_one_may_not_read_has_no_backfills(server: ApiServer) -> None:
    number = made(server)["id"]
    grants = [("can_read", "DAG:etl"), ("can_read", "DAG Runs"), ("can_create", "DAG Runs"), ("can_edit", "DAG:etl")]
    with server.database.begin() as tx:
        tx.users.create_role("Etl", grants)
        tx.users.create(username="eve", email="e@example.com", password=cheap_hash("eve"), roles=["Etl"])
    eve = ("eve", "eve")
    assert server.get("/backfills", user=eve).json()["total_entries"] == 0
    assert server.get(f"/backfills/{number}", user=eve).status_code == 404
    assert server.post("/backfills", BODY, user=eve).status_code == 404


def test_stars_are_ones_own(server: ApiServer) -> None:
    assert server.request("PUT", "/dags/daily/star").status_code == 204
    assert server.request("PUT", "/dags/daily/star").status_code == 204
    assert server.request("PUT", "/dags/none/star").status_code == 404
    assert server.get("/stars").json() == {"dag_ids": ["daily"], "total_entries": 1}
    assert server.get("/stars", user=("viewer", "viewer")).json()["dag_ids"] == []
    assert server.delete("/dags/daily/star").status_code == 204
    assert server.delete("/dags/daily/star").status_code == 204
    assert server.get("/stars").json()["dag_ids"] == []


def test_a_deleted_dag_takes_its_backfills_and_stars_along(server: ApiServer) -> None:
    made(server)
    server.request("PUT", "/dags/daily/star")
    assert server.delete("/dags/daily").status_code == 204
    assert server.get("/backfills").json()["total_entries"] == 0
    assert server.get("/stars").json()["dag_ids"] == []
