"""Values as people see them: what the API and UI show of an XCom, without making one object of the author's.

Only JSON is read; what JSON does not know is shown in Airflow's notation: ``datetime.date@version=2(2024-01-02)``,
``(1,2)`` for tuples and sets.
"""

from __future__ import annotations

import json
from typing import Any

from .values import CLASSNAME, DATA, VERSION

_COLLECTIONS = frozenset({"builtins.tuple", "builtins.set", "builtins.frozenset"})


def shown(text: str) -> Any:
    """The JSON-able form of a stored value, as the API answers it with ``stringify=false``."""
    return shown_data(json.loads(text))


def stringify(text: str) -> str:
    """The text of a stored value, as the API answers it by default: Python's ``str`` of :func:`shown`."""
    return str(shown(text))


def shown_data(value: Any) -> Any:
    """:func:`shown` for data that is parsed already."""
    if isinstance(value, list):
        return [shown_data(item) for item in value]
    if not isinstance(value, dict):
        return value
    if CLASSNAME not in value or VERSION not in value:
        return {key: shown_data(item) for key, item in value.items()}
    classname, data = value[CLASSNAME], value.get(DATA)
    if classname in _COLLECTIONS:
        return "(" + ",".join(str(shown_data(item)) for item in data or ()) + ")"
    return f"{classname}@version={value[VERSION]}({_inner(data)})"


def _inner(data: Any) -> str:
    if isinstance(data, dict) and CLASSNAME not in data:
        return ",".join(f"{key}={shown_data(item)}" for key, item in data.items())
    return str(shown_data(data))
