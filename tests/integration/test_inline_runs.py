"""``dag.test()`` and ``tradewind run``: a DAG without a server."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tradewind.model.states import RunState

FILE = """
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowSkipException

SEEN = []


@dag(
    start_date=datetime(2024, 1, 1),
    schedule=None,
    params={"n": 3},
    on_success_callback=lambda context: SEEN.append(("dag", context["reason"])),
)
def numbers():
    @task
    def make(params=None):
        return list(range(params["n"]))

    @task(on_success_callback=lambda context: SEEN.append(("task", context["ti"].map_index)))
    def double(x):
        if x == 1:
            raise AirflowSkipException("not this one")
        return 2 * x

    @task(trigger_rule="all_done", retries=1, retry_delay=timedelta(0))
    def total(xs, ti=None):
        if ti.try_number == 1:
            raise RuntimeError("once")
        SEEN.append(("total", list(xs)))

    total(double.expand(x=make()))


@dag(start_date=datetime(2024, 1, 1), schedule=None)
def broken():
    @task
    def fail():
        raise RuntimeError("boom")

    fail()


numbers_dag = numbers()
broken_dag = broken()
"""


@pytest.fixture
def dag_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "home"))
    path = tmp_path / "numbers_file.py"
    path.write_text(FILE)
    return path


def in_python(path: Path, code: str) -> str:
    """What a fresh interpreter prints after importing the file: user code stays out of the test's process."""
    program = f"import sys; sys.path.insert(0, {str(path.parent)!r}); import numbers_file as f\n{code}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dag_test_runs_everything_and_gives_the_run(dag_file: Path) -> None:
    printed = in_python(dag_file, "run = f.numbers_dag.test(run_conf={'n': 3}); print(run.state.value, f.SEEN)")
    state, _, seen = printed.strip().splitlines()[-1].partition(" ")
    assert state == RunState.SUCCESS
    assert "('total', [0, 4])" in seen
    assert "('dag', 'success')" in seen
    # on_success_callback follows a skip too, as in Airflow
    assert all(f"('task', {index})" in seen for index in range(3))


def test_dag_test_of_a_failing_dag_gives_a_failed_run(dag_file: Path) -> None:
    assert in_python(dag_file, "print(f.broken_dag.test().state.value)").strip().endswith("failed")


def test_dag_test_takes_variables_from_a_file(dag_file: Path, tmp_path: Path) -> None:
    (tmp_path / "variables.json").write_text('{"greeting": "hello"}')
    dag_file.write_text(
        "from datetime import datetime\nfrom airflow.decorators import dag, task\nfrom airflow.models import Variable\n"
        "SEEN = []\n@dag(start_date=datetime(2024, 1, 1), schedule=None)\ndef greets():\n"
        "    @task\n    def say():\n        SEEN.append(Variable.get('greeting'))\n    say()\nd = greets()\n"
    )
    code = f"f.d.test(variable_file_path={str(tmp_path / 'variables.json')!r}); print(f.SEEN)"
    assert in_python(dag_file, code).strip().splitlines()[-1] == "['hello']"


@pytest.mark.parametrize(("dag_id", "code"), [("numbers", 0), ("broken", 1)])
def test_tradewind_run_ends_with_the_runs_fate(dag_file: Path, dag_id: str, code: int) -> None:
    command = [sys.executable, "-m", "tradewind", "run", str(dag_file), "--dag-id", dag_id]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("success in" if code == 0 else "failed in") in done.stdout
    assert code == 0 or "RuntimeError: boom" in done.stdout, "the log's tail is shown"


def test_tradewind_run_asks_which_dag(dag_file: Path) -> None:
    command = [sys.executable, "-m", "tradewind", "run", str(dag_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "broken, numbers" in done.stderr


SCHEDULED = """
import time
from datetime import datetime

from airflow.decorators import dag, task


@dag(start_date=datetime(2024, 1, 1), schedule="@daily")
def daily():
    @task
    def wait(dag_run=None):
        print("begun", dag_run.run_type)
        time.sleep(dag_run.conf.get("seconds", 0))

    wait()


daily()
"""


def test_tradewind_run_makes_one_run_of_a_dag_with_a_schedule(dag_file: Path) -> None:
    dag_file.write_text(SCHEDULED)
    command = [sys.executable, "-m", "tradewind", "run", str(dag_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "daily manual__" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_tradewind_run_ends_when_it_is_told_to(dag_file: Path, number: signal.Signals) -> None:
    dag_file.write_text(SCHEDULED)
    command = [sys.executable, "-m", "tradewind", "run", str(dag_file), "--conf", '{"seconds": 600}']
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "running" in line:
            break
    process.send_signal(number)
    process.stdout.read()
    process.stdout.close()
    assert process.wait(60) == 130
