"""Logs of attempts: where each try's file is, writing it from inside the task's process, reading it while it grows.

Lines and paths are as Airflow 2.10 makes them, so that people's eyes and scripts find what they know.
"""

from __future__ import annotations

import io
import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .masking import PROCESS_MASKER, SecretsMasker
from .raw_output import RawOutput

_ESCAPE_CODE = re.compile(r"\x1B[@-_][0-?]*[ -/]*[@-~]")
"""Of terminals; Airflow takes them out of what is printed."""
LINE_FORMAT = "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s"


def log_path(dag_id: str, run_id: str, task_id: str, map_index: int, try_number: int) -> str:
    """The try's log file, relative to the log folder: Airflow's default ``log_filename_template``.

    A slash or a parent folder inside an id never leaves the folder of the log."""
    parts = [f"dag_id={safe_part(dag_id)}", f"run_id={safe_part(run_id)}", f"task_id={safe_part(task_id)}"]
    if map_index >= 0:
        parts.append(f"map_index={map_index}")
    return "/".join([*parts, f"attempt={try_number}.log"])


def safe_part(text: str) -> str:
    """An id as one part of a path."""
    return quote(text, safe="~:+@ ") if "/" in text or "\0" in text else text


@dataclass(frozen=True, slots=True)
class LogPart:
    """Some of a log: its text, and the offset in bytes at which the next part begins."""

    text: str
    next_offset: int
    size: int
    """Of the file now."""

    @property
    def is_end(self) -> bool:
        """Whether nothing more had been written when this was read."""
        return self.next_offset >= self.size


def read_log(path: Path, offset: int = 0, limit: int | None = None) -> LogPart | None:
    """The log from ``offset`` (bytes) on, at most ``limit`` bytes, cut at a line's end while more follows. None when
    there is no file."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(min(offset, size))
            data = file.read(-1 if limit is None else limit)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if limit is not None and len(data) == limit and b"\n" in data:
        data = data[: data.rindex(b"\n") + 1]
    start = min(offset, size)
    return LogPart(data.decode("utf-8", errors="replace"), start + len(data), max(size, start + len(data)))


@dataclass(frozen=True, slots=True)
class LogModes:
    """Permissions of new log files and folders, whatever the umask; None: as the umask has it."""

    file: int | None = None
    folder: int | None = None


def open_log(path: str | os.PathLike[str], modes: LogModes | None = None) -> int:
    """A descriptor that appends to the log; folders are made. Each write goes to the file whole and at once, so that
    readers see it and a killed process loses nothing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, 0o664)
    except FileNotFoundError:
        _make_folders(os.path.dirname(path), None if modes is None else modes.folder)
        fd = os.open(path, flags, 0o664)
    if modes is not None and modes.file is not None and os.fstat(fd).st_uid == os.geteuid():
        os.fchmod(fd, modes.file)
    return fd


def _make_folders(path: str, mode: int | None) -> None:
    if mode is None:
        os.makedirs(path, exist_ok=True)
        return
    missing = []
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for folder in reversed(missing):
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, mode)


class LineFormatter(logging.Formatter):
    """Airflow's line: ``[2024-01-01T00:00:00.000+0000] {file.py:12} INFO - text``, in local time."""

    def __init__(self, fmt: str | None = LINE_FORMAT, datefmt: str | None = None, style: Any = "%") -> None:
        super().__init__(fmt, datefmt, style)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        if datefmt:
            return super().formatTime(record, datefmt)
        moment = datetime.fromtimestamp(record.created).astimezone()
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}{moment:%z}"


_FORMATTER = LineFormatter()
"""Made before any fork: it has no state."""


class TaskLogHandler(logging.Handler):
    """Writes records to a log's descriptor, secrets hidden."""

    def __init__(
        self, fd: int, masker: SecretsMasker = PROCESS_MASKER, formatter: logging.Formatter | None = None
    ) -> None:
        super().__init__()
        self.fd = fd
        self._masker = masker
        self.formatter = formatter or _FORMATTER
        self.raw = RawOutput(masker, self._write_raw, self.lock)  # type: ignore[arg-type]  # every handler has a lock

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.raw.drain()
            self._masker.redact_record(record)
            text = self._masker.mask(self.format(record)) + "\n"
            write_all(self.fd, text.encode("utf-8", errors="backslashreplace"))
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Write what programs have written until now, up to the last whole line."""
        with self.lock:  # type: ignore[union-attr]  # every handler has a lock
            self.raw.drain()

    def _write_raw(self, text: str) -> None:
        write_all(self.fd, text.encode("utf-8", errors="surrogateescape"))


def write_all(fd: int, data: bytes) -> None:
    """Write all of ``data``: a full disk or a signal may have it leave in pieces."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


class LogStream(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr`` of a task: each complete line becomes a log record.

    ``fileno`` is the real descriptor (which leads to the log as well), for subprocesses that inherit it."""

    def __init__(self, logger: logging.Logger, level: int, fd: int) -> None:
        self._logger = logger
        self._level = level
        self._fd = fd
        self._line = ""
        self._lock = threading.RLock()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a constant here
        return "utf-8"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._fd

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._line = (self._line + text).split("\n")
            for line in lines:
                self._emit(line)
        return len(text)

    def flush(self) -> None:
        with self._lock:
            if self._line:
                line, self._line = self._line, ""
                self._emit(line)

    def _emit(self, line: str) -> None:
        if self._logger.isEnabledFor(self._level):
            # The place is Airflow's for what user code prints; ours would mean nothing to the reader.
            text = _ESCAPE_CODE.sub("", line.rstrip("\r")) if "\x1b" in line else line.rstrip("\r")
            record = self._logger.makeRecord(self._logger.name, self._level, "logging_mixin.py", 190, text, (), None)
            self._logger.handle(record)


@contextmanager
def logging_to(handler: logging.Handler, level: int = logging.INFO) -> Iterator[None]:
    """All records of this process go to ``handler`` alone while the block runs."""
    root = logging.getLogger()
    before, level_before = root.handlers[:], root.level
    root.handlers[:] = [handler]
    _set_level(root, level)
    try:
        yield
    finally:
        root.handlers[:] = before
        _set_level(root, level_before)


def _set_level(logger: logging.Logger, level: int) -> None:
    """Only when it changes: setting it goes through all loggers there are."""
    if logger.level != level:
        logger.setLevel(level)
