"""The ``macros`` of templates: dates, times, random numbers, JSON and YAML."""

from __future__ import annotations

import importlib
import json
import random as _random  # noqa: TID251  DAG files get the module
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

import dateutil
import dateutil.parser
import dateutil.relativedelta
import pendulum

random = _random.random


def __getattr__(name: str) -> Any:
    """``macros.yaml``, imported by the templates that use it; ``macros.<plugin>``, when a plugin brings macros."""
    if name == "yaml":
        import yaml  # large; every fork pays for what its template has imported

        return yaml
    if not name.startswith("__"):
        # Plugins are known one floor up.
        importlib.import_module("tradewind.plugins.discovery").integrate_macros_plugins()
        if name in globals():
            return globals()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def ds_add(ds: str, days: int) -> str:
    """The date ``YYYY-MM-DD``, some days later (or earlier)."""
    if not days:
        return str(ds)
    moved = datetime.strptime(str(ds), "%Y-%m-%d") + timedelta(days=days)  # noqa: DTZ007 - a date has no zone
    return moved.strftime("%Y-%m-%d")


def ds_format(ds: str, input_format: str, output_format: str) -> str:
    """A date text in another format."""
    return datetime.strptime(str(ds), input_format).strftime(output_format)  # noqa: DTZ007 - only the text counts


def ds_format_locale(ds: str, input_format: str, output_format: str, locale: Any = None) -> str:
    """A date text in another format, names in the language of ``locale`` (Babel's patterns: ``EEEE dd MMMM yyyy``)."""
    from babel import Locale  # type: ignore[import-not-found,unused-ignore]  # optional: only this macro needs Babel
    from babel.dates import LC_TIME, format_datetime  # type: ignore[import-not-found,unused-ignore]  # the same

    value = datetime.strptime(str(ds), input_format)  # noqa: DTZ007 - only the text counts
    return str(format_datetime(value, format=output_format, locale=locale or LC_TIME or Locale("en_US")))


def datetime_diff_for_humans(dt: Any, since: Any = None) -> str:
    """How far ``dt`` is from ``since`` (or from now), in words."""
    moment = pendulum.instance(dt)
    return str(moment.diff_for_humans(since) if since is not None else moment.diff_for_humans())


__all__ = [
    "datetime",
    "datetime_diff_for_humans",
    "dateutil",
    "ds_add",
    "ds_format",
    "ds_format_locale",
    "json",
    "pendulum",
    "random",
    "time",
    "timedelta",
    "uuid",
    "yaml",  # noqa: F822 - given by __getattr__
]
