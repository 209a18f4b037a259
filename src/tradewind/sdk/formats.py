"""Formats that a param's schema may ask for (``date-time``, ``date``, ``time`` …), without optional packages."""

from __future__ import annotations

from datetime import date, datetime, time

from jsonschema import FormatChecker

FORMATS = FormatChecker()
"""jsonschema's own formats and the three of dates."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if len(value) < 19 or value[10] not in "Tt " or datetime.fromisoformat(value).tzinfo is None:
        raise ValueError(f"{value!r} is no RFC 3339 date-time with a zone")
    return True


@FORMATS.checks("date", raises=ValueError)
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("time", raises=ValueError)
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or time.fromisoformat(value) is not None
