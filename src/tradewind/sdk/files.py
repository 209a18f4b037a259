"""Small functions on files (offered as ``airflow.utils.file``)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["TemporaryDirectory", "get_unique_dag_module_name", "mkdirs"]


def get_unique_dag_module_name(file_path: str) -> str:
    """The name under which a DAG file is imported: its stem, and a digest of its path."""
    digest = hashlib.sha1(file_path.encode(), usedforsecurity=False).hexdigest()
    return f"unusual_prefix_{digest}_{Path(file_path).stem}"


def mkdirs(path: str, mode: int) -> None:
    """Make a folder and those above it."""
    Path(path).mkdir(mode=mode, parents=True, exist_ok=True)
