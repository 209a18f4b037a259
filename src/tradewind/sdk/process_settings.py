"""Folders and zone of this deployment as names (offered as ``airflow.settings``), looked up when they are used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tradewind.sdk.settings_reader import conf
from tradewind.sdk.timezone import parse_timezone


def __getattr__(name: str) -> Any:
    """AIRFLOW_HOME, DAGS_FOLDER, PLUGINS_FOLDER, TIMEZONE. Raises AttributeError for another name."""
    home = os.environ.get("AIRFLOW_HOME") or os.environ.get("TRADEWIND_HOME") or str(Path.home() / "tradewind")  # noqa: TID251  DAG files ask at any time
    if name == "AIRFLOW_HOME":
        return home
    if name == "DAGS_FOLDER":
        return conf.get("core", "dags_folder", fallback=f"{home}/dags")
    if name == "PLUGINS_FOLDER":
        return conf.get("core", "plugins_folder", fallback=f"{home}/plugins")
    if name == "TIMEZONE":
        zone = conf.get("core", "default_timezone", fallback="utc")
        return parse_timezone("UTC" if zone.lower() == "utc" else zone)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
