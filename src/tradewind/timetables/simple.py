"""Timetables without a period: never, once, continuously."""

from __future__ import annotations

from datetime import datetime

from tradewind.model.times import utc

from .base import DagRunInfo, DataInterval, TimeRestriction, Timetable


class _MomentTimetable(Timetable):
    """Manual runs are about a moment; runs are ordered by logical date."""

    periodic = False
    run_ordering = ("execution_date",)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self))

    def __hash__(self) -> int:
        return hash(type(self))

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval.exact(run_after)


class NullTimetable(_MomentTimetable):
    """``schedule=None``: only manual runs."""

    can_be_scheduled = False
    description = "Never, external triggers only"

    @property
    def summary(self) -> str:
        return "None"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        return None


class OnceTimetable(_MomentTimetable):
    """``@once``: one run, at the start date."""

    description = "Once, as soon as possible"

    @property
    def summary(self) -> str:
        return "@once"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        if last_automated_data_interval is not None or restriction.earliest is None:
            return None
        at = utc(restriction.earliest)
        if restriction.latest is not None and at > restriction.latest:
            return None
        return DagRunInfo.exact(at)


class ContinuousTimetable(_MomentTimetable):
    """``@continuous``: the next run as soon as the last one is over."""

    description = "As frequently as possible, but only one run at a time."
    active_runs_limit = 1

    @property
    def summary(self) -> str:
        return "@continuous"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        if restriction.earliest is None:
            return None
        now = restriction.moment()
        if last_automated_data_interval is not None:
            start, end = utc(last_automated_data_interval.end), now
        else:
            start = utc(restriction.earliest)
            end = max(start, now)
        if restriction.latest is not None and end > restriction.latest:
            return None
        return DagRunInfo.interval(start, end)
