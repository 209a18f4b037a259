"""How the template and what it forks log when it runs in a tree of its own making: as every other role, but what that
takes (structlog, and asyncio with it) is imported by the first process that has something to say. Each module of the
template is paid for by every fork."""

from __future__ import annotations

import logging


class LoggingOnDemand(logging.Handler):
    """Sets up the log of this process for its first record, and passes that on."""

    def __init__(self, role: str, level: str) -> None:
        super().__init__()
        self._role = role
        self._level = level

    def emit(self, record: logging.LogRecord) -> None:
        self.configure()
        logging.getLogger().handle(record)

    def configure(self, role: str | None = None) -> None:
        """Do it now; this handler is gone then."""
        from tradewind.observability.logging import configure_logging  # see above

        configure_logging(role or self._role, level=self._level)


def log_on_demand(role: str, level: str) -> None:
    """Log as ``role``, from the first record on."""
    root = logging.getLogger()
    root.handlers[:] = [LoggingOnDemand(role, level)]
    root.setLevel(level.upper())


def log_as(role: str) -> None:
    """In a process forked from one that logs on demand, and that is a role of its own: log as that, from now on."""
    for handler in list(logging.getLogger().handlers):
        if isinstance(handler, LoggingOnDemand):
            handler.configure(role)
