"""Missed service level agreements: for which dates a task should have been done by now, and was not. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from tradewind.timetables.base import DataInterval, TimeRestriction, Timetable


def missed(
    timetable: Timetable,
    last_done: DataInterval,
    sla: float,
    *,
    now: datetime,
    known: Collection[datetime] = (),
) -> tuple[datetime, ...]:
    """Logical dates after the task's last success (or skip) whose SLA, in seconds, is over, without those known.

    As in Airflow 2.10 the date right after the last success is never among them: the count begins with the one after
    it, and the DAG's own dates bound nothing.
    """
    bounds = TimeRestriction(earliest=None, latest=None, catchup=True, now=now)
    found: list[datetime] = []
    upcoming = timetable.next_dagrun_info(last_automated_data_interval=last_done, restriction=bounds)
    while upcoming is not None and upcoming.logical_date < now:
        upcoming = timetable.next_dagrun_info(last_automated_data_interval=upcoming.data_interval, restriction=bounds)
        if upcoming is None:
            break
        date = upcoming.logical_date
        if date not in known and date + timedelta(seconds=sla) < now:
            found.append(date)
    return tuple(found)
