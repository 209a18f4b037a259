"""The outlines of all DAGs that a user may read, and when each will run: read once for each version."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from tradewind.serde.outline import Outline, outline
from tradewind.storage import ui_dags
from tradewind.timetables.base import AirflowTimetableInvalid, DataInterval, TimeRestriction
from tradewind.timetables.registry import build

from .call import Call


class Outlines:
    """Outlines by version id. Thread-safe; versions that are not the newest any more are forgotten."""

    def __init__(self) -> None:
        self._kept: dict[int, Outline] = {}
        self._lock = threading.Lock()

    def of(self, call: Call, readable: Collection[str] | None) -> list[tuple[Any, Outline]]:
        """Row and outline of each active DAG, by id."""
        rows = ui_dags.version_rows(call.tx, readable)
        missing = [row.version_id for row in rows if row.version_id not in self._kept]
        fresh = {number: outline(data) for number, data in ui_dags.version_data(call.tx, missing)}
        with self._lock:
            known = self._kept
            if readable is None:
                newest = {row.version_id for row in rows}
                known = {number: each for number, each in known.items() if number in newest}
            self._kept = known = {**known, **fresh}
        return [(row, known[row.version_id]) for row in rows if row.version_id in known]


def outlines(call: Call, readable: Collection[str] | None) -> list[tuple[Any, Outline]]:
    """Row and outline of each DAG that may be read."""
    return call.services.kept("outlines", Outlines).of(call, readable)


def planned(row: Any, schedule: Outline, now: datetime, until: datetime, most: int) -> list[tuple[datetime, datetime]]:
    """(logical date, moment) of the runs that a DAG's schedule will make before ``until``, the next ones first. None of
    a DAG that is paused or has a timetable that is not ours."""
    upcoming, at = row.next_dagrun, row.next_dagrun_create_after
    if row.is_paused or upcoming is None or at is None:
        return []
    try:
        timetable = build(schedule.timetable)
    except AirflowTimetableInvalid:
        return [(upcoming, at)] if at < until else []
    last = DataInterval(
        row.next_dagrun_data_interval_start or upcoming, row.next_dagrun_data_interval_end or upcoming + timedelta()
    )
    bounds = TimeRestriction(schedule.start_date, schedule.end_date, schedule.catchup, now)
    found: list[tuple[datetime, datetime]] = []
    while at < until and len(found) < most:
        found.append((upcoming, at))
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=bounds)
        # A timetable that does not get on (once, continuous) has no more to plan.
        if info is None or info.run_after <= at:
            break
        upcoming, at, last = info.logical_date, info.run_after, info.data_interval
    return found
