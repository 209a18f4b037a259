"""A tradewind of our own to measure: a temporary home, ``standalone`` in a subprocess; its processes, their memory."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from .api import Api

DAGS = Path(__file__).parent / "dags"


class Server:
    """Started by ``start``; gone, with its home, after ``stop``."""

    def __init__(self, database: str | None = None, parallelism: int = 32) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bench-"))
        (self.home / "dags").mkdir()
        self.port = free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its byte code
        self._environ = environ | {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__PARALLELISM": str(parallelism),
            "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": "1000",
        }
        if database is not None:
            self._environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = database
        self.process: subprocess.Popen[bytes] | None = None

    def put_bench_dags(self) -> None:
        for path in DAGS.glob("*.py"):
            shutil.copy(path, self.home / "dags" / path.name)

    def seed(self) -> None:
        """Fill the database before the start; seconds to minutes."""
        root = Path(__file__).parents[1]
        url = self._environ.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{self.home}/tradewind.db")
        for command in (["tradewind", "db", "migrate"], ["bench.seed", url]):
            subprocess.run([sys.executable, "-m", *command], env=self._environ, cwd=root, check=True)

    def start(self) -> float:
        """Start; returns the seconds until it says that it is healthy."""
        began = time.perf_counter()
        output = (self.home / "out.txt").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tradewind", "standalone", "--port", str(self.port)],
            env=self._environ,
            stdout=output,
            stderr=output,
        )
        output.close()
        while not self._is_healthy():
            if self.process.poll() is not None:
                raise RuntimeError(f"standalone ended:\n{(self.home / 'out.txt').read_text()[-4000:]}")
            time.sleep(0.005)
        return time.perf_counter() - began

    def _is_healthy(self) -> bool:
        try:
            status, health = Api(self.url, "", "").request("GET", "/health")
        except OSError:
            return False
        return status == 200 and health["scheduler"]["status"] == "healthy"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def api(self) -> Api:
        """A client with the admin's password."""
        path = self.home / "standalone_admin_password.txt"
        while not path.is_file():
            time.sleep(0.01)
        return Api(self.url, "admin", path.read_text().strip())

    def wait_for_dags(self, *dag_ids: str) -> None:
        api = self.api()
        while not set(dag_ids) <= set(api.dag_ids()):
            time.sleep(0.02)

    def processes(self) -> list[psutil.Process]:
        """The tree, and what was left by a killed parent for the next: holders of the home's locks, with children."""
        roots = [] if self.process is None else [self.process.pid]
        roots += [pid for path in self.home.glob("run/*.lock") if (pid := holder(path)) is not None]
        found: dict[int, psutil.Process] = {}
        for pid in roots:
            try:
                root = psutil.Process(pid)
                found |= {one.pid: one for one in (root, *root.children(recursive=True))}
            except psutil.NoSuchProcess:
                continue
        return list(found.values())

    def pss_mib(self) -> float:
        """Proportional set size of all its processes together, MiB."""
        total = 0
        for process in self.processes():
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        return total / 2**20

    def cpu_seconds(self) -> float:
        """Processor time of all its living processes."""
        total = 0.0
        for process in self.processes():
            try:
                times = process.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
            except psutil.Error:
                continue
        return total

    def cpu_of(self, name: str, work: Callable[[], object]) -> float:
        """Processor seconds that a role spends on ``work``."""
        process = self.role(name)
        before = process.cpu_times()
        work()
        after = process.cpu_times()
        return after.user + after.system - before.user - before.system

    def role(self, name: str) -> psutil.Process:
        for process in self.processes():
            try:
                if " ".join(process.cmdline()).startswith(f"tradewind {name}"):
                    return process
            except psutil.Error:
                continue
        raise RuntimeError(f"no process is called 'tradewind {name}'")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        for process in self.processes():
            process.kill()
        shutil.rmtree(self.home, ignore_errors=True)


def holder(lock: Path) -> int | None:
    """The process that a lock file names, if it still is the one that wrote its start time there."""
    try:
        pid, started = lock.read_text().split()
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (OSError, ValueError):
        return None
    return int(pid) if stat.rpartition(")")[2].split()[19] == started else None


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
