"""How a role logs: events with keys, to standard error, as JSON lines or for a terminal, with secrets masked.

Task logs are not here: see ``task_logs``. A role calls ``configure_logging`` once at its start; everybody logs with
``get_logger(__name__)``. Records of the standard library (uvicorn, sqlalchemy, user code) take the same way out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from .masking import PROCESS_MASKER, SecretsMasker

Event = MutableMapping[str, Any]


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module: ``log.info("task.queued", pool=pool)``."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure_logging(
    role: str,
    *,
    level: str = "INFO",
    log_format: str = "auto",
    color: bool = True,
    stream: TextIO | None = None,
    masker: SecretsMasker = PROCESS_MASKER,
) -> None:
    """Sets up the logging of this process. ``log_format`` is auto (console on a terminal, else JSON), console, json."""
    stream = stream or sys.stderr
    as_json = log_format == "json" or (log_format == "auto" and not stream.isatty())
    shared = _shared_processors(role, masker)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=_last_processors(masker, as_json=as_json, color=color and stream.isatty()),
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


class MaskSecrets:
    """A structlog processor: hides secrets in the event and in its values, by name and by text."""

    def __init__(self, masker: SecretsMasker) -> None:
        self._masker = masker

    def __call__(self, logger: Any, method: str, event: Event) -> Event:
        return {key: self._value(key, value) for key, value in event.items()}

    def _value(self, key: str, value: Any) -> Any:
        # Private keys (_record, _from_structlog) are the formatter's own.
        if key.startswith("_") or key in {"exc_info", "stack_info"}:
            return value
        if isinstance(value, str | int | float | Mapping | list | tuple | set | frozenset | None):
            return self._masker.redact(value, key)
        return self._masker.mask(str(value))


def _shared_processors(role: str, masker: SecretsMasker) -> list[Any]:
    def name_role(logger: Any, method: str, event: Event) -> Event:
        event.setdefault("role", role)
        return event

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_role,
        structlog.stdlib.ExtraAdder(),
        MaskSecrets(masker),
    ]


def _last_processors(masker: SecretsMasker, *, as_json: bool, color: bool) -> list[Any]:
    def mask_exception(logger: Any, method: str, event: Event) -> Event:
        if isinstance(event.get("exception"), str):
            event["exception"] = masker.mask(event["exception"])
        return event

    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=color)
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask_exception,
        renderer,
    ]
