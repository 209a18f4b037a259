"""What tells others: a notifier, a task log handler, a plugin. They write into the folder that TRYOUT_FOLDER names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow.notifications.basenotifier import BaseNotifier
from airflow.plugins_manager import AirflowPlugin
from airflow.utils.log.file_task_handler import FileTaskHandler

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"airflow": {"format": "%(message)s"}},
    "handlers": {
        "task": {
            "class": "airflow.providers.tryout.outward.TryoutTaskHandler",
            "formatter": "airflow",
            "base_log_folder": os.environ.get("TRYOUT_FOLDER", ""),
        }
    },
    "loggers": {"airflow.task": {"handlers": ["task"], "level": "INFO", "propagate": False}},
}


def shout(word: str) -> str:
    """A macro."""
    return f"{word}!"


class TryoutPlugin(AirflowPlugin):
    """Brings a macro."""

    name = "tryout"
    macros = [shout]


class TryoutNotifier(BaseNotifier):
    """Writes its message down."""

    template_fields = ("message",)

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message

    def notify(self, context: Any) -> None:
        """A line in the file notes."""
        with Path(os.environ["TRYOUT_FOLDER"], "notes").open("a") as notes:
            notes.write(f"{self.message}\n")


class TryoutTaskHandler(FileTaskHandler):
    """Keeps a copy of a log, under the task's name, when it is closed."""

    def __init__(self, base_log_folder: str, **kwargs: Any) -> None:
        super().__init__(base_log_folder, **kwargs)
        self._instance: Any = None
        self._relative = ""

    def set_context(self, ti: Any, **kwargs: Any) -> Any:
        """Remember whose log it is."""
        found = super().set_context(ti, **kwargs)
        self._instance, self._relative = ti, self._render_filename(ti, ti.try_number)
        return found

    def close(self) -> None:
        """Copy what was written."""
        super().close()
        written = Path(self.local_base, self._relative)
        if self._instance is not None and written.is_file():
            kept = Path(os.environ["TRYOUT_FOLDER"], f"{self._instance.task_id}.log")
            kept.write_text(written.read_text())
            self._instance = None
