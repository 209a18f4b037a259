"""What users' own tests ask of DagBag, DAG, dag.test() and xcom_pull is answered as Airflow 2.10.5 answers it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
GOLDEN: dict[str, Any] = json.loads((TESTS / "golden" / "dag_bag.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All answers, given by a process that knows nothing of these tests."""
    folder = tmp_path_factory.mktemp("bag")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    environ |= {"AIRFLOW_HOME": str(folder / "home"), "PYTHONPATH": str(TESTS.parent / "src")}
    done = subprocess.run(
        [sys.executable, str(TESTS / "support" / "dag_bag_probe.py"), str(folder)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("question", GOLDEN)
def test_an_answer_is_airflows(question: str, answers: dict[str, Any]) -> None:
    assert answers[question] == GOLDEN[question]


def test_nothing_is_asked_that_was_not_recorded(answers: dict[str, Any]) -> None:
    assert answers.keys() == GOLDEN.keys()
