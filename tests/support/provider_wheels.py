"""Environments with provider wheels beside this checkout: made once, outside the repository, by uv and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "apache-airflow-providers-"
AIRFLOW = ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk")
"""What providers require and we are."""
WITHOUT_WHEEL = ("gssapi", "krb5", "mysqlclient", "pyspark")
"""Requirements of providers that come as source only and need a compiler and the headers of a library, or minutes to be
packed. No test needs them: MySQL is spoken to by mysql-connector-python, which the provider requires as well."""


def environments() -> Path:
    """Where they are kept: beside the user's other caches, or where TRADEWIND_TEST_ENVIRONMENTS says."""
    chosen = os.environ.get("TRADEWIND_TEST_ENVIRONMENTS")
    if chosen:
        return Path(chosen)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cache, "tradewind-tests")


def distribution(name: str) -> str:
    """``http==5.5.0`` → ``apache-airflow-providers-http==5.5.0``; what is not Airflow's own stays."""
    return name if name.startswith(("airflow-provider-", "astronomer-")) else PREFIX + name


def make(name: str, wheels: Sequence[str], *, more: Sequence[str] = (), constraints: Sequence[str] = ()) -> Path:
    """The interpreter of an environment with tradewind from this checkout, provider ``wheels`` and ``more``.

    A second call with the same wishes is done in milliseconds. Raises CalledProcessError when it cannot be made."""
    wanted = [*_own_requirements(), *(distribution(wheel) for wheel in wheels), *more]
    key = hashlib.sha256("\n".join([str(ROOT), sys.version, *wanted, *constraints]).encode()).hexdigest()[:10]
    folder = environments() / f"{name}-{key}"
    python = folder / "bin" / "python"
    with _alone(folder):
        if not (folder / ".made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, wanted, constraints)
            (folder / ".made").write_text("\n".join(wanted))
    return python


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Test processes that want the same environment wait for the one that makes it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _own_requirements() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"]]


def _install(folder: Path, wanted: Sequence[str], constraints: Sequence[str]) -> None:
    uv = shutil.which("uv") or os.path.join(os.path.dirname(sys.executable), "uv")
    python = str(folder / "bin" / "python")
    environ = {**os.environ, "TRADEWIND_SKIP_UI": "for tests of providers"}
    environ.pop("VIRTUAL_ENV", None)
    with tempfile.TemporaryDirectory() as scratch:
        lists = {"wanted.txt": wanted, "constraints.txt": constraints, "excluded.txt": [*AIRFLOW, *WITHOUT_WHEEL]}
        for file, lines in lists.items():
            Path(scratch, file).write_text("\n".join([*lines, ""]))
        commands = [
            [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--editable", str(ROOT)],
            [
                *[uv, "pip", "install", "--quiet", "--python", python, "--excludes", f"{scratch}/excluded.txt"],
                *["--constraint", f"{scratch}/constraints.txt", "--requirement", f"{scratch}/wanted.txt"],
            ],
        ]
        for command in commands:
            subprocess.run(command, check=True, env=environ, cwd=scratch)
