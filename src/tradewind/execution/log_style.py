"""How lines of task logs look, and which are kept: the options of ``[logging]`` that concern the file of a try."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tradewind.observability.task_logs import LINE_FORMAT, LineFormatter, LogModes
from tradewind.sdk.loading import import_string

_OWN_CLASS = "airflow.utils.log.timezone_aware.TimezoneAware"
_MODES = ("0o664", "0o775")


@dataclass(frozen=True, slots=True)
class LogStyle:
    """Of all logs of a deployment. ``formatter``: None for Airflow's own line; ``problem``: what could not be had."""

    level: int = logging.INFO
    formatter: logging.Formatter | None = None
    modes: LogModes | None = None
    problem: str = ""


def log_style(config: Mapping[str, Mapping[str, Any]]) -> LogStyle:
    """As the options of a process say it."""
    options = config.get("logging", {})
    return _style(
        str(options.get("logging_level") or "INFO").upper(),
        str(options.get("log_format") or LINE_FORMAT),
        str(options.get("log_formatter_class") or _OWN_CLASS),
        str(options.get("file_task_handler_new_file_permissions") or _MODES[0]),
        str(options.get("file_task_handler_new_folder_permissions") or _MODES[1]),
    )


@lru_cache(maxsize=4)
def _style(level: str, log_format: str, formatter_class: str, file_mode: str, folder_mode: str) -> LogStyle:
    formatter, problem = None, ""
    if (log_format, formatter_class) != (LINE_FORMAT, _OWN_CLASS):
        formatter = LineFormatter(log_format)
        if formatter_class != _OWN_CLASS:
            try:
                formatter = import_string(formatter_class)(log_format)
            except Exception as error:  # the operator's class: a log in our form is better than none
                problem = f"[logging] log_formatter_class {formatter_class} cannot be used: {error}"
    modes = None
    if (file_mode, folder_mode) != _MODES:
        modes = LogModes(int(file_mode, 8), int(folder_mode, 8))
    number = logging.getLevelName(level)
    return LogStyle(number if isinstance(number, int) else logging.INFO, formatter, modes, problem)
