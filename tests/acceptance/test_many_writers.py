"""64 clients write to one SQLite database over the API at once: nobody is turned away, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server

WRITERS = 64
EACH = 4

DAG = """
import pendulum

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator

with DAG("target", start_date=pendulum.datetime(2024, 1, 1), schedule=None, max_active_runs=16):
    EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
with DAG("busy", start_date=pendulum.datetime(2024, 1, 1), schedule=None, is_paused_upon_creation=False):
    BashOperator.partial(task_id="t").expand(bash_command=["true"] * 50)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home: Path = tmp_path_factory.mktemp("home")
    with live_server(home) as server:
        server.put_dag("target.py", DAG)
        server.wait_for_dag("target")
        server.wait_for_dag("busy")
        server.unpause("target")
        yield server


def write(server: LiveServer, writer: int) -> list[str]:
    """What one client does; the answers that were no success."""
    wrong = []
    for number in range(EACH):
        key = f"k{writer}_{number}"
        for method, path, body in (
            ("POST", "/variables", {"key": key, "value": "made"}),
            ("POST", "/dags/target/dagRuns", {"dag_run_id": key, "conf": {"n": number}}),
            ("PATCH", f"/variables/{key}", {"key": key, "value": "changed"}),
            ("POST", "/pools", {"name": key, "slots": number}),
            ("PATCH", f"/dags/target/dagRuns/{key}/setNote", {"note": key}),
            ("PATCH", "/dags/target?update_mask=is_paused", {"is_paused": False}),
        ):
            answer = server.request(method, path, body)
            if answer.status != 200:
                wrong.append(f"{method} {path}: {answer.status} {answer.text}")
    return wrong


def test_64_writers_lose_nothing(server: LiveServer) -> None:
    """While the scheduler and fifty tasks write too."""
    server.trigger("busy", dag_run_id="r")
    with ThreadPoolExecutor(WRITERS) as pool:
        wrong = [line for lines in pool.map(lambda writer: write(server, writer), range(WRITERS)) for line in lines]
    assert wrong == []
    keys = {f"k{writer}_{number}" for writer in range(WRITERS) for number in range(EACH)}
    values = {}
    notes = {}
    pools: set[str] = set()
    for offset in range(0, len(keys) + 1, 100):
        page = f"limit=100&offset={offset}"
        values |= {row["key"]: row["value"] for row in server.get(f"/variables?{page}")["variables"]}
        notes |= {row["dag_run_id"]: row["note"] for row in server.get(f"/dags/target/dagRuns?{page}")["dag_runs"]}
        pools |= {row["name"] for row in server.get(f"/pools?{page}")["pools"]}
    assert values == dict.fromkeys(keys, "changed")
    assert notes == {key: key for key in keys}
    assert pools - {"default_pool"} == keys
    assert server.get("/dags/target/dagRuns?limit=1")["total_entries"] == len(keys)
    server.wait_until(
        lambda: server.get("/dags/target/dagRuns?state=success&limit=1")["total_entries"] == len(keys),
        "all runs have succeeded",
    )
    assert server.wait_for_run("busy", "r") == "success"
    assert "database is locked" not in server.output
