"""ObjectStoragePath: files in object stores (and here) by URL, with the manners of ``pathlib``.

``s3://conn_id@bucket/key``: the connection gives the credentials; the file system behind a scheme comes from a provider
package (its ``filesystems``), else from fsspec itself. Nothing is asked of a store before a method needs it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, ClassVar, Self

from .file_systems import StatResult, alias_of, attach
from .store_paths import LOCAL, StorePath

_BLOCK = 1024 * 1024


class ObjectStoragePath(StorePath):
    """A path in a store; immutable."""

    __version__: ClassVar[int] = 1
    __serde_name__: ClassVar[str] = "airflow.io.path.ObjectStoragePath"

    @property
    def fs(self) -> Any:
        """The fsspec file system. Raises ValueError when nobody knows the scheme."""
        protocol = self._protocol or "file"
        if not self._options:
            return attach(protocol, self._conn_id).fs
        # Not under the store's own name: other paths of the store have not these options.
        alias = f"{alias_of(protocol, self._conn_id)} {self._options!r}"
        return attach(protocol, self._conn_id, alias, storage_options=self._options).fs

    # Content ------------------------------------------------------------------------------------------------------

    def open(self, mode: str = "r", **kwargs: Any) -> Any:
        """A file, as the built-in gives it."""
        file = self.fs.open(self._path, mode=mode, **kwargs)
        collector = _lineage()
        return file if collector is None else _Watched(file, self, collector)

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

    # What the store knows -----------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether there is something."""
        return bool(self.fs.exists(self._path))

    def is_file(self) -> bool:
        """Whether it is a file."""
        return bool(self.fs.isfile(self._path))

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return bool(self.fs.isdir(self._path))

    def is_symlink(self) -> bool:
        """Whether it is a link, where the store has them."""
        return self.exists() and bool(self.fs.info(self._path).get("islink"))

    def stat(self, *, follow_symlinks: bool = True) -> StatResult:
        """What the store says of it."""
        return StatResult({**self.fs.info(self._path), "protocol": self._protocol, "conn_id": self._conn_id})

    lstat = stat

    def samefile(self, other: Any) -> bool:
        """Whether ``other`` is the same place."""
        return self == self._as_path(other)

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

    # Folders ------------------------------------------------------------------------------------------------------

    def iterdir(self) -> Iterator[Self]:
        """What is in the folder."""
        if self.is_file():
            raise NotADirectoryError(str(self))
        for name in self.fs.ls(self._path, detail=False):
            if name.rstrip("/") != self._path.rstrip("/"):
                yield self._at(name)

    def glob(self, pattern: str) -> Iterator[Self]:
        """What fits the pattern below here."""
        for name in self.fs.glob(posixpath.join(self._path, pattern)):
            yield self._at(name)

    def rglob(self, pattern: str) -> Iterator[Self]:
        """Files and folders below here, at any depth, that fit the pattern."""
        for found in self.glob(f"**/{pattern}"):
            if found != self:
                yield found

    def walk(self, **kwargs: Any) -> Iterator[tuple[Self, list[str], list[str]]]:
        """Folder after folder: itself, names of folders, names of files."""
        for folder, folders, files in self.fs.walk(self._path, **kwargs):
            yield self._at(folder), folders, files

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a folder; without ``parents`` a bucket that is not there is not made."""
        if self.exists() and not (exist_ok and self.is_dir()):
            raise FileExistsError(str(self))
        if parents:
            self.fs.makedirs(self._path, exist_ok=True)
        elif not self.exists():
            self.fs.mkdir(self._path, create_parents=False)

    def touch(self, mode: int = 0o666, exist_ok: bool = True, *, truncate: bool = False) -> None:
        """Make an empty file; one that is there keeps its content."""
        if not self.exists() or truncate:
            self.fs.touch(self._path, truncate=True)
        elif not exist_ok:
            raise FileExistsError(str(self))
        else:
            try:
                self.fs.touch(self._path, truncate=False)
            except (NotImplementedError, ValueError):
                return  # a store that keeps whole objects: their time is that of their content

    def unlink(self, missing_ok: bool = False, *, recursive: bool = False) -> None:
        """Remove it."""
        if not self.exists():
            if missing_ok:
                return
            raise FileNotFoundError(str(self))
        self.fs.rm(self._path, recursive=recursive)

    def rm(self, **kwargs: Any) -> None:
        """Remove it."""
        self.unlink(**kwargs)

    def rmdir(self, recursive: bool = True) -> None:
        """Remove a folder, with what is in it unless ``recursive`` is false."""
        if self.is_file():
            raise NotADirectoryError(str(self))
        if recursive:
            self.fs.rm(self._path, recursive=True)
        elif next(self.iterdir(), None) is not None:
            raise OSError(f"not empty: {self}")
        else:
            self.fs.rmdir(self._path)

    # To other places ----------------------------------------------------------------------------------------------

    def copy(self, dst: Any, recursive: bool = False, **kwargs: Any) -> None:
        """Copy a file, or a folder with ``recursive``; into a folder under its own name. Streamed between stores."""
        target = self._as_path(dst)
        self._report_copy(target)
        if self.samestore(target):
            self.fs.copy(self._path, target._path, recursive=recursive, **kwargs)
            return
        if target.exists() and target.is_dir():
            target = target / self.name
        if not self.is_dir():
            self._stream(target)
        elif recursive:
            for name in self.fs.find(self._path):
                source = self._at(name)
                source._stream(target.joinpath(source._path[len(self._path) :].lstrip("/")))

    def _stream(self, target: ObjectStoragePath) -> None:
        with self.fs.open(self._path, "rb") as source:
            if target._protocol in LOCAL:
                target.parent.mkdir(parents=True, exist_ok=True)
            with target.fs.open(target._path, "wb") as sink:
                while block := source.read(_BLOCK):
                    sink.write(block)

    def move(self, path: Any, recursive: bool = False, **kwargs: Any) -> Self:
        """Move it; the new path."""
        target = self._as_path(path)
        if self.samestore(target):
            self._report_copy(target)
            self.fs.mv(self._path, target._path, recursive=recursive, **kwargs)
        else:
            is_folder = self.is_dir()
            if is_folder and not recursive:
                raise IsADirectoryError(f"{self} is a folder: it is moved to another store with recursive=True")
            self.copy(target, recursive=recursive)
            self.unlink(recursive=is_folder)
        return target

    def rename(self, target: Any, **kwargs: Any) -> Self:
        """As :meth:`move`; a bare name is one in the same folder."""
        text = str(target)
        return self.move(self.with_name(text) if "://" not in text and not text.startswith("/") else target, **kwargs)

    replace = rename

    def _report_copy(self, target: ObjectStoragePath) -> None:
        collector = _lineage()
        if collector is not None:
            collector.add_input_dataset(context=self, uri=str(self))
            collector.add_output_dataset(context=target, uri=str(target))

    # As a value ---------------------------------------------------------------------------------------------------

    def serialize(self) -> dict[str, Any]:
        """For XComs."""
        return {"path": str(self), "conn_id": self._conn_id, "kwargs": dict(self._options)}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any], version: int) -> Self:
        """Inverse of :meth:`serialize`."""
        if version > cls.__version__:
            raise ValueError(f"Cannot deserialize version {version} with version {cls.__version__}.")
        return cls(data["path"], conn_id=data.get("conn_id"), **(data.get("kwargs") or {}))


class _Watched:
    """An open file that reports what is read and written, for plugins that read lineage."""

    def __init__(self, file: Any, path: ObjectStoragePath, collector: Any) -> None:
        self._file = file
        self._path = path
        self._collector = collector

    def read(self, *args: Any) -> Any:
        """As the file's own."""
        self._collector.add_input_dataset(context=self._path, uri=str(self._path))
        return self._file.read(*args)

    def write(self, data: Any) -> Any:
        """As the file's own."""
        self._collector.add_output_dataset(context=self._path, uri=str(self._path))
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, *exception: Any) -> Any:
        return self._file.__exit__(*exception)


def _lineage() -> Any:
    """The collector of lineage; None when nobody reads it."""
    lineage = import_module("tradewind.plugins.lineage")  # known one floor up
    collector = lineage.get_hook_lineage_collector()
    return None if isinstance(collector, lineage.NoOpCollector) else collector
