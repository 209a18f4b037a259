"""Missed service level agreements are those that a real Airflow 2.10.5 noted at noon of 10 March 2024."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tradewind.engine.slas import MOST_DATES, missed
from tradewind.timetables.base import DataInterval, Timetable
from tradewind.timetables.cron import CronDataIntervalTimetable
from tradewind.timetables.interval import DeltaDataIntervalTimetable

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
DAILY = CronDataIntervalTimetable("@daily", UTC)
WEEKLY = CronDataIntervalTimetable("@weekly", UTC)
HALF = DeltaDataIntervalTimetable(timedelta(hours=12))
DAY = timedelta(days=1)


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"2024-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timetable", "start", "length", "sla", "expected"),
    [
        pytest.param(DAILY, "03-05", DAY, 3600, ["03-07", "03-08", "03-09", "03-10"], id="not the date right after"),
        pytest.param(DAILY, "03-05", DAY, 2 * 86400, ["03-07", "03-08"], id="long"),
        pytest.param(DAILY, "03-05", DAY, 86400, ["03-07", "03-08", "03-09"], id="a day"),
        pytest.param(DAILY, "03-07", DAY, 60, ["03-09", "03-10"], id="late success"),
        pytest.param(DAILY, "03-09", DAY, 60, [], id="nothing missed"),
        pytest.param(HALF, "03-08", DAY / 2, 7200, ["03-09", "03-09T12:00", "03-10"], id="timedelta"),
        pytest.param(DAILY, "03-06", DAY, 60, ["03-08", "03-09", "03-10"], id="a DAG that begins later"),
        pytest.param(WEEKLY, "02-11", 7 * DAY, 60, ["02-25", "03-03", "03-10"], id="weekly"),
    ],
)
def test_dates_that_are_noted(
    timetable: Timetable, start: str, length: timedelta, sla: float, expected: list[str]
) -> None:
    last = DataInterval(day(start), day(start) + length)
    assert missed(timetable, last, sla, now=NOW) == tuple(day(text) for text in expected)
    known = {day(text) for text in expected[:1]}
    assert missed(timetable, last, sla, now=NOW, known=known) == tuple(day(text) for text in expected[1:])


class CountingTimetable(CronDataIntervalTimetable):
    """Counts how often it is asked."""

    asked = 0

    def next_dagrun_info(self, **given):  # type: ignore[no-untyped-def]
        self.asked += 1
        return super().next_dagrun_info(**given)


def test_of_a_task_that_rested_for_years_only_the_latest_dates_are_looked_at() -> None:
    steps = CountingTimetable("*/2 * * * *", UTC)
    began = datetime(2021, 1, 1, tzinfo=UTC)
    found = missed(steps, DataInterval(began, began + timedelta(minutes=2)), 60, now=NOW + timedelta(minutes=1))
    assert found[-1] == NOW - timedelta(minutes=2)
    assert len(found) <= MOST_DATES
    assert found[0] >= NOW - timedelta(minutes=2) * (MOST_DATES + 3)
    assert steps.asked < 4 * MOST_DATES
