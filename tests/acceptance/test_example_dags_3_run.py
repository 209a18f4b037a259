"""The example DAGs of Airflow 3.3.2, unmodified, at compat level 3, run to the states that a real 3.3.2 gave them.

The golden file is made by support/record_examples_3.py.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server
from acceptance.test_example_dags_3_parse import NOTHING_WITHOUT_KUBERNETES, PLUGINS, STRUCTURE
from support.airflow_examples_3 import folders, root

TESTS = Path(__file__).parents[1]
GOLDEN: dict[str, Any] = json.loads((TESTS / "golden" / "example_dags_3.json").read_text(encoding="utf-8"))
WAITING: dict[str, str] = json.loads((TESTS / "acceptance" / "example_dags_3_waiting.json").read_text(encoding="utf-8"))
FILES = sorted(set(GOLDEN["files"]) - set(WAITING))
BY_WEEKDAY = {"example_weekday_branch_operator": {"branch_true", "branch_false", "branch_weekend", "branch_mid_week"}}
"""Tasks that run or are skipped by the day on which the test runs."""
DIFFERENT = {
    name: "Airflow refuses its inlet: another example gives the same URI another name. Here both are one asset."
    for name in ("read_asset_event", "read_asset_event_from_classic")
}
RUN_ID = "golden"
PATIENCE = 400.0
"""Seconds for a run; all together take a minute on an idle machine."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server on which one run of each DAG has ended, all having run at once."""
    place = tmp_path_factory.mktemp("examples")
    for name, folder in zip(("core", "standard"), folders(), strict=True):
        shutil.copytree(folder, place / "dags" / name, ignore=shutil.ignore_patterns("plugins", "libs", "__init__.py"))
    (place / "plugins").mkdir()
    (place / "plugins" / "examples.py").write_text(PLUGINS, encoding="utf-8")
    environ = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(map(str, (root(), TESTS.parent / "src"))),
        "AIRFLOW__TRADEWIND__COMPAT_LEVEL": "3",
        "AIRFLOW__CORE__DAGS_FOLDER": str(place / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(place / "plugins"),
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
def test_a_dag_ends_as_in_airflow_3(file: str, dag_id: str, finished: LiveServer) -> None:
    expected = GOLDEN["files"][file][dag_id]
    found = finished.task_states(dag_id, RUN_ID)
    assert found.keys() == expected["tasks"].keys()
    if dag_id in DIFFERENT:
        return
    assert finished.run_state(dag_id, RUN_ID) == expected["run"]
    fixed = found.keys() - BY_WEEKDAY.get(dag_id, set())
    assert {task: found[task] for task in fixed} == {task: expected["tasks"][task] for task in fixed}


def test_every_file_is_run_or_known_to_wait() -> None:
    assert set(FILES) | set(WAITING) == set(STRUCTURE["files"]) | NOTHING_WITHOUT_KUBERNETES
    assert all(WAITING.values())
