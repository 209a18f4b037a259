"""Makes a wheel of acceptance/tryout_provider, and unpacks it: a folder for PYTHONPATH, as installers leave it."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "acceptance" / "tryout_provider"
NAME, VERSION = "apache-airflow-providers-tryout", "1.2.3"


def wheel(folder: Path, *, requires: Sequence[str] = ("apache-airflow>=2.10.0",), version: str = VERSION) -> Path:
    """The wheel, in ``folder``."""
    files = {f"airflow/providers/tryout/{path.name}": path.read_bytes() for path in sorted(SOURCES.glob("*.py"))}
    entry = "provider_info = airflow.providers.tryout.get_provider_info:get_provider_info"
    return _written(folder, NAME, version, requires, files, f"[apache_airflow_provider]\n{entry}\n")


def plain_wheel(folder: Path, name: str, version: str, requires: Sequence[str] = ()) -> Path:
    """A wheel with metadata and nothing else."""
    return _written(folder, name, version, requires, {}, None)


def _written(  # noqa: PLR0917  the parts of a wheel, in their order
    folder: Path, name: str, version: str, requires: Sequence[str], sources: dict[str, bytes], entries: str | None
) -> Path:
    files, file_name = dict(sources), name.replace("-", "_")
    info = f"{file_name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Summary: Made by a test"]
    files[f"{info}/METADATA"] = "\n".join([*lines, *(f"Requires-Dist: {one}" for one in requires), ""]).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if entries is not None:
        files[f"{info}/entry_points.txt"] = entries.encode()
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    made = folder / f"{file_name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return made


def unpacked(folder: Path) -> Path:
    """A folder with the installed package and its metadata."""
    site = folder / "site"
    site.mkdir(parents=True)
    with zipfile.ZipFile(wheel(folder)) as archive:
        archive.extractall(site)
    return site


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
