"""Old helpers around dates: days_ago, date_range, cron presets (offered as ``airflow.utils.dates``)."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice

from croniter import croniter
from dateutil.relativedelta import relativedelta

from tradewind.sdk import timezone
from tradewind.sdk.exceptions import RemovedInAirflow3Warning

cron_presets: dict[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}
"""What the names of common schedules stand for."""

_UNITS = (("seconds", 1.0), ("minutes", 60.0), ("hours", 3600.0), ("days", 86400.0))


def days_ago(n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    """UTC midnight (or the given time) of the day ``n`` days back."""
    warnings.warn(
        "days_ago moves with every parse of the file and will go; write a fixed pendulum.datetime(...) as start_date.",
        RemovedInAirflow3Warning,
        stacklevel=2,
    )
    today = timezone.utcnow().replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    return today - timedelta(days=n)


def date_range(
    start_date: datetime,
    end_date: datetime | None = None,
    num: int | None = None,
    delta: str | timedelta | relativedelta | None = None,
) -> list[datetime]:
    """The dates from ``start_date`` by ``delta`` (cron text, preset or interval): up to ``end_date``, or ``num`` of
    them (backwards when negative). Raises ValueError when both or neither are given, or the range runs backwards."""
    warnings.warn("date_range will go; use a timetable.", RemovedInAirflow3Warning, stacklevel=2)
    if not delta:
        return []
    if end_date is not None and num is not None:
        raise ValueError("date_range takes end_date or num, not both")
    if end_date is not None and start_date > end_date:
        raise ValueError(f"start_date {start_date} lies after end_date {end_date}")
    limit = end_date if num is not None or end_date is not None else timezone.utcnow()
    backwards = num is not None and num < 0
    dates = _steps(start_date, delta, backwards=backwards)
    if num is not None:
        return sorted(islice(dates, abs(num)))
    found = []
    for date in dates:
        if limit is not None and date > limit:
            break
        found.append(date)
    return found


def _steps(start: datetime, delta: str | timedelta | relativedelta, *, backwards: bool) -> Iterator[datetime]:
    if isinstance(delta, str):
        cron = croniter(cron_presets.get(delta, delta), start)
        yield start  # also when it is no tick: so Airflow
        while True:
            yield cron.get_prev(datetime) if backwards else cron.get_next(datetime)
    date = start
    while True:
        yield date
        date = date - delta if backwards else date + delta


def round_time(
    dt: datetime,
    delta: str | timedelta | relativedelta,
    start_date: datetime = timezone.make_aware(datetime.min),  # noqa: B008, DTZ901
) -> datetime:
    """The multiple of ``delta`` after ``start_date`` that lies nearest to ``dt``; for cron, the tick before it."""
    if isinstance(delta, str):
        zone = start_date.tzinfo
        naive: datetime = croniter(delta, timezone.make_naive(start_date, zone)).get_prev(datetime)
        return start_date if naive == timezone.make_naive(start_date, zone) else timezone.make_aware(naive, zone)
    start = start_date - timedelta(microseconds=start_date.microsecond)
    low, high = 0, 1
    while start + high * delta < dt:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if start + middle * delta < dt else (low, middle)
    below, above = start + low * delta, start + high * delta
    return above if (above - dt) <= (dt - below) else below


def infer_time_unit(time_seconds_arr: Collection[float]) -> str:
    """The unit in which the longest of these durations reads well: seconds, minutes, hours or days."""
    longest = max(time_seconds_arr, default=0.0) / 2.0
    if not time_seconds_arr:
        return "hours"
    return next(
        (unit for unit, limit in (("seconds", 60), ("minutes", 3600), ("hours", 86400)) if longest <= limit), "days"
    )


def scale_time_units(time_seconds_arr: Collection[float], unit: str) -> Collection[float]:
    """The durations in ``unit``; as they are for seconds and for what is no unit."""
    size = dict(_UNITS).get(unit, 1.0)
    return time_seconds_arr if size == 1.0 else [seconds / size for seconds in time_seconds_arr]


def parse_execution_date(execution_date_str: str) -> datetime:
    """A text as an aware datetime."""
    return timezone.parse(execution_date_str)


def datetime_to_nano(value: datetime | None) -> int | None:
    """Nanoseconds since the epoch, None for None."""
    if value is None:
        return None
    return int(timezone.convert_to_utc(value).timestamp() * 1_000_000_000)
