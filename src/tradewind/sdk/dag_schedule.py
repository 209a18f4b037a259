"""What user code asks a DAG about its schedule: neighbours of a date, runs between dates, intervals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tradewind.timetables.base import DataInterval, TimeRestriction

from .dates import as_pendulum, as_zoned


class DagSchedule:
    """The part of DAG that answers for its timetable."""

    dag_id: str
    timetable: Any
    start_date: datetime | None
    end_date: datetime | None
    catchup: bool

    def _restriction(self, *, restricted: bool) -> TimeRestriction:
        if not restricted:
            return TimeRestriction(earliest=None, latest=None, catchup=True)
        return TimeRestriction(earliest=self.start_date, latest=self.end_date, catchup=self.catchup)

    def next_dagrun_info(self, last_automated_dagrun: Any, *, restricted: bool = True) -> Any:
        """The run after the last scheduled one (a date or data interval), or None."""
        last: DataInterval | None = None
        if isinstance(last_automated_dagrun, datetime):
            last = self.infer_automated_data_interval(last_automated_dagrun)
        elif last_automated_dagrun is not None:
            last = DataInterval(last_automated_dagrun.start, last_automated_dagrun.end)
        return self.timetable.next_dagrun_info(
            last_automated_data_interval=last, restriction=self._restriction(restricted=restricted)
        )

    def infer_automated_data_interval(self, logical_date: datetime) -> DataInterval:
        """The data interval of the scheduled run of this date."""
        before = self.timetable.infer_manual_data_interval(run_after=as_zoned(logical_date))
        if before.start == before.end or not self.timetable.periodic:
            return DataInterval(before.start, before.end)
        restriction = TimeRestriction(earliest=None, latest=None, catchup=True)
        info = self.timetable.next_dagrun_info(
            last_automated_data_interval=DataInterval(before.start, before.end), restriction=restriction
        )
        return DataInterval(before.start, before.end) if info is None else info.data_interval

    def get_run_data_interval(self, run: Any) -> DataInterval:
        """The data interval of a run."""
        if run.data_interval_start is not None and run.data_interval_end is not None:
            return DataInterval(run.data_interval_start, run.data_interval_end)
        return self.infer_automated_data_interval(run.logical_date)

    def following_schedule(self, dttm: datetime) -> Any:
        """The date of the schedule after this one, or None."""
        info = self.next_dagrun_info(as_zoned(dttm), restricted=False)
        return None if info is None else as_pendulum(info.data_interval.start)

    def previous_schedule(self, dttm: datetime) -> Any:
        """The date of the schedule before this one, or None."""
        if not self.timetable.can_be_scheduled:
            return None
        return as_pendulum(self.timetable.infer_manual_data_interval(run_after=as_zoned(dttm)).start)

    def iter_dagrun_infos_between(
        self, earliest: datetime | None, latest: datetime, *, align: bool = True
    ) -> Iterator[Any]:
        """The runs that the schedule makes between two dates (both included). Raises ValueError without a start."""
        first = earliest or self.start_date
        if first is None:
            raise ValueError("earliest was None and we had no value in time_restriction to fallback on")
        restriction = TimeRestriction(earliest=first, latest=latest, catchup=True)
        last: DataInterval | None = None
        while True:
            info = self.timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
            if info is None or info.logical_date > latest:
                return
            yield info
            last = info.data_interval

    def get_run_dates(self, start_date: datetime, end_date: datetime) -> list[Any]:
        """Dates of the schedule's runs between two dates."""
        return [as_pendulum(info.logical_date) for info in self.iter_dagrun_infos_between(start_date, end_date)]

    @property
    def is_paused(self) -> bool | None:
        """Whether the DAG is paused; None when that cannot be asked here."""
        return self.get_is_paused()

    def get_is_paused(self, session: Any = None) -> bool | None:
        """Whether the DAG is paused; None when that cannot be asked here."""
        from .runtime import find  # pulls in the wire messages, which plain authoring does not need

        runtime = find()
        info = None if runtime is None else runtime.get_dag_info(self.dag_id)
        return None if info is None else bool(info["is_paused"])
