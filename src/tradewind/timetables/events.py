"""Runs at given moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tradewind.model.times import utc

from .base import AirflowTimetableInvalid, DagRunInfo, DataInterval, TimeRestriction, Timetable


class EventsTimetable(Timetable):
    """A run at each of ``event_dates`` (sorted, each once). ``restrict_to_events``: a manual run is about the newest
    event that is past, or else the first."""

    def __init__(
        self,
        event_dates: Iterable[datetime],
        restrict_to_events: bool = False,
        presorted: bool = False,
        description: str | None = None,
    ) -> None:
        # Sorting what is sorted is cheap; ``presorted`` is taken for Airflow's sake only.
        self.event_dates = sorted({utc(date) for date in event_dates})
        self.restrict_to_events = restrict_to_events
        if not self.event_dates:
            raise AirflowTimetableInvalid("EventsTimetable needs at least one event date")
        self._summary = description or f"{len(self.event_dates)} events"
        self.description = description or (
            f"{len(self.event_dates)} events between {self.event_dates[0]} and {self.event_dates[-1]}"
        )
        self._given_description = description

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EventsTimetable) and self.serialize() == other.serialize()

    def __hash__(self) -> int:
        return hash((tuple(self.event_dates), self.restrict_to_events))

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> EventsTimetable:
        dates = [datetime.fromisoformat(text) for text in data["event_dates"]]
        return cls(dates, data.get("restrict_to_events", False), description=data.get("description"))

    def serialize(self) -> dict[str, Any]:
        return {
            "event_dates": [str(date) for date in self.event_dates],
            "restrict_to_events": self.restrict_to_events,
            "description": self._given_description,
        }

    @property
    def summary(self) -> str:
        return self._summary

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        if not self.restrict_to_events:
            return DataInterval.exact(run_after)
        past = [date for date in self.event_dates if date <= run_after]
        return DataInterval.exact(past[-1] if past else self.event_dates[0])

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        dates: Iterable[datetime] = self.event_dates
        if last_automated_data_interval is not None:
            last = utc(last_automated_data_interval.end)
            dates = (date for date in dates if date > last)
        earliest = restriction.earliest
        if not restriction.catchup:
            now = restriction.moment()
            earliest = now if earliest is None else max(now, earliest)
        upcoming = next((date for date in dates if earliest is None or date >= earliest), None)
        if upcoming is None or (restriction.latest is not None and upcoming > restriction.latest):
            return None
        return DagRunInfo.exact(upcoming)
