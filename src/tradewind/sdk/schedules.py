"""From the ``schedule`` argument to a timetable: None, presets, cron texts, time spans, datasets, timetables."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from tradewind.timetables.base import Timetable

from .assets import BaseDataset, Dataset, DatasetAll
from .exceptions import AirflowTimetableInvalid
from .types import ArgNotSet

if TYPE_CHECKING:
    pass

_SIMPLE = {"@once": "OnceTimetable", "@continuous": "ContinuousTimetable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChoice:
    """What a DAG's schedule arguments mean together."""

    timetable: Any
    schedule_interval: Any
    """As ``dag.schedule_interval`` shows it."""
    dataset_condition: BaseDataset | None = None


def choose_schedule(
    schedule: Any, schedule_interval: Any, timetable: Any, *, zone: tzinfo, level: int
) -> ScheduleChoice:
    """Read the three spellings of the schedule. Raises ValueError when more than one is used, and for a
    schedule that none of the kinds fits."""
    given = [value for value in (schedule, schedule_interval) if not isinstance(value, ArgNotSet)]
    if timetable is not None:
        given.append(timetable)
    real = [value for value in given if value is not None]
    if len(real) > 1:
        raise ValueError("At most one allowed for args 'schedule_interval', 'timetable', and 'schedule'.")
    if not given:
        value: Any = timedelta(days=1) if level < 3 else None
    else:
        value = real[0] if real else None
    return _read(value, zone, level)


def _read(value: Any, zone: tzinfo, level: int) -> ScheduleChoice:
    if isinstance(value, BaseDataset):
        return _by_datasets(value)
    if _is_timetable(value):
        if level >= 3 and hasattr(value, "without_start_date"):
            value.without_start_date()
        condition = getattr(value, "dataset_condition", None)
        if isinstance(condition, (list, tuple, set)):
            condition = DatasetAll(*condition)
        return ScheduleChoice(timetable=value, schedule_interval=_summary(value), dataset_condition=condition)
    if isinstance(value, Collection) and not isinstance(value, str):
        if not all(isinstance(item, BaseDataset) for item in value):
            raise ValueError("All elements in 'schedule' should be datasets or dataset aliases")
        return _by_datasets(DatasetAll(*value))
    return ScheduleChoice(timetable=make_timetable(value, zone, level), schedule_interval=value)


def _is_timetable(value: Any) -> bool:
    return isinstance(value, Timetable) or (
        hasattr(value, "next_dagrun_info") and hasattr(value, "infer_manual_data_interval")
    )


def _summary(timetable: Any) -> Any:
    delta = getattr(timetable, "_delta", None)
    return timetable.summary if delta is None else delta


def _by_datasets(condition: BaseDataset) -> ScheduleChoice:
    from tradewind.timetables.datasets import DatasetTriggeredTimetable  # most DAGs have no datasets

    timetable = DatasetTriggeredTimetable(condition)
    only_aliases = next(condition.iter_datasets(), None) is None
    shown = "Unresolved DatasetAlias" if only_aliases else "Dataset"
    return ScheduleChoice(timetable=timetable, schedule_interval=shown, dataset_condition=condition)


def make_timetable(interval: Any, zone: tzinfo, level: int = 2) -> Any:
    """The timetable of an interval: None, a preset, a cron text, a timedelta or relativedelta."""
    # croniter and dateutil are slow to import, so each kind is loaded when a DAG asks for it.
    if interval is None or interval == "@none":
        from tradewind.timetables.simple import NullTimetable

        return NullTimetable()
    if isinstance(interval, ArgNotSet):
        return make_timetable(timedelta(days=1), zone, level)
    if isinstance(interval, str):
        if interval in _SIMPLE:
            from tradewind.timetables import simple

            return getattr(simple, _SIMPLE[interval])()
        return _cron(interval, zone, level)
    if isinstance(interval, timedelta) or type(interval).__name__ == "relativedelta":
        from tradewind.timetables.interval import DeltaDataIntervalTimetable, DeltaTriggerTimetable

        if level >= 3:
            return DeltaTriggerTimetable(interval)
        return DeltaDataIntervalTimetable(interval)
    raise ValueError(f"{interval!r} is not a valid schedule_interval.")


def _cron(expression: str, zone: tzinfo, level: int) -> Any:
    from tradewind.timetables.cron import CronDataIntervalTimetable, CronTriggerTimetable

    try:
        if level >= 3:
            return CronTriggerTimetable(expression, timezone=zone, run_immediately=False)
        return CronDataIntervalTimetable(expression, zone)
    except ValueError as error:
        raise AirflowTimetableInvalid(str(error)) from error


ScheduleInterval = str | timedelta | None
"""What ``schedule_interval`` may be (a relativedelta too)."""

ScheduleArg = ScheduleInterval | Timetable | BaseDataset | Collection[Dataset]
"""What ``schedule`` may be."""
