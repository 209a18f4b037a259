"""Which runs are due, and what they consist of. Sections 10 and 11 of the behaviour document."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from unit.engine.specs import a_dag, a_task, over_literal, over_xcom

from tradewind.engine import run_creation
from tradewind.engine.application import start_run
from tradewind.model.decisions import CreateRun, NextRun
from tradewind.model.records import DagRun
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, RunType
from tradewind.model.times import DataInterval
from tradewind.timetables.base import Timetable
from tradewind.timetables.cron import CronDataIntervalTimetable, CronTriggerTimetable
from tradewind.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable

NOW = datetime(2024, 1, 20, 12, tzinfo=UTC)
DAILY = CronDataIntervalTimetable("@daily", "UTC")


def day(number: int) -> datetime:
    """A day of January."""
    return datetime(2024, 1, number, tzinfo=UTC)


def a_schedule(**values: object) -> DagSpec:
    """A DAG from 1 January on."""
    return replace(a_dag(a_task("t"), start_date=day(1), max_active_runs=100), **values)  # type: ignore[arg-type]


def all_due(spec: DagSpec, timetable: Timetable, *, open_runs: int = 0) -> tuple[list[CreateRun], NextRun]:
    """Everything that is due now, one call after the other."""
    upcoming = run_creation.next_run(spec, timetable, None, now=NOW)
    created: list[CreateRun] = []
    while True:
        runs, upcoming = run_creation.due(
            spec, timetable, upcoming, open_runs=open_runs + len(created), now=NOW, limit=3
        )
        if not runs:
            return created, upcoming
        created += runs


def dates(runs: list[CreateRun]) -> list[int]:
    """Days of January."""
    return [run.logical_date.day for run in runs]


def test_catching_up_makes_every_missed_run() -> None:
    runs, upcoming = all_due(a_schedule(), DAILY)
    assert dates(runs) == list(range(1, 20))
    assert (upcoming.logical_date, upcoming.create_after) == (day(20), day(21))


def test_without_catchup_only_the_last_whole_interval_runs() -> None:
    runs, upcoming = all_due(a_schedule(catchup=False), DAILY)
    assert dates(runs) == [19]
    assert upcoming.logical_date == day(20)


@pytest.mark.parametrize(
    ("end", "expected"), [(day(4), [1, 2, 3, 4]), (day(1), [1]), (datetime(2023, 12, 1, tzinfo=UTC), [])]
)
def test_the_end_date_is_inclusive_and_nothing_follows(end: datetime, expected: list[int]) -> None:
    runs, upcoming = all_due(a_schedule(end_date=end), DAILY)
    assert dates(runs) == expected
    assert upcoming == NextRun()


def test_no_more_runs_than_may_be_open_and_the_date_stays_at_the_last() -> None:
    runs, upcoming = all_due(a_schedule(max_active_runs=2), DAILY)
    assert dates(runs) == [1, 2]
    assert (upcoming.logical_date, upcoming.create_after) == (day(2), None)
    freed = run_creation.next_run(
        a_schedule(max_active_runs=2), DAILY, DataInterval(day(2), day(3)), now=NOW, open_runs=1
    )
    assert (freed.logical_date, freed.create_after) == (day(3), day(4))


def test_once_runs_once_and_never_without_schedule() -> None:
    runs, upcoming = all_due(a_schedule(), OnceTimetable())
    assert (dates(runs), upcoming) == ([1], NextRun())
    assert all_due(a_schedule(), NullTimetable()) == ([], NextRun())


def test_a_continuous_timetable_has_one_open_run_at_most() -> None:
    runs, upcoming = all_due(a_schedule(), ContinuousTimetable())
    assert [(run.data_interval_start, run.data_interval_end) for run in runs] == [(day(1), NOW)]
    assert upcoming.create_after is None


def test_tasks_own_dates_in_default_args_serve_as_the_dags() -> None:
    spec = a_dag(a_task("t", start_date=day(3), end_date=day(5)), max_active_runs=100)
    assert dates(all_due(spec, DAILY)[0]) == [3, 4, 5]


def test_nothing_is_due_before_its_time() -> None:
    upcoming = NextRun(day(20), day(20), day(21), day(21))
    runs, same = run_creation.due(a_schedule(), DAILY, upcoming, open_runs=0, now=NOW)
    assert (runs, same) == ((), upcoming)


def test_run_ids_carry_type_and_date_in_utc() -> None:
    date = datetime(2024, 1, 1, 2, tzinfo=UTC).astimezone(tz=None)
    assert run_creation.run_id(RunType.SCHEDULED, date) == "scheduled__2024-01-01T02:00:00+00:00"
    assert run_creation.run_id(RunType.MANUAL, date).startswith("manual__")


def test_a_backfill_takes_both_dates() -> None:
    runs = run_creation.backfill(a_schedule(), DAILY, day(2), day(4), now=NOW)
    assert [run.logical_date.day for run in runs] == [2, 3, 4]
    assert run_creation.backfill(a_schedule(), DAILY, day(2), day(4), now=NOW, most=2) == runs[:2]
    assert run_creation.backfill(a_schedule(), NullTimetable(), day(2), day(4), now=NOW) == ()
    trigger = CronTriggerTimetable("@daily", timezone="UTC", interval=timedelta(days=1))
    assert [run.logical_date.day for run in run_creation.backfill(a_schedule(), trigger, day(2), day(4), now=NOW)] == [
        2,
        3,
    ]


def test_a_manual_run_of_a_cron_dag_is_about_the_last_whole_interval() -> None:
    date = datetime(2024, 3, 5, 6, 7, tzinfo=UTC)
    interval = run_creation.manual_interval(DAILY, date)
    assert interval == DataInterval(datetime(2024, 3, 4, tzinfo=UTC), datetime(2024, 3, 5, tzinfo=UTC))
    assert run_creation.manual_interval(NullTimetable(), date) == DataInterval(date, date)


def test_a_new_run_has_its_tasks_instances() -> None:
    spec = a_dag(
        a_task("plain", retries=2, pool="p", priority_weight=3, operator_name="@task"),
        a_task("literal", is_mapped=True, expand=over_literal(2)),
        a_task("mapped", is_mapped=True, expand=over_xcom("plain")),
        a_task("empty", is_mapped=True, expand=over_literal(0)),
        a_task("later", start_date=day(9)),
        a_task("over", end_date=day(1)),
        edges="plain>mapped",
    )
    rows = run_creation.task_instances_for(spec, run_id="r", logical_date=day(2))
    assert [(row.task_id, row.map_index) for row in rows if row.task_id != "plain"] == [
        ("literal", 0),
        ("literal", 1),
        ("empty", -1),
        ("mapped", -1),
    ]
    plain = next(row for row in rows if row.task_id == "plain")
    assert (plain.max_tries, plain.pool, plain.priority_weight, plain.state) == (2, "p", 4, None)
    assert (plain.try_number, plain.operator, plain.custom_operator_name) == (0, "PythonOperator", "@task")


def test_a_scheduled_run_is_made_queued_and_starts_once() -> None:
    create = CreateRun(day(1), day(1), day(2), day(2))
    new = run_creation.new_run(a_schedule(), create, now=NOW)
    assert (new.run_id, new.state) == ("scheduled__2024-01-01T00:00:00+00:00", RunState.QUEUED)
    run = DagRun(id=1, dag_id="d", run_id=new.run_id, run_type=new.run_type, state=new.state, logical_date=day(1))
    assert start_run(run, NOW).values == {
        "state": RunState.RUNNING,
        "start_date": NOW,
        "end_date": None,
        "last_scheduling_decision": NOW,
    }


def test_queued_runs_start_as_room_allows_and_not_before_their_date() -> None:
    assert run_creation.startable(5, 1, a_schedule(max_active_runs=3)) == 2
    assert run_creation.startable(5, 4, a_schedule(max_active_runs=3)) == 0
    run = DagRun(id=1, dag_id="d", run_id="r", run_type=RunType.MANUAL, state=RunState.QUEUED, logical_date=NOW)
    assert run_creation.may_start(run, NOW)
    assert not run_creation.may_start(run, NOW - timedelta(seconds=1))
    assert run_creation.may_start(run, NOW - timedelta(seconds=1), allow_future=True)
