"""Bases of task log handlers that provider packages bring: they keep a try's log in a file and upload it at its end.

The file itself is written by the task's process (observability.task_logs), whatever handlers there are; a handler gets
the same place by :meth:`FileTaskHandler.set_context`, reads the file when it is closed, and reads back what it has
stored when somebody asks for a log that is not here.
"""
# Signatures are Airflow's: provider packages override them.

from __future__ import annotations

import json
import logging
import os
import socket
from contextvars import ContextVar
from enum import StrEnum
from pathlib import Path
from typing import Any

from tradewind.observability.log_names import Try, log_name

from .logging_mixin import LoggingMixin
from .settings import config_value

ctx_indiv_trigger: ContextVar[Any] = ContextVar("__individual_trigger", default=None)
ctx_task_instance: ContextVar[Any] = ContextVar("task_instance", default=None)
ctx_trigger_id: ContextVar[Any] = ContextVar("trigger_id", default=None)
ctx_trigger_end: ContextVar[Any] = ContextVar("trigger_end", default=None)


class LogType(StrEnum):
    """Whose log it is."""

    TRIGGER = "trigger"
    WORKER = "worker"


class FileTaskHandler(logging.Handler):
    """A handler whose log is a file below ``base_log_folder``; the base of handlers that upload."""

    trigger_should_wrap = True
    maintain_propagate = False
    inherits_from_empty_operator_log_message = "Operator inherits from empty operator and thus does not have logs"
    executor_instances: dict[str, Any] = {}  # of the class, as Airflow has it
    DEFAULT_EXECUTOR_KEY = "_default_executor"

    def __init__(
        self,
        base_log_folder: str,
        filename_template: str | None = None,
        max_bytes: int = 0,
        backup_count: int = 0,
        delay: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.handler: logging.Handler | None = None
        self.local_base = base_log_folder
        self.max_bytes, self.backup_count, self.delay = max_bytes, backup_count, delay
        self.ctx_task_deferred = False
        self._path = ""

    def set_context(self, ti: Any, *, identifier: str | None = None) -> Any:
        """From now on the log of this try."""
        path = self._init_file(ti, identifier=identifier)
        self.handler = logging.FileHandler(path, encoding="utf-8", delay=True)
        self.handler.setFormatter(self.formatter)
        self.handler.setLevel(self.level)
        return None

    @property
    def supports_task_context_logging(self) -> bool:
        """Whether other processes may write into a task's log by it."""
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record to the file."""
        if self.handler is not None:
            self.handler.emit(record)

    def flush(self) -> None:
        """Nothing is buffered but by the file's handler."""
        if self.handler is not None:
            self.handler.flush()

    def close(self) -> None:
        """The try has ended."""
        if self.handler is not None:
            self.handler.close()

    @staticmethod
    def add_triggerer_suffix(full_path: str, job_id: Any = None) -> str:
        """The file in which a triggerer writes for a task."""
        suffixed = Path(full_path).as_posix() + f".{LogType.TRIGGER.value}"
        return f"{suffixed}.{job_id}.log" if job_id else suffixed

    def _render_filename(self, ti: Any, try_number: int) -> str:
        """The log's place below the folder: what the run says of it, else as new runs name theirs."""
        known = getattr(ti, "log_name", "")
        if known and try_number == ti.try_number:
            return str(known)
        one = Try(
            dag_id=ti.dag_id,
            run_id=ti.run_id,
            task_id=ti.task_id,
            map_index=getattr(ti, "map_index", -1),
            try_number=try_number,
            logical_date=getattr(ti, "logical_date", None) or getattr(ti, "execution_date", None),
        )
        return log_name(str(config_value("logging", "log_filename_template", "")), one)

    def _init_file(self, ti: Any, *, identifier: str | None = None) -> str:
        relative = self._render_filename(ti, ti.try_number)
        path = Path(self.local_base, relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        return self.add_triggerer_suffix(path.as_posix()) if identifier else path.as_posix()

    @staticmethod
    def _prepare_log_folder(directory: Path, new_folder_permissions: int = 0o775) -> None:
        directory.mkdir(mode=new_folder_permissions, parents=True, exist_ok=True)

    def _read_remote_logs(self, ti: Any, try_number: int, metadata: Any = None) -> tuple[list[str], list[str]]:
        """What was stored elsewhere: messages about where, and the logs. For handlers that upload."""
        raise NotImplementedError

    @staticmethod
    def _read_from_local(worker_log_path: Path) -> tuple[list[str], list[str]]:
        files = sorted(worker_log_path.parent.glob(worker_log_path.name + "*"))
        if not files:
            return [], []
        return ["Found local files:", *(f"  * {file}" for file in files)], [file.read_text() for file in files]

    def _read(self, ti: Any, try_number: int, metadata: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """The try's log, from elsewhere when there is some, else from here."""
        try:
            messages, logs = self._read_remote_logs(ti, try_number, metadata)
        except NotImplementedError:
            messages, logs = [], []
        if not logs:
            path = Path(self.local_base, self._render_filename(ti, try_number))
            more, logs = self._read_from_local(path)
            messages = [*messages, *more]
        text = "\n".join(logs)
        return text, {"end_of_log": True, "log_pos": len(text)}

    def read(self, task_instance: Any, try_number: int | None = None, metadata: Any = None) -> tuple[Any, Any]:
        """All tries, or one: per try a list of (host, text), and the state of reading."""
        tries = [try_number] if try_number is not None else list(range(1, task_instance.try_number + 1))
        host = getattr(task_instance, "hostname", "") or socket.gethostname()
        parts = [self._read(task_instance, one, metadata) for one in tries]
        return [[(host, text)] for text, _ in parts], [state for _, state in parts]


class JSONFormatter(logging.Formatter):
    """A record as one JSON object."""

    def __init__(
        self,
        fmt: str | None = None,
        datefmt: str | None = None,
        style: Any = "%",
        json_fields: list[str] | None = None,
        extras: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(fmt, datefmt, style)
        self.json_fields = json_fields or []
        self.extras = extras or {}

    def usesTime(self) -> bool:
        """Whether the time is among the fields."""
        return "asctime" in self.json_fields

    def format(self, record: logging.LogRecord) -> str:
        """The named fields of the record, and the extras."""
        super().format(record)
        fields = {name: record.__dict__.get(name) for name in self.json_fields}
        return json.dumps(fields | self.extras, default=str)


def relative_to_log_folder(path: str) -> str:
    """A log's path below ``[logging] base_log_folder``."""
    return os.path.relpath(path, str(config_value("logging", "base_log_folder", ".")))


class TaskLogReader(LoggingMixin):
    """Reads logs of tries through the handler that ``[logging] task_log_reader`` names; here from files."""

    def __init__(self) -> None:
        super().__init__()
        self.log_handler = FileTaskHandler(str(config_value("logging", "base_log_folder", "logs")))

    @property
    def supports_read(self) -> bool:
        """Whether logs can be read."""
        return True

    def read_log_chunks(self, ti: Any, try_number: int | None, metadata: dict[str, Any]) -> tuple[Any, Any]:
        """The logs, and the state of reading."""
        logs, states = self.log_handler.read(ti, try_number, metadata)
        return logs, states[0] if len(states) == 1 else states
