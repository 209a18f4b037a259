"""Time as values: the Clock protocol, the one caller of the system clock, data intervals, UTC parsing.

All datetimes inside tradewind are aware and in UTC; zones appear only in timetables and at the authoring border.
"""

from __future__ import annotations

import calendar
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where time comes from. Everything that needs time gets one by constructor, or gets ``now`` as an argument."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back; for durations and timers."""
        ...


class SystemClock:
    """The only reader of the system's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class DataInterval:
    """The period of data a run is about: ``start`` inclusive, ``end`` exclusive, both aware UTC."""

    start: datetime
    end: datetime


def utc(value: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a naive datetime: nobody may guess its zone."""
    if value.tzinfo is None:
        raise ValueError(f"datetime {value.isoformat()} has no time zone; pass an aware datetime")
    return value.astimezone(UTC)


def parse_utc(text: str) -> datetime:
    """An ISO 8601 / RFC 3339 text with a zone as an aware UTC datetime. Raises ValueError with the text in it."""
    return utc(datetime.fromisoformat(text))


_RFC3339 = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
)


def is_date_time(text: str) -> bool:
    """Whether the text is a whole RFC 3339 date and time with a zone."""
    found = _RFC3339.fullmatch(text.upper())
    if found is None:
        return False
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    return year > 0 and 0 < day <= calendar.monthrange(year, month)[1]
