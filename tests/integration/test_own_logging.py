"""``[logging] logging_config_class``: a dictionary of the operator's in the processes of attempts and callbacks, with a
task handler that keeps logs elsewhere. One worker serves all tests of this file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.attempts import Setting, worker_of
from support.fake_scheduler import FakeScheduler
from support.worker_home import WorkerHome

from tradewind.wire.messages import CallbackExited, LaunchCallback

MODULE = '''
import logging, os
from copy import deepcopy
from airflow.config_templates.airflow_local_settings import DEFAULT_LOGGING_CONFIG
from airflow.utils.log.file_task_handler import FileTaskHandler

HOME = os.path.dirname(os.path.abspath(__file__))

class Shelf(FileTaskHandler):
    """Adds what it is given to what it has, as handlers of object stores do; the local file goes."""

    def __init__(self, base_log_folder, shelf, **kwargs):
        super().__init__(base_log_folder, **kwargs)
        self.shelf = shelf

    def set_context(self, ti, **kwargs):
        super().set_context(ti, **kwargs)
        self.place = os.path.join(self.shelf, self._render_filename(ti, ti.try_number))

    def close(self):
        with open(self.handler.baseFilename) as file:
            text = file.read()
        os.makedirs(os.path.dirname(self.place), exist_ok=True)
        with open(self.place, "a") as file:
            file.write(text)

class OnlyMine(logging.Filter):
    def filter(self, record):
        return "noise" not in record.getMessage()

LOGGING = deepcopy(DEFAULT_LOGGING_CONFIG)
LOGGING["formatters"]["mine"] = {
    "()": "airflow.utils.log.json_formatter.JSONFormatter",
    "json_fields": ["levelname", "message"],
    "extras": {"app": "x"},
}
LOGGING["filters"]["mine"] = {"()": "tw_logging.OnlyMine"}
LOGGING["handlers"]["task"] = {
    "class": "tw_logging.Shelf", "formatter": "mine", "filters": ["mask_secrets", "mine"],
    "base_log_folder": "/ignored", "shelf": os.path.join(HOME, "shelf"),
}
LOGGING["handlers"]["audit"] = {
    "class": "logging.FileHandler", "formatter": "airflow", "filename": os.path.join(HOME, "audit.log"),
}
LOGGING["loggers"]["airflow.task"]["handlers"] = ["task", "console", "audit"]
LOGGING["loggers"]["chatty"] = {"level": "ERROR"}
'''


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the operator's module."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "tw_logging.py").write_text(MODULE)
    return folder


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory, modules: Path) -> Iterator[tuple[WorkerHome, FakeScheduler]]:
    with worker_of(tmp_path_factory, {"logging": {"logging_config_class": "tw_logging.LOGGING"}}, modules) as made:
        yield made


@pytest.fixture
def setting(worker: tuple[WorkerHome, FakeScheduler], request: pytest.FixtureRequest) -> Setting:
    return Setting(*worker, re.sub(r"\W+", "_", request.node.name))


TASK = """
import logging
from airflow.utils.log.secrets_masker import mask_secret

def work():
    mask_secret("open-sesame")
    print("mine open-sesame")
    print("noise")
    logging.getLogger("chatty").warning("chatter")
    try:
        raise ValueError("bad open-sesame")
    except ValueError:
        logging.getLogger("other").exception("told")

PythonOperator(task_id="t", python_callable=work, on_failure_callback=lambda context: print("called back"))
"""


def test_its_formatters_filters_and_handlers_are_used(setting: Setting, modules: Path) -> None:
    setting.finish(setting.dag(TASK), "t")
    log = setting.log("t")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"levelname": "INFO", "message": "mine ***", "app": "x"} in lines
    assert not [line for line in lines if "noise" in line["message"] or "chatter" in line["message"]]
    audit = (modules / "audit.log").read_text()
    assert " INFO - mine ***" in audit
    assert "ValueError: bad ***" in audit
    assert " INFO - noise" in audit
    console = (setting.home.home / "run" / "template.log").read_text()
    assert " INFO - mine ***" in console
    for text in (log, audit, console):
        assert "sesame" not in text


def test_what_was_written_since_the_last_upload_goes_to_the_store(setting: Setting, modules: Path) -> None:
    """Attempt, trigger, the attempt again after its deferral, a callback: one log here and one there."""
    path = setting.dag(TASK)
    setting.finish(path, "t")
    place = f"dag_id=d/run_id={setting.name}/task_id=t/attempt=1.log"
    local = setting.home.home / "logs" / place
    with local.open("a") as file:
        file.write("the trigger's words\n")
    setting.scheduler.seen.clear()
    setting.finish(path, "t", token="t2")
    attempt = setting.home.attempt(path, "t", "t3")
    setting.scheduler.send(LaunchCallback(callback_id=5, kind="failure", attempt=attempt, reason="lost", error="gone"))
    setting.scheduler.until(CallbackExited)
    stored = modules / "shelf" / place
    assert "called back" in stored.read_text()
    assert stored.read_text() == local.read_text()
    assert stored.read_text().count("the trigger's words") == 1
    assert stored.read_text().count("Task exited") == 2
