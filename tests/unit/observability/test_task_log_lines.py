"""Paths and lines of task logs."""

from __future__ import annotations

import logging
import re

import pytest

from tradewind.observability.task_logs import LineFormatter, LogStream, log_path


def test_the_path_is_airflows() -> None:
    assert (
        log_path("d", "manual__2024-01-01T00:00:00+00:00", "g.t", -1, 2)
        == "dag_id=d/run_id=manual__2024-01-01T00:00:00+00:00/task_id=g.t/attempt=2.log"
    )
    assert log_path("d", "r", "t", 0, 1) == "dag_id=d/run_id=r/task_id=t/map_index=0/attempt=1.log"


def test_an_id_never_leaves_its_folder() -> None:
    assert log_path("d", "x/../../etc", "t", -1, 1) == "dag_id=d/run_id=x%2F..%2F..%2Fetc/task_id=t/attempt=1.log"


def test_the_line_is_airflows() -> None:
    record = logging.LogRecord("x", logging.WARNING, "/a/file.py", 12, "text %s", ("here",), None)
    line = LineFormatter().format(record)
    assert re.fullmatch(r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}\] \{file\.py:12\} WARNING - text here", line)


@pytest.fixture
def lines() -> list[str]:
    return []


def test_what_is_printed_is_logged_line_by_line(lines: list[str]) -> None:
    logger = logging.Logger("task")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(f"{record.levelname} {record.getMessage()}")  # type: ignore[method-assign]
    logger.addHandler(handler)
    stream = LogStream(logger, logging.INFO, 1)
    print("one\ntwo", file=stream)
    print("thr", end="", file=stream)
    print("ee", file=stream)
    print("100%s", file=stream, end="")
    assert lines == ["INFO one", "INFO two", "INFO three"]
    stream.flush()
    assert lines[-1] == "INFO 100%s"
    assert not stream.isatty()
    stream.close()
