"""Any value of an author's as JSON-able data for people: stable from parse to parse, shortened, never code."""

from __future__ import annotations

import datetime as dt
import enum
import json
import math
import re
from collections.abc import Mapping
from typing import Any

MAX_TEXT = 4096
"""Airflow's default of ``[core] max_templated_field_length``."""
MAX_ITEMS = 1000
_MAX_DEPTH = 12
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def described(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON-able data. Never raises; what has no plain form becomes a text without addresses."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return described(value.value, depth + 1)
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if isinstance(value, float):
        # JSON has no words for these.
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _shortened(value)
    if depth > _MAX_DEPTH:
        return "…"
    return _described_object(value, depth)


def callable_name(value: Any) -> str:
    """The qualified name of a function, method, class, partial or callable object."""
    inner = getattr(value, "func", None)
    if inner is not None and callable(inner):
        return f"partial({callable_name(inner)})"
    named = value if hasattr(value, "__qualname__") else type(value)
    module = _stable_module(getattr(named, "__module__", "") or "")
    return f"{module}.{named.__qualname__}" if module else str(named.__qualname__)


def _described_object(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        items = list(value.items())[:MAX_ITEMS]
        return {_key(key): described(item, depth + 1) for key, item in items}
    if isinstance(value, list | tuple):
        return [described(item, depth + 1) for item in value[:MAX_ITEMS]]
    if isinstance(value, set | frozenset):
        return sorted((described(item, depth + 1) for item in value), key=_sort_key)[:MAX_ITEMS]
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if callable(value) and not hasattr(type(value), "iter_references"):
        return f"<callable {callable_name(value)}>"
    fields = getattr(value, "template_fields", None)
    if isinstance(fields, list | tuple):
        return {str(name): described(getattr(value, str(name), None), depth + 1) for name in fields}
    return _shortened(text_of(value))


def text_of(value: Any) -> str:
    """``value`` as text without addresses, which differ from process to process. Never raises."""
    try:
        text = str(value)
    except Exception:  # an author's __str__ may do anything; the type's name is still known
        text = f"<{type(value).__qualname__}>"
    return _ADDRESS.sub("", text)


def _shortened(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}… ({len(text)} characters)"


def _key(key: Any) -> str:
    return key if isinstance(key, str) else text_of(key)


def _sort_key(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=str)


def _stable_module(name: str) -> str:
    """A DAG file's module has a made-up name; its functions are known by the file's."""
    return name.split("_", 3)[-1] if name.startswith("unusual_prefix_") else name
