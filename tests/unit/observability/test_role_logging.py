"""Log lines of roles: one JSON object each, masked."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tradewind.observability.logging import configure_logging, get_logger
from tradewind.observability.masking import SecretsMasker
from tradewind.observability.telemetry import Metrics, NoMetrics


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    yield io.StringIO()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_a_json_line_with_role_level_and_keys(stream: io.StringIO) -> None:
    configure_logging("scheduler", stream=stream)
    get_logger("a.b").info("task.queued", pool="etl", slots=2)
    (line,) = lines(stream)
    assert (line["event"], line["role"], line["level"], line["logger"]) == ("task.queued", "scheduler", "info", "a.b")
    assert (line["pool"], line["slots"]) == ("etl", 2)
    assert line["timestamp"].endswith("Z")


def test_records_of_the_standard_library_take_the_same_way(stream: io.StringIO) -> None:
    configure_logging("api", stream=stream, level="WARNING")
    logging.getLogger("uvicorn").info("not shown")
    logging.getLogger("uvicorn").warning("shown %s", 1)
    (line,) = lines(stream)
    assert (line["event"], line["role"]) == ("shown 1", "api")


def test_secrets_do_not_reach_the_log(stream: io.StringIO) -> None:
    masker = SecretsMasker()
    masker.add_mask("hush-hush")
    configure_logging("api", stream=stream, masker=masker)
    try:
        raise ValueError("it is hush-hush")
    except ValueError:
        get_logger("x").exception("login.failed for hush-hush", password="open", url="p://u:hush-hush@h")
    assert "hush-hush" not in stream.getvalue()
    assert lines(stream)[0]["password"] == "***"


def test_the_console_form_is_one_readable_line(stream: io.StringIO) -> None:
    configure_logging("api", stream=stream, log_format="console")
    get_logger("x").info("ready", port=8080)
    assert "ready" in stream.getvalue()
    assert "port=8080" in stream.getvalue()


def test_no_metrics_is_a_metrics_back_end() -> None:
    metrics: Metrics = NoMetrics()
    metrics.count("a")
    metrics.gauge("b", 1.0)
    metrics.timing("c", 0.1)
