"""Stores that object storage paths are in: which fsspec file system is behind a scheme and a connection.

A file system comes from what the DAG's own code has attached, from a provider package (its ``filesystems``), or from
fsspec itself, which is loaded when the first one is asked for: it costs more to import than most DAG files.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from inspect import signature
from typing import Any, ClassVar

from .loading import import_string
from .store_paths import LOCAL

_PROVIDERS_OF = {
    **dict.fromkeys(("s3", "s3a"), "amazon"),
    **dict.fromkeys(("gs", "gcs"), "google"),
    **dict.fromkeys(("abfs", "abfss", "adl"), "microsoft-azure"),
}


def get_fs(scheme: str, conn_id: str | None = None, storage_options: Mapping[str, Any] | None = None) -> Any:
    """The file system of a scheme, with the credentials of a connection. Raises ValueError for an unknown scheme."""
    options = dict(storage_options or {})
    make = _providers_file_systems().get(scheme)
    if make is not None:
        return make(conn_id, options) if "storage_options" in signature(make).parameters else make(conn_id)
    if scheme in LOCAL:
        return import_module("fsspec").filesystem("file", **options)
    fsspec = import_module("fsspec")  # heavy: see above
    if conn_id is None and scheme in fsspec.available_protocols():
        try:
            return fsspec.filesystem(scheme, **options)
        except ImportError:
            pass  # fsspec knows the name only; said below
    raise ValueError(f"No filesystem registered for scheme {scheme}{_advice(scheme)}")


def has_fs(scheme: str) -> bool:
    """Whether providers, or we, have a file system for the scheme."""
    return scheme in ("", "file") or scheme in _providers_file_systems()


def _providers_file_systems() -> Mapping[str, Any]:
    known: Mapping[str, Any] = import_module("tradewind.plugins.providers").file_systems()  # known one floor up
    return known


def _advice(scheme: str) -> str:
    provider = _PROVIDERS_OF.get(scheme)
    return f": install apache-airflow-providers-{provider} with its file system's extra" if provider else ""


class ObjectStore:
    """A store: a protocol, the connection it is reached by, and the file system over it, made at its first use."""

    __version__: ClassVar[int] = 1
    __serde_name__: ClassVar[str] = "airflow.io.store.ObjectStore"

    def __init__(
        self,
        protocol: str,
        conn_id: str | None,
        fs: Any = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.protocol = protocol
        self.conn_id = conn_id
        self.storage_options = dict(storage_options) if storage_options else None
        self._fs = fs

    @property
    def fs(self) -> Any:
        """The fsspec file system. Raises ValueError when nobody knows the protocol."""
        if self._fs is None:
            self._fs = get_fs(self.protocol, self.conn_id, self.storage_options)
        return self._fs

    @property
    def fsid(self) -> str:
        """What names the file system, the same in all processes; Airflow's way where fsspec has none."""
        try:
            return str(self.fs.fsid)
        except NotImplementedError:
            return f"{self.fs.protocol}-{self.conn_id or 'env'}"

    def serialize(self) -> dict[str, Any]:
        """For XComs: how to make it again."""
        cls = None if self._fs is None else type(self._fs)
        return {
            "protocol": self.protocol,
            "conn_id": self.conn_id,
            "filesystem": None if cls is None else f"{cls.__module__}.{cls.__qualname__}",
            "storage_options": self.storage_options,
        }

    @classmethod
    def deserialize(cls, data: Mapping[str, Any], version: int) -> ObjectStore:
        """Inverse of :meth:`serialize`. Raises ValueError for a newer form, or a protocol that is not there."""
        if version > cls.__version__:
            raise ValueError(f"Cannot deserialize version {version} for {cls.__name__}")
        protocol, conn_id = data["protocol"], data["conn_id"]
        alias = alias_of(protocol, conn_id)
        if alias in STORES:
            return STORES[alias]
        name = data.get("filesystem")
        if has_fs(protocol) or not name:
            return attach(protocol=protocol, conn_id=conn_id, storage_options=data.get("storage_options"))
        return attach(protocol=protocol, conn_id=conn_id, fs=import_string(name)())

    def __str__(self) -> str:
        return alias_of(self.protocol, self.conn_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectStore) and (self.protocol, self.conn_id) == (other.protocol, other.conn_id)

    def __hash__(self) -> int:
        return hash((self.protocol, self.conn_id))


STORES: dict[str, ObjectStore] = {}
"""Alias → store, of this process: what the DAG's own code has attached, and those that were used."""


def alias_of(protocol: str, conn_id: str | None) -> str:
    """The name of a store that was attached without one."""
    return f"{protocol}-{conn_id}" if conn_id else protocol


def attach(  # noqa: PLR0917  Airflow's order
    protocol: str | None = None,
    conn_id: str | None = None,
    alias: str | None = None,
    encryption_type: str | None = "",
    fs: Any = None,
    storage_options: Mapping[str, Any] | None = None,
) -> ObjectStore:
    """The store of a protocol and connection, known by an alias; with ``fs`` over that file system from now on.
    Raises ValueError for an alias that nobody has attached."""
    name = alias or (alias_of(protocol, conn_id) if protocol else "")
    if name and fs is None and name in STORES:
        return STORES[name]
    if not protocol:
        raise ValueError(
            f"No registered store with alias: {alias}" if alias else "No protocol specified and no alias provided"
        )
    STORES[name] = store = ObjectStore(protocol, conn_id, fs, storage_options)
    return store


class StatResult(dict[str, Any]):
    """A store's answer, with the fields of ``os.stat_result`` that it has."""

    st_dev = 0

    @property
    def st_size(self) -> int:
        """In bytes."""
        return int(self.get("size") or 0)

    @property
    def st_mtime(self) -> float:
        """When it was changed, in seconds."""
        moment = self.get("mtime") or self.get("LastModified") or self.get("updated") or self.get("last_modified") or 0
        return float(moment.timestamp() if hasattr(moment, "timestamp") else moment)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("st_") and name[3:] in self:
            return self[name[3:]]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
