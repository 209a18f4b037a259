"""Where the words of triggers go: into the log of the try that was deferred, each trigger's into its own."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tradewind.execution.log_style import LogStyle
from tradewind.observability.masking import PROCESS_MASKER
from tradewind.observability.task_logs import LineFormatter, open_log, write_all

CURRENT: ContextVar[str | None] = ContextVar("tradewind_trigger_log", default=None)
"""The log of the trigger that runs in this context; also in the threads that it starts by asyncio."""


class TriggerLogHandler(logging.Handler):
    """Sends each record to the log of the trigger in whose context it was made, else to standard error.

    A file is opened for each record: a thousand triggers that mostly sleep must not hold a thousand descriptors."""

    def __init__(self, style: LogStyle) -> None:
        super().__init__()
        self.setFormatter(style.formatter or LineFormatter())
        self._modes = style.modes

    def emit(self, record: logging.LogRecord) -> None:
        try:
            PROCESS_MASKER.redact_record(record)
            text = PROCESS_MASKER.mask(self.format(record)) + "\n"
            path = CURRENT.get()
            fd = 2 if path is None else open_log(path, self._modes)
            try:
                write_all(fd, text.encode("utf-8", errors="backslashreplace"))
            finally:
                if path is not None:
                    os.close(fd)
        except Exception:
            self.handleError(record)


@contextmanager
def routed(style: LogStyle) -> Iterator[None]:
    """All records of this process go through the handler while the block runs."""
    root = logging.getLogger()
    before, level_before = root.handlers[:], root.level
    root.handlers[:] = [TriggerLogHandler(style)]
    root.setLevel(style.level)
    try:
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level_before)
