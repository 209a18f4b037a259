"""Asks a real Airflow 3.3.2 for the next runs of the timetables that Airflow 2.10 has not (or has otherwise), as JSON.

Run by hand with the Python of an environment with ``apache-airflow==3.3.2``; see record_examples_3.py.
"""

from __future__ import annotations

import itertools
import json
import sys
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pendulum
from airflow.timetables import interval, trigger
from airflow.timetables.base import DataInterval, TimeRestriction

NOW = "2024-06-05T10:17:33.123456+00:00"
TIMETABLES = {
    "trig": trigger.CronTriggerTimetable("0 6 * * *", timezone="UTC"),
    "soon": trigger.CronTriggerTimetable("15 * * * *", timezone="UTC"),
    "now": trigger.CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=True),
    "within": trigger.CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=timedelta(hours=5)),
    "beyond": trigger.CronTriggerTimetable("0 6 * * *", timezone="UTC", run_immediately=timedelta(hours=4)),
    "two": trigger.MultipleCronTriggerTimetable("0 6 * * *", "30 9 * * 3", timezone="UTC"),
    "two_now": trigger.MultipleCronTriggerTimetable("0 6 * * *", "30 9 1 * *", timezone="UTC", run_immediately=True),
    "delta": trigger.DeltaTriggerTimetable(timedelta(hours=6)),
    "back": trigger.DeltaTriggerTimetable(timedelta(hours=6), interval=timedelta(hours=2)),
}
EARLIEST = (None, "2024-06-01T07:30:00+00:00", "2024-06-20T00:00:00+00:00")
LATEST = (None, "2024-06-04T00:00:00+00:00")
LAST = (
    None,
    ("2024-06-02T00:00:00+00:00", "2024-06-02T00:00:00+00:00"),
    ("2024-06-05T06:00:00+00:00", "2024-06-05T06:00:00+00:00"),
)


def main() -> None:
    """All combinations."""
    now = pendulum.parse(NOW)
    cases = []
    with (
        mock.patch.object(trigger, "utcnow", lambda: now, create=True),
        mock.patch.object(interval, "utcnow", lambda: now, create=True),
    ):
        for name, catchup, earliest, latest, last in itertools.product(
            TIMETABLES, (False, True), EARLIEST, LATEST, LAST
        ):
            cases.append([name, catchup, earliest, latest, last, _next(name, catchup, earliest, latest, last)])
    json.dump({"now": NOW, "next": cases}, sys.stdout, indent=None)
    sys.stdout.write("\n")


def _next(name: str, catchup: bool, earliest: str | None, latest: str | None, last: Any) -> Any:
    bounds = TimeRestriction(_at(earliest), _at(latest), catchup)
    previous = None if last is None else DataInterval(_at(last[0]), _at(last[1]))
    info = TIMETABLES[name].next_dagrun_info(last_automated_data_interval=previous, restriction=bounds)
    if info is None:
        return None
    return [str(datetime.fromisoformat(str(each))) for each in (info.run_after, *info.data_interval)]


def _at(text: str | None) -> Any:
    return None if text is None else pendulum.parse(text)


if __name__ == "__main__":
    main()
