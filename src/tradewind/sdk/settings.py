"""The few configuration values that authoring depends on, asked of the Runtime; Airflow's defaults without one."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any


def config_value(section: str, key: str, fallback: Any) -> Any:
    """An option's value as this process was told it, else ``fallback``."""
    from .runtime import find  # pulls in the wire messages, which plain authoring does not need

    runtime = find()
    if runtime is None:
        return fallback
    value = runtime.get_config(section, key, fallback)
    return fallback if value is None else value


def config_int(section: str, key: str, fallback: int) -> int:
    """An option that is a number."""
    return int(config_value(section, key, fallback))


def config_bool(section: str, key: str, fallback: bool) -> bool:
    """An option that is true or false."""
    value = config_value(section, key, fallback)
    return value if isinstance(value, bool) else str(value).strip().lower() in ("1", "t", "true", "y", "yes", "on")


COMPAT_LEVEL: ContextVar[int | None] = ContextVar("tradewind_compat_level", default=None)
"""The level of the file that is imported, or of the DAG whose task runs; None: the deployment's."""


def compat_level() -> int:
    """2: Airflow 2's defaults; 3: Airflow 3's."""
    own = COMPAT_LEVEL.get()
    if own is not None:
        return own
    return config_int("tradewind", "compat_level", 2)
