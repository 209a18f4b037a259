"""Airflow's own example DAG files, unmodified, give the same DAGs here as in Airflow 2.10.5."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.airflow_examples import example_dags

TESTS = Path(__file__).parents[1]
STRUCTURE: dict[str, Any] = json.loads((TESTS / "golden" / "example_dags_structure.json").read_text(encoding="utf-8"))
WAITING: dict[str, dict[str, str]] = json.loads(
    (TESTS / "acceptance" / "example_dags_waiting.json").read_text(encoding="utf-8")
)
NO_DAGS_RECORDED = frozenset(
    {
        # Without the kubernetes client, or without virtualenv, these define nothing; so they were recorded.
        "example_branch_operator.py",
        "example_branch_operator_decorator.py",
        "example_kubernetes_executor.py",
        "example_local_kubernetes_executor.py",
        "tutorial_taskflow_api_virtualenv.py",
    }
)
DAILY_PARAMS = frozenset({"date", "date_time"})
"""Params of example_params_ui_tutorial whose default is the moment of the import."""


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All files, loaded once, in a process where virtual environments cannot be made: as they were recorded."""
    folder = example_dags()
    bare = tmp_path_factory.mktemp("bare")
    (bare / "ensurepip.py").write_text("raise ImportError('taken away by the test')\n", encoding="utf-8")
    source = TESTS.parent / "src"
    answer = subprocess.run(
        [sys.executable, str(TESTS / "support" / "load_dag_files.py"), str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join(map(str, (bare, source, folder.parents[1]))),
        },
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def _comparable(dags: dict[str, Any]) -> dict[str, Any]:
    return {
        dag_id: {**dag, "params": {name: value for name, value in dag["params"].items() if name not in DAILY_PARAMS}}
        for dag_id, dag in dags.items()
    }


FILES = sorted({*STRUCTURE["files"], *NO_DAGS_RECORDED} - set(WAITING["parse"]))


@pytest.mark.parametrize("file", FILES)
def test_a_file_gives_the_dags_that_airflow_makes_of_it(file: str, loaded: dict[str, Any]) -> None:
    assert loaded[file]["errors"] == []
    assert _comparable(loaded[file]["dags"]) == STRUCTURE["files"].get(file, {})


def test_every_file_is_either_compared_or_known_to_wait(loaded: dict[str, Any]) -> None:
    assert set(loaded) == {*FILES, *WAITING["parse"]}
    assert len(loaded) == 52


def test_files_that_wait_say_what_they_wait_for(loaded: dict[str, Any]) -> None:
    """An import error with a sentence, not a traceback from the depths."""
    for file, reason in WAITING["parse"].items():
        assert reason
        assert "is not there:" in loaded[file]["errors"][0], file
