"""The example DAGs of Airflow 3.3.2 and of the standard provider, taken from their wheels at test time.

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

VERSION = "3.3.2"
WHEELS = (f"apache-airflow-core=={VERSION}", "apache-airflow-providers-standard==1.21.0")
CACHE = Path(__file__).parents[2] / ".cache" / f"airflow-{VERSION}"
EXAMPLES = ("airflow/example_dags", "airflow/providers/standard/example_dags")


def folders() -> tuple[Path, Path]:
    """Two folders of DAG files: the core's and the provider's. :func:`root` on sys.path makes them importable.

    Fetched once into ``.cache`` of the checkout; several test processes may ask at the same time.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (CACHE / "complete").exists():
            shutil.rmtree(root(), ignore_errors=True)
            for wheel in WHEELS:
                _fetch(wheel)
            (CACHE / "complete").touch()
    core, standard = (root() / name for name in EXAMPLES)
    return core, standard


def root() -> Path:
    """The folder that stands for site-packages."""
    return CACHE / "examples"


def _fetch(wanted: str) -> None:
    whole = CACHE / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir()
    if importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(whole), wanted]
        subprocess.run(command, check=True)
        (wheel,) = whole.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(whole, [name for name in archive.namelist() if name.startswith(EXAMPLES)])
    else:
        with_uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
        assert with_uv is not None, f"neither pip nor uv is here to fetch {wanted}"
        command = [with_uv, "pip", "install", "--quiet", "--no-deps", "--target", str(whole), wanted]
        subprocess.run([*command, "--python", sys.executable], check=True)
    for name in EXAMPLES:
        if (whole / name).is_dir():
            shutil.copytree(whole / name, root() / name)
    shutil.rmtree(whole)
