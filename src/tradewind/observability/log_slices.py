"""Parts of a task's log by bytes: the head, the tail, what is around the first error; and several logs in one, by time.

Never a whole file in memory: a log may have gigabytes."""

from __future__ import annotations

import heapq
import os
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

_MARKS = (b"} ERROR - ", b"} CRITICAL - ", b"Traceback (most recent call last)")
_LONGEST_MARK = max(map(len, _MARKS))
_BEFORE_ERROR = 4 * 1024
"""Bytes before the first error that are shown with it."""
_STAMP = re.compile(rb"\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))\]")
LONGEST_LINE = 16 * 1024
_PIECE = 1024 * 1024
_COUNTED = 1024 * 1024
"""Bytes in which line feeds are counted at a time."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Whole lines of a log, from ``offset`` to ``next``, of ``size`` bytes that there are now."""

    text: str
    offset: int
    next: int
    size: int


class ErrorPlaces:
    """Where the first error of each log is; a log that grew is only read from where it had ended. Thread-safe."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._known: OrderedDict[tuple[int, int], tuple[int, int | None]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, path: Path) -> int | None:
        """The offset of the first line that tells an error; None when there is none."""
        try:
            with path.open("rb") as file:
                return self._of(file)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _of(self, file: BinaryIO) -> int | None:
        status = os.fstat(file.fileno())
        key = (status.st_dev, status.st_ino)
        with self._lock:
            seen, place = self._known.get(key, (0, None))
        if seen > status.st_size:
            seen, place = 0, None
        if place is None and status.st_size > seen:
            place = _first_error(file, max(seen - _LONGEST_MARK, 0), status.st_size)
        with self._lock:
            self._known[key] = (status.st_size, place)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return place


def _first_error(file: BinaryIO, start: int, size: int) -> int | None:
    """Piece by piece: a search in one go would hold the interpreter, and with it the whole server, for a third of a
    second in a log of 100 MB."""
    while start < size:
        file.seek(start)
        piece = file.read(_PIECE)
        found = [place for mark in _MARKS if (place := piece.find(mark)) >= 0]
        if found:
            return _line_start(file, start + min(found))
        if len(piece) < _PIECE:
            break
        # What a mark that lies across two pieces needs is looked at again.
        start += _PIECE - _LONGEST_MARK
    return None


def _line_start(file: BinaryIO, place: int) -> int:
    begin = max(place - LONGEST_LINE, 0)
    file.seek(begin)
    cut = file.read(place - begin).rfind(b"\n")
    return begin + cut + 1 if cut >= 0 else begin


def head(path: Path, offset: int, limit: int) -> Slice | None:
    """Lines from an offset on, at most ``limit`` bytes. None when there is no file."""
    return _read(path, offset, limit, skips_partial=False)


def tail(path: Path, limit: int) -> Slice | None:
    """The last lines."""
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
    start = max(size - limit, 0)
    return _read(path, start, limit + 1024 * 1024, skips_partial=start > 0)


def around(path: Path, place: int, limit: int) -> Slice | None:
    """Lines from shortly before an offset."""
    return after(path, max(place - _BEFORE_ERROR, 0), limit)


def after(path: Path, start: int, limit: int) -> Slice | None:
    """Lines that begin after an offset, which may be inside a line."""
    return _read(path, start, limit, skips_partial=start > 0)


def _read(path: Path, offset: int, limit: int, *, skips_partial: bool) -> Slice | None:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            start = min(max(offset, 0), size)
            file.seek(start)
            data = file.read(limit)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if skips_partial:
        cut = data.find(b"\n") + 1
        start, data = start + cut, data[cut:]
    end = start + len(data)
    if end < size and b"\n" in data:
        end = start + data.rindex(b"\n") + 1
        data = data[: end - start]
    return Slice(data.decode("utf-8", errors="replace"), start, end, max(size, end))


def line_number(path: Path, offset: int) -> int | None:
    """Which line, from 1, begins at an offset. None when there is no file."""
    count = 1
    try:
        with path.open("rb") as file:
            left = offset
            while left > 0 and (data := file.read(min(left, _COUNTED))):
                count += data.count(b"\n")
                left -= len(data)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return count


def place_of_line(path: Path, number: int) -> int | None:
    """Where a line begins; of one past the end: the last one. None when there is no file."""
    wanted, start = number - 1, 0
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            while data := file.read(_COUNTED):
                here = data.count(b"\n")
                if here >= wanted:
                    found = start + _after_feeds(data, wanted)
                    return found if found < size else _last_line(file, size)
                wanted -= here
                start += len(data)
            return _last_line(file, size)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _last_line(file: BinaryIO, size: int) -> int:
    base = max(size - LONGEST_LINE, 0)
    file.seek(base)
    data = file.read(size - base)
    return base + data.rfind(b"\n", 0, max(len(data) - 1, 0)) + 1


def _after_feeds(data: bytes, count: int) -> int:
    at = 0
    for _ in range(count):
        at = data.index(b"\n", at) + 1
    return at


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one of several logs; ``source`` is the number of its log. ``at``: seconds since 1970."""

    at: float
    source: int
    text: str


def merged(paths: Iterable[Path], skip: int, count: int) -> list[Line]:
    """Lines of several logs in the order of their times; those without one stay with the line before them."""
    with ExitStack() as opened:
        streams = [_lines(opened, path, number) for number, path in enumerate(paths)]
        lines = heapq.merge(*streams, key=lambda line: line.at)
        return [line for place, line in zip(range(skip + count), lines, strict=False) if place >= skip]


def _lines(opened: ExitStack, path: Path, source: int) -> Iterator[Line]:
    try:
        file = opened.enter_context(path.open("rb"))
    except (FileNotFoundError, NotADirectoryError):
        return
    at = 0.0
    while raw := file.readline(LONGEST_LINE):
        stamp = _STAMP.match(raw)
        if stamp is not None:
            at = max(at, datetime.fromisoformat(stamp[1].decode()).timestamp())
        yield Line(at, source, raw.decode("utf-8", errors="replace").rstrip("\n"))
