"""Whether a real Airflow lies in the import path: its ``airflow`` package and ours would overwrite one another."""

from __future__ import annotations

import os
from collections.abc import Iterable

_FOLDERS = ("apache_airflow-", "apache_airflow_core-")
_MARK = "is_tradewind"
"""A file in the metadata folder that our own wheel carries (scripts/airflow_metadata.py)."""


def real_airflow(paths: Iterable[str]) -> str | None:
    """The metadata folder of a real Airflow on ``paths``, or None. Reads no file: every command asks."""
    for path in paths:
        for name in _names(path):
            is_metadata = name.startswith(_FOLDERS) and name.endswith((".dist-info", ".egg-info"))
            if is_metadata and not os.path.exists(os.path.join(path, name, _MARK)):
                return os.path.join(path, name)
    return None


def _names(path: str) -> list[str]:
    try:
        return os.listdir(path or ".")
    except OSError:
        return []
