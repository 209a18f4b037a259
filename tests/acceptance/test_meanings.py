"""Whole runs in real processes mean what they mean in Airflow: states, tries, XComs, logs, callbacks.

The DAG files in ``meanings/`` run unmodified in Airflow 2.10.5 too; the tables beside them were seen there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from acceptance.live_server import LiveServer, live_server
from acceptance.meanings_table import FOLDER, Expected, Fact, read_tables

TABLES = read_tables()
FACTS = [fact for expected in TABLES.values() for fact in expected.facts]
RUN = "dagRuns/r"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which every DAG has had one run."""
    home = tmp_path_factory.mktemp("home")
    (home / "dags").mkdir()
    for path in FOLDER.iterdir():
        if path.suffix in (".py", ".sh", ".sql"):
            (home / "dags" / path.name).write_text(path.read_text())
    options = {
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "16",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "60",
        "AIRFLOW__EMAIL__EMAIL_BACKEND": "alerts.mail",
    }
    with live_server(home, **options) as server:
        for name, slots in (("single", 1), ("three", 3)):
            server.post("/pools", {"name": name, "slots": slots})
        for dag_id in TABLES:
            server.wait_for_dag(dag_id)
        for dag_id in TABLES:
            server.trigger(dag_id, dag_run_id="r", logical_date="2024-03-05T06:07:08+00:00")
        yield server


def instances(server: LiveServer, dag_id: str) -> dict[str, dict[str, Any]]:
    rows = server.get(f"/dags/{dag_id}/{RUN}/taskInstances?limit=1000")["task_instances"]
    return {row["task_id"] + ("" if row["map_index"] < 0 else f"[{row['map_index']}]"): row for row in rows}


def seen(server: LiveServer, dag_id: str) -> dict[str, str]:
    return {
        name: f"{row['state'] or 'null'} {row['try_number']}/{row['max_tries']}"
        for name, row in instances(server, dag_id).items()
    }


def settled(server: LiveServer, expected: Expected) -> bool:
    """Whether the run has ended; one that should hang on: whether it has come to where it should."""
    if expected.run_state in ("success", "failed"):
        return server.run_state(expected.dag_id, "r") in ("success", "failed")
    return seen(server, expected.dag_id) == expected.instances


@pytest.mark.parametrize("dag_id", TABLES)
def test_states_and_tries(server: LiveServer, dag_id: str) -> None:
    expected = TABLES[dag_id]
    server.wait_until(lambda: settled(server, expected), f"{dag_id} has settled: {seen(server, dag_id)}")
    assert seen(server, dag_id) == expected.instances
    assert server.run_state(dag_id, "r") == expected.run_state


@pytest.mark.parametrize("fact", FACTS, ids=str)
def test_fact(server: LiveServer, fact: Fact) -> None:
    server.wait_until(lambda: settled(server, TABLES[fact.dag_id]), f"{fact.dag_id} has settled")
    head, _, rest = fact.line.partition(" ")
    if head == "weights:":
        rows = instances(server, fact.dag_id)
        assert [rows[name]["priority_weight"] for name in sorted(rows)] == [int(word) for word in rest.split()]
    elif head == "log":
        check_log(server, fact.dag_id, rest.removeprefix("of "))
    elif head == "events":
        check_events(server, fact.dag_id, rest.removeprefix("of "))
    else:
        task, _, value = rest.removeprefix("of ").partition(" = ")
        check_value(server, fact.dag_id, head, task, value)


def check_log(server: LiveServer, dag_id: str, rest: str) -> None:
    task, how, text = rest.split(" ", 2)
    row = instances(server, dag_id)[task]
    path = f"/dags/{dag_id}/{RUN}/taskInstances/{row['task_id']}/logs/{row['try_number']}?map_index={row['map_index']}"
    log = server.request("GET", path, headers={"Accept": "text/plain"}).text
    assert (text in log) is (how == "has"), log


def check_events(server: LiveServer, dag_id: str, rest: str) -> None:
    """Callbacks of a task or run may still be on their way when it has ended."""
    who, _, text = rest.partition(": ")
    path = server.home / f"events_{dag_id}_{who}"
    expected = [] if text == "nothing" else [part.strip() for part in text.split(" | ")]

    def noted() -> list[str]:
        return [line.strip() for line in path.read_text().splitlines()] if path.exists() else []

    server.wait_until(lambda: len(noted()) >= len(expected), f"{dag_id} {who}: {expected}; is {noted()}", 10)
    assert noted() == expected


def check_value(server: LiveServer, dag_id: str, key: str, task: str, value: str) -> None:
    row = instances(server, dag_id)[task]
    if key == "rendered":
        assert row["rendered_fields"] == json.loads(value)
        return
    if key == "name":
        assert row["rendered_map_index"] == json.loads(value)
        return
    path = f"/dags/{dag_id}/{RUN}/taskInstances/{row['task_id']}/xcomEntries/{quote(key)}"
    answer = server.request("GET", f"{path}?stringify=false&map_index={row['map_index']}")
    if value == "nothing":
        assert answer.status == 404, answer.text
    else:
        assert answer.json["value"] == json.loads(value)
