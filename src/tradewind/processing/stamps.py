"""Stamps and content digests of the files that parses depend on, gathered with as few system calls as possible."""

from __future__ import annotations

import hashlib
import os
import stat
import tokenize
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import tradewind
from tradewind.model.spec import SPEC_FORMAT

from .due import FileRecord, Stamp


class Stamps:
    """Looks at the disk. Keeps content digests by stamp."""

    def __init__(self) -> None:
        self._contents: dict[str, tuple[Stamp, str]] = {}

    def salt(self, options: Any) -> str:
        """What besides the files a parse depends on: this program and its options. Kept with each record."""
        levels = f"{options.compat_level} {options.compat_level_of_folders}"
        text = f"{tradewind.__version__} {SPEC_FORMAT} {levels} {options.with_traceback}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def of(self, records: Mapping[str, FileRecord], listed: Mapping[str, Stamp]) -> dict[str, Stamp | None]:
        """All dependencies of all records as they are now; those just listed are not looked at again."""
        found: dict[str, Stamp | None] = dict(listed)
        for record in records.values():
            for path in record.depends_on:
                if path not in found:
                    found[path] = stamp_of(path)
        return found

    def contents(self, paths: Iterable[str]) -> dict[str, str]:
        """Path → digest of the content, for regular files."""
        found = {}
        for path in paths:
            stamp = stamp_of(path)
            digest = None if stamp is None else self._content(path, stamp)
            if digest is not None:
                found[path] = digest
        return found

    def restamped(self, records: Mapping[str, FileRecord], stamps: Mapping[str, Stamp | None]) -> dict[str, FileRecord]:
        """The records, where a file that was only touched (checked out again, copied) gets its new stamp."""
        result = dict(records)
        for path, record in records.items():
            changed = {name: stamps.get(name) for name, old in record.depends_on.items() if stamps.get(name) != old}
            if changed and all(self._is_same(name, new, record) for name, new in changed.items()):
                fresh = {name: new for name, new in changed.items() if new is not None}
                result[path] = replace(record, depends_on={**record.depends_on, **fresh})
        return result

    def _is_same(self, path: str, stamp: Stamp | None, record: FileRecord) -> bool:
        if stamp is None or path not in record.contents or record.depends_on[path][0] < 0:
            return False
        return self._content(path, stamp) == record.contents[path]

    def _content(self, path: str, stamp: Stamp) -> str | None:
        known = self._contents.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return None
            with open(path, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()[:32]
        except OSError:
            return None
        self._contents[path] = (stamp, digest)
        return digest


def stamp_of(path: str) -> Stamp | None:
    """The file's stamp now; None when it is not there."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return (info.st_mtime_ns, info.st_size)


def read_source(path: str) -> str | None:
    """The text of a Python file, also of one inside an archive; None when there is none (any more)."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return _undecided(path)
    except OSError:
        return _from_archive(path)


def _undecided(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def _from_archive(path: str) -> str | None:
    archive = os.path.dirname(path)
    if not zipfile.is_zipfile(archive):
        return None
    with zipfile.ZipFile(archive) as opened:
        try:
            return opened.read(os.path.basename(path)).decode("utf-8", "replace")
        except KeyError:
            return None
