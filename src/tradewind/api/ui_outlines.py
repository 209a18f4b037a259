"""The outlines of all DAGs that a user may read, and when each will run: read once for each version."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from tradewind.serde.outline import Outline, outline
from tradewind.storage import ui_dags
from tradewind.timetables.base import AirflowTimetableInvalid, DataInterval, TimeRestriction, Timetable
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


class Planner:
    """The runs that schedules will make before ``until``, as seen at ``now``: at most ``most`` of each DAG. DAGs of one
    rhythm, of which there are many, are worked out once."""

    def __init__(self, now: datetime, until: datetime, most: int) -> None:
        self._now = now
        self._until = until
        self._most = most
        self._timetables: dict[tuple[str, bytes], Timetable | None] = {}
        self._known: dict[tuple[object, ...], list[tuple[datetime, datetime]]] = {}

    def of(self, row: Any, schedule: Outline) -> list[tuple[datetime, datetime]]:
        """(logical date, moment) of the runs of a DAG, the next ones first. None of one that is paused; only the next
        one of a timetable that is not ours."""
        upcoming, at = row.next_dagrun, row.next_dagrun_create_after
        if row.is_paused or upcoming is None or at is None or at >= self._until:
            return []
        rhythm = (schedule.timetable.kind, msgspec.json.encode(schedule.timetable.args, order="sorted"))
        timetable = self._timetable(rhythm, schedule)
        if timetable is None:
            return [(upcoming, at)]
        last = DataInterval(
            row.next_dagrun_data_interval_start or upcoming, row.next_dagrun_data_interval_end or upcoming
        )
        key = (rhythm, upcoming, at, last, schedule.end_date, schedule.catchup)
        if key not in self._known:
            self._known[key] = self._follow(timetable, upcoming, at, last, schedule)
        return self._known[key]

    def _timetable(self, rhythm: tuple[str, bytes], schedule: Outline) -> Timetable | None:
        if rhythm not in self._timetables:
            try:
                self._timetables[rhythm] = build(schedule.timetable)
            except AirflowTimetableInvalid:
                self._timetables[rhythm] = None
        return self._timetables[rhythm]

    def _follow(
        self, timetable: Timetable, upcoming: datetime, at: datetime, last: DataInterval, schedule: Outline
    ) -> list[tuple[datetime, datetime]]:
        found: list[tuple[datetime, datetime]] = []
        while at < self._until and len(found) < self._most:
            found.append((upcoming, at))
            # What begins after a planned run lies after the start date; and once it is yet to come, nothing is skipped.
            bounds = TimeRestriction(None, schedule.end_date, schedule.catchup or at > self._now, self._now)
            info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=bounds)
            # A timetable that does not get on (once, continuous) has no more to plan.
            if info is None or info.run_after <= at:
                break
            upcoming, at, last = info.logical_date, info.run_after, info.data_interval
        return found
