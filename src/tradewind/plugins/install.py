"""Installing provider packages beside this program, although they require the distribution ``apache-airflow``.

That name's metadata comes with our own wheel, so pip finds the requirement met as long as a provider is content with
that version; one that asks for more would bring the real Airflow in over our files. So the installer is told that the
distribution must not change: uv by an override that leaves it out, pip by a constraint, and what pip would do is looked
at before it is done.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

from tradewind.model.errors import Conflict, InvalidInput

PREFIX = "apache-airflow-providers-"
AIRFLOW = ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk")
"""Distributions of the real Airflow: their files are ours."""
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")

Say = Callable[[str], None]


def requirement(name: str) -> str:
    """``postgres==6.0`` → ``apache-airflow-providers-postgres==6.0``; a file, an address and a name of another
    distribution with an entry point of ours stay what they are. Raises InvalidInput for what no installer takes."""
    if name.startswith("-"):
        raise InvalidInput(f"{name!r} is no name of a provider; options of the installer are not passed on")
    if "/" in name or name.endswith(".whl") or " @ " in name:
        return name
    found = _NAME.match(name)
    if found is None:
        raise InvalidInput(f"{name!r} is no name of a provider; say postgres, or apache-airflow-providers-postgres")
    bare = found.group().replace("_", "-").replace(".", "-").lower()
    if bare in AIRFLOW:
        raise InvalidInput(f"{bare} is the real Airflow; it cannot be installed beside tradewind")
    is_whole = bare.startswith(("apache-airflow-providers-", "airflow-provider-", "astronomer-"))
    return (bare if is_whole else PREFIX + bare) + name[found.end() :]


def uv_command(uv: str, requirements: Sequence[str], overrides: str, *, upgrade: bool) -> list[str]:
    """With the distributions of Airflow overridden by nothing."""
    flags = ["--upgrade"] if upgrade else []
    return [uv, "pip", "install", "--python", sys.executable, "--override", overrides, *flags, *requirements]


def pip_command(requirements: Sequence[str], constraints: str, *, upgrade: bool) -> list[str]:
    """With Airflow held at the version whose metadata is ours."""
    flags = ["--upgrade", "--upgrade-strategy", "only-if-needed"] if upgrade else []
    return [sys.executable, "-m", "pip", "install", "--constraint", constraints, *flags, *requirements]


def install(names: Sequence[str], say: Say, *, upgrade: bool = False, dry_run: bool = False) -> int:
    """Install providers by uv when there is one, else by pip; the installer's exit code.

    Raises InvalidInput for a wrong name, Conflict when pip would bring the real Airflow in, or there is no installer.
    """
    requirements = [requirement(name) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv")
        if uv is not None:
            overrides = _written(folder, "overrides.txt", [f"{name} ; sys_platform == 'never'" for name in AIRFLOW])
            command = uv_command(uv, requirements, overrides, upgrade=upgrade)
        elif _has_pip():
            constraints = _written(folder, "constraints.txt", [f"apache-airflow=={_our_airflow()}"])
            command = pip_command(requirements, constraints, upgrade=upgrade)
            if not dry_run:
                _refuse_airflow(command)
        else:
            raise Conflict("neither uv nor pip is there to install with; install one of them")
        say(" ".join(command))
        return 0 if dry_run else subprocess.run(command, check=False, env=_environment()).returncode


def _refuse_airflow(command: Sequence[str]) -> None:
    """Raises Conflict when pip's own plan has a distribution of Airflow in it, or pip finds no plan."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        planned = [*command, "--dry-run", "--quiet", "--report", report]
        done = subprocess.run(planned, check=False, capture_output=True, text=True, env=_environment())
        if done.returncode:
            raise Conflict(f"pip cannot install this beside tradewind:\n{done.stderr.strip()}")
        found = airflow_in(Path(report).read_text(encoding="utf-8"))
    if found:
        raise Conflict(
            f"this would bring in the real Airflow ({', '.join(found)}) over tradewind's files; "
            "ask for an older version of the provider, or install uv, which can leave Airflow out"
        )


def airflow_in(report: str) -> list[str]:
    """Names of Airflow's own distributions in a report of pip."""
    items = json.loads(report).get("install", [])
    names = {re.sub(r"[-_.]+", "-", str(item["metadata"]["name"])).lower() for item in items}
    return sorted(names & set(AIRFLOW))


def _our_airflow() -> str:
    try:
        return metadata.version("apache-airflow")
    except metadata.PackageNotFoundError:
        raise Conflict(
            "the metadata of apache-airflow that comes with tradewind's wheel is missing; install tradewind again"
        ) from None


def _has_pip() -> bool:
    return subprocess.run([sys.executable, "-m", "pip", "--version"], check=False, capture_output=True).returncode == 0


def _environment() -> dict[str, str]:
    """The caller's, without what would point uv at another environment."""
    return {name: value for name, value in os.environ.items() if name not in ("UV_OVERRIDE", "VIRTUAL_ENV")}  # noqa: TID251  an own process, for the code of plugins


def _written(folder: str, name: str, lines: Sequence[str]) -> str:
    path = Path(folder, name)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)
