"""The official Python client of an older Airflow, fetched at test time into ``.cache`` of the checkout."""

from __future__ import annotations

import fcntl
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"


def older_client(version: str) -> Path:
    """A folder that, first on PYTHONPATH, gives ``airflow_client`` of that version; its needs are those of today's."""
    folder = CACHE / f"airflow-client-{version}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"airflow-client-{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            fresh = CACHE / f"airflow-client-{version}.fresh"
            shutil.rmtree(fresh, ignore_errors=True)
            wanted = ["--quiet", "--no-deps", "--target", str(fresh), f"apache-airflow-client=={version}"]
            subprocess.run([*_installer(), *wanted], check=True)
            fresh.rename(folder)
    return folder


def _installer() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install"]
    with_uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    assert with_uv is not None, "neither pip nor uv is here to fetch apache-airflow-client"
    return [with_uv, "pip", "install", "--python", sys.executable]
