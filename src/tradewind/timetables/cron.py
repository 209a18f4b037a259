"""Cron expressions as timetables: with data intervals between the ticks, or without.

A schedule at given hours follows the wall clock over a change of clocks; one that recurs every hour counts elapsed
time, so that it misses and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from typing import Any

from croniter import CroniterBadCronError, CroniterBadDateError, CroniterNotAlphaError, croniter

from tradewind.model.times import utc

from .base import AirflowTimetableInvalid, DagRunInfo, DataInterval, TimeRestriction, Timetable
from .deltas import Delta, decode_delta, encode_delta
from .zones import moment_of, parse_zone, wall_clock, zone_name

PRESETS: Mapping[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
"""Names that Airflow knows beside @once and @continuous."""

_BAD_CRON = (CroniterBadCronError, CroniterBadDateError, CroniterNotAlphaError)


class CronSchedule:
    """The ticks of one cron expression in one zone. Moments are UTC."""

    def __init__(self, expression: str, zone: tzinfo) -> None:
        self.expression = PRESETS.get(expression, expression)
        self.zone = zone

    def check(self) -> None:
        """Raises AirflowTimetableInvalid with croniter's reason when the expression cannot be used."""
        try:
            croniter(self.expression)
        except _BAD_CRON as error:
            raise AirflowTimetableInvalid(str(error)) from None

    @cached_property
    def _parsed(self) -> croniter:
        """The expression, parsed once: that costs more than a step. Copied for each, since steps change it."""
        return croniter(self.expression)

    @cached_property
    def recurs_hourly(self) -> bool:
        """Whether it ticks in every hour: then time is counted as it passes, not as the wall shows it."""
        return bool(self._parsed.expanded[1] == ["*"])

    def after(self, moment: datetime) -> datetime:
        """The first tick after ``moment``."""
        return self._step(moment, forward=True)

    def before(self, moment: datetime) -> datetime:
        """The last tick before ``moment``."""
        return self._step(moment, forward=False)

    def at_or_after(self, moment: datetime) -> datetime:
        """``moment`` when it is a tick, else the next tick."""
        following = self.after(moment)
        return moment if self.before(following) == moment else following

    def at_or_before(self, moment: datetime) -> datetime:
        """``moment`` when it is a tick, else the tick before."""
        preceding = self.before(moment)
        return moment if self.after(preceding) == moment else preceding

    def _step(self, moment: datetime, *, forward: bool) -> datetime:
        wall = wall_clock(moment, self.zone)
        ticks = copy(self._parsed)
        ticks.set_current(wall)
        tick = ticks.get_next(datetime) if forward else ticks.get_prev(datetime)
        if self.recurs_hourly:
            return moment.astimezone(UTC) + (tick - wall)
        return moment_of(tick, self.zone)


_SHORTLY = timedelta(minutes=5)


class _CronTimetable(Timetable):
    """What both cron timetables share: expression, zone, texts."""

    def __init__(self, cron: str, timezone: str | int | tzinfo) -> None:
        self._schedule = CronSchedule(cron, parse_zone(timezone))
        self._expression = self._schedule.expression
        self._timezone = self._schedule.zone
        self._schedule.check()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.serialize() == other.serialize()

    def __hash__(self) -> int:
        return hash((type(self), self._expression, str(self._timezone)))

    @property
    def description(self) -> str:  # type: ignore[override]
        """The expression in words; empty when it has none (seconds, hashes)."""
        return describe(self._expression)

    @property
    def summary(self) -> str:
        return self._expression

    def validate(self) -> None:
        self._schedule.check()

    def serialize(self) -> dict[str, Any]:
        return {"expression": self._expression, "timezone": zone_name(self._timezone)}


class CronDataIntervalTimetable(_CronTimetable):
    """A run for each period between two ticks, made at the second one."""

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> CronDataIntervalTimetable:
        return cls(data["expression"], data["timezone"])

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        end = self._schedule.at_or_before(utc(run_after))
        return DataInterval(self._schedule.before(end), end)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        earliest = self._earliest(restriction)
        if last_automated_data_interval is None:
            start = earliest
        else:
            last_end = self._schedule.at_or_before(utc(last_automated_data_interval.end))
            start = last_end if earliest is None else max(last_end, earliest)
        if start is None or (restriction.latest is not None and start > restriction.latest):
            return None
        return DagRunInfo.interval(start, self._schedule.after(start))

    def _earliest(self, restriction: TimeRestriction) -> datetime | None:
        earliest = None if restriction.earliest is None else self._schedule.at_or_after(utc(restriction.earliest))
        if restriction.catchup:
            return earliest
        # Without catchup nothing before the last whole period counts.
        latest_whole = self._schedule.before(self._schedule.at_or_before(restriction.moment()))
        return latest_whole if earliest is None else max(latest_whole, earliest)


class CronTriggerTimetable(_CronTimetable):
    """A run at each tick; its data interval ends there and begins ``interval`` before.

    ``run_immediately`` decides about the first run of a DAG without a start date: True: the last tick's, at once; a
    time: that one when it is no longer ago; False: when it is no longer ago than a tenth of the time between ticks, or
    five minutes; otherwise the next tick's. None: as Airflow 2, which wants a start date.
    """

    def __init__(
        self,
        cron: str,
        *,
        timezone: str | int | tzinfo,
        interval: Delta = timedelta(),
        run_immediately: bool | timedelta | None = None,
    ) -> None:
        super().__init__(cron, timezone)
        self._interval = interval
        self._run_immediately = run_immediately

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> CronTriggerTimetable:
        interval = decode_delta(data.get("interval", 0.0))
        immediately = decode_immediately(data.get("run_immediately"))
        return cls(data["expression"], timezone=data["timezone"], interval=interval, run_immediately=immediately)

    def serialize(self) -> dict[str, Any]:
        kept = {**super().serialize(), "interval": encode_delta(self._interval)}
        if self._run_immediately is not None:
            kept["run_immediately"] = encode_immediately(self._run_immediately)
        return kept

    def without_start_date(self) -> None:
        """Let the first run of a DAG without a start date be decided as Airflow 3 does, unless that was said."""
        if self._run_immediately is None:
            self._run_immediately = False

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return DataInterval(run_after - self._interval, run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        tick = self._next_tick(last_automated_data_interval, restriction)
        if tick is None or (restriction.latest is not None and tick > restriction.latest):
            return None
        return DagRunInfo.interval(tick - self._interval, tick)

    def _next_tick(self, last: DataInterval | None, restriction: TimeRestriction) -> datetime | None:
        after_last = None if last is None else self._schedule.after(utc(last.end))
        from_start = None if restriction.earliest is None else self._schedule.at_or_after(utc(restriction.earliest))
        if last is None and restriction.earliest is None and self._run_immediately is not None:
            return self._first_tick(restriction.moment(), self._run_immediately)
        if restriction.catchup:
            return after_last if after_last is not None else from_start
        newest = self._schedule.at_or_before(restriction.moment())
        return max(tick for tick in (newest, after_last, from_start) if tick is not None)

    def _first_tick(self, now: datetime, immediately: bool | timedelta) -> datetime:
        newest, following = self._schedule.at_or_before(now), self._schedule.at_or_after(now)
        if immediately is True:
            return newest
        allowed = immediately if isinstance(immediately, timedelta) else max((following - newest) / 10, _SHORTLY)
        return newest if now - newest <= allowed else following


class MultipleCronTriggerTimetable(Timetable):
    """A run at each tick of several cron expressions."""

    def __init__(
        self,
        *crons: str,
        timezone: str | int | tzinfo,
        interval: Delta = timedelta(),
        run_immediately: bool | timedelta = False,
    ) -> None:
        if not crons:
            raise ValueError("cron expression required")
        self._timetables = tuple(
            CronTriggerTimetable(cron, timezone=timezone, interval=interval, run_immediately=run_immediately)
            for cron in crons
        )
        self.description = ", ".join(each.description for each in self._timetables)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MultipleCronTriggerTimetable) and self._timetables == other._timetables

    def __hash__(self) -> int:
        return hash(self._timetables)

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> MultipleCronTriggerTimetable:
        immediately = decode_immediately(data["run_immediately"])
        interval = decode_delta(data["interval"])
        assert immediately is not None
        return cls(*data["expressions"], timezone=data["timezone"], interval=interval, run_immediately=immediately)

    def serialize(self) -> dict[str, Any]:
        parts = [each.serialize() for each in self._timetables]
        return {**parts[0], "expressions": [part["expression"] for part in parts]}

    @property
    def summary(self) -> str:
        return ", ".join(each.summary for each in self._timetables)

    def validate(self) -> None:
        for each in self._timetables:
            each.validate()

    def infer_manual_data_interval(self, *, run_after: datetime) -> DataInterval:
        return self._timetables[0].infer_manual_data_interval(run_after=run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        # Without catchup the latest, not the next: so Airflow does it.
        choose = min if restriction.catchup else max
        infos = [
            each.next_dagrun_info(last_automated_data_interval=last_automated_data_interval, restriction=restriction)
            for each in self._timetables
        ]
        return choose((info for info in infos if info is not None), key=lambda info: info.run_after, default=None)


def encode_immediately(value: bool | timedelta) -> bool | float:
    """``run_immediately`` as JSON: seconds for a time."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def decode_immediately(value: bool | float | None) -> bool | timedelta | None:
    """What ``encode_immediately`` wrote."""
    return value if value is None or isinstance(value, bool) else timedelta(seconds=value)


@lru_cache(maxsize=512)
def describe(expression: str) -> str:
    """A cron expression in English, 24-hour clock; "" for what has no description."""
    if len(expression.split()) > 5:
        return ""
    # Heavy, and only people read the result: not for the scheduler.
    from cron_descriptor import (  # type: ignore[import-untyped]
        CasingTypeEnum,
        ExpressionDescriptor,
        FormatException,
        MissingFieldException,
    )

    try:
        descriptor = ExpressionDescriptor(expression, casing_type=CasingTypeEnum.Sentence, use_24hour_time_format=True)
        croniter(expression)
        text: str = descriptor.get_description()
    except (*_BAD_CRON, FormatException, MissingFieldException, AttributeError):
        return ""
    return text
