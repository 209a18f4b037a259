"""A backfill on a live server: planned, paused, resumed, its scheduler killed in the middle, done; the older command
line with and without a server; a bulk clear over three DAGs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from acceptance.live_server import LiveServer, live_server

DAGS = """
import os
from datetime import datetime

from airflow import DAG
from airflow.operators.python import PythonOperator


def work(**context):
    name = context["ds"]
    with open(os.environ["BACKFILL_EFFECTS"], "a") as file:
        file.write(f"{name} {context['ti'].try_number}\\n")


def fail_once(**context):
    if not os.path.exists(os.environ["BACKFILL_EFFECTS"] + ".mended"):
        raise ValueError(f"{context['dag'].dag_id} is broken")


common = dict(start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False)
with DAG("daily", schedule="@daily", max_active_runs=1, end_date=datetime(2024, 12, 31), **common):
    PythonOperator(task_id="work", python_callable=work) >> PythonOperator(task_id="more", python_callable=work)
for letter in "abc":
    with DAG(f"many_{letter}", schedule=None, tags=["many"], **common):
        PythonOperator(task_id="first", python_callable=fail_once) >> PythonOperator(
            task_id="second", python_callable=lambda: None
        )
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home = tmp_path_factory.mktemp("backfills")
    with live_server(home, BACKFILL_EFFECTS=str(home / "effects")) as running:
        running.put_dag("dags.py", DAGS)
        for dag_id in ("daily", "many_a", "many_b", "many_c"):
            running.wait_for_dag(dag_id)
        yield running


def progress(server: LiveServer, number: int) -> dict[str, int]:
    found: dict[str, int] = server.get(f"/backfills/{number}")["progress"]
    return found


def changed(server: LiveServer, number: int, word: str) -> Any:
    answer = server.request("PUT", f"/backfills/{number}/{word}")
    assert answer.status == 200, answer.text
    return answer.json


def effects(server: LiveServer) -> list[str]:
    return Path(server.environ["BACKFILL_EFFECTS"]).read_text().splitlines()


def test_a_backfill_survives_a_pause_and_the_death_of_its_scheduler(server: LiveServer) -> None:
    asked = {"dag_id": "daily", "from_date": "2024-03-01T00:00:00Z", "to_date": "2024-03-30T00:00:00Z"}
    plan = server.post("/backfills/dry_run", asked)
    assert plan["counts"] == {"create": 30, "rerun": 0, "skip": 0}

    made = server.request("POST", "/backfills", {**asked, "max_active_runs": 2})
    assert made.status == 201, made.text
    number = made.json["id"]
    server.wait_until(lambda: progress(server, number)["success"] >= 3, "three runs are done")
    changed(server, number, "pause")
    server.wait_until(lambda: progress(server, number)["running"] == 0, "what ran when it was paused is done")
    held = progress(server, number)
    assert 0 < held["waiting"] < 27

    changed(server, number, "unpause")
    server.wait_until(lambda: progress(server, number)["success"] > held["success"], "it goes on")
    server.role("scheduler").send_signal(9)
    server.wait_until(lambda: server.get(f"/backfills/{number}")["completed_at"], "the backfill is over")
    assert progress(server, number)["success"] == 30
    runs = server.get("/dags/daily/dagRuns?limit=100")["dag_runs"]
    assert {run["run_type"] for run in runs} == {"backfill"}
    assert sorted(run["dag_run_id"] for run in runs) == [
        f"backfill__2024-03-{day:02}T00:00:00+00:00" for day in range(1, 31)
    ]
    assert sorted(set(effects(server))) == [f"2024-03-{day:02} 1" for day in range(1, 31)]
    assert len(effects(server)) == 60


def command(server_home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return subprocess.run(
        [sys.executable, "-m", "tradewind", *words],
        env={**kept, "AIRFLOW_HOME": str(server_home), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_older_command_waits_for_its_runs(server: LiveServer) -> None:
    words = ("dags", "backfill", "daily", "-s", "2024-05-01", "-e", "2024-05-03")
    done = command(server.home, *words)
    assert (done.returncode, "3 of 3 runs done" in done.stdout) == (0, True), done.stderr
    again = command(server.home, *words, "--reset-dagruns", "--yes", "-t", "more", "-i", "--run-backwards")
    assert (again.returncode, "3 of 3 runs done" in again.stdout) == (0, True), again.stderr


def test_a_bulk_clear_runs_three_dags_again(server: LiveServer) -> None:
    runs = {dag_id: server.trigger(dag_id) for dag_id in ("many_a", "many_b", "many_c")}
    for dag_id, run_id in runs.items():
        assert server.wait_for_run(dag_id, run_id) == "failed"
    with closing(sqlite3.connect(server.home / "tradewind.db")) as database:
        lines = dict(database.execute("SELECT dag_id, error FROM task_failure"))
    assert lines == {dag_id: f"ValueError: {dag_id} is broken" for dag_id in runs}
    Path(server.environ["BACKFILL_EFFECTS"] + ".mended").touch()
    wish = {"action": "clear", "filter": {"tags": ["many"], "states": ["failed"]}, "include_downstream": True}
    planned = server.post("/bulk/taskInstances", wish)
    assert (planned["total"], planned["by_state"]) == (6, {"failed": 3, "upstream_failed": 3})
    done = server.post("/bulk/taskInstances", {**wish, "dry_run": False, "expected_count": 6})
    assert (done["applied"], done["refused"]) == (6, [])
    for dag_id, run_id in runs.items():
        assert server.wait_for_run(dag_id, run_id) == "success"


def test_the_older_command_brings_a_scheduler_along(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "dags").mkdir(parents=True)
    (home / "dags" / "dags.py").write_text(DAGS)
    environ = {"BACKFILL_EFFECTS": str(tmp_path / "effects")}
    for words in (("db", "migrate"), ("dags", "reserialize")):
        made = command(home, *words, **environ)
        assert made.returncode == 0, made.stderr
    done = command(home, "dags", "backfill", "daily", "-s", "2024-05-01", "-e", "2024-05-02", **environ)
    assert (done.returncode, "2 of 2 runs done" in done.stdout) == (0, True), done.stderr
    assert len((tmp_path / "effects").read_text().splitlines()) == 4
    left = [one for one in psutil.process_iter() if _home_of(one) == str(home)]
    _, alive = psutil.wait_procs(left, timeout=30)
    assert alive == [], [one.cmdline() for one in alive]


def _home_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("AIRFLOW_HOME")
    except psutil.Error:
        return None
