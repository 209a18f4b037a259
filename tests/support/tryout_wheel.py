"""Makes a wheel of acceptance/tryout_provider, and unpacks it: a folder for PYTHONPATH, as installers leave it."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

SOURCES = Path(__file__).parents[1] / "acceptance" / "tryout_provider"
NAME, VERSION = "apache_airflow_providers_tryout", "1.2.3"


def wheel(folder: Path, *, requires: str = "apache-airflow>=2.10.0", version: str = VERSION) -> Path:
    """The wheel, in ``folder``."""
    info = f"{NAME}-{version}.dist-info"
    files = {f"airflow/providers/tryout/{path.name}": path.read_bytes() for path in sorted(SOURCES.glob("*.py"))}
    metadata = [
        *("Metadata-Version: 2.1", f"Name: {NAME.replace('_', '-')}", f"Version: {version}"),
        *("Summary: Provider of a tryout", f"Requires-Dist: {requires}", ""),
    ]
    files[f"{info}/METADATA"] = "\n".join(metadata).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    entry = "provider_info = airflow.providers.tryout.get_provider_info:get_provider_info"
    files[f"{info}/entry_points.txt"] = f"[apache_airflow_provider]\n{entry}\n".encode()
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = folder / f"{NAME}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unpacked(folder: Path) -> Path:
    """A folder with the installed package and its metadata."""
    site = folder / "site"
    site.mkdir(parents=True)
    with zipfile.ZipFile(wheel(folder)) as archive:
        archive.extractall(site)
    return site


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
