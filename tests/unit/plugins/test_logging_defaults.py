"""The dictionary of logging that people start their own from: its shape as in Airflow 2.10.5."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tradewind.observability.masking import SecretsMasker as ProcessMasker
from tradewind.plugins.host_runtime import PluginRuntime
from tradewind.sdk import log_formatters, maskers
from tradewind.sdk.log_formatters import CustomTTYColoredFormatter
from tradewind.sdk.runtime import RUNTIME


@pytest.fixture
def options() -> Iterator[dict[str, str]]:
    """The [logging] section that this test's code sees."""
    section = {"base_log_folder": "/logs"}
    config: Mapping[str, Mapping[str, Any]] = {"logging": section}
    token = RUNTIME.set(PluginRuntime(lambda question: question, config))  # type: ignore[arg-type]  # nobody is asked
    yield section
    RUNTIME.reset(token)


def test_it_has_the_parts_that_people_change(options: dict[str, str]) -> None:
    config = log_formatters.DEFAULT_LOGGING_CONFIG
    assert {kind: sorted(config[kind]) for kind in ("formatters", "filters", "handlers", "loggers")} == {
        "formatters": ["airflow", "airflow_coloured", "source_processor"],
        "filters": ["mask_secrets"],
        "handlers": ["console", "processor", "processor_to_stdout", "task"],
        "loggers": ["airflow.processor", "airflow.task", "flask_appbuilder"],
    }
    assert config["handlers"]["task"] == {
        "class": "airflow.utils.log.file_task_handler.FileTaskHandler",
        "formatter": "airflow",
        "base_log_folder": "/logs",
        "filters": ["mask_secrets"],
    }
    assert config["handlers"]["task"] is not log_formatters.DEFAULT_LOGGING_CONFIG["handlers"]["task"]


def test_with_remote_logs_its_task_handler_is_the_providers(options: dict[str, str]) -> None:
    options |= {"remote_logging": "True", "remote_base_log_folder": "s3://bucket/tw"}
    task = log_formatters.DEFAULT_LOGGING_CONFIG["handlers"]["task"]
    assert task["class"] == "airflow.providers.amazon.aws.log.s3_task_handler.S3TaskHandler"
    assert task["s3_log_folder"] == "s3://bucket/tw"


def test_colours_are_nothing_where_there_is_no_terminal() -> None:
    record = logging.LogRecord("x", logging.ERROR, "/a/file.py", 12, "text", (), None)
    assert (
        CustomTTYColoredFormatter("%(blue)s%(levelname)s%(reset)s %(log_color)s%(message)s").format(record)
        == "ERROR text"
    )


def test_the_masker_is_a_filter_of_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    masker = ProcessMasker()
    masker.add_mask("open-sesame")
    monkeypatch.setattr(maskers, "PROCESS_MASKER", masker)
    error = ValueError("no open-sesame")
    message = "say open-sesame %s %s"
    args = ({"password": "p"}, "open-sesame")
    record = logging.LogRecord("x", logging.INFO, "/a/file.py", 12, message, args, (ValueError, error, None))
    assert maskers.SecretsMasker().filter(record)
    assert logging.Formatter().format(record) == "say *** {'password': '***'} ***\nValueError: no ***"
