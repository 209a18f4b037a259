"""A home with a real worker and template for tests, over DAG files that are plain functions (see plain_zygote)."""

from __future__ import annotations

import os
import select
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradewind.execution.options import WorkerOptions
from tradewind.execution.processes import Detached, start_role
from tradewind.executors.local import LocalExecutor
from tradewind.wire.messages import Attempt, RunReply

from .fake_scheduler import DEADLINE

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


class Signal:
    """A line of text from a task to the test, or back, through a FIFO: waiting without sleeping."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    def wait(self) -> str:
        assert select.select([self._fd], [], [], DEADLINE)[0], f"nothing came through {self.path.name}"
        return os.read(self._fd, 4096).decode().strip()

    def give(self) -> None:
        os.write(self._fd, b"go\n")

    def close(self) -> None:
        os.close(self._fd)


class WorkerHome:
    """Files, processes and their end."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.home = folder / "home"
        self.dags = folder / "dags"
        self.dags.mkdir(parents=True)
        (self.home / "run").mkdir(parents=True)
        self.options = WorkerOptions(
            home=str(self.home),
            dags_folder=str(self.dags),
            log_folder=str(self.home / "logs"),
            hostname="testhost",
            reconnect_seconds=0.02,
            **options,
        )
        self.run_id = "manual__1"
        self.signals: list[Signal] = []
        self._workers: list[Detached] = []

    def plain(self) -> WorkerHome:
        """Use zygotes that know nothing of DAGs."""
        self.options = replace(self.options, entries={"zygote": "support.plain_zygote:serve"}, preload=(), warm_up="")
        return self

    def file(self, text: str, name: str = "d.py") -> Path:
        path = self.dags / name
        path.write_text(text)
        return path

    def signal(self, name: str) -> Signal:
        signal = Signal(self.home / name)
        self.signals.append(signal)
        return signal

    def start_worker(self) -> Detached:
        process = start_role("worker", self.options)
        self._workers.append(process)
        return process

    def attempt(self, path: Path, task_id: str, token: str = "t1", **fields: Any) -> Attempt:
        run = RunReply(
            dag_id="d",
            run_id=self.run_id,
            run_type="manual",
            state="running",
            logical_date=MOMENT,
            data_interval_start=MOMENT,
            data_interval_end=MOMENT,
        )
        return Attempt(
            token=token, dag_id="d", run_id=self.run_id, task_id=task_id, fileloc=str(path), run=run, **fields
        )

    def close(self) -> None:
        LocalExecutor(self.options).stop()
        for worker in self._workers:
            worker.kill()
            worker.wait()
        for signal in self.signals:
            signal.close()


def is_gone(pid: int) -> bool:
    """Wait for a process's end; False when it lives on after the deadline."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([pidfd], [], [], DEADLINE)[0])
    finally:
        os.close(pidfd)


def parent_of(pid: int) -> int:
    """The parent's process id."""
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    return int(stat[stat.rindex(b")") + 2 :].split()[1])


def children_of(pid: int) -> list[int]:
    """Process ids of the children."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
