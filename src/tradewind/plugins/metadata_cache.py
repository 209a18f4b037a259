"""What providers say of themselves, kept in ``run/providers.json`` of the home: asking eighty of them imports eighty
packages, and every parse child would do it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tradewind.sdk import process_settings

from .catalogue import InstalledPackage

FILE = "providers.json"


def read(packages: Sequence[InstalledPackage]) -> dict[str, dict[str, Any]] | None:
    """Package → its information, as kept for exactly these packages; None when nothing (usable) is kept."""
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
        return dict(kept["providers"]) if kept["packages"] == _key(packages) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(packages: Sequence[InstalledPackage], providers: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep it, when there is a home to keep it in; whole or not at all."""
    path = _path()
    if not path.parent.is_dir():
        return
    draft = path.with_name(f"{FILE}.{os.getpid()}")
    try:
        draft.write_text(json.dumps({"packages": _key(packages), "providers": providers}), encoding="utf-8")
        draft.replace(path)
    except (OSError, TypeError):
        draft.unlink(missing_ok=True)  # a full disk, or words that are no JSON: it is asked again each time


def _path() -> Path:
    return Path(str(process_settings.AIRFLOW_HOME)) / "run" / FILE


def _key(packages: Sequence[InstalledPackage]) -> list[list[str]]:
    return [[package.name, package.version, package.value] for package in packages]
