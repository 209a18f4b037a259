"""The Timetable interface, as DAG authors and plugins extend it, and the values that it speaks in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from tradewind.model.times import SystemClock, utc


class AirflowTimetableInvalid(ValueError):
    """A timetable cannot be used as it is written; the name is the one that DAG files catch."""


class DataInterval(NamedTuple):
    """The period of data that a run is about: ``start`` inclusive, ``end`` exclusive."""

    start: datetime
    end: datetime

    @classmethod
    def exact(cls, at: datetime) -> Self:
        """An interval that starts and ends at the same moment."""
        return cls(start=at, end=at)


class TimeRestriction(NamedTuple):
    """Bounds of a DAG's runs: its first and last logical date, and whether missed ones are caught up.

    ``now`` is the moment of asking, for timetables that look at the time; None asks the system.
    """

    earliest: datetime | None
    latest: datetime | None
    catchup: bool
    now: datetime | None = None

    def moment(self) -> datetime:
        """``now`` in UTC."""
        return utc(self.now) if self.now is not None else SystemClock().now()


class DagRunInfo(NamedTuple):
    """The next run: ``run_after`` is the earliest moment at which it may be created."""

    run_after: datetime
    data_interval: DataInterval

    @classmethod
    def exact(cls, at: datetime) -> Self:
        """A run at a moment, about no period."""
        return cls(run_after=at, data_interval=DataInterval.exact(at))

    @classmethod
    def interval(cls, start: datetime, end: datetime) -> Self:
        """A run about a period, made when the period is over."""
        return cls(run_after=end, data_interval=DataInterval(start, end))

    @property
    def logical_date(self) -> datetime:
        """Start of the data interval: what identifies the run."""
        return self.data_interval.start


class Timetable:
    """When a DAG runs and about which data. Subclasses give the next run and the interval of a manual one."""

    description: str = ""
    """A sentence for people, e.g. "At 00:00"."""
    periodic: bool = True
    """Whether runs come again and again, one period after the other."""
    can_be_scheduled: bool = True
    """False: never a run of its own accord."""
    run_ordering: Sequence[str] = ("data_interval_end", "execution_date")
    """Columns by which lists of the DAG's runs are ordered."""
    active_runs_limit: int | None = None
    """An upper bound for the DAG's ``max_active_runs``; None for no bound."""
    dataset_condition: Any = None

    @property
    def summary(self) -> str:
        """What lists show as the schedule; by default the class's name."""
        return type(self).__name__

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> Timetable:  # noqa: ARG003 for subclasses
        """The timetable that ``serialize`` described."""
        return cls()

    def serialize(self) -> dict[str, Any]:
        """JSON-able arguments from which ``deserialize`` makes it again."""
        return {}

    def validate(self) -> None:
        """Raises AirflowTimetableInvalid when the timetable cannot work."""

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        """The data interval of a run that somebody triggers at ``run_after``."""
        raise NotImplementedError(f"{type(self).__name__} must define infer_manual_data_interval()")

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The run after the last scheduled one, or None when there is none within the restriction."""
        raise NotImplementedError(f"{type(self).__name__} must define next_dagrun_info()")

    def generate_run_id(
        self, *, run_type: Any, logical_date: datetime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """The id of a run: its type and the logical date in UTC."""
        kind = getattr(run_type, "value", run_type)
        return f"{kind}__{logical_date.astimezone(UTC).isoformat()}"
