"""Periods of time as JSON and back: timedelta as seconds, relativedelta as a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dateutil.relativedelta import relativedelta, weekday

Delta = timedelta | relativedelta

_RELATIVE = ("years", "months", "days", "leapdays", "hours", "minutes", "seconds", "microseconds")
_ABSOLUTE = ("year", "month", "day", "hour", "minute", "second", "microsecond")


def encode_delta(delta: Delta) -> float | dict[str, Any]:
    """Seconds, or the parts of a relativedelta that are set."""
    if isinstance(delta, timedelta):
        return delta.total_seconds()
    parts: dict[str, Any] = {name: getattr(delta, name) for name in _RELATIVE if getattr(delta, name)}
    parts |= {name: getattr(delta, name) for name in _ABSOLUTE if getattr(delta, name) is not None}
    if delta.weekday is not None:
        parts["weekday"] = (
            [delta.weekday.weekday] if delta.weekday.n is None else [delta.weekday.weekday, delta.weekday.n]
        )
    return parts


def decode_delta(data: float | Mapping[str, Any]) -> Delta:
    """What ``encode_delta`` wrote."""
    if isinstance(data, int | float):
        return timedelta(seconds=data)
    parts = dict(data)
    if "weekday" in parts:
        parts["weekday"] = weekday(*parts["weekday"])
    return relativedelta(**parts)
