"""A whole tradewind as a user starts it: ``standalone`` in a subprocess over a temporary home, asked over HTTP."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from support.ports import free_port

PATIENCE = 60.0
"""Seconds after which a wait fails; nothing is judged by how long it takes."""


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class LiveServer:
    """A running standalone, its home and its API."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    username: str = "admin"
    password: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    python: str = sys.executable

    @property
    def dags(self) -> Path:
        return self.home / "dags"

    @property
    def output(self) -> str:
        return (self.home / "standalone.out").read_text(errors="replace")

    def start(self) -> None:
        """Start and wait until it is healthy and has told its password."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.dags.mkdir(exist_ok=True)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
        environ |= {"AIRFLOW_HOME": str(self.home), "PYTHONWARNINGS": "default", **self.environ}
        command = [self.python, "-m", "tradewind", "standalone", "--port", str(self.port), *self.arguments]
        with (self.home / "standalone.out").open("ab") as output:
            self.process = subprocess.Popen(
                command, env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.wait_until(self.is_healthy, "the server is healthy")
        if not self.password:
            self.password = self.password_file.read_text().strip()

    @property
    def password_file(self) -> Path:
        """Where standalone keeps the password of the user it made; it makes none when there are users."""
        return self.home / "standalone_admin_password.txt"

    def answers(self) -> bool:
        """Whether anybody answers."""
        try:
            return self.request("GET", "/version", signed=False).status == 200
        except OSError:
            return False

    def is_healthy(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"standalone ended with {self.process.returncode}:\n{self.output}")
        try:
            health = self.request("GET", "/health", signed=False)
        except OSError:
            return False
        return (
            health.status == 200
            and health.json["scheduler"]["status"] == "healthy"
            and (bool(self.password) or self.password_file.is_file())
        )

    def stop(self) -> None:
        """End it as Ctrl-C does; whatever is left is killed."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for straggler in self.processes():
            straggler.kill()

    def processes(self) -> list[psutil.Process]:
        """All processes of this server: those whose environment names its home."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get("AIRFLOW_HOME") == str(self.home):
                    found.append(process)
        return found

    def role(self, name: str) -> psutil.Process:
        """The process of a role, by the title it gave itself."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if " ".join(process.cmdline()).startswith(f"tradewind {name}"):
                    return process
        raise AssertionError(f"no process is called 'tradewind {name}'")

    # Asking -----------------------------------------------------------------------------------------------------

    def request(
        self, method: str, path: str, body: Any = None, *, signed: bool = True, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request; paths are below /api/v1 unless they begin with /health or /api."""
        full = path if path.startswith(("/api", "/health")) else f"/api/v1{path}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = dict(headers or {})
        if signed:
            pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
            sent.setdefault("Authorization", f"Basic {pair}")
        data: bytes | None = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, full, body=data, headers=sent)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.request("GET", path)
        assert answer.status == 200, f"GET {path}: {answer.status} {answer.text}"
        return answer.json

    def post(self, path: str, body: Any) -> Any:
        """The JSON of a POST that must succeed."""
        answer = self.request("POST", path, body)
        assert answer.status == 200, f"POST {path}: {answer.status} {answer.text}"
        return answer.json

    def wait_until(self, condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
        """Ask again and again, between the turns waiting on nothing but the clock of select()."""
        deadline = time.monotonic() + patience
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {patience} s in vain until {what}\n{self.output[-4000:]}")
            select.select([], [], [], 0.02)

    # Doing ------------------------------------------------------------------------------------------------------

    def put_dag(self, name: str, source: str) -> Path:
        """Write a DAG file in one step, as a deployment does."""
        path = self.dags / name
        temporary = path.with_suffix(".tmp")
        temporary.write_text(source)
        temporary.replace(path)
        return path

    def wait_for_dag(self, dag_id: str) -> None:
        self.wait_until(lambda: self.request("GET", f"/dags/{dag_id}").status == 200, f"DAG {dag_id} is visible")

    def unpause(self, dag_id: str) -> None:
        answer = self.request("PATCH", f"/dags/{dag_id}?update_mask=is_paused", {"is_paused": False})
        assert answer.status == 200, answer.text

    def trigger(self, dag_id: str, **body: Any) -> str:
        """Trigger a run; its id."""
        run_id: str = self.post(f"/dags/{dag_id}/dagRuns", body)["dag_run_id"]
        return run_id

    def run_state(self, dag_id: str, run_id: str) -> str:
        state: str = self.get(f"/dags/{dag_id}/dagRuns/{run_id}")["state"]
        return state

    def wait_for_run(self, dag_id: str, run_id: str, patience: float = PATIENCE) -> str:
        """The state in which the run ended."""

        def ended() -> str | None:
            state = self.run_state(dag_id, run_id)
            return state if state in ("success", "failed") else None

        state: str = self.wait_until(ended, f"run {run_id} of {dag_id} has ended", patience)
        return state

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """task id (with [index] when mapped) → state."""
        found: dict[str, str | None] = {}
        while True:
            page = self.get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=100&offset={len(found)}")
            for row in page["task_instances"]:
                index = row["map_index"]
                found[row["task_id"] if index < 0 else f"{row['task_id']}[{index}]"] = row["state"]
            if len(found) >= page["total_entries"] or not page["task_instances"]:
                return found


@contextlib.contextmanager
def live_server(home: Path, **environ: str) -> Iterator[LiveServer]:
    """A started server that is gone afterwards, with whatever it had started."""
    server = LiveServer(home=home, port=free_port(), environ=environ)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def password_from(output: str) -> str | None:
    """The password that standalone printed."""
    found = re.search(r"[Pp]assword\W+(\S+)", output)
    return found.group(1) if found else None
