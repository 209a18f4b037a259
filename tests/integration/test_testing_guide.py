"""The guide on testing does what it says: its files are written as they stand there, and pytest runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tradewind.testing import ephemeral, load_dags

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/guides/testing.md"
_BLOCK = re.compile(r"```\w+ file=(\S+)\n(.*?)```", re.DOTALL)


def test_the_guides_examples_pass(tmp_path: Path) -> None:
    blocks = _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) == 5
    for name, text in blocks:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TRADEWIND"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tradewind.testing.plugin", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_a_file_that_cannot_be_imported_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("from airflow import DAG\nraise RuntimeError('boom')\n", encoding="utf-8")
    assert "boom" in load_dags(bad).import_errors[str(bad)]
    with ephemeral(bad) as server:
        errors = server.api.get("/importErrors").json()
        assert errors["total_entries"] == 1
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load_dags(tmp_path / "nowhere")


def test_runs_stay_queued_where_nobody_carries_them_out_and_options_are_ours(tmp_path: Path) -> None:
    good = tmp_path / "good.py"
    good.write_text("from airflow import DAG\ndag = DAG('good', schedule=None)\n", encoding="utf-8")
    dag = load_dags(good).get_dag("good")
    with ephemeral(tasks="none", config={("api", "maximum_page_limit"): 1}) as server:
        server.add(dag)
        assert server.api.post("/dags/good/dagRuns", {"dag_run_id": "one"}).status_code == 200
        assert server.api.get("/dags/good/dagRuns/one").json()["state"] == "queued"
        assert server.api.get("/dags", auth=("admin", "wrong")).status_code == 401
        home = server.home
    assert not home.exists()
