"""Timetables of plugins, as the scheduler, the API and the command line see them: every question goes to whoever runs
their code (``ask``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tradewind.model.spec import TimetableSpec
from tradewind.timetables import registry
from tradewind.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from tradewind.wire.plugin_messages import (
    Found,
    HostQuestion,
    IntervalFound,
    ManualInterval,
    NewRunId,
    NextRunInfo,
    Nothing,
    PluginFailed,
    TimetableRef,
)

Ask = Callable[[HostQuestion], Nothing | IntervalFound | Found]


def builder(ask: Ask) -> registry.TimetableBuilder:
    """Builds any timetable; ``ask`` is called for those of plugins."""

    def build(spec: TimetableSpec) -> Timetable:
        return registry.build(spec, lambda custom: HostedTimetable(custom, ask))

    return build


class HostedTimetable(Timetable):
    """A plugin's timetable at a distance. Its methods raise what ``ask`` raises: PluginFailed."""

    def __init__(self, spec: TimetableSpec, ask: Ask) -> None:
        self._spec = spec
        self._ask = ask
        args: Mapping[str, Any] = spec.args
        self._ref = TimetableRef(classpath=str(args["class"]), args=args.get("args"))
        self.description = spec.description
        self.can_be_scheduled = spec.can_be_scheduled
        self.periodic = spec.periodic
        self.active_runs_limit = args.get("active_runs_limit")
        self._has_own_run_ids = bool(args.get("own_run_ids"))

    @property
    def summary(self) -> str:
        return self._spec.summary

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        answer = self._ask(ManualInterval(timetable=self._ref, run_after=run_after))
        if not isinstance(answer, IntervalFound):
            raise PluginFailed(f"timetable {self._ref.classpath} gave no data interval for {run_after.isoformat()}")
        return DataInterval(answer.start, answer.end)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        last = last_automated_data_interval
        answer = self._ask(
            NextRunInfo(
                timetable=self._ref,
                last=None if last is None else (last.start, last.end),
                earliest=restriction.earliest,
                latest=restriction.latest,
                catchup=restriction.catchup,
            )
        )
        if not isinstance(answer, IntervalFound):
            return None
        return DagRunInfo(answer.run_after or answer.end, DataInterval(answer.start, answer.end))

    def generate_run_id(
        self, *, run_type: Any, logical_date: datetime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        if not self._has_own_run_ids:
            return super().generate_run_id(run_type=run_type, logical_date=logical_date, data_interval=data_interval)
        answer = self._ask(
            NewRunId(
                timetable=self._ref,
                run_type=str(getattr(run_type, "value", run_type)),
                logical_date=logical_date,
                interval=None if data_interval is None else (data_interval[0], data_interval[1]),
            )
        )
        if not isinstance(answer, Found) or not isinstance(answer.value, str):
            raise PluginFailed(f"timetable {self._ref.classpath} gave no run id")
        return answer.value
