"""Defaults of operator arguments that the configuration sets: ``[core] default_task_retries`` and its kind."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from .identifiers import TRUE_LIKE_VALUES


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=float(text))


def _truth(text: str) -> bool:
    return text.strip().lower() in TRUE_LIKE_VALUES


_OPTIONS: Mapping[str, tuple[str, str, str, Callable[[str], Any]]] = {
    "retries": ("core", "default_task_retries", "0", int),
    "retry_delay": ("core", "default_task_retry_delay", "300", _seconds),
    "weight_rule": ("core", "default_task_weight_rule", "downstream", str),
    "execution_timeout": ("core", "default_task_execution_timeout", "", _seconds),
    "owner": ("operators", "default_owner", "airflow", str),
    "queue": ("operators", "default_queue", "default", str),
    "email_on_retry": ("email", "default_email_on_retry", "True", _truth),
    "email_on_failure": ("email", "default_email_on_failure", "True", _truth),
}
"""Argument → section, key, what is the case anyway, and how its text is read."""


def configured_defaults() -> Mapping[str, Any]:
    """Arguments that a task which says nothing gets by the configuration; only those that differ from the usual."""
    # Who has a Runtime has loaded its module; nobody else need import the messages for this.
    module = sys.modules.get(f"{__package__}.runtime")
    found: Any = None if module is None else module.find()
    values = {}
    for name, (section, key, usual, read) in _OPTIONS.items():
        text = os.environ.get(f"AIRFLOW__{section.upper()}__{key.upper()}")  # noqa: TID251  as ``conf`` does
        if text is None and found is not None:
            value = found.get_config(section, key)
            text = None if value is None else str(value)
        if text and text != usual:
            values[name] = read(text)
    return values
