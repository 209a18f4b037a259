"""Aware datetimes for authors: UTC now, parsing, making aware and naive (offered as ``airflow.utils.timezone``)."""

from __future__ import annotations

import datetime as dt
from typing import Any, overload

import pendulum
from dateutil.relativedelta import relativedelta
from pendulum import DateTime, FixedTimezone, Timezone
from pendulum.tz.local_timezone import get_local_timezone

from tradewind.model.times import SystemClock

utc = pendulum.UTC
"""The UTC zone, as pendulum has it."""

utc_epoch = pendulum.datetime(1970, 1, 1)
"""1970-01-01T00:00:00Z."""


def utcnow() -> DateTime:
    """The present moment, aware, in UTC."""
    return pendulum.instance(SystemClock().now())


def is_localized(value: dt.datetime) -> bool:
    """Whether the datetime knows its offset from UTC."""
    return value.utcoffset() is not None


def is_naive(value: dt.datetime) -> bool:
    """Whether the datetime knows no offset from UTC."""
    return not is_localized(value)


@overload
def convert_to_utc(value: None) -> None: ...
@overload
def convert_to_utc(value: dt.datetime) -> DateTime: ...
def convert_to_utc(value: dt.datetime | None) -> DateTime | None:
    """The same moment in UTC; a naive value is taken to be in the default zone (UTC)."""
    if value is None:
        return None
    if is_naive(value):
        value = make_aware(value)
    return pendulum.instance(value.astimezone(dt.UTC))


def make_aware(value: dt.datetime, timezone: dt.tzinfo | None = None) -> DateTime:
    """The wall time ``value`` in ``timezone`` (UTC when None). Raises ValueError when it is aware already."""
    if is_localized(value):
        raise ValueError(f"make_aware wants a naive datetime, got {value}, which has an offset")
    # Where a wall time occurs twice pendulum and zoneinfo go by fold, as Airflow does.
    return pendulum.instance(value.replace(tzinfo=timezone or utc, fold=value.fold))


def make_naive(value: dt.datetime, timezone: dt.tzinfo | None = None) -> dt.datetime:
    """The wall time of ``value`` in ``timezone`` (UTC when None). Raises ValueError when it is naive."""
    if is_naive(value):
        raise ValueError(f"make_naive wants an aware datetime, got {value}")
    return value.astimezone(timezone or utc).replace(tzinfo=None)


def datetime(*args: Any, **kwargs: Any) -> dt.datetime:
    """``datetime.datetime`` that is in UTC unless ``tzinfo`` says otherwise."""
    kwargs.setdefault("tzinfo", utc)
    return dt.datetime(*args, **kwargs)  # noqa: DTZ001  tzinfo is among the keywords


def parse(string: str, timezone: dt.tzinfo | None = None, *, strict: bool = False) -> DateTime:
    """A text as an aware datetime; ``timezone`` (UTC) is for texts without an offset."""
    zone: Any = timezone or utc
    parsed = pendulum.parse(string, tz=zone, strict=strict)
    if not isinstance(parsed, DateTime):
        raise ValueError(f"{string!r} is not a date and time")
    return parsed


@overload
def coerce_datetime(v: None, tz: dt.tzinfo | None = None) -> None: ...
@overload
def coerce_datetime(v: dt.datetime, tz: dt.tzinfo | None = None) -> DateTime: ...
def coerce_datetime(v: dt.datetime | None, tz: dt.tzinfo | None = None) -> DateTime | None:
    """``v`` as an aware pendulum DateTime; a naive one is put into ``tz`` (UTC when None)."""
    if v is None:
        return None
    if is_naive(v):
        v = make_aware(v, tz)
    value = v if isinstance(v, DateTime) else pendulum.instance(v)
    return value if tz is None else value.in_timezone(tz)  # type: ignore[arg-type]


def td_format(td_object: dt.timedelta | float | int | None) -> str | None:
    """A duration in short words: ``1d:2h:3M:4s`` as ``d``, ``h``, ``M`` and ``s``; None for None, ``<1s`` below one."""
    if not td_object:
        return None
    delta = td_object if isinstance(td_object, dt.timedelta) else dt.timedelta(seconds=td_object)
    spans = relativedelta(seconds=int(delta.total_seconds())).normalized()
    months, days = divmod(spans.days, 30)
    years, months = divmod(months, 12)
    parts = ((years, "y"), (months, "m"), (days, "d"), (spans.hours, "h"), (spans.minutes, "M"), (spans.seconds, "s"))
    return ":".join(f"{value}{unit}" for value, unit in parts if value) or "<1s"


def parse_timezone(name: str | int) -> Timezone | FixedTimezone:
    """A zone by its IANA name, or by its offset in seconds."""
    if isinstance(name, int):
        return FixedTimezone(name)
    return utc if name.lower() == "utc" else Timezone(name)


def local_timezone() -> Timezone | FixedTimezone:
    """The zone of this machine."""
    return get_local_timezone()


def from_timestamp(timestamp: int | float, tz: str | dt.tzinfo = utc) -> DateTime:
    """The moment ``timestamp`` seconds after the epoch, in ``tz`` ("local" for this machine's)."""
    zone: Any = local_timezone() if tz == "local" else tz
    return pendulum.from_timestamp(timestamp, tz=zone)
