"""Airflow's example DAGs that make virtual environments, with packages of an index: only where one answers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server
from support.airflow_examples import example_dags

TESTS = Path(__file__).parents[1]
RUN_ID = "golden"
PATIENCE = 900.0
"""Seconds for a run: numpy is fetched and installed."""
BRANCHES = {
    "example_branch_operator": {"": "branching", "ext_py_": "branching_ext_python", "venv_": "branching_venv"},
    "example_branch_python_operator_decorator": {
        "": "branching",
        "ext_py_": "branching_ext_python",
        "venv_": "branching_virtualenv",
    },
}
"""DAG → prefix of what may be followed → the task that chooses."""

pytestmark = pytest.mark.slow


def index_answers() -> bool:
    """Whether pip can find a package that the examples want."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps", "--ignore-installed"]
    return subprocess.run([*command, "funcsigs"], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which one run of each has ended."""
    if not index_answers():
        pytest.skip("no index of packages answers")
    folder = example_dags()
    environ = {
        "PYTHONPATH": os.pathsep.join(map(str, (folder.parents[1], TESTS.parent / "src"))),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "TMPDIR": str(tmp_path_factory.mktemp("environments")),
    }
    dag_ids = [*BRANCHES, "tutorial_taskflow_api_virtualenv"]
    with live_server(tmp_path_factory.mktemp("home"), **environ) as server:
        for dag_id in dag_ids:
            server.wait_for_dag(dag_id)
            server.trigger(dag_id, dag_run_id=RUN_ID, logical_date="2024-01-02T00:00:00Z")
        for dag_id in dag_ids:
            server.wait_for_run(dag_id, RUN_ID, PATIENCE)
        yield server


@pytest.mark.parametrize("dag_id", BRANCHES)
def test_each_kind_of_interpreter_chooses_one_branch(dag_id: str, finished: LiveServer) -> None:
    """Which one is drawn by lot; one of four is followed, the others are skipped, and what joins them runs."""
    assert finished.run_state(dag_id, RUN_ID) == "success"
    states = finished.task_states(dag_id, RUN_ID)
    for prefix, chooser in BRANCHES[dag_id].items():
        assert states[chooser] == "success"
        names = [f"{prefix or 'branch_'}{letter}" for letter in "abcd"]
        assert sorted(str(states[name]) for name in names) == ["skipped", "skipped", "skipped", "success"]
    assert {state for name, state in states.items() if name.startswith("join")} == {"success"}


def test_a_taskflow_task_in_an_environment_hands_its_value_on(finished: LiveServer) -> None:
    dag_id = "tutorial_taskflow_api_virtualenv"
    assert finished.task_states(dag_id, RUN_ID) == {"extract": "success", "transform": "success", "load": "success"}
    pulled = finished.get(
        f"/dags/{dag_id}/dagRuns/{RUN_ID}/taskInstances/extract/xcomEntries/return_value?stringify=false"
    )
    assert pulled["value"] == {"1001": 301.27, "1002": 433.21, "1003": 502.22}
