"""Backfills in the scheduler: limit, order, pause, cancelling, what is there already, and a scheduler's death."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.scheduler_stage import Stage, chain, stage_on

from tradewind.actions import backfills as actions
from tradewind.actions import runs as run_actions
from tradewind.engine.backfills import BackfillWish, RunOptions
from tradewind.model.errors import AlreadyExists, Conflict, InvalidInput
from tradewind.model.outcomes import Failed, Succeeded
from tradewind.model.records import RunKey
from tradewind.model.spec import DagSpec, TimetableSpec
from tradewind.model.states import ReprocessBehavior, RunState, RunType
from tradewind.storage import backfills
from tradewind.storage.backfills import BackfillRow
from tradewind.storage.database import Database
from tradewind.storage.pages import Order, Page
from tradewind.wire import messages as wire

DAILY = TimetableSpec(kind="cron_interval", args={"expression": "@daily", "timezone": "UTC"}, summary="@daily")


@pytest.fixture
def stage(database: Database, clock: Any, tmp_path: Path) -> Iterator[Stage]:
    with stage_on(database, clock, tmp_path) as made:
        made.start()
        yield made


def a_daily_dag(stage: Stage, *names: str, **values: Any) -> DagSpec:
    """Its schedule ends with 5 April, so that no scheduled run comes between."""
    return stage.dag(*chain(*(names or ("a",))), **{"timetable": DAILY, "end_date": day(5), "catchup": False, **values})


def day(number: int) -> datetime:
    return datetime(2024, 4, number, tzinfo=UTC)


def a_backfill(stage: Stage, spec: DagSpec, first: int = 1, last: int = 3, **wish: Any) -> BackfillRow:
    more = {name: wish.pop(name) for name in ("conf", "options") if name in wish}
    wanted = BackfillWish(**{"from_date": day(first), "to_date": day(last), "max_active_runs": 2, **wish})
    with stage.db.begin() as tx:
        made = actions.create(tx, spec, wanted, user_name="ann", **more)
    stage.turns()
    return made


def standing(stage: Stage, backfill: BackfillRow) -> dict[str, int]:
    with stage.db.read() as tx:
        found = backfills.progress(tx, [backfill.id])[backfill.id]
    return {name: number for name, number in found.items() if number}


def stored(stage: Stage, backfill: BackfillRow) -> BackfillRow:
    with stage.db.read() as tx:
        return actions.get(tx, backfill.id)


def play(stage: Stage, attempts: list[wire.Attempt], outcome: Any = None) -> None:
    for attempt in attempts:
        stage.begin(attempt)
        stage.end(attempt, outcome or Succeeded())


def test_a_backfill_starts_its_runs_within_its_own_limit_and_ends(stage: Stage) -> None:
    spec = a_daily_dag(stage, max_active_runs=1)
    busy = stage.run(spec, "manual", logical_date=day(5))
    made = a_backfill(stage, spec, conf={"x": 1})
    launched = stage.worker.take()
    assert [attempt.run_id for attempt in launched] == [
        "backfill__2024-04-01T00:00:00+00:00",
        "backfill__2024-04-02T00:00:00+00:00",
        "manual",
    ]
    assert standing(stage, made) == {"running": 2, "waiting": 1}

    play(stage, launched[:1])
    [third] = stage.worker.take()
    assert third.run_id == "backfill__2024-04-03T00:00:00+00:00"
    run = stage.stored(RunKey("dag", third.run_id))
    assert (run.run_type, run.conf, run.data_interval_end) == (RunType.BACKFILL, {"x": 1}, day(4))

    play(stage, [launched[1], third])
    assert standing(stage, made) == {"success": 3}
    assert stored(stage, made).completed_at is not None
    assert stage.stored(busy).state is RunState.RUNNING


def test_backwards_and_what_is_there_already(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    for number, state in ((1, RunState.SUCCESS), (2, RunState.FAILED)):
        key = stage.run(spec, f"old{number}", logical_date=day(number), run_type=RunType.SCHEDULED)
        with stage.db.begin() as tx:
            run_actions.set_state(tx, spec, key, state)
    made = a_backfill(
        stage, spec, last=3, run_backwards=True, reprocess_behavior=ReprocessBehavior.FAILED, conf={"again": True}
    )
    launched = stage.worker.take()
    assert {attempt.run_id for attempt in launched} == {"backfill__2024-04-03T00:00:00+00:00", "old2"}
    again = stage.stored(RunKey("dag", "old2"))
    assert (again.run_type, again.state, again.conf, again.clear_number) == (
        RunType.BACKFILL,
        RunState.RUNNING,
        {"again": True},
        1,
    )
    assert standing(stage, made) == {"running": 2, "skipped": 1}
    play(stage, launched)
    with stage.db.read() as tx:
        rows, total = backfills.dates(tx, made.id, Page())
    assert [(row.run_id, row.exception_reason) for row in rows] == [
        ("backfill__2024-04-03T00:00:00+00:00", None),
        ("old2", None),
        (None, "already exists"),
    ]
    assert (total, stored(stage, made).completed_at is not None) == (3, True)


def test_a_paused_backfill_starts_nothing_until_it_goes_on(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    made = a_backfill(stage, spec, max_active_runs=1)
    with stage.db.begin() as tx:
        assert actions.set_paused(tx, made.id, is_paused=True).is_paused
    play(stage, stage.worker.take())
    assert (standing(stage, made), stage.worker.take()) == ({"success": 1, "waiting": 2}, [])
    with stage.db.begin() as tx:
        actions.set_paused(tx, made.id, is_paused=False)
    stage.turns()
    assert [attempt.run_id[:20] for attempt in stage.worker.take()] == ["backfill__2024-04-02"]


def test_a_cancelled_backfill_is_over_while_its_running_runs_go_on(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    made = a_backfill(stage, spec)
    first, second = stage.worker.take()
    again = RunKey("dag", second.run_id)
    play(stage, [second])
    [third] = stage.worker.take()
    with stage.db.begin() as tx:
        actions.set_paused(tx, made.id, is_paused=True)
    with stage.db.begin() as tx:  # somebody clears it while the backfill waits: it is queued, and nobody starts it
        run_actions.clear_run(tx, spec, again)
    stage.turns()
    assert stage.stored(again).state is RunState.QUEUED
    with stage.db.begin() as tx:
        actions.cancel(tx, made.id)
    stage.turns()
    assert (stage.stored(again).state, stored(stage, made).completed_at is not None) == (RunState.FAILED, True)
    play(stage, [first, third])
    assert standing(stage, made) == {"success": 2, "failed": 1}
    with stage.db.begin() as tx, pytest.raises(Conflict, match="is over since"):
        actions.cancel(tx, made.id)


def test_dates_that_wait_when_a_backfill_is_cancelled_get_no_run(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    made = a_backfill(stage, spec, max_active_runs=1, last=5)
    with stage.db.begin() as tx:
        actions.cancel(tx, made.id)
    play(stage, stage.worker.take())
    assert standing(stage, made) == {"success": 1, "skipped": 4}
    a_backfill(stage, spec, first=2)
    assert len(stage.worker.take()) == 2


def test_a_backfill_goes_on_when_its_scheduler_died(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    made = a_backfill(stage, spec, max_active_runs=1)
    [first] = stage.worker.take()
    stage.begin(first)
    stage.restart_scheduler()
    stage.worker.hello(first.token)
    stage.turns()
    stage.end(first, Succeeded())
    for _ in range(2):
        play(stage, stage.worker.take())
    assert standing(stage, made) == {"success": 3}
    assert stored(stage, made).completed_at is not None


def test_a_paused_dag_holds_its_backfill(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    with stage.db.begin() as tx:
        tx.dags.set_paused(["dag"], True)
    made = a_backfill(stage, spec)
    assert (stage.worker.take(), standing(stage, made)) == ([], {"waiting": 3})
    with stage.db.begin() as tx:
        tx.dags.set_paused(["dag"], False)
    stage.turns()
    assert len(stage.worker.take()) == 2


def test_more_dates_than_one_step_starts(stage: Stage) -> None:
    spec = stage.dag(
        *chain("a"),
        timetable=TimetableSpec(
            kind="cron_interval", args={"expression": "@hourly", "timezone": "UTC"}, summary="@hourly"
        ),
        catchup=False,
        end_date=day(3),
    )
    made = a_backfill(stage, spec, last=3, max_active_runs=40)
    stage.turns()
    assert standing(stage, made) == {"running": 40, "waiting": 9}


def test_the_schedule_goes_on_after_the_dates_that_a_backfill_has_taken(stage: Stage) -> None:
    spec = a_daily_dag(stage, end_date=day(4), catchup=True, max_active_runs=1)
    made = a_backfill(stage, spec, max_active_runs=1)
    for _ in range(3):
        play(stage, stage.worker.take())
    assert standing(stage, made) == {"success": 3}
    with stage.db.read() as tx:
        assert tx.runs.get(RunKey("dag", "scheduled__2024-04-04T00:00:00+00:00")) is not None


def test_a_dag_has_one_open_backfill_and_none_without_dates(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    a_backfill(stage, spec)
    wish = BackfillWish(from_date=day(5), to_date=day(6))
    with stage.db.begin() as tx, pytest.raises(AlreadyExists, match="one at a time"):
        actions.create(tx, spec, wish)
    nothing = BackfillWish(from_date=day(1), to_date=day(1))
    with stage.db.begin() as tx, pytest.raises(InvalidInput, match="nothing to run"):
        actions.create(tx, spec, nothing)


def test_a_custom_timetable_is_refused_with_a_reason(stage: Stage) -> None:
    spec = stage.dag(*chain("a"), timetable=TimetableSpec(kind="custom", args={}, summary="Workdays"))
    with stage.db.begin() as tx, pytest.raises(InvalidInput, match="Workdays"):
        actions.create(tx, spec, BackfillWish(from_date=day(1), to_date=day(2)))


def test_a_run_that_is_deleted_is_not_made_again(stage: Stage) -> None:
    spec = a_daily_dag(stage)
    made = a_backfill(stage, spec)
    first, second = stage.worker.take()
    with stage.db.begin() as tx:
        run_actions.delete_run(tx, RunKey("dag", first.run_id))
    stage.turns()
    play(stage, [second, *stage.worker.take()])
    assert standing(stage, made) == {"success": 2, "deleted": 1}


def test_options_of_the_older_command_line(stage: Stage) -> None:
    spec = a_daily_dag(stage, "a", "b", "c")
    made = a_backfill(stage, spec, last=1, options=RunOptions(task_ids=("b",), disable_retry=True))
    [attempt] = stage.worker.take()
    run = RunKey("dag", attempt.run_id)
    assert stage.states(run) == {"a": "success", "b": "queued", "c": "skipped"}
    play(stage, [attempt], Failed(error="no"))
    assert stage.states(run) == {"a": "success", "b": "failed", "c": "skipped"}
    assert stored(stage, made).completed_at is not None


def test_lists_know_what_is_open_and_whose_it_is(stage: Stage, clock: Any) -> None:
    spec, other = a_daily_dag(stage), a_daily_dag(stage, dag_id="other")
    made = a_backfill(stage, spec)
    clock.advance(timedelta(minutes=1).total_seconds())
    a_backfill(stage, other)
    with stage.db.begin() as tx:
        actions.cancel(tx, made.id)
    with stage.db.read() as tx:
        every, total = backfills.listing(tx, dag_ids=None, is_open=None, page=Page(), order=Order("id", True))
        still, _ = backfills.listing(tx, dag_ids=["dag", "other"], is_open=True, page=Page(), order=Order("id"))
        assert backfills.open_dags(tx) == {"other"}
    assert (total, [row.dag_id for row in every], [row.dag_id for row in still]) == (2, ["other", "dag"], ["other"])
    assert every[0].triggering_user_name == "ann"
