"""Runs by dataset events, alone or together with a schedule. The events themselves are the scheduler's matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from .simple import _MomentTimetable


class DatasetTriggeredTimetable(_MomentTimetable):
    """``schedule=[Dataset(…), …]``: a run when the datasets were updated. ``dataset_condition`` is the author's
    expression object; only serde looks into it."""

    description = "Triggered by datasets"

    def __init__(self, datasets: Any = None) -> None:
        self.dataset_condition = datasets

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> DatasetTriggeredTimetable:
        return cls(data.get("dataset_condition"))

    @property
    def summary(self) -> str:
        return "Dataset"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        return None


class DatasetOrTimeSchedule(Timetable):
    """A run at each tick of ``timetable``, and one when the datasets were updated."""

    def __init__(self, *, timetable: Timetable, datasets: Any = None, assets: Any = None) -> None:
        """``assets`` is Airflow 3's word for ``datasets``."""
        self.timetable = timetable
        self.dataset_condition = assets if datasets is None else datasets
        self.description = f"Triggered by datasets or {timetable.description}"
        self.periodic = timetable.periodic
        self.can_be_scheduled = timetable.can_be_scheduled
        self.active_runs_limit = timetable.active_runs_limit

    @property
    def summary(self) -> str:
        return f"Dataset or {self.timetable.summary}"

    def validate(self) -> None:
        self.timetable.validate()

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return self.timetable.infer_manual_data_interval(run_after=run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        return self.timetable.next_dagrun_info(
            last_automated_data_interval=last_automated_data_interval, restriction=restriction
        )
