"""A provider package that brings one thing of each kind is found by its entry point, and each thing takes effect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server
from support.tryout_wheel import unpacked

BASE = "airflow.providers.tryout"

DAG_FILE = """
from datetime import datetime

from airflow import DAG
from airflow.configuration import conf
from airflow.datasets import Dataset
from airflow.decorators import task
from airflow.hooks.base import BaseHook
from airflow.io.path import ObjectStoragePath
from airflow.models import Variable
from airflow.providers.tryout.operators import TryoutOperator
from airflow.providers.tryout.outward import TryoutNotifier
from airflow.providers_manager import ProvidersManager

with DAG("tried", start_date=datetime(2024, 1, 1), schedule=None):

    @task.tryout(outlets=[Dataset("tryout://box/things")])
    def decorated(word):
        return word

    @task
    def found():
        manager = ProvidersManager()
        with ObjectStoragePath("tryout://files/a.txt", conn_id="box").open() as file:
            text = file.read()
        return {
            "option": conf.get("tryout", "greeting"),
            "number": conf.getint("tryout", "times"),
            "variable": Variable.get("word"),
            "hook": BaseHook.get_connection("service").get_hook().said(),
            "file": text,
            "dialect": manager.dialects["tryout"].dialect_class_name,
            "executors": manager.executor_class_names,
            "types": sorted(set(manager.hooks) & {"tryout", "fs"}),
        }

    waits = TryoutOperator(
        task_id="waits",
        word="{{ macros.tryout.shout('now') }}",
        on_success_callback=TryoutNotifier(message="{{ ti.task_id }} in {{ run_id }}"),
    )
    [decorated("x"), found()] >> waits
"""


@dataclass(frozen=True)
class Stage:
    """A server beside which the package is installed, and the folder that the package writes to."""

    server: LiveServer
    folder: Path
    environ: dict[str, str]

    def command(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """One command line."""
        return subprocess.run(
            [sys.executable, "-m", "tradewind", *words], check=False, capture_output=True, text=True, timeout=120,
            env=os.environ | self.environ | {"AIRFLOW_HOME": str(self.server.home)} | environ,
        )  # fmt: skip

    def listed(self, topic: str) -> list[dict[str, Any]]:
        """``providers TOPIC``."""
        done = self.command("providers", topic, "-o", "json")
        assert done.returncode == 0, done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """After the run of its DAG."""
    folder = tmp_path_factory.mktemp("tryout")
    (folder / "box/files").mkdir(parents=True)
    (folder / "box/files/a.txt").write_text("from a file system of the package")
    environ = {
        "PYTHONPATH": os.pathsep.join([str(unpacked(folder)), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "TRYOUT_FOLDER": str(folder),
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__WEBSERVER__EXPOSE_CONFIG": "True",
        "AIRFLOW__SECRETS__BACKEND": f"{BASE}.stores.TryoutSecrets",
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
        "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS": f"{BASE}.outward.LOGGING",
        "AIRFLOW__API__AUTH_BACKENDS": f"airflow.api.auth.backend.basic_auth,{BASE}.commands",
    }
    with live_server(folder / "home", **environ) as server:
        server.put_dag("tried.py", DAG_FILE)
        server.wait_for_dag("tried")
        server.unpause("tried")
        server.trigger("tried", dag_run_id="r")
        server.wait_for_run("tried", "r")
        yield Stage(server, folder, environ)


def returned(server: LiveServer, task_id: str) -> Any:
    path = f"/dags/tried/dagRuns/r/taskInstances/{task_id}/xcomEntries/return_value?stringify=false"
    return server.get(path)["value"]


def test_what_tasks_use_takes_effect(stage: Stage) -> None:
    """Decorator, trigger, macro; option, secrets back end, hook, file system, dialect, as a task finds them."""
    states = stage.server.task_states("tried", "r")
    assert states == {"decorated": "success", "found": "success", "waits": "success"}, stage.server.output[-3000:]
    assert returned(stage.server, "decorated") == "<x>"
    assert returned(stage.server, "waits") == "NOW!"
    assert returned(stage.server, "found") == {
        "option": "hello",
        "number": 3,
        "variable": "kept elsewhere",
        "hook": "ann@there in west",
        "file": "from a file system of the package",
        "dialect": f"{BASE}.hooks.TryoutDialect",
        "executors": [f"{BASE}.commands.TryoutExecutor"],
        "types": ["fs", "tryout"],
    }


def test_others_are_told(stage: Stage) -> None:
    """Notifier, log handler, and how a URI of the package's scheme is spelled."""
    notes = stage.folder / "notes"
    stage.server.wait_until(lambda: notes.exists() and notes.read_text() == "waits in r\n", "the notifier was called")
    log = stage.folder / "waits.log"
    stage.server.wait_until(lambda: log.exists() and "Marking task as SUCCESS" in log.read_text(), "the log is kept")
    assert [one["uri"] for one in stage.server.get("/datasets")["datasets"]] == ["tryout://BOX/things"]


def test_the_api_shows_what_the_package_brings(stage: Stage) -> None:
    """Extra link, plugin, package, options, form of the connection type, connection test."""
    server = stage.server
    links = server.get("/dags/tried/dagRuns/r/taskInstances/waits/links")
    assert links == {"Tryout console": "https://tryout.example/of/now!"}
    assert [one["name"] for one in server.get("/plugins")["plugins"]] == ["tryout"]
    assert [one for one in server.get("/providers")["providers"] if one["package_name"].endswith("tryout")] == [
        {
            "package_name": "apache-airflow-providers-tryout",
            "description": "Tryout https://tryout.example/ of every kind",
            "version": "1.2.3",
        }
    ]
    answer = server.request("GET", "/config?section=tryout", headers={"Accept": "application/json"})
    (section,) = answer.json["sections"]
    assert {one["key"]: one["value"] for one in section["options"]} == {
        "greeting": "hello",
        "times": "3",
        "password": "",
    }
    (form,) = [one for one in server.get("/connectionTypes")["connection_types"] if one["connection_type"] == "tryout"]
    assert (form["hook_name"], form["is_testable"], form["hidden_fields"]) == ("Tryout Service", True, ["port"])
    assert (form["labels"], form["placeholders"]) == ({"host": "Where"}, {"login": "somebody"})
    assert [(one["name"], one["type"], one["default"]) for one in form["extra_fields"]] == [
        ("zone", "string", "north"),
        ("key", "password", None),
    ]
    tested = server.post("/connections/test", {"connection_id": "t", "conn_type": "tryout", "host": "here"})
    assert tested == {"status": True, "message": "asked here"}


@pytest.mark.slow
def test_commands_list_each_kind(stage: Stage) -> None:
    only = {
        "links": ("extra_link_class_name", f"{BASE}.operators.TryoutLink"),
        "secrets": ("secrets_backend_class_name", f"{BASE}.stores.TryoutSecrets"),
        "logging": ("logging_class_name", f"{BASE}.outward.TryoutTaskHandler"),
        "notifications": ("notification_class_name", f"{BASE}.outward.TryoutNotifier"),
        "executors": ("executor_class_names", f"{BASE}.commands.TryoutExecutor"),
        "auth": ("api_auth_backend_module", f"{BASE}.commands"),
    }
    for topic, (column, name) in only.items():
        assert {column: name} in stage.listed(topic), topic
    assert {one["class"] for one in stage.listed("triggers")} >= {f"{BASE}.operators"}
    assert "extra__tryout__zone" in {one["connection_parameter_name"] for one in stage.listed("widgets")}
    assert {"field_behaviours": "tryout"} in stage.listed("behaviours")


@pytest.mark.slow
def test_options_of_the_package_are_those_of_the_configuration(stage: Stage) -> None:
    assert stage.command("config", "get-value", "tryout", "greeting").stdout == "hello\n"
    assert stage.command("config", "get-value", "tryout", "greeting", AIRFLOW__TRYOUT__GREETING="hi").stdout == "hi\n"
    listed = stage.command("config", "list", "--section", "tryout", "--include-descriptions").stdout
    assert listed == (
        "[tryout]\n# What is said first.\ngreeting = hello\n# How often.\ntimes = 3\n# Secret.\npassword = \n\n"
    )
    masked = stage.command("config", "list", "--section", "tryout", AIRFLOW__TRYOUT__PASSWORD="geheim").stdout
    assert "password = ***" in masked
    without = stage.command("config", "list", "--section", "tryout", "--exclude-providers")
    assert (without.returncode, "no section [tryout]" in without.stderr) == (1, True)


@pytest.mark.slow
def test_the_package_brings_commands(stage: Stage) -> None:
    done = stage.command("tryout", "hello", "ann", "--times", "2")
    assert (done.returncode, done.stdout) == (0, "hello ann 2\n"), done.stderr
    failed = stage.command("tryout", "fails", "ann")
    assert (failed.returncode, failed.stderr) == (1, "no luck, ann\n")
    assert "Try things out" in stage.command("--help").stdout
    # An executor's are those of who has chosen it.
    assert stage.command("tryout-worker", "ann").returncode == 2
    chosen = stage.command("tryout-worker", "ann", AIRFLOW__CORE__EXECUTOR=f"{BASE}.commands.TryoutExecutor")
    assert (chosen.returncode, chosen.stdout) == (0, "hello ann 1\n"), chosen.stderr
