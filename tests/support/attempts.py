"""Attempts of DAG files that a test writes, run by a real worker against a fake scheduler's socket."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tradewind.observability.task_logs import read_log
from tradewind.wire.messages import (
    AttemptReply,
    AttemptRequest,
    Exited,
    Finish,
    Finished,
    GetVariable,
    GetXComs,
    Launch,
    Ok,
    Refused,
    Start,
    Value,
    XComRow,
    XComs,
)

from .fake_scheduler import FakeScheduler
from .worker_home import Signal, WorkerHome

HEAD = """
import os, signal
from datetime import datetime, timedelta
from airflow import DAG
from airflow.decorators import task
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.models import BaseOperator, Variable
from airflow.operators.python import PythonOperator

def say(name, text):
    with open(os.path.join({home!r}, name + "-{name}"), "w") as fifo:
        fifo.write(text + "\\n")

"""


class Gateway:
    """Answers like a scheduler with a few variables and XComs, and callbacks as told."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.xcoms: tuple[XComRow, ...] = ()
        self.callbacks: tuple[tuple[int, str], ...] = ()
        self.state = ""
        self.refuse_start = False

    def __call__(self, token: str, request: AttemptRequest) -> AttemptReply | None:
        match request:
            case Start() if self.refuse_start:
                return Refused(code="stale", message="cleared")
            case Finish(outcome=outcome):
                names = {"succeeded": "success", "rescheduled": "up_for_reschedule"}
                return Finished(state=self.state or names.get(outcome.kind, outcome.kind), callbacks=self.callbacks)
            case GetVariable(key=key):
                return Value(value=self.variables.get(key))
            case GetXComs():
                return XComs(rows=self.xcoms, total=len(self.xcoms))
            case _:
                return Ok()


class Setting:
    """A test's DAG file, run id and tokens at the shared worker."""

    def __init__(self, home: WorkerHome, scheduler: FakeScheduler, name: str) -> None:
        self.home = home
        self.scheduler = scheduler
        self.name = home.run_id = name
        self.gateway = scheduler.answer = Gateway()
        self.scheduler.seen.clear()
        self.scheduler.requests.clear()

    def dag(self, body: str) -> Path:
        indented = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
        head = HEAD.format(home=str(self.home.home), name=self.name)
        return self.home.file(
            f'{head}\nwith DAG("d", schedule=None, start_date=datetime(2024, 1, 1)) as dag:\n{indented}',
            f"{self.name}.py",
        )

    def signal(self, name: str) -> Signal:
        return self.home.signal(f"{name}-{self.name}")

    def launch(self, path: Path, task_id: str, token: str = "t1", **fields: Any) -> str:
        token = f"{token}-{self.name}"
        self.scheduler.send(Launch(attempt=self.home.attempt(path, task_id, token, **fields)))
        return token

    def exited(self, token: str) -> Exited:
        return self.scheduler.until(Exited, lambda one: one.token == token)

    def finish(self, path: Path, task_id: str, **fields: Any) -> Finish:
        """Run an attempt to its end; its Finish."""
        token = self.launch(path, task_id, **fields)
        finish = self.scheduler.until(Finish)
        self.exited(token)
        return finish

    def log(self, task_id: str, attempt: int = 1) -> str:
        path = self.home.home / "logs" / "dag_id=d" / f"run_id={self.name}" / f"task_id={task_id}"
        part = read_log(path / f"attempt={attempt}.log")
        return "" if part is None else part.text


@contextmanager
def worker_of(
    tmp_path_factory: pytest.TempPathFactory, config: Mapping[str, Mapping[str, Any]], *modules: Path
) -> Iterator[tuple[WorkerHome, FakeScheduler]]:
    """A worker in a home of its own, and the scheduler that it talks to. ``modules``: folders to import from."""
    root = Path(__file__).parents[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, (root / "src", root / "tests", *modules))))
        folder = tmp_path_factory.mktemp("runner")
        home = WorkerHome(folder, killed_task_cleanup_time=20.0, config=config)
        scheduler = FakeScheduler(home.home)
        home.start_worker()
        scheduler.accept()
        yield home, scheduler
        scheduler.close()
        home.close()


def xcoms_of(finish: Finish) -> dict[str, Any]:
    return {item.key: json.loads(item.value) for item in finish.xcoms}
