"""A secrets back end, a file system for object storage paths, and how URIs of the scheme are spelled."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import SplitResult

from airflow.models import Connection
from airflow.secrets import BaseSecretsBackend

schemes = ["tryout"]


def get_fs(conn_id: str | None, storage_options: dict[str, Any] | None = None) -> Any:
    """Files of the folder that TRYOUT_FOLDER names."""
    from fsspec.implementations.dirfs import DirFileSystem
    from fsspec.implementations.local import LocalFileSystem

    return DirFileSystem(os.path.join(os.environ["TRYOUT_FOLDER"], conn_id or "nobody"), LocalFileSystem())


def sanitize_uri(uri: SplitResult) -> SplitResult:
    """Hosts in capitals."""
    return uri._replace(netloc=uri.netloc.upper())


class TryoutSecrets(BaseSecretsBackend):
    """Knows one variable and one connection."""

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        super().__init__()
        self.prefix = prefix

    def get_variable(self, key: str) -> str | None:
        """``<prefix>word``."""
        return "kept elsewhere" if key == f"{self.prefix}word" else None

    def get_connection(self, conn_id: str) -> Connection | None:
        """``<prefix>service``."""
        if conn_id != f"{self.prefix}service":
            return None
        return Connection(conn_id=conn_id, conn_type="tryout", host="there", login="ann", extra='{"zone": "west"}')
