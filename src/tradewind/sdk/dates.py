"""Dates at the authoring border: naive ones get the default zone, and all become pendulum DateTimes when needed."""

from __future__ import annotations

from datetime import UTC, datetime, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo


def default_timezone() -> tzinfo:
    """The zone of naive dates: ``[core] default_timezone``, as far as this process knows it."""
    from .settings import config_value  # reaches out through the Runtime

    name = config_value("core", "default_timezone", "utc")
    return UTC if str(name).lower() in ("utc", "") else ZoneInfo(str(name))


def as_zoned(value: datetime | str | None) -> datetime | None:
    """An aware date: as it is; a naive one in the default zone; a text parsed."""
    if value is None:
        return None
    if isinstance(value, str):
        import pendulum  # slow to import; dates as texts are rare

        parsed = pendulum.parse(value, tz=timezone_name(default_timezone()))
        assert isinstance(parsed, datetime)
        return parsed
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - gets its zone below
    return value if value.tzinfo is not None else value.replace(tzinfo=default_timezone())


def as_utc(value: datetime | str | None) -> datetime | None:
    """The same moment in UTC, in which dates of DAGs and tasks are kept; the zone lives on in the timetable."""
    zoned = as_zoned(value)
    return None if zoned is None else zoned.astimezone(UTC)


def timezone_name(zone: tzinfo | None) -> str:
    """The IANA name of a zone, or an offset such as ``+01:00``."""
    if zone is None or zone is UTC or zone is timezone.utc:  # noqa: UP017 - either object may come
        return "UTC"
    name = getattr(zone, "name", None) or getattr(zone, "key", None) or getattr(zone, "zone", None)
    if name:
        return str(name)
    offset = datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}" if offset else "UTC"


def as_pendulum(value: datetime | None) -> Any:
    """The same moment as a pendulum DateTime, the type of dates in the context."""
    if value is None:
        return None
    import pendulum  # slow to import; only running tasks need it

    if isinstance(value, pendulum.DateTime):
        return value
    if value.tzinfo is UTC:  # as all dates of messages are; pendulum's own way costs ten times as much
        clock = (value.hour, value.minute, value.second, value.microsecond)
        return pendulum.DateTime(value.year, value.month, value.day, *clock, tzinfo=pendulum.UTC)
    return pendulum.instance(value)
