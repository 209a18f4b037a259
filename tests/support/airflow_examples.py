"""Airflow's own example DAGs and OpenAPI file, taken from its wheel at test time.

Nothing of them is in this repository.
"""

from __future__ import annotations

import fcntl
import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

VERSION = "2.10.5"
CACHE = Path(__file__).parents[2] / ".cache" / f"airflow-{VERSION}"


OPENAPI = Path("airflow") / "api_connexion" / "openapi" / "v1.yaml"


def openapi_file() -> Path:
    """The file that describes Airflow's REST API v1."""
    _fetched()
    return CACHE / "examples" / OPENAPI


def example_dags() -> Path:
    """The folder of the example DAG files. Its grandparent on sys.path makes ``airflow.example_dags`` importable.

    Fetched once into ``.cache`` of the checkout; several test processes may ask at the same time.
    """
    _fetched()
    return CACHE / "examples" / "airflow" / "example_dags"


def _fetched() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (CACHE / "examples" / OPENAPI).exists():
            shutil.rmtree(CACHE / "examples", ignore_errors=True)
            _fetch(CACHE)


def _fetch(target: Path) -> None:
    with_uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    wanted = f"apache-airflow=={VERSION}"
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(target), wanted]
        subprocess.run(command, check=True)
        (wheel,) = target.glob("apache_airflow-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.startswith(("airflow/example_dags/", str(OPENAPI)))]
            archive.extractall(target / "examples", names)
        wheel.unlink()
        return
    assert with_uv is not None, "neither pip nor uv is here to fetch apache-airflow's wheel"
    whole = target / "whole"
    command = [with_uv, "pip", "install", "--quiet", "--no-deps", "--target", str(whole), wanted]
    subprocess.run([*command, "--python", sys.executable], check=True)
    (target / "examples" / "airflow").mkdir(parents=True)
    (whole / "airflow" / "example_dags").rename(target / "examples" / "airflow" / "example_dags")
    (target / "examples" / OPENAPI).parent.mkdir(parents=True)
    (whole / OPENAPI).rename(target / "examples" / OPENAPI)
    shutil.rmtree(whole)
