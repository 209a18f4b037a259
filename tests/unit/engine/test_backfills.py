"""Plans of backfills: which dates, what becomes of those that have a run, and what a run of one is made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from unit.engine.specs import a_dag, a_task

from tradewind.engine import backfills, run_creation
from tradewind.engine.backfills import BackfillWish, ExistingRun, PlannedRun, RunOptions
from tradewind.model.errors import InvalidInput
from tradewind.model.spec import DagSpec
from tradewind.model.states import ReprocessBehavior, RunState
from tradewind.timetables.base import Timetable
from tradewind.timetables.cron import CronDataIntervalTimetable
from tradewind.timetables.simple import ContinuousTimetable, NullTimetable

DAILY = CronDataIntervalTimetable("@daily", "UTC")
NOW = datetime(2024, 1, 20, 12, tzinfo=UTC)
FAILED, COMPLETED, NONE = ReprocessBehavior.FAILED, ReprocessBehavior.COMPLETED, ReprocessBehavior.NONE


def day(number: int) -> datetime:
    """A midnight of January 2024, or after."""
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number - 1)


def planned(
    first: int, last: int, existing: dict[int, RunState] | None = None, **wish: object
) -> tuple[PlannedRun, ...]:
    """The plan for a daily DAG."""
    there = {day(number): ExistingRun(f"r{number}", state) for number, state in (existing or {}).items()}
    wanted = BackfillWish(from_date=day(first), to_date=day(last), **wish)  # type: ignore[arg-type]
    return backfills.plan(a_dag(a_task("t")), DAILY, wanted, there, NOW)


def shown(plan: tuple[PlannedRun, ...]) -> list[tuple[int, str]]:
    """Days and actions."""
    return [(one.run.logical_date.day, one.action) for one in plan]


def test_every_date_of_the_range_whose_interval_is_over_is_run() -> None:
    assert shown(planned(17, 25)) == [(17, "create"), (18, "create"), (19, "create")]
    assert shown(planned(3, 3)) == [(3, "create")]


def test_backwards_the_latest_is_first() -> None:
    assert shown(planned(1, 3, run_backwards=True)) == [(3, "create"), (2, "create"), (1, "create")]


@pytest.mark.parametrize(
    ("state", "behavior", "action", "reason"),
    [
        (RunState.SUCCESS, NONE, "skip", "already exists"),
        (RunState.FAILED, NONE, "skip", "already exists"),
        (RunState.SUCCESS, FAILED, "skip", "already exists"),
        (RunState.FAILED, FAILED, "rerun", None),
        (RunState.SUCCESS, COMPLETED, "rerun", None),
        (RunState.FAILED, COMPLETED, "rerun", None),
        (RunState.RUNNING, COMPLETED, "skip", "in flight"),
        (RunState.QUEUED, FAILED, "skip", "in flight"),
        (RunState.RUNNING, NONE, "skip", "in flight"),
    ],
)
def test_a_date_that_has_a_run(state: RunState, behavior: ReprocessBehavior, action: str, reason: str | None) -> None:
    [one] = planned(5, 5, {5: state}, reprocess_behavior=behavior)
    assert (one.action, one.reason, one.existing) == (action, reason, ExistingRun("r5", state))


@given(
    first=some.integers(1, 18),
    length=some.integers(0, 30),
    states=some.dictionaries(some.integers(1, 30), some.sampled_from(list(RunState))),
    behavior=some.sampled_from(list(ReprocessBehavior)),
    backwards=some.booleans(),
)
def test_a_plan_has_each_past_date_once_in_order_and_touches_no_open_run(
    first: int, length: int, states: dict[int, RunState], behavior: ReprocessBehavior, backwards: bool
) -> None:
    plan = planned(first, first + length, states, reprocess_behavior=behavior, run_backwards=backwards)
    dates = [one.run.logical_date for one in plan]
    assert sorted(dates, reverse=backwards) == dates
    assert set(dates) == {day(number) for number in range(first, min(first + length, 19) + 1)}
    for one in plan:
        is_open = one.existing is not None and one.existing.state in (RunState.QUEUED, RunState.RUNNING)
        assert one.run.run_after <= NOW
        assert one.action == "skip" or not is_open
        assert (one.action == "create") == (one.existing is None)
        assert (one.reason is not None) == (one.action == "skip")


PAST = a_dag(a_task("t", depends_on_past=True))


@pytest.mark.parametrize(
    ("spec", "timetable", "wish", "word"),
    [
        (a_dag(a_task("t")), NullTimetable(), {}, "no schedule"),
        (a_dag(a_task("t")), ContinuousTimetable(), {}, "no schedule"),
        (a_dag(a_task("t")), DAILY, {"to_date": day(1)}, "before from_date"),
        (a_dag(a_task("t")), DAILY, {"from_date": day(40), "to_date": day(50)}, "future"),
        (a_dag(a_task("t")), DAILY, {"max_active_runs": 0}, "max_active_runs"),
        (PAST, DAILY, {}, "reprocess_behavior"),
        (PAST, DAILY, {"run_backwards": True, "reprocess_behavior": COMPLETED}, "backwards"),
    ],
    ids=["no schedule", "continuous", "the wrong way round", "future", "no run", "past", "past backwards"],
)
def test_what_cannot_be_meant_is_refused(
    spec: DagSpec, timetable: Timetable, wish: dict[str, object], word: str
) -> None:
    wanted = BackfillWish(**{"from_date": day(2), "to_date": day(4), **wish})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=word):
        backfills.check(spec, timetable, wanted, NOW)


def test_a_range_with_too_many_dates_is_refused() -> None:
    minutes = CronDataIntervalTimetable("* * * * *", "UTC")
    wish = BackfillWish(from_date=day(1), to_date=day(19))
    with pytest.raises(InvalidInput, match="at most"):
        backfills.plan(a_dag(a_task("t")), minutes, wish, {}, NOW)


def test_only_some_tasks_run_when_options_say_so() -> None:
    spec = a_dag(a_task("a"), a_task("b"), a_task("c"), edges="a>b>c")
    rows = run_creation.task_instances_for(spec, run_id="r", logical_date=day(1))
    states = {
        row.task_id: row.state for row in backfills.adjusted(spec, rows, RunOptions(task_ids=("b",), pool="slow"), NOW)
    }
    assert states == {"a": "success", "b": None, "c": "skipped"}
    assert backfills.matching_tasks(spec, ["b"], with_upstream=True) == ("a", "b")
    assert backfills.matching_tasks(spec, ["b", "gone"], with_upstream=False) == ("b",)


def test_pool_retries_and_marking_are_said_to_every_task() -> None:
    spec = a_dag(a_task("t", retries=3))
    rows = run_creation.task_instances_for(spec, run_id="r", logical_date=day(1))
    [row] = backfills.adjusted(spec, rows, RunOptions(pool="slow", disable_retry=True), NOW)
    assert (row.pool, row.max_tries, row.state) == ("slow", 0, None)
    [marked] = backfills.adjusted(spec, rows, RunOptions(mark_success=True), NOW)
    assert (marked.state, marked.max_tries) == ("success", 3)
