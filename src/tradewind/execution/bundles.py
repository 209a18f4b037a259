"""Where DAG files lie: the local DAG folder, its list of files, what is left out. Git and S3 come later.

Listing is what a re-scan costs, so that what a file's content says (might it hold a DAG?) is asked once per content.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .ignore_rules import IGNORE_FILE, IgnoreRule, ignored, parse_rules

_MARKS = (b"dag", b"airflow")


class FileStamp(NamedTuple):
    """What tells one content of a file from another without reading it."""

    mtime_ns: int
    size: int
    inode: int = 0


def stamp_of(path: str | os.PathLike[str]) -> FileStamp | None:
    """The file's stamp now; None when there is no such file."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    return FileStamp(info.st_mtime_ns, info.st_size, info.st_ino)


def might_contain_dag(content: bytes) -> bool:
    """Airflow's safe mode: a file without the words "dag" and "airflow", in any case, is not imported at all."""
    lowered = content.lower()
    return all(mark in lowered for mark in _MARKS)


def file_might_contain_dag(path: str | os.PathLike[str]) -> bool:
    """:func:`might_contain_dag` for a file; zip archives always might. A file that cannot be read might too: its
    import tells people why."""
    try:
        if zipfile.is_zipfile(path):
            return True
        return might_contain_dag(Path(path).read_bytes())
    except OSError:
        return True


@dataclass(slots=True)
class LocalFolder:
    """A DAG folder on this machine (a single file is taken too).

    ``safe_mode`` is ``[core] dag_discovery_safe_mode``, ``ignore_syntax`` ``[core] dag_ignore_file_syntax``.
    """

    root: Path
    safe_mode: bool = True
    ignore_syntax: str = "regexp"
    warnings: list[str] = field(default_factory=list)
    """Of the last listing: lines of ignore files that cannot be used, folders that cannot be read."""
    links: list[str] = field(default_factory=list)
    """Of the last listing: folders behind symbolic links, which a watch on the root does not see."""
    _known: dict[str, tuple[FileStamp, bool]] = field(default_factory=dict)
    _rules: dict[str, tuple[FileStamp, list[IgnoreRule], list[str]]] = field(default_factory=dict)

    def files(self) -> dict[str, FileStamp]:
        """Every DAG file (Python or zip) with its stamp, by path. Links to folders are followed, but not in loops."""
        self.warnings, self.links = [], []
        found: dict[str, FileStamp] = {}
        if self.root.is_file():
            stamp = stamp_of(self.root)
            if stamp is not None and self._is_dag_file(str(self.root), stamp):
                found[str(self.root)] = stamp
        else:
            found.update(self._walk(str(self.root), "", [], (os.path.realpath(self.root),)))
        self._known = {path: known for path, known in self._known.items() if path in found or not known[1]}
        return dict(sorted(found.items()))

    def _walk(
        self, folder: str, below: str, outer: Sequence[IgnoreRule], ancestors: tuple[str, ...]
    ) -> Iterator[tuple[str, FileStamp]]:
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            self.warnings.append(f"folder '{folder}' cannot be read: {error.strerror}")
            return
        rules = [*outer, *self._rules_in(folder, below)] if any(e.name == IGNORE_FILE for e in listed) else outer
        for entry in listed:
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir():
                if entry.name == "__pycache__" or (rules and ignored(path, True, rules)):
                    continue
                inner = (*ancestors, os.path.realpath(entry.path)) if entry.is_symlink() else (*ancestors, entry.path)
                if inner[-1] not in ancestors:
                    if entry.is_symlink():
                        self.links.append(inner[-1])
                    yield from self._walk(entry.path, path, rules, inner)
            elif not (rules and ignored(path, False, rules)):
                yield from self._file(entry)

    def _file(self, entry: os.DirEntry[str]) -> Iterator[tuple[str, FileStamp]]:
        try:
            info = entry.stat()
        except OSError:
            return  # gone since it was listed, or a link to nowhere
        stamp = FileStamp(info.st_mtime_ns, info.st_size, info.st_ino)
        if self._is_dag_file(entry.path, stamp):
            yield entry.path, stamp

    def _is_dag_file(self, path: str, stamp: FileStamp) -> bool:
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        verdict = _looks_like_dag_file(path, self.safe_mode)
        self._known[path] = (stamp, verdict)
        return verdict

    def _rules_in(self, folder: str, below: str) -> list[IgnoreRule]:
        path = os.path.join(folder, IGNORE_FILE)
        stamp = stamp_of(path)
        known = self._rules.get(path)
        if stamp is None:
            return []
        if known is None or known[0] != stamp:
            text = Path(path).read_text(encoding="utf-8", errors="replace")
            known = self._rules[path] = (stamp, *parse_rules(text, self.ignore_syntax, below))
        self.warnings += known[2]
        return known[1]


def _looks_like_dag_file(path: str, safe_mode: bool) -> bool:
    try:
        if not path.endswith(".py") and not zipfile.is_zipfile(path):
            return False
    except OSError:
        return False
    return not safe_mode or file_might_contain_dag(path)


class LocalFolders:
    """Several DAG folders as one: the configured one first, then others (our examples)."""

    def __init__(self, roots: Sequence[Path], *, safe_mode: bool = True, ignore_syntax: str = "regexp") -> None:
        self._folders = [LocalFolder(root, safe_mode=safe_mode, ignore_syntax=ignore_syntax) for root in roots]

    def files(self) -> dict[str, FileStamp]:
        """Every DAG file of all folders, by path."""
        return {path: stamp for folder in self._folders for path, stamp in folder.files().items()}

    @property
    def warnings(self) -> list[str]:
        """Of the last listing."""
        return [warning for folder in self._folders for warning in folder.warnings]

    @property
    def links(self) -> list[str]:
        """Folders that a watch on the first root does not see: the other roots, and those behind symbolic links."""
        behind = [link for folder in self._folders for link in folder.links]
        return [*(str(folder.root) for folder in self._folders[1:]), *behind]
