"""Which fsspec file system is behind the scheme of an ObjectStoragePath; fsspec is loaded when one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import Any

LOCAL = ("", "file", "local")
ATTACHED: dict[str, Any] = {}
"""Protocol → a file system that the DAG's own code has attached."""


def file_system(protocol: str, conn_id: str | None, options: Mapping[str, Any]) -> Any:
    """The file system of a scheme: attached, a provider's, or fsspec's. Raises ValueError for an unknown one."""
    if protocol in ATTACHED:
        return ATTACHED[protocol]
    make = import_module("tradewind.plugins.providers").file_systems().get(protocol)  # known one floor up
    if make is not None:
        return make(conn_id, dict(options)) if "storage_options" in signature(make).parameters else make(conn_id)
    try:
        fsspec = import_module("fsspec")
    except ModuleNotFoundError:
        raise ValueError(f"files of {protocol or 'file'}:// need fsspec: pip install fsspec") from None
    if protocol in LOCAL or (protocol in fsspec.available_protocols() and conn_id is None):
        extra = {"auto_mkdir": True} if protocol in LOCAL else {}
        return fsspec.filesystem(protocol or "file", **extra, **options)
    raise ValueError(f"No filesystem registered for scheme {protocol}")


class StatResult(dict[str, Any]):
    """A store's answer, with the fields of ``os.stat_result`` that it has."""

    @property
    def st_size(self) -> int:
        """In bytes."""
        return int(self.get("size") or 0)

    @property
    def st_mtime(self) -> float:
        """When it was changed, in seconds."""
        moment = self.get("mtime") or self.get("LastModified") or self.get("updated") or 0
        return float(moment.timestamp() if hasattr(moment, "timestamp") else moment)
