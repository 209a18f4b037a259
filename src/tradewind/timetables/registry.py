"""Timetables as specs and back: all built-in kinds. A third party's is ``custom``: only the plugin host builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tradewind.model.spec import TimetableSpec

from .base import AirflowTimetableInvalid, Timetable
from .cron import CronDataIntervalTimetable, CronTriggerTimetable, MultipleCronTriggerTimetable
from .datasets import DatasetOrTimeSchedule, DatasetTriggeredTimetable
from .events import EventsTimetable
from .interval import DeltaDataIntervalTimetable, DeltaTriggerTimetable
from .partitions import CronPartitionTimetable, PartitionedAssetTimetable, PartitionedAtRuntime
from .simple import ContinuousTimetable, NullTimetable, OnceTimetable

_KINDS: Mapping[type[Timetable], str] = {
    NullTimetable: "none",
    OnceTimetable: "once",
    ContinuousTimetable: "continuous",
    CronDataIntervalTimetable: "cron_interval",
    DeltaDataIntervalTimetable: "delta_interval",
    CronTriggerTimetable: "cron_trigger",
    MultipleCronTriggerTimetable: "multiple_cron_trigger",
    DeltaTriggerTimetable: "delta_trigger",
    CronPartitionTimetable: "cron_partition",
    PartitionedAssetTimetable: "partitioned_dataset",
    PartitionedAtRuntime: "partitioned_at_runtime",
    EventsTimetable: "events",
    DatasetTriggeredTimetable: "dataset",
    DatasetOrTimeSchedule: "dataset_or_time",
}


def to_spec(timetable: Timetable) -> TimetableSpec:
    """How a parsed DAG keeps its timetable. A subclass of ours by a third party is custom too."""
    kind = _KINDS.get(type(timetable), "custom")
    return TimetableSpec(
        kind=kind,
        args=_arguments(kind, timetable),
        summary=timetable.summary,
        description=timetable.description,
        can_be_scheduled=timetable.can_be_scheduled,
        periodic=timetable.periodic,
    )


TimetableBuilder = Callable[[TimetableSpec], Timetable]
"""Makes the timetable of a spec."""


def build(spec: TimetableSpec, custom: TimetableBuilder | None = None) -> Timetable:
    """The timetable of a spec. ``custom`` makes those of plugins; without it they raise AirflowTimetableInvalid: their
    code is not ours to import here."""
    if spec.kind == "dataset_or_time":
        return DatasetOrTimeSchedule(timetable=build(spec_from_json(spec.args["timetable"]), custom))
    if spec.kind == "custom" and custom is not None:
        return custom(spec)
    make = _BUILDERS.get(spec.kind)
    if make is None:
        raise AirflowTimetableInvalid(
            f"timetable {spec.summary or spec.kind!r} is not built in; ask the plugin host about it"
        )
    return make(spec.args)


def spec_from_json(data: Mapping[str, Any]) -> TimetableSpec:
    """A spec nested in another one's arguments."""
    return TimetableSpec(**data)


def _arguments(kind: str, timetable: Timetable) -> Mapping[str, Any]:
    if isinstance(timetable, DatasetOrTimeSchedule):
        inner = to_spec(timetable.timetable)
        names = ("kind", "args", "summary", "description", "can_be_scheduled", "periodic")
        return {"timetable": {name: getattr(inner, name) for name in names}}
    if kind == "dataset":
        return {}
    if kind != "custom":
        return timetable.serialize()
    cls = type(timetable)
    args: dict[str, Any] = {"class": f"{cls.__module__}.{cls.__qualname__}", "args": timetable.serialize()}
    if timetable.active_runs_limit is not None:
        args["active_runs_limit"] = timetable.active_runs_limit
    if cls.generate_run_id is not Timetable.generate_run_id:
        args["own_run_ids"] = True
    return args


def is_custom(spec: TimetableSpec) -> bool:
    """Whether a plugin's code must be asked."""
    if spec.kind == "dataset_or_time":
        return is_custom(spec_from_json(spec.args["timetable"]))
    return spec.kind == "custom"


_BUILDERS: Mapping[str, Callable[[Mapping[str, Any]], Timetable]] = {
    kind: cls.deserialize for cls, kind in _KINDS.items() if kind != "dataset_or_time"
}
