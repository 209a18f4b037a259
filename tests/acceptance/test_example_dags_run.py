"""Airflow's own example DAGs, unmodified, run to the states that a real Airflow 2.10.5 gave them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server
from support.airflow_examples import example_dags

TESTS = Path(__file__).parents[1]
GOLDEN: dict[str, Any] = json.loads((TESTS / "golden" / "example_dags.json").read_text(encoding="utf-8"))
WAITING: dict[str, str] = json.loads((TESTS / "acceptance" / "example_dags_waiting.json").read_text(encoding="utf-8"))[
    "run"
]
FILES = sorted(set(GOLDEN["files"]) - set(WAITING))

BY_DATE = {
    "example_branch_datetime_operator_2": {"date_in_range", "date_outside_range"},
    "example_weekday_branch_operator": {"branch_true", "branch_false", "branch_weekend", "branch_mid_week"},
    "example_sensors": {"week_day_sensor_failing_on_timeout"},
}
"""Tasks that run or are skipped by the day, or the time of day, at which the test runs."""
BEFORE_MIDNIGHT = {
    "example_sensors": {
        "run": "success",
        "tasks": {
            "timeout_after_second_date_in_the_future": "success",
            "timeout_after_second_date_in_the_future_async": "success",
            "print_date_in_bash": "success",
        },
    }
}
"""What differs in the last hour of a day: a time of day that is an hour ahead is then one that has passed."""

POLICY = """
def task_policy(task):
    if hasattr(task, "poke_interval") and task.dag_id.startswith("example_"):
        task.poke_interval = 1.0
        if task.dag_id == "example_external_task_marker_child":
            task.timeout = 5.0
"""
"""As recorded: nobody waits for the minutes that the examples' sensors sleep."""
PLUGIN = "from airflow.example_dags.plugins.workday import WorkdayTimetablePlugin\n"

RUN_ID = "golden"
PATIENCE = 240.0
"""Seconds for a run; all together take 30 on an idle machine, most of them sleeping."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which one run of each DAG has ended, all having run at once."""
    folder = example_dags()
    bare = tmp_path_factory.mktemp("bare")
    # As recorded: a machine on which no virtual environments can be made.
    (bare / "ensurepip.py").write_text("raise ImportError('taken away by the test')\n", encoding="utf-8")
    (bare / "airflow_local_settings.py").write_text(POLICY, encoding="utf-8")
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "workday.py").write_text(PLUGIN, encoding="utf-8")
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(map(str, (bare, folder.parents[1], TESTS.parent / "src"))),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW_CONN_FS_DEFAULT": "fs://",
        # As recorded: without a network. Nothing listens there.
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }
    wanted = {dag_id: run for file in FILES for dag_id, run in GOLDEN["files"][file].items()}
    with live_server(tmp_path_factory.mktemp("home"), **environ) as server:
        for dag_id in wanted:
            server.wait_for_dag(dag_id)
        for dag_id, run in wanted.items():
            server.trigger(dag_id, dag_run_id=RUN_ID, logical_date=GOLDEN["logical_date"], conf=run.get("conf", {}))
        for dag_id, run in wanted.items():
            settle(server, dag_id, run)
        yield server


def outcomes(dag_id: str, run: dict[str, Any]) -> list[dict[str, Any]]:
    """What a DAG may come to: its run's state, and its tasks' but for those that go by the date."""
    tasks = {task: state for task, state in run["tasks"].items() if task not in BY_DATE.get(dag_id, set())}
    found = [{"run": run["run"], "tasks": tasks}]
    if dag_id in BEFORE_MIDNIGHT:
        late = BEFORE_MIDNIGHT[dag_id]
        found.append({"run": late["run"], "tasks": {**tasks, **late["tasks"]}})  # type: ignore[dict-item]
    return found


def outcome(server: LiveServer, dag_id: str) -> dict[str, Any]:
    """What it has come to."""
    states = server.task_states(dag_id, RUN_ID)
    tasks = {task: state for task, state in states.items() if task not in BY_DATE.get(dag_id, set())}
    return {"run": server.run_state(dag_id, RUN_ID), "tasks": tasks}


def settle(server: LiveServer, dag_id: str, run: dict[str, Any]) -> None:
    """Wait for the run's end; of one that hangs on, for hours, until its tasks are where they should be."""
    if run["run"] != "running":
        server.wait_for_run(dag_id, RUN_ID, PATIENCE)
        return
    wanted = outcomes(dag_id, run)
    server.wait_until(lambda: outcome(server, dag_id) in wanted, f"{dag_id} is where it should be", PATIENCE)


@pytest.mark.parametrize(
    ("file", "dag_id"), [(file, dag_id) for file in FILES for dag_id in sorted(GOLDEN["files"][file])]
)
def test_a_dag_ends_as_in_airflow(file: str, dag_id: str, finished: LiveServer) -> None:
    run = GOLDEN["files"][file][dag_id]
    assert finished.task_states(dag_id, RUN_ID).keys() == run["tasks"].keys()
    expected = outcomes(dag_id, run)
    found = outcome(finished, dag_id)
    if found not in expected[1:]:
        assert found == expected[0]


def test_enough_files_are_run() -> None:
    assert len(FILES) >= 45
