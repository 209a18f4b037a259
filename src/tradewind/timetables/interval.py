"""A fixed period between runs: timedelta (elapsed time) or relativedelta (calendar)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.model.times import utc

from .base import AirflowTimetableInvalid, DagRunInfo, DataInterval, TimeRestriction, Timetable
from .deltas import Delta, decode_delta, encode_delta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DeltaDataIntervalTimetable(Timetable):
    """Runs whose data intervals follow one another, each ``delta`` long, from the DAG's start date on."""

    def __init__(self, delta: Delta) -> None:
        self._delta = delta

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeltaDataIntervalTimetable) and self._delta == other._delta

    def __hash__(self) -> int:
        return hash(self._delta)

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> DeltaDataIntervalTimetable:
        return cls(decode_delta(data["delta"]))

    def serialize(self) -> dict[str, Any]:
        return {"delta": encode_delta(self._delta)}

    @property
    def summary(self) -> str:
        return str(self._delta)

    def validate(self) -> None:
        reference = datetime(2000, 1, 1, tzinfo=UTC)
        if (reference + self._delta) <= reference:
            raise AirflowTimetableInvalid(f"schedule interval must be positive, not {self._delta!r}")

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self._delta, run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        earliest = self._earliest(restriction)
        if last_automated_data_interval is None:
            start = earliest
        else:
            last_end = utc(last_automated_data_interval.end)
            start = last_end if earliest is None else max(last_end, earliest)
        if start is None or (restriction.latest is not None and start > restriction.latest):
            return None
        return DagRunInfo.interval(start, start + self._delta)

    def _earliest(self, restriction: TimeRestriction) -> datetime | None:
        earliest = None if restriction.earliest is None else utc(restriction.earliest)
        if restriction.catchup:
            return earliest
        now = restriction.moment()
        # Periods are laid out from the epoch, so that the answer does not depend on the second of asking.
        period: timedelta = (now + self._delta) - now
        latest_whole = now - (now - _EPOCH) % period - self._delta
        return latest_whole if earliest is None else max(latest_whole, earliest)


class DeltaTriggerTimetable(Timetable):
    """A run each ``delta`` after the last; its data interval ends there and begins ``interval`` before. The first one
    is at the start date, or at once when there is none."""

    def __init__(self, delta: Delta, *, interval: Delta = timedelta()) -> None:
        self._delta = delta
        self._interval = interval

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeltaTriggerTimetable) and self.serialize() == other.serialize()

    def __hash__(self) -> int:
        return hash((self._delta, self._interval))

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> DeltaTriggerTimetable:
        return cls(decode_delta(data["delta"]), interval=decode_delta(data["interval"]))

    def serialize(self) -> dict[str, Any]:
        return {"delta": encode_delta(self._delta), "interval": encode_delta(self._interval)}

    @property
    def summary(self) -> str:
        return str(self._delta)

    def validate(self) -> None:
        DeltaDataIntervalTimetable(self._delta).validate()

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self._interval, run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        earliest = None if restriction.earliest is None else utc(restriction.earliest)
        last = last_automated_data_interval
        following = None if last is None else utc(last.end) + self._delta
        if restriction.catchup:
            at = following or earliest or restriction.moment()
        else:
            at = max(moment for moment in (restriction.moment(), following, earliest) if moment is not None)
        if restriction.latest is not None and at > restriction.latest:
            return None
        return DagRunInfo.interval(at - self._interval, at)
