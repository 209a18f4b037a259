"""Logs that are kept elsewhere as well: a provider's task log handler uploads what a process wrote into a try's log.

The try's own file is written as ever (``task_logging``), so that it can be read while it grows. A handler gets a folder
of its own, since it empties its file when it begins and may delete it when it has uploaded it; what has been written
since the last upload is put there at the end, and closing the handler uploads it: also what the triggerer has written
while the task was deferred. Handlers that send each record at once get the records instead.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tradewind.observability.task_logs import LineFormatter, read_log
from tradewind.plugins.log_handlers import LoggedTry, is_configured, is_plain, made
from tradewind.sdk.log_handlers import FileTaskHandler, relative_to_log_folder
from tradewind.sdk.settings import config_bool
from tradewind.wire.messages import Attempt

log = logging.getLogger("airflow.task")


@contextlib.contextmanager
def uploaded(path: str, attempt: Attempt) -> Iterator[None]:
    """In the process that writes the log ``path``, with its logging set up: what it writes in the block is kept
    elsewhere too when it ends, if that is configured. A failure is a line in the log, and no more than that."""
    if not is_configured():
        yield
        return
    folder = tempfile.mkdtemp(prefix="tradewind-log-")
    name = relative_to_log_folder(path)
    try:
        remote = _begun(path, folder, logged_try(attempt, "" if name.startswith("..") else name))
        try:
            yield
        finally:
            if remote is not None:
                _finish(remote, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def logged_try(attempt: Attempt, log_name: str = "") -> LoggedTry:
    """As handlers want it."""
    return LoggedTry(
        dag_id=attempt.dag_id,
        task_id=attempt.task_id,
        run_id=attempt.run_id,
        map_index=attempt.map_index,
        try_number=attempt.try_number,
        start_date=attempt.first_start_date,
        execution_date=attempt.run.logical_date if attempt.run is not None else None,
        log_name=log_name,
    )


class _Remote:
    """A handler at work: its file (None: it sends records), and up to where the log is uploaded."""

    def __init__(self, handler: logging.Handler, file: Path | None, offset: int) -> None:
        self.handler = handler
        self.file = file
        self.offset = offset


def _begun(path: str, folder: str, task_instance: LoggedTry) -> _Remote | None:
    offset = _uploaded_until(path)
    try:
        handler = made(folder)
        if is_plain(handler):
            return None
        set_context = getattr(handler, "set_context", None)
        if set_context is not None:
            set_context(task_instance)
    except Exception as problem:
        log.warning("This log is kept on this machine only: %s: %s", type(problem).__name__, problem)
        return None
    file = _file_of(handler)
    if file is None:
        handler.setFormatter(handler.formatter or LineFormatter())
        logging.getLogger().addHandler(handler)
    return _Remote(handler, file, offset)


def _file_of(handler: logging.Handler) -> Path | None:
    """The file that the handler uploads; None for one that sends each record."""
    inner = getattr(handler, "handler", None)
    if isinstance(handler, FileTaskHandler) and isinstance(inner, logging.FileHandler):
        return Path(inner.baseFilename)
    return None


def _finish(remote: _Remote, path: str) -> None:
    root = logging.getLogger()
    for handler in root.handlers:
        handler.flush()
    written = None
    try:
        if remote.file is not None:
            written = read_log(Path(path), remote.offset)
            remote.file.parent.mkdir(parents=True, exist_ok=True)
            remote.file.write_text(written.text if written is not None else "", encoding="utf-8")
        else:
            root.removeHandler(remote.handler)
        remote.handler.close()
    except Exception as problem:
        log.warning("This log could not be uploaded: %s: %s", type(problem).__name__, problem)
        return
    if remote.file is None:
        return
    deletes = config_bool("logging", "delete_local_logs", fallback=False)
    if deletes and not remote.file.exists():  # the handler deleted its own: it is uploaded
        for file in (path, _note_of(path)):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(file)
    elif written is not None:
        with contextlib.suppress(PermissionError):  # of another user, when the task impersonates one: all again then
            Path(_note_of(path)).write_text(str(written.next_offset))


def _note_of(path: str) -> str:
    """The file that says up to where a log is uploaded: hidden, since handlers take all that begins like the log."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.uploaded")


def _uploaded_until(path: str) -> int:
    """In bytes; 0 for a log that was begun anew since."""
    try:
        offset = int(Path(_note_of(path)).read_text())
        return offset if offset <= os.stat(path).st_size else 0
    except (FileNotFoundError, ValueError):
        return 0
