"""What an attempt's process costs, in pages of memory that the system copies for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fake_scheduler import FakeScheduler
from support.worker_home import WorkerHome, children_of

from tradewind.execution.endpoints import holder
from tradewind.wire.messages import Exited, Launch

MOST_FAULTS = 2400
"""Of a child with its rehearsal; about 1,930 when this was written. More is a first-time cost that
every fork pays."""
DAG = """
from airflow import DAG
from airflow.operators.python import PythonOperator
with DAG("d", schedule=None):
    PythonOperator(task_id="a", python_callable=abs, op_args=[1])
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerHome]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))
    home = WorkerHome(tmp_path)
    yield home
    home.close()


def faults_of_children(pid: int) -> int:
    """Page faults of the children of a process that have been waited for."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[8])


def test_an_attempt_has_few_pages_copied(home: WorkerHome) -> None:
    path = home.file(DAG)
    scheduler = FakeScheduler(home.home)
    try:
        home.start_worker()
        scheduler.accept()
        counts = []
        for token in ("t1", "t2", "t3"):
            scheduler.send(Launch(attempt=home.attempt(path, "a", token)))
            assert scheduler.until(Exited).exit_code == 0
            template = holder(home.options.run_folder / "template.lock")
            assert template is not None
            [zygote] = children_of(template)
            counts.append(faults_of_children(zygote))
        assert 0 < counts[2] - counts[1] <= MOST_FAULTS, counts
    finally:
        scheduler.close()
