"""The scheduler over a real database, with a worker that the test plays."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.scheduler_stage import Stage, chain, stage_on

from tradewind.model.changes import TaskChange
from tradewind.model.decisions import NextRun
from tradewind.model.outcomes import Failed, Rescheduled, Succeeded
from tradewind.model.records import Pool, RunKey, TaskKey
from tradewind.model.spec import ExpandSpec, LengthSpec, TimetableSpec
from tradewind.model.states import RunState, TaskState
from tradewind.storage import failures
from tradewind.storage.database import Database
from tradewind.wire import callback_journal
from tradewind.wire import messages as wire


@pytest.fixture
def stage(database: Database, clock: Any, tmp_path: Path) -> Iterator[Stage]:
    with stage_on(database, clock, tmp_path) as made:
        made.start()
        yield made


def finish_all(stage: Stage, attempts: list[wire.Attempt]) -> None:
    for attempt in attempts:
        stage.begin(attempt)
        stage.end(attempt, Succeeded())


def test_a_triggered_run_goes_through_its_tasks_to_success(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a", "b")))
    stage.turns()
    [first] = stage.worker.take()
    assert first.task_id == "a"
    assert stage.states(run) == {"a": "queued", "b": None}

    assert isinstance(stage.begin(first), wire.Ok)
    assert stage.states(run) == {"a": "running", "b": None}
    stage.end(first, Succeeded())
    [second] = stage.worker.take()
    assert (second.task_id, stage.states(run)) == ("b", {"a": "success", "b": "queued"})

    stage.begin(second)
    stage.end(second, Succeeded())
    assert stage.stored(run).state is RunState.SUCCESS


def test_a_late_message_with_an_old_token_changes_nothing(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a")))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    mark(stage, run, "a", TaskState.FAILED)
    reply = stage.end(attempt, Succeeded())
    assert isinstance(reply, wire.Refused)
    assert reply.code == "stale"
    assert stage.states(run) == {"a": "failed"}


def test_an_attempt_whose_task_was_marked_is_killed(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a")))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    mark(stage, run, "a", TaskState.SUCCESS)
    stage.turns()
    assert [kill.token for kill in stage.worker.kills] == [attempt.token]


def mark(stage: Stage, run: RunKey, task_id: str, state: TaskState) -> None:
    """What the API does in its process."""
    change = TaskChange(
        run=run,
        key=TaskKey(task_id),
        old_states=frozenset({TaskState.RUNNING}),
        values={"state": state, "token": None},
        event=f"task.{state}",
    )
    with stage.db.begin() as tx:
        assert tx.task_instances.apply([change]) != [None]


def test_a_failed_try_waits_for_its_retry_delay(stage: Stage, clock: Any) -> None:
    run = stage.run(stage.dag(*chain("a", retries=1, retry_delay=60.0)))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.end(attempt, Failed(error="boom"))
    row = stage.row(run, "a")
    assert (row.state, row.try_number) == ("up_for_retry", 1)

    clock.advance(59)
    stage.turns()
    assert stage.worker.take() == []
    clock.advance(2)
    stage.turns()
    [again] = stage.worker.take()
    assert (again.try_number, again.token != attempt.token) == (2, True)
    stage.begin(again)
    stage.end(again, Failed(error="ValueError: boom\nand more"))
    assert (stage.row(run, "a").state, stage.stored(run).state) == ("failed", "failed")
    with stage.db.read() as tx:
        assert failures.errors_of(tx, run, TaskKey("a")) == {1: "boom", 2: "ValueError: boom"}


def test_a_rescheduled_sensor_keeps_its_try(stage: Stage, clock: Any) -> None:
    run = stage.run(stage.dag(*chain("a")))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.end(attempt, Rescheduled(at=clock.now() + timedelta(seconds=30)))
    assert stage.states(run) == {"a": "up_for_reschedule"}
    clock.advance(31)
    stage.turns()
    [again] = stage.worker.take()
    assert again.try_number == 1
    assert again.first_start_date == clock.now() - timedelta(seconds=31)


def test_a_killed_process_is_a_failed_try(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a")))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.gone(attempt, signal=9)
    assert (stage.states(run), stage.stored(run).state) == ({"a": "failed"}, "failed")


def test_a_process_that_never_began_is_queued_again_as_the_same_try(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a")))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.gone(attempt, code_started=False, signal=9)
    [again] = stage.worker.take()
    assert (again.try_number, again.token != attempt.token) == (1, True)
    assert stage.states(run) == {"a": "queued"}


def test_attempts_of_a_dead_worker_are_rescued_at_once(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a", retries=1, retry_delay=0.0)))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.executor.is_alive = False
    stage.drop_worker()
    assert stage.row(run, "a").state in ("up_for_retry", "scheduled")
    stage.executor.is_alive = True
    stage.new_worker()
    [again] = stage.worker.take()
    assert again.try_number == 2


def test_a_worker_that_only_lost_its_scheduler_goes_on(stage: Stage) -> None:
    run = stage.run(stage.dag(*chain("a", "b")))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.restart_scheduler()
    stage.worker.hello(attempt.token)
    stage.turns()
    assert stage.worker.welcome is not None
    assert stage.worker.welcome.kill == ()
    assert stage.states(run) == {"a": "running", "b": None}
    stage.end(attempt, Succeeded())
    assert [one.task_id for one in stage.worker.take()] == ["b"]


def test_an_end_that_was_said_twice_counts_once(stage: Stage) -> None:
    """The first scheduler committed it and died before it answered."""
    run = stage.run(stage.dag(*chain("a", "b", has_on_success_callback=True)))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    first = stage.end(attempt, Succeeded())
    stage.restart_scheduler()
    stage.worker.hello(attempt.token)
    stage.turns()
    second = stage.end(attempt, Succeeded())
    assert isinstance(first, wire.Finished)
    assert second == first
    assert stage.row(run, "a").try_number == 1
    assert stage.worker.callbacks == [], "its own process runs the callback"


def test_a_callback_whose_process_died_is_launched_again(stage: Stage) -> None:
    stage.run(stage.dag(*chain("a", has_on_success_callback=True)))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    reply = stage.end(attempt, Succeeded())
    assert isinstance(reply, wire.Finished)
    [(number, kind)] = reply.callbacks
    stage.gone(attempt, signal=9)
    [again] = stage.worker.callbacks
    assert (again.callback_id, again.kind, kind) == (number, "success", "success")


def test_a_callback_that_is_in_the_journal_is_not_launched_again(stage: Stage) -> None:
    stage.run(stage.dag(*chain("a", has_on_success_callback=True)))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    reply = stage.end(attempt, Succeeded())
    assert isinstance(reply, wire.Finished)
    callback_journal.note(stage.folder / "run", reply.callbacks[0][0])
    stage.gone(attempt, signal=9)
    assert stage.worker.callbacks == []
    with stage.db.read() as tx:
        assert tx.callbacks.pending() == []


def test_the_callback_of_a_run_is_launched_when_it_ends(stage: Stage) -> None:
    stage.run(stage.dag(*chain("a"), has_on_failure_callback=True))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.end(attempt, Failed(error="boom"))
    [callback] = stage.worker.callbacks
    assert (callback.kind, callback.reason, callback.attempt.task_id) == ("dag_failure", "task_failure", "a")


def test_no_more_runs_start_than_max_active_runs(stage: Stage, clock: Any) -> None:
    spec = stage.dag(*chain("a"), max_active_runs=1)
    first = stage.run(spec, "r1")
    clock.advance(1)
    second = stage.run(spec, "r2")
    stage.turns()
    assert (stage.stored(first).state, stage.stored(second).state) == ("running", "queued")
    finish_all(stage, stage.worker.take())
    assert (stage.stored(first).state, stage.stored(second).state) == ("success", "running")


def test_a_pool_gives_its_slots_to_the_heaviest_first(stage: Stage) -> None:
    with stage.db.begin() as tx:
        tx.pools.create(Pool(name="narrow", slots=1))
    light, heavy = chain("light")[0], chain("heavy")[0]
    spec = stage.dag(
        replace(light, pool="narrow", effective_weight=1), replace(heavy, pool="narrow", effective_weight=9)
    )
    stage.run(spec)
    stage.turns()
    [first] = stage.worker.take()
    assert first.task_id == "heavy"
    finish_all(stage, [first])
    assert [one.task_id for one in stage.worker.take()] == ["light"]


def test_a_worker_gets_no_more_than_its_capacity(database: Database, clock: Any, tmp_path: Path) -> None:
    with stage_on(database, clock, tmp_path) as stage:
        stage.start(capacity=2)
        stage.run(stage.dag(*(chain(name)[0] for name in "abcd")))
        stage.turns()
        launched = stage.worker.take()
        assert len(launched) == 2
        finish_all(stage, launched)
        assert len(stage.worker.take()) == 2


def test_a_scheduler_keeps_nothing_of_runs_that_are_over(stage: Stage, clock: Any) -> None:
    spec = stage.dag(*chain("a", "b", retries=1, retry_delay=0.0))

    def go_through(run_id: str) -> None:
        clock.advance(1)
        stage.run(spec, run_id)
        stage.turns()
        [first] = stage.worker.take()
        stage.begin(first)
        stage.end(first, Failed(error="once"))
        for _ in range(2):
            finish_all(stage, stage.worker.take())
        stage.worker.replies.clear()

    for number in range(3):
        go_through(f"warm_{number}")
    before = objects_kept()
    for number in range(20):
        go_through(f"later_{number}")
    assert stage.stored(RunKey("dag", "later_19")).state is RunState.SUCCESS
    more = objects_kept() - before
    assert not {name: count for name, count in more.items() if count >= 20}


def objects_kept() -> Counter[str]:
    """Living objects of our own and of the containers, by type."""
    gc.collect()
    kinds = Counter(type(one) for one in gc.get_objects())
    ours = (kind for kind in kinds if str(kind.__module__).startswith("tradewind.") or kind in (dict, list, set, tuple))
    return Counter({f"{kind.__module__}.{kind.__qualname__}": kinds[kind] for kind in ours})


def test_a_run_over_its_timeout_fails_and_its_tasks_are_skipped(stage: Stage, clock: Any) -> None:
    run = stage.run(stage.dag(*chain("a", "b"), dagrun_timeout=60.0))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    clock.advance(61)
    stage.turns()
    assert stage.stored(run).state is RunState.FAILED
    assert stage.states(run) == {"a": "skipped", "b": None}
    assert [kill.token for kill in stage.worker.kills] == [attempt.token]


def test_fail_stop_skips_what_has_not_ended(stage: Stage) -> None:
    run = stage.run(stage.dag(*(chain(name)[0] for name in "ab"), fail_stop=True))
    stage.turns()
    first, second = stage.worker.take()
    stage.begin(first)
    stage.begin(second)
    stage.end(first, Failed(error="boom"))
    assert set(stage.states(run).values()) == {"failed", "skipped"}
    assert [kill.token for kill in stage.worker.kills] == [second.token]


def test_a_scheduled_run_is_made_when_it_is_due(stage: Stage, clock: Any) -> None:
    start = clock.now().replace(hour=0)
    timetable = TimetableSpec(kind="cron_interval", args={"expression": "@daily", "timezone": "UTC"})
    upcoming = NextRun(
        logical_date=start,
        data_interval_start=start,
        data_interval_end=start + timedelta(days=1),
        create_after=start + timedelta(days=1),
    )
    stage.dag(*chain("a"), timetable=timetable, start_date=start, next=upcoming)
    stage.turns()
    assert stage.worker.take() == []
    clock.advance(12 * 3600 + 1)
    stage.turns()
    [attempt] = stage.worker.take()
    assert attempt.run_id == f"scheduled__{start.isoformat()}"
    with stage.db.read() as tx:
        row = tx.dags.get("dag")
    assert row is not None
    assert row.next_dagrun == start + timedelta(days=1)


def test_a_paused_dag_keeps_its_runs_waiting(stage: Stage) -> None:
    spec = stage.dag(*chain("a"))
    with stage.db.begin() as tx:
        tx.dags.set_paused(["dag"], True)
    stage.turns()
    run = stage.run(spec)
    stage.turns()
    assert (stage.stored(run).state, stage.worker.take()) == ("queued", [])
    with stage.db.begin() as tx:
        tx.dags.set_paused(["dag"], False)
    stage.turns()
    assert [one.task_id for one in stage.worker.take()] == ["a"]


def test_a_list_is_mapped_over(stage: Stage) -> None:
    make, use = chain("make", "use")
    length = LengthSpec(kind="xcom", task_id="make")
    spec = stage.dag(make, replace(use, is_mapped=True, expand=ExpandSpec(kind="dict", arguments={"x": length})))
    run = stage.run(spec)
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.end(attempt, Succeeded(), xcoms=(wire.XComItem(key="return_value", value="[1,2,3]", length=3),))
    launched = stage.worker.take()
    assert sorted(one.map_index for one in launched) == [0, 1, 2]
    assert launched[0].map_lengths == {"make": {-1: 3}}
    finish_all(stage, launched)
    assert stage.stored(run).state is RunState.SUCCESS


def test_attempts_of_a_dead_worker_are_rescued_although_the_next_one_is_there_already(stage: Stage) -> None:
    """A supervisor is quick: another process has the home's lock before the scheduler looks."""
    run = stage.run(stage.dag(*chain("a", retries=1, retry_delay=0.0)))
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.executor.pid = 2
    stage.drop_worker()
    assert stage.row(run, "a").state in ("up_for_retry", "scheduled")
