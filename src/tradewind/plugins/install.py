"""Installing provider packages beside this program, although they require the distribution ``apache-airflow``.

That name's metadata comes with our own wheel, so an installer finds the requirement met as long as a provider is
content with that version; one that asks for more would bring the real Airflow in over our files. So the installer is
told by a constraint that the distribution must not change, and takes versions of providers that are content with it;
what it would do is looked at before it is done.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path

from tradewind.model.errors import Conflict, InvalidInput

PREFIX = "apache-airflow-providers-"
AIRFLOW = ("apache-airflow", "apache-airflow-core", "apache-airflow-task-sdk")
"""Distributions of the real Airflow: their files are ours."""
COMPANIONS = {
    "celery": ("lockfile",),
    "databricks": ("flask-appbuilder>=5",),
    "elasticsearch": ("pydantic",),
    "grpc": ("protobuf",),
    "snowflake": ("aiohttp",),
    "standard": ("lazy-object-proxy",),
}
"""Provider → libraries that it imports and does not ask for, because Airflow's core brings them."""
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")

Say = Callable[[str], None]


def requirement(name: str) -> str:
    """``postgres==6.0`` → ``apache-airflow-providers-postgres==6.0``; a file, an address and a name of another
    distribution with an entry point of ours stay what they are. Raises InvalidInput for what no installer takes."""
    if name.startswith("-"):
        raise InvalidInput(f"{name!r} is no name of a provider; options of the installer are not passed on")
    if " @ " in name or "://" in name:
        return name
    if "/" in name or name.endswith(".whl"):
        return os.path.abspath(name)
    found = _NAME.match(name)
    if found is None:
        raise InvalidInput(f"{name!r} is no name of a provider; say postgres, or apache-airflow-providers-postgres")
    bare = found.group().replace("_", "-").replace(".", "-").lower()
    if bare in AIRFLOW:
        raise InvalidInput(f"{bare} is the real Airflow; it cannot be installed beside tradewind")
    is_whole = bare.startswith(("apache-airflow-providers-", "airflow-provider-", "astronomer-"))
    return (bare if is_whole else PREFIX + bare) + name[found.end() :]


def uv_command(uv: str, requirements: Sequence[str], constraints: str, *, upgrade: bool) -> list[str]:
    """By uv. An upgrade of everything would replace our metadata: only what is named is upgraded."""
    named = [_NAME.match(one) for one in requirements] if upgrade else []
    flags = [word for found in named if found is not None for word in ("--upgrade-package", found.group())]
    return [uv, "pip", "install", "--python", sys.executable, "--constraint", constraints, *flags, *requirements]


def pip_command(requirements: Sequence[str], constraints: str, *, upgrade: bool) -> list[str]:
    """By pip."""
    flags = ["--upgrade", "--upgrade-strategy", "only-if-needed"] if upgrade else []
    return [sys.executable, "-m", "pip", "install", "--constraint", constraints, *flags, *requirements]


def install(names: Sequence[str], say: Say, *, upgrade: bool = False, dry_run: bool = False) -> int:
    """Install providers by uv when there is one, else by pip; the installer's exit code.

    Raises InvalidInput for a wrong name, Conflict when the real Airflow would come in, or there is no installer.
    """
    requirements = [requirement(name) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text(f"apache-airflow=={_our_airflow()}\n", encoding="utf-8")
        uv = shutil.which("uv")
        if uv is not None:
            command = uv_command(uv, requirements, str(constraints), upgrade=upgrade)
            planned = _plan_of_uv
        elif _has_pip():
            command = pip_command(requirements, str(constraints), upgrade=upgrade)
            planned = _plan_of_pip
        else:
            raise Conflict("neither uv nor pip is there to install with; install one of them")
        say(" ".join(command))
        if dry_run:
            return 0
        names = planned(command)
        _refuse_airflow(names)
        command = _with_companions(command, companions(names), planned, say)
        return subprocess.run(command, check=False, env=_environment(), cwd=folder).returncode


def companions(planned: Iterable[str]) -> list[str]:
    """Libraries that the planned providers use and do not ask for."""
    short = {re.sub(r"[-_.]+", "-", name).lower().removeprefix(PREFIX) for name in planned}
    return sorted({library for name in short for library in COMPANIONS.get(name, ())})


def _with_companions(
    command: list[str], libraries: list[str], planned: Callable[[Sequence[str]], list[str]], say: Say
) -> list[str]:
    """The command with the libraries too; without them, and a word about it, when they cannot be had."""
    if not libraries:
        return command
    try:
        _refuse_airflow(planned([*command, *libraries]))
    except Conflict:
        say(f"not installed, though some of their modules import them: {' '.join(libraries)}")
        return command
    say(f"also, because their modules import them: {' '.join(libraries)}")
    return [*command, *libraries]


def _refuse_airflow(planned: Iterable[str]) -> None:
    found = airflow_in(planned)
    if found:
        raise Conflict(
            f"this would bring in the real Airflow ({', '.join(found)}) over tradewind's files; "
            "ask for an older version of the provider"
        )


def _plan_of_uv(command: Sequence[str]) -> list[str]:
    """Names that uv would install. Raises Conflict when it finds no plan."""
    with tempfile.TemporaryDirectory() as folder:
        # Not where we are: a project's pyproject.toml may say that what asks for Airflow is not to be looked at.
        done = subprocess.run(
            [*command, "--dry-run"], check=False, capture_output=True, text=True, env=_environment(), cwd=folder
        )
    if done.returncode:
        raise Conflict(_no_plan("uv", done.stderr))
    return re.findall(r"^ \+ ([A-Za-z0-9._-]+)", done.stderr, re.MULTILINE)


def _plan_of_pip(command: Sequence[str]) -> list[str]:
    """Names that pip would install. Raises Conflict when it finds no plan."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.json")
        words = [*command, "--dry-run", "--report", report]
        done = subprocess.run(words, check=False, capture_output=True, text=True, env=_environment())
        if done.returncode:
            # pip tells what is in conflict with what among the rest of its talk.
            _, found, why = done.stdout.partition("The conflict is caused by:")
            raise Conflict(_no_plan("pip", f"{done.stderr.strip()}\n{found}{why}"))
        items = json.loads(Path(report).read_text(encoding="utf-8")).get("install", [])
    return [str(item["metadata"]["name"]) for item in items]


def _no_plan(installer: str, said: str) -> str:
    text = f"{installer} cannot install this beside tradewind, and nothing was changed:\n{said.strip()}"
    if "apache-airflow>" in said.replace("apache-airflow[", ">").replace(" ", ""):
        text += (
            f"\ntradewind stands in for Apache Airflow {_our_airflow()}: what asks for a newer one cannot be "
            "installed. Name no version, or an older one."
        )
    return text


def airflow_in(names: Iterable[str]) -> list[str]:
    """Which of these are Airflow's own distributions."""
    return sorted({re.sub(r"[-_.]+", "-", name).lower() for name in names} & set(AIRFLOW))


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
    environ = os.environ  # noqa: TID251  an own process, for the code of plugins
    return {name: value for name, value in environ.items() if name not in ("UV_OVERRIDE", "VIRTUAL_ENV")}
