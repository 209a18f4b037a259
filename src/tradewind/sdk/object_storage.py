"""ObjectStoragePath: files in object stores (and here) by URL, with the manners of ``pathlib``.

``s3://conn_id@bucket/key``: the connection gives the credentials; the file system behind a scheme comes from a provider
package (its ``filesystems``), else from fsspec itself. Nothing is asked of a store before a method needs it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .file_systems import ATTACHED, LOCAL, StatResult, file_system


class ObjectStoragePath:
    """A path in a store; immutable."""

    __version__: ClassVar[int] = 1
    sep: ClassVar[str] = "/"
    root_marker: ClassVar[str] = "/"

    def __init__(self, *args: Any, protocol: str | None = None, conn_id: str | None = None, **options: Any) -> None:
        self._options: dict[str, Any] = options
        first = args[0] if args else ""
        if isinstance(first, ObjectStoragePath):
            protocol = protocol or first.protocol
            conn_id = conn_id or first.conn_id
            self._options = {**first._options, **options}
            base = first.path
        else:
            found, user, base = _parted(str(first))
            protocol, conn_id = protocol or found, conn_id or user
        self._protocol = protocol or ""
        self._conn_id = conn_id
        self._path = self._tidy(posixpath.join(base, *(_relative(one) for one in args[1:])))

    def _tidy(self, path: str) -> str:
        if self._protocol in LOCAL:
            return path.rstrip("/") or ("/" if path else "")
        bucket, slash, key = path.partition("/")
        return f"{bucket}/{key.rstrip('/')}" if bucket else f"{slash}{key}".rstrip("/")

    def _at(self, path: str) -> ObjectStoragePath:
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
        if self._protocol in LOCAL:
            return ""
        bucket = self._path.partition("/")[0]
        return f"{self._conn_id}@{bucket}" if self._conn_id else bucket

    container = bucket

    @property
    def key(self) -> str:
        """The path without the bucket."""
        return self._path.lstrip("/") if self._protocol in LOCAL else self._path.partition("/")[2]

    @property
    def namespace(self) -> str:
        """Scheme and bucket."""
        return f"{self._protocol}://{self.bucket}" if self.bucket else self._protocol

    @property
    def drive(self) -> str:
        """The bucket alone."""
        return "" if self._protocol in LOCAL else self._path.partition("/")[0]

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
    def parent(self) -> ObjectStoragePath:
        """The folder that it is in; a bucket is its own."""
        names = self.parts[1:-1]
        return self._at(self.anchor + "/".join(names))

    @property
    def parents(self) -> list[ObjectStoragePath]:
        """All folders that it is in, the nearest first."""
        found: list[ObjectStoragePath] = []
        at = self
        while len(at.parts) > 1:
            at = at.parent
            found.append(at)
        return found

    # Other paths --------------------------------------------------------------------------------------------------

    def joinpath(self, *others: Any) -> ObjectStoragePath:
        """The path below this one."""
        return self._at(posixpath.join(self._path or ".", *(_relative(one) for one in others)))

    def __truediv__(self, other: Any) -> ObjectStoragePath:
        return self.joinpath(other)

    def with_name(self, name: str) -> ObjectStoragePath:
        """The same folder, another name."""
        return self.parent.joinpath(name)

    def with_suffix(self, suffix: str) -> ObjectStoragePath:
        """The same name with another suffix."""
        return self.parent.joinpath(PurePosixPath(self.name).with_suffix(suffix).name)

    def with_stem(self, stem: str) -> ObjectStoragePath:
        """The same suffix after another stem."""
        return self.with_name(stem + self.suffix)

    def is_relative_to(self, other: Any) -> bool:
        """Whether it lies below ``other``, in the same store by the same connection."""
        other = self._as_path(other)
        return bool(self._store == other._store and self.parts[: len(other.parts)] == other.parts)

    def relative_to(self, other: Any) -> ObjectStoragePath:
        """Itself, when it lies below ``other``: a path in a store is never relative. Raises ValueError else."""
        if not self.is_relative_to(other):
            raise ValueError(f"{str(self)!r} is not in the subpath of {str(other)!r}")
        return self

    def absolute(self) -> ObjectStoragePath:
        """Itself."""
        return self

    def resolve(self, strict: bool = False) -> ObjectStoragePath:
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

    def _as_path(self, other: Any) -> ObjectStoragePath:
        return other if isinstance(other, ObjectStoragePath) else ObjectStoragePath(str(other))

    def samestore(self, other: Any) -> bool:
        """Whether ``other`` is in the same store by the same connection."""
        return isinstance(other, ObjectStoragePath) and self._store == other._store

    # Asking and changing the store --------------------------------------------------------------------------------

    @property
    def fs(self) -> Any:
        """The fsspec file system. Raises ValueError when nobody knows the scheme."""
        return file_system(self._protocol, self._conn_id, self._options)

    def open(self, mode: str = "r", **kwargs: Any) -> Any:
        """A file, as the built-in gives it."""
        return self.fs.open(self._path, mode=mode, **kwargs)

    def read_text(self, encoding: str | None = None, errors: str | None = None, **kwargs: Any) -> str:
        """The whole text."""
        with self.open("r", encoding=encoding or "utf-8", errors=errors, **kwargs) as file:
            return str(file.read())

    def read_bytes(self) -> bytes:
        """The whole content."""
        with self.open("rb") as file:
            return bytes(file.read())

    def write_text(self, data: str, encoding: str | None = None, errors: str | None = None, **kwargs: Any) -> int:
        """Replace the content."""
        with self.open("w", encoding=encoding or "utf-8", errors=errors, **kwargs) as file:
            return int(file.write(data))

    def write_bytes(self, data: bytes, **kwargs: Any) -> int:
        """Replace the content."""
        with self.open("wb", **kwargs) as file:
            return int(file.write(data))

    def read_block(self, offset: int, length: int, delimiter: bytes | None = None) -> bytes:
        """Some of the content, to the end of a record when there is a delimiter."""
        return bytes(self.fs.read_block(self._path, offset, length, delimiter=delimiter))

    def exists(self) -> bool:
        """Whether there is something."""
        return bool(self.fs.exists(self._path))

    def is_file(self) -> bool:
        """Whether it is a file."""
        return bool(self.fs.isfile(self._path))

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return bool(self.fs.isdir(self._path))

    def stat(self) -> dict[str, Any]:
        """What the store says of it."""
        return StatResult({**self.fs.info(self._path), "protocol": self._protocol, "conn_id": self._conn_id})

    def size(self) -> int:
        """In bytes."""
        return int(self.fs.size(self._path))

    def checksum(self) -> Any:
        """A number that changes with the content."""
        return self.fs.checksum(self._path)

    def ukey(self) -> str:
        """A text that changes with the content."""
        return str(self.fs.ukey(self._path))

    def sign(self, expiration: int = 100, **kwargs: Any) -> str:
        """A signed URL, where the store makes them."""
        return str(self.fs.sign(self._path, expiration=expiration, **kwargs))

    def iterdir(self) -> Iterator[ObjectStoragePath]:
        """What is in the folder."""
        for name in self.fs.ls(self._path, detail=False):
            if name.rstrip("/") != self._path.rstrip("/"):
                yield self._at(name)

    def glob(self, pattern: str) -> Iterator[ObjectStoragePath]:
        """What fits the pattern below here."""
        for name in self.fs.glob(posixpath.join(self._path, pattern)):
            yield self._at(name)

    def rglob(self, pattern: str) -> Iterator[ObjectStoragePath]:
        """Files below here, at any depth, whose name fits the pattern."""
        for name in self.fs.find(self._path):
            if fnmatchcase(posixpath.basename(name), pattern):
                yield self._at(name)

    def walk(self, **kwargs: Any) -> Iterator[tuple[ObjectStoragePath, list[str], list[str]]]:
        """Folder after folder: itself, names of folders, names of files."""
        for folder, folders, files in self.fs.walk(self._path, **kwargs):
            yield self._at(folder), folders, files

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a folder; without ``parents`` a bucket that is not there is not made."""
        if not exist_ok and self.exists():
            raise FileExistsError(str(self))
        if parents:
            self.fs.makedirs(self._path, exist_ok=True)
        elif not (exist_ok and self.exists()):
            self.fs.mkdir(self._path, create_parents=False)

    def touch(self, truncate: bool = True, **kwargs: Any) -> None:
        """Make an empty file."""
        self.fs.touch(self._path, truncate=truncate)

    def unlink(self, recursive: bool = False, missing_ok: bool = False, **kwargs: Any) -> None:
        """Remove it."""
        if missing_ok and not self.exists():
            return
        self.fs.rm(self._path, recursive=recursive)

    def rm(self, **kwargs: Any) -> None:
        """Remove it."""
        self.unlink(**kwargs)

    def rmdir(self, recursive: bool = True, **kwargs: Any) -> None:
        """Remove a folder, with what is in it unless ``recursive`` is false."""
        if recursive:
            self.fs.rm(self._path, recursive=True)
        else:
            self.fs.rmdir(self._path)

    def copy(self, dst: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Copy a file, or a folder with ``recursive``; into a folder under its own name. Streamed between stores."""
        target = self._as_path(dst)
        if self.samestore(target):
            self.fs.copy(self._path, target._path, recursive=recursive, **kwargs)
        elif self.is_dir():
            for source in self.rglob("*"):
                source._stream(target.joinpath(source._path[len(self._path) :].lstrip("/")))
        else:
            self._stream(target.joinpath(self.name) if target.exists() and target.is_dir() else target)

    def _stream(self, target: ObjectStoragePath) -> None:
        if target._protocol in LOCAL:
            target.parent.mkdir(parents=True, exist_ok=True)
        with self.open("rb") as source, target.open("wb") as sink:
            while block := source.read(1024 * 1024):
                sink.write(block)

    def move(self, path: Any, recursive: bool = False, **kwargs: Any) -> ObjectStoragePath:
        """Move it; the new path."""
        target = self._as_path(path)
        if self.samestore(target):
            self.fs.mv(self._path, target._path, recursive=recursive, **kwargs)
        else:
            self.copy(target, recursive=recursive)
            self.unlink(recursive=recursive)
        return target

    def rename(self, target: Any, **kwargs: Any) -> ObjectStoragePath:
        """As :meth:`move`."""
        return self.move(target, **kwargs)

    replace = rename

    # As a value ---------------------------------------------------------------------------------------------------

    def serialize(self) -> dict[str, Any]:
        """For XComs."""
        return {"path": str(self), "conn_id": self._conn_id, "kwargs": dict(self._options)}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any], version: int) -> ObjectStoragePath:
        """Inverse of :meth:`serialize`."""
        if version > cls.__version__:
            raise ValueError(f"Cannot deserialize version {version} with version {cls.__version__}.")
        return cls(data["path"], conn_id=data.get("conn_id"), **(data.get("kwargs") or {}))

    def __str__(self) -> str:
        if not self._protocol:
            return self._path
        user = f"{self._conn_id}@" if self._conn_id else ""
        return f"{self._protocol}://{user}{self._path}"

    def __repr__(self) -> str:
        return f"ObjectStoragePath({str(self)!r})"

    def __fspath__(self) -> str:
        if self._protocol not in LOCAL:
            raise TypeError(f"{self} is not on this machine")
        return self._path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectStoragePath) and str(self) == str(other)

    def __lt__(self, other: ObjectStoragePath) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _parted(text: str) -> tuple[str, str | None, str]:
    """Protocol, connection id and path of a URL or a plain path."""
    if "://" not in text:
        return "", None, text
    parts = urlsplit(text)
    rest = text.partition("://")[2]
    host, _, _ = rest.partition("/")
    user, at, _ = host.rpartition("@")
    return parts.scheme, user or None, rest[len(user) + 1 :] if at else rest


def _relative(one: Any) -> str:
    return str(one).lstrip("/")


def attach(
    protocol: str | None = None,
    conn_id: str | None = None,
    alias: str | None = None,
    encryption_type: str | None = None,
    fs: Any = None,
) -> ObjectStoragePath:
    """Use the file system ``fs`` for a protocol from now on; the root of the store."""
    name = protocol or getattr(fs, "protocol", None)
    if isinstance(name, tuple | list):
        name = name[0]
    if not name:
        raise ValueError("No registered filesystem found for this protocol: none was given")
    if fs is not None:
        ATTACHED[alias or name] = fs
    return ObjectStoragePath(f"{name}://", conn_id=conn_id)
