"""The days of the week, Monday 1 to Sunday 7 (offered as ``airflow.utils.weekday``)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class WeekDay(IntEnum):
    """A day of the ISO week."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7

    @classmethod
    def get_weekday_number(cls, week_day_str: str) -> WeekDay:
        """The day of that English name. Raises AttributeError for another text."""
        day = cls.__members__.get(week_day_str.upper())
        if day is None:
            raise AttributeError(f'Invalid Week Day passed: "{week_day_str}"')
        return day

    @classmethod
    def convert(cls, day: str | WeekDay) -> WeekDay:
        """A name or a day as day. Raises AttributeError for a name that is none."""
        return cls.get_weekday_number(day) if isinstance(day, str) else day

    @classmethod
    def validate_week_day(cls, week_day: str | WeekDay | Iterable[str] | Iterable[WeekDay]) -> set[WeekDay]:
        """One day or several, as set. Raises TypeError for what is neither."""
        if isinstance(week_day, str | WeekDay):
            return {cls.convert(week_day)}
        if isinstance(week_day, Iterable):
            return {cls.convert(day) for day in week_day}
        raise TypeError(
            f"Unsupported Type for week_day parameter: {type(week_day)}. "
            "Input should be iterable type: str, set, list, dict or Weekday enum type"
        )
