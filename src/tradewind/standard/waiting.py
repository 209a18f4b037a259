"""Sensors for time: a time of day, a date, a span after the interval, a day of the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from tradewind.sdk import timezone
from tradewind.sdk.deferral import StartTriggerArgs
from tradewind.sdk.exceptions import AirflowSkipException
from tradewind.sdk.sensor import BaseSensorOperator
from tradewind.sdk.weekday import WeekDay
from tradewind.standard.branch import renamed_flag
from tradewind.standard.triggers import DateTimeTrigger, TimeDeltaTrigger


class TimeSensor(BaseSensorOperator):
    """Waits until a time of day, in the DAG's zone; when ``deferrable`` without a worker."""

    def __init__(
        self, *, target_time: dt.time, deferrable: bool = False, end_from_trigger: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.target_time = target_time
        self.deferrable = deferrable
        self.end_from_trigger = end_from_trigger

    def execute(self, context: Any) -> Any:
        """Poke, or leave it to a trigger."""
        if not self.deferrable:
            return super().execute(context)
        zone = self.dag.timezone
        today = dt.datetime.combine(timezone.utcnow().astimezone(zone), self.target_time)
        moment = timezone.convert_to_utc(timezone.make_aware(today, zone) if today.tzinfo is None else today)
        trigger = DateTimeTrigger(moment=moment, end_from_trigger=self.end_from_trigger)
        return self.defer(trigger=trigger, method_name="execute_complete")

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Nothing is left to do."""

    def poke(self, context: Any) -> bool:
        """Whether it is later."""
        self.log.info("Checking if the time (%s) has come", self.target_time)
        return timezone.make_naive(timezone.utcnow(), self.dag.timezone).time() > self.target_time


class TimeSensorAsync(BaseSensorOperator):
    """Waits until a time of day of the day the file was parsed, without a worker."""

    start_trigger_args: StartTriggerArgs = StartTriggerArgs(
        trigger_cls="airflow.triggers.temporal.DateTimeTrigger",
        trigger_kwargs={"moment": "", "end_from_trigger": False},
        next_method="execute_complete",
        next_kwargs=None,
        timeout=None,
    )
    start_from_trigger = False

    def __init__(
        self,
        *,
        target_time: dt.time,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        end_from_trigger: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.start_from_trigger = start_from_trigger
        self.end_from_trigger = end_from_trigger
        self.target_time = target_time
        zone = self.dag.timezone
        today = dt.datetime.combine(timezone.utcnow().astimezone(zone), target_time)
        self.target_datetime = timezone.convert_to_utc(
            timezone.make_aware(today, zone) if today.tzinfo is None else today
        )
        if start_from_trigger:
            self.start_trigger_args = replace(
                self.start_trigger_args,
                trigger_kwargs={"moment": self.target_datetime, "end_from_trigger": end_from_trigger},
            )

    def execute(self, context: Any) -> NoReturn:
        """Leave it to a trigger."""
        self.defer(
            trigger=DateTimeTrigger(moment=self.target_datetime, end_from_trigger=self.end_from_trigger),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Nothing is left to do."""


class TimeDeltaSensor(BaseSensorOperator):
    """Waits until ``delta`` after the end of the run's data interval; when ``deferrable`` without a worker."""

    _has_time_limit = True
    """Whether ``timeout`` holds while it is deferred."""

    def __init__(
        self, *, delta: dt.timedelta, deferrable: bool = False, end_from_trigger: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.delta = delta
        self.deferrable = deferrable
        self.end_from_trigger = end_from_trigger

    def execute(self, context: Any) -> Any:
        """Poke, or leave it to a trigger, unless the moment has passed."""
        if not self.deferrable:
            return super().execute(context)
        target = context["data_interval_end"] + self.delta
        if timezone.utcnow() > target:
            return True
        try:
            trigger = DateTimeTrigger(moment=target, end_from_trigger=self.end_from_trigger)
        except (TypeError, ValueError) as error:
            if self.soft_fail:
                raise AirflowSkipException("Skipping due to soft_fail is set to True.") from error
            raise
        limit = dt.timedelta(seconds=self.timeout) if self._has_time_limit else None
        return self.defer(trigger=trigger, method_name="execute_complete", timeout=limit)

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Nothing is left to do."""

    def poke(self, context: Any) -> bool:
        """Whether that moment has passed."""
        target = context["data_interval_end"] + self.delta
        self.log.info("Checking if the time (%s) has come", target)
        return bool(timezone.utcnow() > target)


class TimeDeltaSensorAsync(TimeDeltaSensor):
    """The same without a worker, and without ``timeout``."""

    _has_time_limit = False

    def __init__(self, *, end_from_trigger: bool = False, delta: dt.timedelta, **kwargs: Any) -> None:
        super().__init__(delta=delta, end_from_trigger=end_from_trigger, **{**kwargs, "deferrable": True})


class WaitSensor(BaseSensorOperator):
    """Waits for a time from its own start."""

    def __init__(self, *, time_to_wait: dt.timedelta | int, deferrable: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.deferrable = deferrable
        self.time_to_wait = dt.timedelta(minutes=time_to_wait) if isinstance(time_to_wait, int) else time_to_wait

    def execute(self, context: Any) -> Any:
        """Poke from the first start on, or leave it to a trigger."""
        if self.deferrable:
            trigger = TimeDeltaTrigger(self.time_to_wait, end_from_trigger=True)
            self.defer(trigger=trigger, method_name="execute_complete")
        return super().execute(context)

    def poke(self, context: Any) -> bool:
        """Whether the time is over."""
        started = context["ti"].start_date
        return started is None or timezone.utcnow() > timezone.convert_to_utc(started) + self.time_to_wait

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Nothing is left to do."""


class DateTimeSensor(BaseSensorOperator):
    """Waits until a moment, given as datetime or as (templated) text."""

    template_fields: Sequence[str] = ("target_time",)

    def __init__(self, *, target_time: str | dt.datetime, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # A text, so that it can be rendered.
        if isinstance(target_time, dt.datetime):
            self.target_time = target_time.isoformat()
        elif isinstance(target_time, str):
            self.target_time = target_time
        else:
            raise TypeError(f"Expected str or datetime.datetime type for target_time. Got {type(target_time)}")

    def poke(self, context: Any) -> bool:
        """Whether it is later."""
        self.log.info("Checking if the time (%s) has come", self.target_time)
        return timezone.utcnow() > timezone.parse(self.target_time)


class DateTimeSensorAsync(DateTimeSensor):
    """The same without a worker."""

    start_trigger_args: StartTriggerArgs = StartTriggerArgs(
        trigger_cls="airflow.triggers.temporal.DateTimeTrigger",
        trigger_kwargs={"moment": "", "end_from_trigger": False},
        next_method="execute_complete",
        next_kwargs=None,
        timeout=None,
    )
    start_from_trigger = False

    def __init__(
        self,
        *,
        start_from_trigger: bool = False,
        end_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.start_from_trigger = start_from_trigger
        self.end_from_trigger = end_from_trigger
        if start_from_trigger:
            self.start_trigger_args = replace(
                self.start_trigger_args,
                trigger_kwargs={"moment": timezone.parse(self.target_time), "end_from_trigger": end_from_trigger},
            )

    def execute(self, context: Any) -> NoReturn:
        """Leave it to a trigger."""
        self.defer(
            method_name="execute_complete",
            trigger=DateTimeTrigger(moment=timezone.parse(self.target_time), end_from_trigger=self.end_from_trigger),
        )

    def execute_complete(self, context: Any, event: Any = None) -> None:
        """Nothing is left to do."""


class DayOfWeekSensor(BaseSensorOperator):
    """Waits until a day of the week (in UTC, as its documentation has always said)."""

    def __init__(
        self,
        *,
        week_day: str | WeekDay | Iterable[str] | Iterable[WeekDay],
        use_task_logical_date: bool = False,
        use_task_execution_day: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.week_day = week_day
        self.use_task_logical_date = renamed_flag(
            use_task_logical_date, use_task_execution_day, "use_task_execution_day", "use_task_logical_date"
        )
        self._week_day_num = WeekDay.validate_week_day(week_day)

    def poke(self, context: Any) -> bool:
        """Whether it is one of the days."""
        date = context["logical_date"] if self.use_task_logical_date else timezone.utcnow()
        self.log.info("Poking until weekday is in %s, Today is %s", self.week_day, WeekDay(date.isoweekday()).name)
        return date.isoweekday() in self._week_day_num
