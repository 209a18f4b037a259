"""The servers that the kit asks: a standalone and two web servers, three profiles over one database (README.md)."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from acceptance.live_server import LiveServer
from postgres_server import PostgresServer
from support.ports import free_port

HERE = Path(__file__).parent
BACKENDS = "airflow.api.auth.backend"
COMMON = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "6",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
    "AIRFLOW__CORE__DEFAULT_TIMEZONE": "utc",
    "AIRFLOW__CORE__FERNET_KEY": "ZmRzYWZkc2FmZHNhZmRzYWZkc2FmZHNhZmRzYWZkc2E=",
    "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
    "AIRFLOW__API__AUTH_BACKENDS": f"{BACKENDS}.basic_auth,{BACKENDS}.session",
    "AIRFLOW__API__OLDER_DIALECTS": "False",
    "AIRFLOW__WEBSERVER__SECRET_KEY": "kit-secret-key",
    "AIRFLOW__WEBSERVER__BASE_URL": "http://localhost:8080",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.7",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    # Nobody touches the files while the kit runs; parsing them again would only take turns from the tasks.
    "AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL": "600",
}
"""What all three have: the kit's reference/env.sh, as far as the API shows it."""
OPEN = {
    "AIRFLOW__WEBSERVER__EXPOSE_CONFIG": "True",
    "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
    "AIRFLOW__API__MAXIMUM_PAGE_LIMIT": "7",
    "AIRFLOW__API__FALLBACK_PAGE_LIMIT": "4",
    "AIRFLOW__API__ENABLE_XCOM_DESERIALIZE_SUPPORT": "True",
    "AIRFLOW__API__ACCESS_CONTROL_ALLOW_HEADERS": "origin, content-type, accept",
    "AIRFLOW__API__ACCESS_CONTROL_ALLOW_METHODS": "POST, GET, OPTIONS, DELETE",
    "AIRFLOW__API__ACCESS_CONTROL_ALLOW_ORIGINS": "https://one.example",
}
SENSITIVE = {
    "AIRFLOW__WEBSERVER__EXPOSE_CONFIG": "non-sensitive-only",
    "AIRFLOW__API__ACCESS_CONTROL_ALLOW_METHODS": "GET",
    "AIRFLOW__API__ACCESS_CONTROL_ALLOW_ORIGINS": "https://one.example https://two.example",
    "AIRFLOW__API__AUTH_BACKENDS": f"{BACKENDS}.basic_auth",
}
ADMIN = ("-u", "admin", "-p", "admin", "-f", "Ada", "-l", "Min", "-r", "Admin", "-e", "admin@example.com")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Where the three profiles listen; their home."""

    home: Path
    main: str
    open: str
    sens: str

    def arguments(self) -> list[str]:
        """The options of run.py that name them."""
        return ["--base-url", self.main, "--profile", f"open={self.open}", "--profile", f"sens={self.sens}"]


@contextlib.contextmanager
def profiles(home: Path, sql_alchemy_conn: str | None = None) -> Iterator[Profiles]:
    """Three started servers over one fresh database (a SQLite file in ``home`` unless said), gone afterwards."""
    environ = {**COMMON, **({"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": sql_alchemy_conn} if sql_alchemy_conn else {})}
    home.mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE / "dags", home / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    run_command(home, environ, "db", "migrate")
    run_command(home, environ, "users", "create", *ADMIN)
    main = LiveServer(home=home, port=free_port(), password="admin", environ=environ)
    with contextlib.ExitStack() as stack:
        stack.callback(main.stop)
        main.start()
        more = {
            name: stack.enter_context(web_server(main, name, settings))
            for name, settings in {"open": OPEN, "sens": SENSITIVE}.items()
        }
        yield Profiles(home, f"http://127.0.0.1:{main.port}", **more)


def run_command(home: Path, environ: Mapping[str, str], *arguments: str) -> None:
    """A command of tradewind that must succeed."""
    command = [sys.executable, "-m", "tradewind", *arguments]
    done = subprocess.run(
        command, env=environment(home, environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout.decode()}")


def environment(home: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without another Airflow's settings, and with these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return {**kept, "AIRFLOW_HOME": str(home), "PYTHONWARNINGS": "default", **environ}


@contextlib.contextmanager
def web_server(main: LiveServer, name: str, settings: Mapping[str, str]) -> Iterator[str]:
    """A further web server over the same database: its address."""
    beside = LiveServer(home=main.home, port=free_port(), password="admin")
    command = [sys.executable, "-m", "tradewind", "webserver", "--hostname", "127.0.0.1", "--port", str(beside.port)]
    with (main.home / f"{name}.out").open("ab") as output:
        process = subprocess.Popen(
            command, env=environment(main.home, {**main.environ, **settings}), stdout=output, stderr=output
        )
    try:
        main.wait_until(lambda: process.poll() is None and beside.answers(), f"profile {name} answers")
        yield f"http://127.0.0.1:{beside.port}"
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def database(kind: str) -> Iterator[str | None]:
    """The address of an empty database; None for the home's own SQLite file."""
    if kind == "sqlite":
        yield None
        return
    server = PostgresServer()
    try:
        server.execute("CREATE DATABASE conformance")
        yield server.url("conformance")
    finally:
        server.stop()
