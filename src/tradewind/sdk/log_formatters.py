"""What dictionaries of logging name: Airflow's formatters, its console handler, and the dictionary that people start
their own from (``airflow.config_templates.airflow_local_settings``)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tradewind.observability.task_logs import LINE_FORMAT, LineFormatter

from .settings import config_bool, config_value

TimezoneAware = LineFormatter
_COLORS = {"DEBUG": "32", "INFO": "32", "WARNING": "33", "ERROR": "31", "CRITICAL": "31"}
_NAMES = ("blue", "cyan", "reset", "log_color", "bold", "red", "green", "yellow")


class CustomTTYColoredFormatter(LineFormatter):
    """Lines with the fields ``blue``, ``log_color``, ``reset`` …, which are colours on a terminal and nothing else."""

    def __init__(self, fmt: str | None = None, datefmt: str | None = None, style: Any = "%", **options: Any) -> None:
        super().__init__(fmt, datefmt, style)
        self.stream: Any = options.get("stream")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        stream = self.stream or sys.stdout
        is_terminal = bool(getattr(stream, "isatty", None)) and stream.isatty()
        codes = {"blue": "34", "cyan": "36", "red": "31", "green": "32", "yellow": "33", "bold": "1", "reset": "0"}
        codes["log_color"] = _COLORS.get(record.levelname, "0")
        for name in _NAMES:
            setattr(record, name, f"\033[{codes[name]}m" if is_terminal else "")
        return super().format(record)


class RedirectStdHandler(logging.StreamHandler[Any]):
    """Writes to what is standard output (or error) when it is made."""

    def __init__(self, stream: Any) -> None:
        if not isinstance(stream, str):
            raise TypeError("Cannot use file like objects. Use 'stdout' or 'stderr' as a str.")
        super().__init__(sys.stderr if "stderr" in stream else sys.stdout)


def _option(key: str, fallback: str) -> str:
    return str(config_value("logging", key, fallback) or fallback)


def _task_handler(folder: str) -> dict[str, Any]:
    handler: dict[str, Any] = {
        "class": "airflow.utils.log.file_task_handler.FileTaskHandler",
        "formatter": "airflow",
        "base_log_folder": folder,
        "filters": ["mask_secrets"],
    }
    if not config_bool("logging", "remote_logging", fallback=False):
        return handler
    handlers = import_module("tradewind.plugins.log_handlers")  # known one floor up
    path, kwargs = handlers.by_address(folder)
    return {**handler, "class": path, **kwargs}


def _default_config() -> dict[str, Any]:
    folder = _option("base_log_folder", "logs")
    level = _option("logging_level", "INFO").upper()
    formatter = _option("log_formatter_class", "airflow.utils.log.timezone_aware.TimezoneAware")
    colored = _option("colored_formatter_class", "airflow.utils.log.colored_log.CustomTTYColoredFormatter")
    line = _option("log_format", LINE_FORMAT)
    is_colored = config_bool("logging", "colored_console_log", fallback=True)
    masked = ["mask_secrets"]
    console = {"class": "airflow.utils.log.logging_mixin.RedirectStdHandler", "stream": "sys.stdout", "filters": masked}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "airflow": {"format": line, "class": formatter},
            "airflow_coloured": {
                "format": _option("colored_log_format", line) if is_colored else line,
                "class": colored if is_colored else formatter,
            },
            "source_processor": {"format": _option("dag_processor_log_format", line), "class": formatter},
        },
        "filters": {"mask_secrets": {"()": "airflow.utils.log.secrets_masker.SecretsMasker"}},
        "handlers": {
            "console": {**console, "formatter": "airflow_coloured"},
            "task": _task_handler(folder),
            "processor": {
                "class": "airflow.utils.log.file_processor_handler.FileProcessorHandler",
                "formatter": "airflow",
                "base_log_folder": _option("child_process_log_directory", f"{folder}/scheduler"),
                "filename_template": _option("log_processor_filename_template", "{{ filename }}.log"),
                "filters": masked,
            },
            "processor_to_stdout": {**console, "formatter": "source_processor"},
        },
        "loggers": {
            "airflow.processor": {"handlers": ["processor"], "level": level, "propagate": True},
            "airflow.task": {"handlers": ["task"], "level": level, "propagate": True, "filters": masked},
            "flask_appbuilder": {
                "handlers": ["console"], "level": _option("fab_logging_level", "WARNING"), "propagate": True,
            },
        },
        "root": {"handlers": ["console"], "level": level, "filters": masked},
    }  # fmt: skip


_VALUES: dict[str, Callable[[], Any]] = {
    "DEFAULT_LOGGING_CONFIG": _default_config,
    "BASE_LOG_FOLDER": lambda: _option("base_log_folder", "logs"),
    "LOG_LEVEL": lambda: _option("logging_level", "INFO").upper(),
    "LOG_FORMAT": lambda: _option("log_format", LINE_FORMAT),
    "LOG_FORMATTER_CLASS": lambda: _option("log_formatter_class", "airflow.utils.log.timezone_aware.TimezoneAware"),
    "REMOTE_LOGGING": lambda: config_bool("logging", "remote_logging", fallback=False),
    "REMOTE_BASE_LOG_FOLDER": lambda: _option("remote_base_log_folder", ""),
}


def __getattr__(name: str) -> Any:
    """Values of the options, as they are when somebody asks."""
    make = _VALUES.get(name)
    if make is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return make()
