"""Timetables that Airflow 3 has and 2.10 has not, against a real 3.3.2's answers (support/record_timetables_3.py)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tradewind.timetables import registry
from tradewind.timetables.base import DataInterval, TimeRestriction, Timetable
from tradewind.timetables.cron import CronTriggerTimetable, MultipleCronTriggerTimetable
from tradewind.timetables.interval import DeltaTriggerTimetable

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "golden" / "timetables_3.json").read_text())
TIMETABLES: dict[str, Timetable] = {
    "trig": CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=False),
    "soon": CronTriggerTimetable("15 * * * *", timezone="UTC", run_immediately=False),
    "now": CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=True),
    "within": CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=timedelta(hours=5)),
    "beyond": CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=timedelta(hours=4)),
    "two": MultipleCronTriggerTimetable("0 6 * * *", "30 9 * * 3", timezone="UTC"),
    "two_now": MultipleCronTriggerTimetable("0 6 * * *", "30 9 1 * *", timezone="UTC", run_immediately=True),
    "delta": DeltaTriggerTimetable(timedelta(hours=6)),
    "back": DeltaTriggerTimetable(timedelta(hours=6), interval=timedelta(hours=2)),
}


def moment(text: str | None) -> datetime | None:
    """A recorded date."""
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize("kind", TIMETABLES)
def test_the_next_run_is_airflows(kind: str) -> None:
    cases = [case for case in GOLDEN["next"] if case[0] == kind]
    assert cases
    for _, catchup, earliest, latest, last, expected in cases:
        previous = None if last is None else DataInterval(*map(datetime.fromisoformat, last))
        bounds = TimeRestriction(moment(earliest), moment(latest), catchup, moment(GOLDEN["now"]))
        info = TIMETABLES[kind].next_dagrun_info(last_automated_data_interval=previous, restriction=bounds)
        found = info and [str(info.run_after), str(info.data_interval.start), str(info.data_interval.end)]
        assert found == expected, (catchup, earliest, latest, last)


@pytest.mark.parametrize("kind", TIMETABLES)
def test_a_timetable_survives_its_serialised_form(kind: str) -> None:
    timetable = TIMETABLES[kind]
    built = registry.build(registry.to_spec(timetable))
    assert built == timetable
    assert built.serialize() == timetable.serialize()
