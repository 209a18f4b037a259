"""Where a task process's words go: records, what it prints, and raw output of subprocesses all into the try's log."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tradewind.observability.task_logs import LogStream, TaskLogHandler, log_path, logging_to, open_log
from tradewind.wire.messages import Attempt

from .custom_logging import applied, custom_logging
from .log_style import log_style

TASK_LOGGER = "airflow.task"
Config = Mapping[str, Mapping[str, Any]]
NO_OPTIONS: Config = {}


def path_of_log(attempt: Attempt, log_folder: str) -> str:
    """The file of this try's log."""
    relative = attempt.log_path or log_path(
        attempt.dag_id, attempt.run_id, attempt.task_id, attempt.map_index, attempt.try_number
    )
    return os.path.join(log_folder, relative)


@contextmanager
def redirected(path: str, config: Config = NO_OPTIONS) -> Iterator[None]:
    """In a process of its own: everything that is logged or written goes to the log until the block ends.

    Descriptors 1 and 2 lead to the log as well, for programs that the task starts; they are not given back."""
    style, custom = log_style(config), custom_logging(config)
    fd = open_log(path, style.modes)
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    logger = logging.getLogger(TASK_LOGGER)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = LogStream(logger, logging.INFO, 1), LogStream(logger, logging.WARNING, 2)
    handler = TaskLogHandler(fd, formatter=custom.formatter or style.formatter)
    for one in custom.filters:
        handler.addFilter(one)
    handler.raw.watch()
    try:
        with logging_to(handler, style.level), applied(custom):
            if style.problem:
                logger.warning("%s", style.problem)
            yield
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        handler.raw.stop()
        sys.stdout, sys.stderr = before
        os.close(fd)
