"""Missed service level agreements: for which dates a task should have been done by now, and was not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from tradewind.timetables.base import DataInterval, TimeRestriction, Timetable

MOST_DATES = 60
"""How many of the latest dates are looked at. Airflow looks at all since the last success, be it years ago; the
scheduler's loop must not take longer for a task that has rested for long."""


def missed(
    timetable: Timetable,
    last_done: DataInterval,
    sla: float,
    *,
    now: datetime,
    known: Collection[datetime] = (),
) -> tuple[datetime, ...]:
    """Logical dates after the task's last success (or skip) whose SLA, in seconds, is over, without those known."""
    return over(dates_after(timetable, last_done, now), sla, now=now, known=known)


def over(
    dates: Iterable[datetime], sla: float, *, now: datetime, known: Collection[datetime] = ()
) -> tuple[datetime, ...]:
    """Those of ``dates`` whose SLA is over and that are not known."""
    return tuple(date for date in dates if date not in known and date + timedelta(seconds=sla) < now)


def dates_after(timetable: Timetable, last_done: DataInterval, now: datetime) -> tuple[datetime, ...]:
    """The schedule's dates after a task's last success, until now; of many the latest.

    As in Airflow 2.10 the date right after the last success is never among them: the count begins with the one after
    it, and the DAG's own dates bound nothing.
    """
    bounds = TimeRestriction(earliest=None, latest=None, catchup=True, now=now)
    found: list[datetime] = []
    upcoming = timetable.next_dagrun_info(last_automated_data_interval=last_done, restriction=bounds)
    while upcoming is not None and upcoming.logical_date < now:
        following = timetable.next_dagrun_info(last_automated_data_interval=upcoming.data_interval, restriction=bounds)
        if following is None:
            break
        step = following.logical_date - upcoming.logical_date
        reach = step * (MOST_DATES + 1)
        if step and now - following.logical_date > 2 * reach:
            # Far behind: go on from a moment as many steps before now as are looked at.
            moment = now - reach
            following = timetable.next_dagrun_info(
                last_automated_data_interval=DataInterval(moment - step, moment), restriction=bounds
            )
            if following is None:
                break
        found.append(following.logical_date)
        upcoming = following
    return tuple(found[-MOST_DATES:])
