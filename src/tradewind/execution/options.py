"""What the worker, the template and their children are told at start: plain values, no configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

PRELOAD = (
    "tradewind.sdk.*",
    "tradewind.standard.*",
    "tradewind.serde.*",
    "tradewind.execution.dag_files",
    "tradewind.execution.loading",
    "tradewind.execution.zygotes",
    "tradewind.processing.parse",
    "airflow",
    "airflow.models",
    "airflow.decorators",
    "airflow.operators.bash",
    "airflow.operators.python",
    "airflow.operators.empty",
    "airflow.utils.dates",
    "pendulum",
    "setproctitle",
)
"""Modules that the template imports once, so that no parse and no attempt pays for them; ``.*``: with all modules of
the package."""

NOT_PRELOADED = (
    "tradewind.sdk.formats",
    "tradewind.sdk.mail",
    "tradewind.sdk.processes",
    "tradewind.standard.email",
)
"""Large (jsonschema, smtplib, psutil) and used by few: each MiB of the template is paid for by every fork."""

ENTRIES = {
    "parse": "tradewind.processing.parse:serve",
    "zygote": "tradewind.execution.zygotes:serve",
    "triggerer": "tradewind.triggerer.loop:serve",
    "plugin-host": "tradewind.execution.plugin_host:serve",
}
"""Spawn.kind → what the template's child runs, as ``function(sock, payload)``. By name: the template is below
them in the order of imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """Settings of a worker and its template. Times are seconds; names follow airflow.cfg where there is a key."""

    home: str
    """Folder with run/ (sockets, locks, records of attempts)."""
    dags_folder: str
    log_folder: str
    plugins_folder: str = ""
    parallelism: int = 32
    queues: tuple[str, ...] = ()
    killed_task_cleanup_time: float = 60.0
    scheduler_zombie_task_threshold: float = 300.0
    heartbeat_interval: float = 5.0
    dagbag_import_timeout: float = 30.0
    compat_level: int = 2
    compat_level_of_folders: str = ""
    hostname: str = ""
    max_zygotes: int = 16
    zygote_idle_seconds: float = 120.0
    zygote_max_age_seconds: float = 3600.0
    zygote_volatile_seconds: float = 60.0
    """A zygote whose import read what we cannot watch is not used for longer than this."""
    template_idle_seconds: float = 300.0
    """A template that no client is connected to ends after this."""
    reconnect_seconds: float = 0.1
    """How often a worker without a scheduler looks for one."""
    preload: tuple[str, ...] = PRELOAD
    not_preloaded: tuple[str, ...] = NOT_PRELOADED
    warm_up: str = "tradewind.execution.warm_up:prepare tradewind.processing.parse:warm_up"
    """Functions that the template calls once before it forks, separated by blanks; empty for none."""
    entries: Mapping[str, str] = field(default_factory=lambda: dict(ENTRIES))
    masked: tuple[str, ...] = ()
    """Configured secrets, which no log shows."""
    config: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """section → key → value, for ``conf.get`` in user code; lower case."""

    @property
    def run_folder(self) -> Path:
        """Where sockets and locks are."""
        return Path(self.home) / "run"


INHERITED: ContextVar[WorkerOptions | None] = ContextVar("tradewind_worker_options", default=None)
"""The template's options, in every process forked from it."""


def inherited() -> WorkerOptions:
    """The options of the template that this process was forked from. LookupError elsewhere."""
    options = INHERITED.get()
    if options is None:
        raise LookupError("this process was not forked from a template; it has no worker options")
    return options


def to_json(options: WorkerOptions) -> bytes:
    """For the standard input of a new process: settings may hold secrets, which a command line would show."""
    return msgspec.json.encode(options)


def from_json(text: bytes) -> WorkerOptions:
    """Inverse of :func:`to_json`."""
    return msgspec.json.decode(text, type=WorkerOptions)
