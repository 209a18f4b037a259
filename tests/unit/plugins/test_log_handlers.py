"""Which handler keeps logs elsewhere, and what is told when none can."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tradewind.plugins.host_runtime import PluginRuntime
from tradewind.plugins.log_handlers import LoggedTry, made, read
from tradewind.sdk.exceptions import AirflowConfigException
from tradewind.sdk.log_handlers import FileTaskHandler
from tradewind.sdk.runtime import RUNTIME

KEPT = {"dag_id=d/run_id=r/task_id=t/attempt=2.log": "what was kept"}


class Store(FileTaskHandler):
    """Keeps logs in a dictionary."""

    def __init__(self, base_log_folder: str, shelf: str) -> None:
        super().__init__(base_log_folder)
        self.shelf = shelf

    def _read_remote_logs(self, ti: Any, try_number: int, metadata: Any = None) -> tuple[list[str], list[str]]:
        found = KEPT.get(self._render_filename(ti, try_number))
        return ([f"from {self.shelf}"], [found]) if found else (["nothing there"], [])


DICTIONARY = {"handlers": {"task": {"class": f"{__name__}.Store", "base_log_folder": "logs", "shelf": "the attic"}}}


def _nobody(question: object) -> Any:
    raise AssertionError(f"nobody is asked {question}")


@pytest.fixture
def options() -> Iterator[dict[str, str]]:
    """The [logging] section that this test's code sees."""
    section: dict[str, str] = {}
    config: Mapping[str, Mapping[str, Any]] = {"logging": section}
    token = RUNTIME.set(PluginRuntime(_nobody, config))  # type: ignore[arg-type]
    yield section
    RUNTIME.reset(token)


def test_an_address_that_nobody_knows_is_told(options: dict[str, str]) -> None:
    options["remote_base_log_folder"] = "gopher://logs"
    with pytest.raises(AirflowConfigException, match="must begin with one of s3://"):
        made("folder")


def test_a_provider_that_is_not_installed_is_told(options: dict[str, str]) -> None:
    options["remote_base_log_folder"] = "s3://logs"
    with pytest.raises(ImportError, match="amazon"):
        made("folder")


def test_the_handler_of_a_logging_dictionary_is_made_over_our_folder(
    options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"mine.LOGGING": DICTIONARY, f"{__name__}.Store": Store}
    monkeypatch.setattr("tradewind.plugins.log_handlers.import_string", names.__getitem__)
    options["logging_config_class"] = "mine.LOGGING"
    handler: Any = made("folder")
    assert isinstance(handler, logging.Handler)
    assert (handler.local_base, handler.shelf) == ("folder", "the attic")
    place = LoggedTry(dag_id="d", task_id="t", run_id="r", try_number=2)
    assert read(place) == "*** from the attic\nwhat was kept"
    with pytest.raises(LookupError, match="nothing there"):
        read(LoggedTry(dag_id="d", task_id="t", run_id="r", try_number=1))
