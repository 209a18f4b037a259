"""kill -9 of any process at seeded moments: every run ends right, no effect is lost, no attempt counted twice, each
callback comes exactly once, nothing hangs.

A moment is not a time but progress: the victim is killed when the n-th effect has been written.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from acceptance.live_server import LiveServer, live_server

VICTIMS = ("scheduler", "worker", "zygote", "attempt", "dag-processor")
SEEDS = tuple(range(20))
MANY_SEEDS = tuple(range(20, 400))

DAGS = '''
import os
from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.python import PythonOperator

EFFECTS = os.environ["CRASH_EFFECTS"]


def note(kind, context):
    """One line in one write: whole or not at all, also when the process is killed."""
    ti = context["ti"]
    line = f"{kind} {ti.run_id} {ti.task_id} {ti.map_index} {ti.try_number}\\n"
    file = os.open(EFFECTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def work(**context):
    note("effect", context)


def succeeded(context):
    note("task-success", context)


def run_succeeded(context):
    note("dag-success", context)


def run_failed(context):
    note("dag-failure", context)


defaults = {"retries": 50, "retry_delay": timedelta(0), "on_success_callback": succeeded}
common = dict(
    start_date=datetime(2024, 1, 1), schedule=None, catchup=False, default_args=defaults, max_active_tasks=64,
    on_success_callback=run_succeeded, on_failure_callback=run_failed, is_paused_upon_creation=False,
)

with DAG("chain_of_40", **common):
    previous = None
    for number in range(40):
        task = PythonOperator(task_id=f"t{number}", python_callable=work)
        if previous is not None:
            previous >> task
        previous = task

with DAG("fan_of_200", **common):
    first = PythonOperator(task_id="first", python_callable=work)
    last = PythonOperator(task_id="last", python_callable=work)
    for number in range(200):
        first >> PythonOperator(task_id=f"w{number}", python_callable=work) >> last
'''

TASKS = {"chain_of_40": 40, "fan_of_200": 202}


class Effects:
    """The file to which the tasks' effects go."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self, run_id: str) -> list[list[str]]:
        """[kind, run_id, task_id, map_index, try_number] of one run."""
        text = self.path.read_text() if self.path.exists() else ""
        return [parts for line in text.splitlines() if (parts := line.split())[1] == run_id]

    def count(self, run_id: str, kind: str) -> Counter[str]:
        """How often each task has a line of this kind."""
        return Counter(parts[2] for parts in self.lines(run_id) if parts[0] == kind)


@pytest.fixture(scope="module")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Effects]]:
    home = tmp_path_factory.mktemp("crash")
    effects = Effects(home / "effects.txt")
    (home / "dags").mkdir()
    (home / "dags" / "crash.py").write_text(DAGS)
    with live_server(home, CRASH_EFFECTS=str(effects.path)) as server:
        for dag_id in TASKS:
            server.wait_for_dag(dag_id)
        yield server, effects


def victims_of(server: LiveServer, kind: str) -> list[psutil.Process]:
    """Processes that carry the role's name now; task processes and zygotes come and go."""
    title = {"attempt": "tradewind task", "zygote": "tradewind zygote"}.get(kind, f"tradewind {kind}")
    found = []
    for process in server.processes():
        with contextlib.suppress(psutil.Error):
            if " ".join(process.cmdline()).startswith(title):
                found.append(process)
    return found


def kill_one(server: LiveServer, kind: str, chooser: random.Random) -> bool:
    """kill -9 of one process of this kind; False when there is none at this moment."""
    candidates = sorted(victims_of(server, kind), key=lambda process: process.pid)
    if not candidates:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(chooser.choice(candidates).pid, signal.SIGKILL)
    return True


def crash_and_check(server: LiveServer, effects: Effects, seed: int) -> None:
    chooser = random.Random(seed)
    kind = VICTIMS[seed % len(VICTIMS)]
    dag_id = ("chain_of_40", "fan_of_200")[seed // len(VICTIMS) % 2]
    moment = chooser.randrange(0, TASKS[dag_id] * 3 // 4)  # so that there is work left when it is killed
    run_id = server.trigger(dag_id)

    server.wait_until(lambda: sum(effects.count(run_id, "effect").values()) >= moment, f"{moment} effects are written")
    server.wait_until(lambda: kill_one(server, kind, chooser), f"a process of kind {kind} is killed")

    assert server.wait_for_run(dag_id, run_id) == "success", f"seed {seed}: {kind} at {moment}"
    assert set(server.task_states(dag_id, run_id).values()) == {"success"}

    server.wait_until(lambda: effects.count(run_id, "dag-success"), "the DAG's callback has come")
    server.wait_until(
        lambda: len(effects.count(run_id, "task-success")) == TASKS[dag_id], "every task's callback has come"
    )
    assert len(effects.count(run_id, "effect")) == TASKS[dag_id], "an effect was lost"
    attempts = Counter(tuple(parts[2:]) for parts in effects.lines(run_id) if parts[0] == "effect")
    assert max(attempts.values()) == 1, f"an attempt ran twice: {attempts.most_common(3)}"
    callbacks = effects.count(run_id, "task-success")
    assert max(callbacks.values()) == 1, f"a callback came twice: {callbacks.most_common(3)}"
    assert sum(effects.count(run_id, "dag-success").values()) == 1
    assert not effects.count(run_id, "dag-failure")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_ends_right_although_a_process_is_killed(crashing: tuple[LiveServer, Effects], seed: int) -> None:
    crash_and_check(*crashing, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY_SEEDS)
def test_a_run_ends_right_at_many_more_moments(crashing: tuple[LiveServer, Effects], seed: int) -> None:
    crash_and_check(*crashing, seed)
