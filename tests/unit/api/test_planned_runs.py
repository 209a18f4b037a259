"""Which runs schedules will make: those of the timeline and the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tradewind.api import ui_outlines
from tradewind.api.ui_outlines import Planner
from tradewind.model.spec import TimetableSpec
from tradewind.serde.outline import Outline

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURLY = TimetableSpec(kind="cron_interval", args={"expression": "0 * * * *", "timezone": "UTC"})


def a_row(at: datetime = NOW - HOUR / 2, *, is_paused: bool = False) -> Any:
    """A DAG whose next run is for the hour from ``at`` on."""
    return SimpleNamespace(
        is_paused=is_paused,
        next_dagrun=at,
        next_dagrun_create_after=at + HOUR,
        next_dagrun_data_interval_start=at,
        next_dagrun_data_interval_end=at + HOUR,
    )


def hours(found: list[tuple[datetime, datetime]]) -> list[int]:
    return [logical.hour for logical, _ in found]


def test_plans_go_on_from_the_next_run_to_the_end_of_the_span() -> None:
    found = Planner(NOW, NOW + 3 * HOUR, 100).of(a_row(), Outline("a", HOURLY))
    assert hours(found) == [12, 13, 14]
    assert [at - logical for logical, at in found] == [HOUR] * 3
    assert hours(Planner(NOW, NOW + 30 * HOUR, 2).of(a_row(), Outline("a", HOURLY))) == [12, 13]


@pytest.mark.parametrize(("catchup", "expected"), [(True, [9, 10, 11, 12]), (False, [9, 11, 12])])
def test_without_catchup_what_lies_before_the_last_whole_hour_is_left_out(catchup: bool, expected: list[int]) -> None:
    late = a_row(NOW - 3.5 * HOUR)
    assert hours(Planner(NOW, NOW + HOUR, 100).of(late, Outline("a", HOURLY, catchup=catchup))) == expected


def test_nothing_is_planned_after_the_end_date_or_of_a_paused_dag() -> None:
    planner = Planner(NOW, NOW + 9 * HOUR, 100)
    assert hours(planner.of(a_row(), Outline("a", HOURLY, end_date=NOW + HOUR))) == [12, 13]
    assert planner.of(a_row(is_paused=True), Outline("a", HOURLY)) == []


def test_a_timetable_of_a_plugin_has_the_run_that_is_known() -> None:
    assert hours(Planner(NOW, NOW + 9 * HOUR, 100).of(a_row(), Outline("a", TimetableSpec(kind="custom")))) == [12]


def test_dags_of_one_rhythm_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[TimetableSpec] = []
    original = ui_outlines.build
    monkeypatch.setattr(ui_outlines, "build", lambda spec: built.append(spec) or original(spec))
    planner = Planner(NOW, NOW + 3 * HOUR, 100)
    first, second = (planner.of(a_row(), Outline(name, HOURLY)) for name in "ab")
    assert first is second
    assert len(built) == 1
