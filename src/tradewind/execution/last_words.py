"""The end of the log of an attempt whose process could not write it: it was killed."""

from __future__ import annotations

import logging
import os
import signal

from tradewind.observability.task_logs import LineFormatter, open_log, write_all
from tradewind.wire.messages import Attempt

from .task_logging import path_of_log


def say_killed(attempt: Attempt, log_folder: str, number: int, reason: str) -> None:
    """A line that says why, and the one that all logs end with. A log that cannot be written is let be."""
    if reason == f"killed by {signal.SIGKILL.name}":
        reason += ", likely because memory ran out"
    text = f"The task's process ended before it finished: {reason}"
    lines = ((logging.ERROR, text), (logging.INFO, f"Task exited with return code -{number}"))
    formatter = LineFormatter()
    records = [logging.LogRecord("airflow.task", level, __file__, 0, text, (), None) for level, text in lines]
    try:
        fd = open_log(path_of_log(attempt, log_folder))
    except OSError:
        return
    try:
        write_all(fd, "".join(formatter.format(record) + "\n" for record in records).encode())
    except OSError:
        return  # a full disk
    finally:
        os.close(fd)
