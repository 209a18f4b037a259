"""A live tradewind with provider packages, and the services that their operators talk to."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from acceptance.live_server import LiveServer
from postgres_server import PostgresServer
from support.debian_packages import environ_of, unpacked
from support.ports import free_port, listens
from support.provider_imports import wheels
from support.provider_wheels import ROOT, environments, make

DAGS = Path(__file__).with_name("provider_dags")
USER, PASSWORD = "ann", "ann-geheim"

QUICK = ("http", "sqlite", "common-sql", "common-compat")
NAMES = (
    *QUICK,
    *(
        "common-io",
        "standard",
        "postgres",
        "mysql",
        "redis",
        "ssh",
        "sftp",
        "ftp",
        "smtp",
        "imap",
        "amazon",
        "papermill",
    ),
    *("openlineage", "slack", "discord", "docker", "cncf-kubernetes"),
)
MORE = ["moto[server]", "pyftpdlib", "aiosmtpd", "ipykernel", "s3fs", "lazy-object-proxy"]

_REDIS = ("redis-tools", "libjemalloc2", "liblua5.1-0", "liblzf1", "lua-cjson", "lua-bitop")
_MARIADB = (
    "mariadb-server-core",
    "libaio1",
    "liburing2",
    "libnuma1",
    "libsnappy1v5",
    "libpmem1",
    "libndctl6",
    "libdaxctl1",
)


def pinned(generation: str, names: Sequence[str]) -> list[str]:
    """The versions of these providers in set a or b of golden/provider_wheels.json."""
    known = dict(one.split("==") for one in wheels(generation)["together"])
    return [f"{name}=={known[name]}" for name in names]


def quick_python() -> Path:
    """The interpreter of an environment with the few providers of the quick tests."""
    return make("services-quick", pinned("b", QUICK))


def python(generation: str = "b") -> Path:
    """The interpreter of an environment with all providers that are tried, and servers for them."""
    return make(f"services-{generation}", pinned(generation, NAMES), more=MORE)


@contextlib.contextmanager
def services(folder: Path, interpreter: Path, *names: str) -> Iterator[dict[str, int]]:
    """Name → port of services that are running (support/provider_servers.py)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(interpreter), str(ROOT / "tests/support/provider_servers.py"), str(folder), *names]
    with (
        (folder / "servers.err").open("w") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        assert process.stdin is not None
        line = process.stdout.readline()
        assert line, (folder / "servers.err").read_text()
        try:
            yield json.loads(line)
        finally:
            process.stdin.close()
            process.wait(20)


def received(folder: Path, name: str) -> list[dict[str, Any]]:
    """What a service has written down."""
    path = folder / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@contextlib.contextmanager
def postgres() -> Iterator[dict[str, Any]]:
    """A connection of a PostgreSQL that is running."""
    server = PostgresServer()
    try:
        folder = parse_qs(urlsplit(server.url("postgres")).query)["host"][0]
        yield {"conn_type": "postgres", "host": folder, "login": "tradewind", "schema": "postgres"}
    finally:
        server.stop()


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[dict[str, Any]]:
    """A connection of a Redis that is running."""
    own = shutil.which("redis-server")
    root = Path("/") if own else unpacked(_REDIS, environments())
    program = own or str(root / "usr/bin/redis-check-rdb")
    port = free_port()
    # Debian's server is one program under several names; it looks at the name that it is called by.
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    with _running(command, port, environ_of(root), executable=program):
        yield {"conn_type": "redis", "host": "127.0.0.1", "port": port, "extra": {"db": 0}}


@contextlib.contextmanager
def mariadb(folder: Path) -> Iterator[dict[str, Any]]:
    """A connection of a MariaDB that is running; without accounts, for whoever is on this machine."""
    own = shutil.which("mariadbd") or shutil.which("mysqld")
    root = Path("/") if own else unpacked(_MARIADB, environments())
    port = free_port()
    data = folder / "mariadb"
    data.mkdir(parents=True)
    (data / "trial").mkdir()
    command = [
        own or str(root / "usr/sbin/mariadbd"),
        *["--no-defaults", "--skip-grant-tables", "--bind-address=127.0.0.1", f"--port={port}", f"--datadir={data}"],
        *[f"--socket={data}/socket", f"--lc-messages-dir={root}/usr/share/mysql", "--innodb-buffer-pool-size=16M"],
        *[f"--character-sets-dir={root}/usr/share/mysql/charsets", "--plugin-dir=/nowhere", "--skip-log-bin"],
        *[f"--pid-file={data}/pid", "--skip-name-resolve", *(["--user=root"] if os.getuid() == 0 else [])],
    ]
    with _running(command, port, environ_of(root)):
        client = {"client": "mysql-connector-python"}
        yield {
            "conn_type": "mysql", "host": "127.0.0.1", "port": port, "login": "root", "schema": "trial", "extra": client
        }  # fmt: skip


@contextlib.contextmanager
def _running(
    command: Sequence[str], port: int, environ: dict[str, str], executable: str | None = None
) -> Iterator[None]:
    with subprocess.Popen(
        command, executable=executable, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            if not listens(server, port, patience=60):
                server.kill()
                raise AssertionError(f"{server.args!r} does not listen:\n{server.communicate()[0][-2000:]}")
            yield
        finally:
            server.terminate()
            try:
                server.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def at(kind: str, port: int, **more: Any) -> dict[str, Any]:
    """A connection to a service of :func:`services`."""
    return {
        "conn_type": kind, "host": "127.0.0.1", "port": port, "login": USER, "password": PASSWORD, **more
    }  # fmt: skip


def variables_of(connections: dict[str, dict[str, Any]], variables: dict[str, str]) -> dict[str, str]:
    """Both as environment variables."""
    of_connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(fields) for name, fields in connections.items()}
    return of_connections | {f"AIRFLOW_VAR_{name.upper()}": value for name, value in variables.items()}


@contextlib.contextmanager
def providers_server(
    home: Path, interpreter: Path, files: Sequence[str], environ: dict[str, str]
) -> Iterator[LiveServer]:
    """A running tradewind with DAG files of provider_dags/."""
    # Providers import half of PyPI; how long that takes is no matter of these tests.
    patient = {"AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "240", "AIRFLOW__CORE__DAG_FILE_PROCESSOR_TIMEOUT": "300"}
    server = LiveServer(home=home, port=free_port(), environ=patient | environ, python=str(interpreter))
    server.dags.mkdir(parents=True)
    for name in files:
        shutil.copy(DAGS / name, server.dags / name)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def run(server: LiveServer, dag_id: str, patience: float = 400) -> dict[str, str | None]:
    """Run a DAG to its end; the states of its tasks."""
    server.wait_until(lambda: server.request("GET", f"/dags/{dag_id}").status == 200, f"{dag_id} is there", patience)
    server.unpause(dag_id)
    run_id = server.trigger(dag_id, dag_run_id="trial")
    server.wait_for_run(dag_id, run_id, patience)
    return server.task_states(dag_id, run_id)


def told(server: LiveServer, dag_id: str, task_id: str, try_number: int = 1) -> str:
    """A task's log."""
    path = f"/dags/{dag_id}/dagRuns/trial/taskInstances/{task_id}/logs/{try_number}?full_content=true"
    return server.request("GET", path, headers={"Accept": "text/plain"}).text


def returned(server: LiveServer, dag_id: str, task_id: str) -> Any:
    """What a task returned, as the API shows it without making text of it."""
    path = f"/dags/{dag_id}/dagRuns/trial/taskInstances/{task_id}/xcomEntries/return_value?stringify=false"
    return server.get(path)["value"]


def put(url: str, data: bytes = b"", method: str = "PUT", **headers: str) -> bytes:
    """One request to a service."""
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        content: bytes = answer.read()
        return content
