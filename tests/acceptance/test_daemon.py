"""Roles in the background, their pid files and logs, and TLS of the web server: as an init script starts them."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from support.certificates import write_certificate
from support.ports import free_port


@dataclass
class Home:
    """A migrated home and the commands called in it; what was started is killed at the end."""

    folder: Path
    environ: dict[str, str]
    pids: list[int] = field(default_factory=list)

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tradewind", *words]
        # A daemon that kept our pipe open would make this wait forever.
        return subprocess.run(
            command, env=self.environ, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )

    def pid(self, name: str) -> int:
        found = int((self.folder / name).read_text())
        self.pids.append(found)
        return found


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    source = Path(__file__).parents[2] / "src"
    environ |= {"AIRFLOW_HOME": str(tmp_path / "home"), "PYTHONPATH": str(source)}
    made = Home(tmp_path / "home", environ)
    made.folder.mkdir()
    assert made.call("db", "migrate").returncode == 0
    try:
        yield made
    finally:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != os.getpid() and process.environ().get("AIRFLOW_HOME") == str(made.folder):
                    process.kill()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        select.select([], [], [], 0.02)


def answers(url: str, context: ssl.SSLContext | None = None) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v1/version", timeout=10, context=context) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def test_a_web_server_in_the_background(home: Home) -> None:
    port = free_port()
    command = ("webserver", "--port", str(port), "--daemon", "--pid", "web.pid")
    done = home.call(*command)
    assert done.returncode == 0, done.stderr
    pid = home.pid("web.pid")
    process = psutil.Process(pid)
    assert (process.terminal(), process.cwd(), os.getsid(pid) == pid) == (None, "/", False)
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"), "the server answers")

    again = home.call("webserver", "--port", str(free_port()), "--daemon", "--pid", "web.pid")
    assert again.returncode == 1
    assert again.stderr == f"error: The webserver is already running under PID {pid}.\n"
    taken = home.call("webserver", "--port", str(port), "--daemon", "--pid", "other.pid")
    assert taken.returncode == 1
    assert "cannot listen on" in taken.stderr and not (home.folder / "other.pid").exists()

    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(pid), "the killed server is gone")
    assert (home.folder / "web.pid").exists()
    assert home.call(*command).returncode == 0
    later = home.pid("web.pid")
    assert later != pid
    wait_until(lambda: answers(f"http://127.0.0.1:{port}"), "the next server answers")
    os.kill(later, signal.SIGTERM)
    wait_until(lambda: not (home.folder / "web.pid").exists(), "the pid file is gone")
    assert "Started server process" in (home.folder / "airflow-webserver.log").read_text()
    assert (home.folder / "airflow-webserver.err").read_text() == ""
    assert (home.folder / "airflow-webserver.log").stat().st_mode & 0o077 == 0o044


@pytest.mark.parametrize(("name", "word"), [("scheduler", "scheduler"), ("dag-processor", "dag-processor")])
def test_other_roles_in_the_background(home: Home, name: str, word: str) -> None:
    files = {kind: f"{name}.{kind}" for kind in ("out", "err", "log", "pid")}
    options = ("--stdout", files["out"], "--stderr", files["err"], "-l", files["log"], "--pid", files["pid"])
    done = home.call(name, "-D", *options)
    assert done.returncode == 0, done.stderr
    pid = home.pid(files["pid"])
    wait_until(lambda: f"tradewind {word}" in " ".join(psutil.Process(pid).cmdline()), "the role has its name")
    again = home.call(name, "-D", *options)
    assert (again.returncode, again.stderr) == (1, f"error: The {name} is already running under PID {pid}.\n")
    wait_until(lambda: _jobs(home, name) == 1, "the role has its job")
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not (home.folder / files["pid"]).exists(), "the role has ended")


def _jobs(home: Home, name: str) -> int:
    kind = {"scheduler": "SchedulerJob", "dag-processor": "DagProcessorJob"}[name]
    return 1 - home.call("jobs", "check", "--job-type", kind).returncode


@pytest.mark.parametrize("option", ["--pid", "--stdout", "--log-file"])
def test_a_file_that_cannot_be_written_stops_it_before_anything_happens(home: Home, option: str) -> None:
    done = home.call("dag-processor", "--daemon", option, "/nowhere/file")
    assert (done.returncode, done.stderr) == (1, "error: cannot write /nowhere/file: No such file or directory\n")


def test_a_web_server_with_a_certificate(home: Home, tmp_path: Path) -> None:
    cert, key = write_certificate(tmp_path)
    port = free_port()
    done = home.call("webserver", "-p", str(port), "-D", "--ssl-cert", str(cert), "--ssl-key", str(key))
    assert done.returncode == 0, done.stderr
    home.pid("airflow-webserver.pid")
    trusting = ssl.create_default_context(cafile=str(cert))
    wait_until(lambda: answers(f"https://localhost:{port}", trusting), "the server answers over TLS")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--ssl-cert", "c.pem"), "An SSL key must also be provided for use with c.pem"),
        (("--ssl-key", "k.pem"), "An SSL certificate must also be provided for use with k.pem"),
        (("--ssl-cert", "c.pem", "--ssl-key", "k.pem"), "No such file or directory"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_told(home: Home, options: tuple[str, ...], complaint: str) -> None:
    done = home.call("webserver", "--port", "0", *options)
    assert done.returncode == 1
    assert complaint in done.stderr and "Traceback" not in done.stderr
