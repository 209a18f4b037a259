"""Time zones by name or offset, and local wall-clock times as moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .base import AirflowTimetableInvalid


def parse_zone(value: str | int | tzinfo) -> tzinfo:
    """A zone from its IANA name, from its offset in seconds, or as it is. Raises AirflowTimetableInvalid."""
    if isinstance(value, tzinfo):
        return value
    if isinstance(value, int):
        return timezone(timedelta(seconds=value))
    if value.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise AirflowTimetableInvalid(f"unknown time zone {value!r}; use an IANA name such as Europe/Berlin") from error


def zone_name(zone: tzinfo) -> str | int:
    """What ``parse_zone`` takes: the name of a named zone, else the offset in seconds."""
    name = getattr(zone, "key", None) or getattr(zone, "name", None)
    offset = zone.utcoffset(None)
    if zone is UTC or name in ("UTC", "Etc/UTC"):
        return "UTC"
    if isinstance(name, str) and offset is None:
        return name
    return int(offset.total_seconds()) if offset is not None else str(zone)


def wall_clock(moment: datetime, zone: tzinfo) -> datetime:
    """What a clock on the wall shows at ``moment``, without zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """The UTC moment at which the wall shows ``wall``.

    A time that exists twice means the second one; one that does not exist means the moment that long after the gap
    began. Both are the later of the two readings.
    """
    readings = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return max(readings)
