"""A place in a store as text: scheme, connection, bucket, names; how places are put together. Nothing is asked of a
store here (see ``object_storage``)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

LOCAL = ("", "file", "local")
"""Schemes of this machine's files."""
_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "wasb", "oss", "dbfs"})
"""Schemes whose first part is a bucket."""
_HOSTS = frozenset({"hdfs", "webhdfs", "sftp", "ssh", "ftp"})
"""Schemes whose first part is a machine, which the connection names."""


class StorePath:
    """The immutable value of a path in a store, with the manners of ``pathlib.PurePath``."""

    sep: ClassVar[str] = "/"
    root_marker: ClassVar[str] = "/"

    def __init__(self, *args: Any, protocol: str | None = None, conn_id: str | None = None, **options: Any) -> None:
        self._options: dict[str, Any] = options
        first = args[0] if args else "."
        if isinstance(first, StorePath):
            protocol = protocol or first.protocol
            conn_id = conn_id or first.conn_id
            self._options = {**first._options, **options}
            base = first.path
        else:
            found, user, base = _parted(str(first), protocol)
            protocol, conn_id = protocol or found, conn_id or user
        self._protocol = protocol or ""
        self._conn_id = conn_id
        self._path = self._tidy(self._joined(base, args[1:]))

    @property
    def _has_bucket(self) -> bool:
        return self._protocol in _BUCKETS

    def _joined(self, base: str, others: tuple[Any, ...]) -> str:
        if not self._has_bucket:
            return posixpath.join(base, *map(str, others))
        for other in others:
            base = f"{base}{'' if base.endswith('/') else '/'}{other}"
        return base

    def _tidy(self, path: str) -> str:
        if not self._has_bucket:
            if path in ("", "."):
                return path or "."
            # A relative path is one from the root, as in Airflow: a store has no working directory.
            return "/" + "/".join(part for part in path.split("/") if part not in ("", "."))
        bucket, slash, key = path.partition("/")
        key = "/".join(part for part in key.split("/") if part != ".").rstrip("/")
        return f"{bucket}/{key}" if bucket else f"{slash}{key}".rstrip("/")

    def _at(self, path: str) -> Self:
        made = type(self).__new__(type(self))
        made._protocol, made._conn_id, made._options = self._protocol, self._conn_id, self._options
        made._path = made._tidy(path)
        return made

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def protocol(self) -> str:
        """The scheme."""
        return self._protocol

    @property
    def conn_id(self) -> str | None:
        """The connection that the store is reached by."""
        return self._conn_id

    @property
    def storage_options(self) -> Mapping[str, Any]:
        """What the file system is made with."""
        return MappingProxyType({**({"conn_id": self._conn_id} if self._conn_id else {}), **self._options})

    @property
    def path(self) -> str:
        """The path as the file system takes it: with the bucket, without scheme and connection."""
        return self._path

    @property
    def bucket(self) -> str:
        """The bucket, with the connection as it stands in the URL."""
        bucket = self.drive
        return f"{self._conn_id}@{bucket}" if self._conn_id else bucket

    container = bucket

    @property
    def key(self) -> str:
        """The path without the bucket."""
        return self._path.partition("/")[2] if self._has_bucket else self._path.lstrip("/")

    @property
    def namespace(self) -> str:
        """Scheme and bucket."""
        return f"{self._protocol}://{self.bucket}" if self.bucket else self._protocol

    @property
    def drive(self) -> str:
        """The bucket alone."""
        return self._path.partition("/")[0] if self._has_bucket else ""

    @property
    def root(self) -> str:
        """The separator."""
        return self.sep

    @property
    def anchor(self) -> str:
        """Bucket and separator."""
        return self.drive + self.root

    @property
    def parts(self) -> tuple[str, ...]:
        """The anchor and the names below it."""
        names = [one for one in self._path[len(self.drive) :].split("/") if one]
        return (self.anchor, *names)

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1] if len(self.parts) > 1 else ""

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The name's suffix, with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def suffixes(self) -> list[str]:
        """All suffixes of the name."""
        return PurePosixPath(self.name).suffixes

    @property
    def parent(self) -> Self:
        """The folder that it is in; a bucket is its own."""
        names = self.parts[1:-1]
        return self._at(self.anchor + "/".join(names))

    @property
    def parents(self) -> list[Self]:
        """All folders that it is in, the nearest first."""
        found: list[Self] = []
        at = self
        while len(at.parts) > 1:
            at = at.parent
            found.append(at)
        return found

    # Other paths --------------------------------------------------------------------------------------------------

    def joinpath(self, *others: Any) -> Self:
        """The path below this one."""
        return self._at(self._joined(self._path, others))

    def __truediv__(self, other: Any) -> Self:
        return self.joinpath(other)

    def with_segments(self, *segments: Any) -> Self:
        """Another path in the same store, by the same connection."""
        return type(self)(*segments, protocol=self._protocol or None, conn_id=self._conn_id, **self._options)

    def with_name(self, name: str) -> Self:
        """The same folder, another name."""
        return self.parent.joinpath(name)

    def with_suffix(self, suffix: str) -> Self:
        """The same name with another suffix."""
        return self.parent.joinpath(PurePosixPath(self.name).with_suffix(suffix).name)

    def with_stem(self, stem: str) -> Self:
        """The same suffix after another stem."""
        return self.with_name(stem + self.suffix)

    def is_relative_to(self, other: Any) -> bool:
        """Whether it lies below ``other``, in the same store by the same connection."""
        other = self._as_path(other)
        return bool(self._store == other._store and self.parts[: len(other.parts)] == other.parts)

    def relative_to(self, other: Any) -> Self:
        """Itself, when it lies below ``other``: a path in a store is never relative. Raises ValueError else."""
        if not self.is_relative_to(other):
            raise ValueError(f"{str(self)!r} is not in the subpath of {str(other)!r}")
        return self

    def is_absolute(self) -> bool:
        """Always."""
        return True

    def absolute(self) -> Self:
        """Itself."""
        return self

    def expanduser(self) -> Self:
        """Itself."""
        return self

    def resolve(self, strict: bool = False) -> Self:
        """Without ``.`` and ``..``."""
        return self._at(self.drive + posixpath.normpath("/" + self.key))

    def match(self, pattern: str) -> bool:
        """Whether the last parts fit the pattern."""
        return PurePosixPath(self.key).match(pattern)

    def as_posix(self) -> str:
        """As text."""
        return str(self)

    def as_uri(self) -> str:
        """As text."""
        return str(self)

    @property
    def _store(self) -> tuple[str, str | None]:
        return self._protocol, self._conn_id

    def _as_path(self, other: Any) -> Self:
        return other if isinstance(other, type(self)) else type(self)(str(other))

    def samestore(self, other: Any) -> bool:
        """Whether ``other`` is in the same store by the same connection."""
        return isinstance(other, StorePath) and self._store == other._store

    # As a value ---------------------------------------------------------------------------------------------------

    def rendered(self, render: Callable[[str], str]) -> Self:
        """The path whose text ``render`` made of this one's: a template field."""
        return type(self)(render(str(self)), conn_id=self._conn_id, **self._options)

    def __str__(self) -> str:
        if not self._protocol:
            return self._path
        user = f"{self._conn_id}@" if self._conn_id else ""
        return f"{self._protocol}://{user}{self._path}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __fspath__(self) -> str:
        """A file of this machine by its name, for ``open``; anything else by its URL, as pandas and others take it."""
        return self._path if self._protocol in LOCAL else str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StorePath) and str(self) == str(other)

    def __lt__(self, other: StorePath) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _parted(text: str, protocol: str | None) -> tuple[str, str | None, str]:
    """Protocol, connection id and path of a URL or a plain path."""
    if "://" not in text:
        return "", None, text
    scheme = urlsplit(text).scheme
    rest = text.partition("://")[2]
    host, slash, below = rest.partition("/")
    user, _, machine = host.rpartition("@")
    scheme_is_bucket = (protocol or scheme) in _BUCKETS
    if (protocol or scheme) in _HOSTS:
        machine = ""
    path = f"{machine}{slash}{below}"
    return scheme, user or None, path if scheme_is_bucket or path.startswith("/") else f"/{path}"
