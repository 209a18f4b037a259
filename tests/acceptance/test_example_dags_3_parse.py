"""Airflow 3.3.2's example DAG files, unmodified, give the DAGs that a real 3.3.2 makes of them; at compat level 3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.airflow_examples_3 import folders, root

TESTS = Path(__file__).parents[1]
STRUCTURE: dict[str, Any] = json.loads((TESTS / "golden" / "example_dags_3_structure.json").read_text(encoding="utf-8"))
PLUGINS = """\
from airflow.example_dags.plugins.decreasing_priority_weight_strategy import DecreasingPriorityWeightStrategyPlugin
from airflow.example_dags.plugins.workday import WorkdayTimetablePlugin
"""
"""A real Airflow loads the examples' plugins together with the examples; here they are installed as any plugin is."""
NOTHING_WITHOUT_KUBERNETES = frozenset({"example_kubernetes_executor.py", "example_local_kubernetes_executor.py"})
FILES = sorted({*STRUCTURE["files"], *NOTHING_WITHOUT_KUBERNETES})
OF_THE_DAY = frozenset({"date", "date_time"})
"""Params of example_params_ui_tutorial whose default is the moment of the import."""


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All files, loaded once, those of the provider as ``standard/…``."""
    plugins = tmp_path_factory.mktemp("plugins")
    (plugins / "examples.py").write_text(PLUGINS, encoding="utf-8")
    found: dict[str, Any] = {}
    for prefix, folder in zip(("", "standard/"), folders(), strict=True):
        answer = subprocess.run(
            [sys.executable, str(TESTS / "support" / "load_dag_files.py"), str(folder), "3", str(plugins)],
            capture_output=True,
            text=True,
            check=True,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
                "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
                "PYTHONPATH": os.pathsep.join(map(str, (TESTS.parent / "src", root()))),
            },
        )
        found |= {prefix + name: result for name, result in json.loads(answer.stdout).items()}
    return found


def _comparable(dag: dict[str, Any]) -> dict[str, Any]:
    kept = {name: dag[name] for name in ("catchup", "start_date", "tags", "tasks")}
    return {**kept, "params": sorted(dag["params"])}


@pytest.mark.parametrize("file", FILES)
def test_a_file_gives_the_dags_that_airflow_3_makes_of_it(file: str, loaded: dict[str, Any]) -> None:
    assert loaded[file]["errors"] == []
    found = {dag_id: _comparable(dag) for dag_id, dag in loaded[file]["dags"].items()}
    assert found == STRUCTURE["files"].get(file, {})


def test_every_file_is_compared(loaded: dict[str, Any]) -> None:
    assert sorted(loaded) == FILES
    assert sum(len(file["dags"]) for file in loaded.values()) == 113
