"""Which handler keeps the logs of tasks elsewhere: by the address of ``[logging] remote_base_log_folder``, or the one
that the dictionary of ``[logging] logging_config_class`` calls "task". The handlers come with provider packages."""

from __future__ import annotations

import contextlib
import importlib
import json
import logging
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tradewind.sdk.exceptions import AirflowConfigException
from tradewind.sdk.loading import import_string
from tradewind.sdk.log_handlers import FileTaskHandler
from tradewind.sdk.settings import config_bool, config_value

Kwargs = dict[str, Any]
_PROVIDERS = "airflow.providers"


def _text(section: str, key: str, fallback: str = "") -> str:
    return str(config_value(section, key, fallback))


def _folder_kwargs(name: str) -> Callable[[str, str], Kwargs]:
    """Arguments of a handler that takes the remote address as ``name``."""
    return lambda folder, remote: {"base_log_folder": folder, name: remote}


def _cloudwatch(folder: str, remote: str) -> Kwargs:
    parts = urlsplit(remote)
    return {"base_log_folder": folder, "log_group_arn": parts.netloc + parts.path}


def _gcs(folder: str, remote: str) -> Kwargs:
    key = _text("logging", "google_key_path") or None
    return {"base_log_folder": folder, "gcs_log_folder": remote, "gcp_key_path": key}


def _wasb(folder: str, remote: str) -> Kwargs:
    container = _text("azure_remote_logging", "remote_wasb_log_container", "airflow-logs")
    return {"base_log_folder": folder, "wasb_log_folder": remote, "wasb_container": container}


def _stackdriver(folder: str, remote: str) -> Kwargs:
    key = _text("logging", "google_key_path") or None
    return {"gcp_log_name": urlsplit(remote).path[1:], "gcp_key_path": key}


HANDLERS: Mapping[str, tuple[str, Callable[[str, str], Kwargs]]] = {
    "s3://": (f"{_PROVIDERS}.amazon.aws.log.s3_task_handler.S3TaskHandler", _folder_kwargs("s3_log_folder")),
    "cloudwatch://": (
        f"{_PROVIDERS}.amazon.aws.log.cloudwatch_task_handler.CloudwatchTaskHandler",
        _cloudwatch,
    ),
    "gs://": (f"{_PROVIDERS}.google.cloud.log.gcs_task_handler.GCSTaskHandler", _gcs),
    "wasb": (f"{_PROVIDERS}.microsoft.azure.log.wasb_task_handler.WasbTaskHandler", _wasb),
    "stackdriver://": (
        f"{_PROVIDERS}.google.cloud.log.stackdriver_task_handler.StackdriverTaskHandler",
        _stackdriver,
    ),
    "oss://": (f"{_PROVIDERS}.alibaba.cloud.log.oss_task_handler.OSSTaskHandler", _folder_kwargs("oss_log_folder")),
    "hdfs://": (
        f"{_PROVIDERS}.apache.hdfs.log.hdfs_task_handler.HdfsTaskHandler",
        _folder_kwargs("hdfs_log_folder"),
    ),
}
"""How an address begins → the handler, and what it is made with of a folder and the address."""

_OF_LOGGING_CONFIG = ("class", "formatter", "filters", "level", "base_log_folder", "filename_template")


def made(folder: str) -> logging.Handler:
    """The handler, over files in ``folder``. Raises AirflowConfigException when none fits, ImportError when its
    provider is not installed."""
    path, kwargs = _chosen(folder)
    more = _text("logging", "remote_task_handler_kwargs")
    if more:
        kwargs |= json.loads(more)
    handler = import_string(path)(**kwargs)
    if not isinstance(handler, logging.Handler):
        raise AirflowConfigException(f"{path} is no logging handler")
    return handler


def is_configured() -> bool:
    """Whether logs may be kept elsewhere than in their files."""
    return config_bool("logging", "remote_logging", fallback=False) or bool(_text("logging", "logging_config_class"))


def is_plain(handler: logging.Handler) -> bool:
    """Whether the handler only writes a file, as we do."""
    return type(handler) is FileTaskHandler


def preload(config: Mapping[str, Mapping[str, Any]]) -> None:
    """Import the module of the handler that ``config`` says, once for all forks. A failure is told where a log is
    written."""
    options = config.get("logging", {})
    if options.get("logging_config_class"):
        with contextlib.suppress(Exception):  # the attempt that needs it says it
            import_string(str(options["logging_config_class"]))
    if str(options.get("remote_logging", "")).lower() not in ("1", "t", "true"):
        return
    remote = str(options.get("remote_base_log_folder", ""))
    for beginning, (path, _) in HANDLERS.items():
        if remote.startswith(beginning):
            with contextlib.suppress(Exception):  # the attempt that needs it says it
                importlib.import_module(path.rpartition(".")[0])


def _chosen(folder: str) -> tuple[str, Kwargs]:
    """Dotted name and arguments."""
    custom = _text("logging", "logging_config_class")
    return _of_dictionary(custom, folder) if custom else by_address(folder)


def by_address(folder: str) -> tuple[str, Kwargs]:
    """Dotted name and arguments of the handler for ``[logging] remote_base_log_folder``. Raises AirflowConfigException
    for an address that nobody knows."""
    remote = _text("logging", "remote_base_log_folder")
    for beginning, (path, kwargs_of) in HANDLERS.items():
        if remote.startswith(beginning):
            return path, kwargs_of(folder, remote)
    known = ", ".join(HANDLERS)
    raise AirflowConfigException(
        f"[logging] remote_base_log_folder is {remote!r}; it must begin with one of {known}, or logging_config_class "
        "name a dictionary with a handler 'task'"
    )


def _of_dictionary(dotted: str, folder: str) -> tuple[str, Kwargs]:
    config = import_string(dotted)
    task = config.get("handlers", {}).get("task") if isinstance(config, Mapping) else None
    if not isinstance(task, Mapping) or not task.get("class"):
        raise AirflowConfigException(f"[logging] logging_config_class {dotted} has no handler 'task' with a class")
    kwargs = {key: value for key, value in task.items() if key not in _OF_LOGGING_CONFIG}
    if "base_log_folder" in task:
        kwargs["base_log_folder"] = folder
    if "()" in task:
        raise AirflowConfigException(f"[logging] logging_config_class {dotted}: its handler 'task' must have a class")
    return str(task["class"]), kwargs


@dataclass(frozen=True, kw_only=True)
class LoggedTry:
    """What handlers ask of the task instance whose log it is."""

    dag_id: str
    task_id: str
    run_id: str
    map_index: int = -1
    try_number: int = 1
    hostname: str = ""
    state: str | None = None
    start_date: datetime | None = None
    execution_date: datetime | None = None
    is_trigger_log_context: bool = False
    log_name: str = ""
    """Of the log, relative to the folder of logs."""

    @property
    def logical_date(self) -> datetime | None:
        return self.execution_date

    @property
    def dag_run(self) -> LoggedTry:
        """The run: handlers that look at it want its ``run_id`` and dates."""
        return self

    @property
    def data_interval_start(self) -> datetime | None:
        return self.execution_date

    def get_dagrun(self, session: Any = None) -> LoggedTry:
        """The run."""
        return self


def read(place: LoggedTry) -> str:
    """The log of a try from where it is kept: for the plugin host. Raises what the handler raises, LookupError when
    it finds none."""
    with tempfile.TemporaryDirectory(prefix="tradewind-log-") as folder:
        handler = made(folder)
        if is_plain(handler):
            return ""
        messages, logs = _asked(handler, place)
    text = "\n".join(str(part) for part in logs)
    if not text:
        raise LookupError("; ".join(str(message) for message in messages) or "no log is kept there")
    notes = "".join(f"*** {message}\n" for message in messages)
    return notes + text


def _asked(handler: Any, place: LoggedTry) -> tuple[list[Any], list[Any]]:
    own = getattr(type(handler), "_read_remote_logs", None)
    if own is not None and own is not FileTaskHandler._read_remote_logs:
        messages, logs = handler._read_remote_logs(place, place.try_number, {})
        return list(messages), list(logs)
    parts, _ = handler.read(place, place.try_number, {"end_of_log": False})
    return [], [text for hosts in parts for _, text in hosts]
