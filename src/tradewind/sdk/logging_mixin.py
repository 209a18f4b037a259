"""``self.log``: a logger named after the class, as operators, hooks and triggers expect it."""

from __future__ import annotations

import logging
import re
from typing import Any, ClassVar

ANSI_ESCAPE = re.compile(r"\x1B[@-_][0-?]*[ -/]*[@-~]")


def remove_escape_codes(text: str) -> str:
    """The text without terminal colour codes."""
    return ANSI_ESCAPE.sub("", text)


class LoggingMixin:
    """Gives ``log`` (and ``logger()``): ``airflow.task.operators.<module>.<class>`` for operators, and so on."""

    _log: logging.Logger | None = None
    _logger_name: str | None = None
    _log_config_logger_name: ClassVar[str | None] = None

    def __init__(self, context: Any = None) -> None:
        return None

    @classmethod
    def _make_logger_name(cls, own_name: str | None) -> str:
        name = f"{cls.__module__}.{cls.__name__}" if own_name is None else own_name
        prefix = cls._log_config_logger_name
        if prefix is None:
            return name
        return f"{prefix}.{name}" if name else prefix

    @classmethod
    def logger(cls) -> logging.Logger:
        """The class's logger."""
        return logging.getLogger(cls._make_logger_name(cls.__dict__.get("_logger_name")))

    @property
    def log(self) -> logging.Logger:
        """The object's logger; made at the first use."""
        if self._log is None:
            self._log = logging.getLogger(self._make_logger_name(self._logger_name))
        return self._log


class ExternalLoggingMixin:
    """For log handlers that can name a page of an external log system."""

    @property
    def log_name(self) -> str:
        """Name of the external system."""
        raise NotImplementedError

    def get_external_log_url(self, task_instance: Any, try_number: int) -> str:
        """The page that shows this try's log."""
        raise NotImplementedError

    @property
    def supports_external_link(self) -> bool:
        """Whether pages can be named at all."""
        raise NotImplementedError
