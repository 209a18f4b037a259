"""Two providers in each test run: HTTP with the triggerer, and SQL checks on SQLite. More of them: the slow tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer
from acceptance.provider_stage import (
    providers_server,
    quick_python,
    received,
    returned,
    run,
    services,
    told,
    variables_of,
)

pytestmark = pytest.mark.slow
"""Providers are installed from an index into an environment of their own."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quick")


@pytest.fixture(scope="module")
def live(folder: Path) -> Iterator[LiveServer]:
    interpreter = quick_python()
    with services(folder, interpreter, "http") as ports:
        connections = {
            "real_sqlite": {"conn_type": "sqlite", "host": str(folder / "animals.db")},
            "real_http": {"conn_type": "http", "host": f"http://127.0.0.1:{ports['http']}/"},
        }
        environ = variables_of(connections, {"databases": "sqlite"})
        with providers_server(folder / "home", interpreter, ["databases.py", "over_http.py"], environ) as server:
            yield server


def test_http_is_asked_by_tasks_and_by_triggers(live: LiveServer, folder: Path) -> None:
    states = run(live, "http")
    assert states.pop("refused") == "failed"
    assert set(states.values()) == {"success"}, (states, [told(live, "http", one) for one in states])
    assert json.loads(returned(live, "http", "later"))["path"] == "/echo?a=1"
    assert {"run": "trial"} in [json.loads(one["body"]) for one in received(folder, "http") if one["body"]]


def test_sql_is_run_and_checked_on_sqlite(live: LiveServer) -> None:
    states = run(live, "sql_sqlite")
    assert (states.pop("wrong"), states.pop("interval_wrong"), states.pop("few")) == ("failed", "failed", "skipped")
    assert set(states.values()) == {"success"}, states


def test_the_installed_providers_and_their_connection_types_are_listed(live: LiveServer) -> None:
    versions = {one["package_name"]: one["version"] for one in live.get("/providers")["providers"]}
    assert versions["apache-airflow-providers-http"] == "6.3.0"
    assert live.get("/importErrors")["import_errors"] == []
