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

BY_WEEKDAY = {"example_weekday_branch_operator": {"branch_true", "branch_false", "branch_weekend", "branch_mid_week"}}
"""Tasks that run or are skipped by the day on which the test runs."""

RUN_ID = "golden"
PATIENCE = 240.0
"""Seconds for a run; all together take 30 on an idle machine, most of them sleeping."""

pytestmark = pytest.mark.xdist_group("example_dags")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which one run of each DAG has ended, all having run at once."""
    folder = example_dags()
    bare = tmp_path_factory.mktemp("bare")
    # As recorded: a machine on which no virtual environments can be made.
    (bare / "ensurepip.py").write_text("raise ImportError('taken away by the test')\n", encoding="utf-8")
    environ = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(map(str, (bare, folder.parents[1], TESTS.parent / "src"))),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW_CONN_FS_DEFAULT": "fs://",
    }
    wanted = {dag_id: run for file in FILES for dag_id, run in GOLDEN["files"][file].items()}
    with live_server(tmp_path_factory.mktemp("home"), **environ) as server:
        for dag_id in wanted:
            server.wait_for_dag(dag_id)
        for dag_id, run in wanted.items():
            server.trigger(dag_id, dag_run_id=RUN_ID, logical_date=GOLDEN["logical_date"], conf=run.get("conf", {}))
        for dag_id in wanted:
            server.wait_for_run(dag_id, RUN_ID, PATIENCE)
        yield server


@pytest.mark.parametrize(
    ("file", "dag_id"), [(file, dag_id) for file in FILES for dag_id in sorted(GOLDEN["files"][file])]
)
def test_a_dag_ends_as_in_airflow(file: str, dag_id: str, finished: LiveServer) -> None:
    expected = GOLDEN["files"][file][dag_id]
    assert finished.run_state(dag_id, RUN_ID) == expected["run"]
    found = finished.task_states(dag_id, RUN_ID)
    assert found.keys() == expected["tasks"].keys()
    fixed = found.keys() - BY_WEEKDAY.get(dag_id, set())
    assert {task: found[task] for task in fixed} == {task: expected["tasks"][task] for task in fixed}


def test_enough_files_are_run() -> None:
    assert len(FILES) >= 36
