"""One zygote as the worker knows it, what its pool says about jobs, and whether the files it read are as they were."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from tradewind.wire.messages import Ask, AttemptRequest, FileSeen, SpawnExited, ZygoteReady

from .jobs import ID_BITS, Job
from .reactor import Link


class Owner(Protocol):
    """What the pool tells the worker about its jobs."""

    def on_forked(self, job: Job, pid: int) -> None:
        """The job has a process."""

    def on_fork_exited(self, job: Job, exit_code: int | None, signal: int | None) -> None:
        """The job's process is gone."""

    def on_zygote_lost(self, job: Job) -> None:
        """The zygote died with the job in its hands; whether there is a process is not known."""

    def on_never_started(self, job: Job, reason: str, exit_code: int | None, signal: int | None) -> None:
        """No process can be had for the job."""

    def on_job_frame(self, job: Job, data: bytes) -> None:
        """The job's process says something."""

    def on_job_closed(self, job: Job) -> None:
        """The job's process has closed its socket, mostly by ending."""

    def ask_for(self, job: Job, request_id: int, request: AttemptRequest) -> None:
        """Ask on behalf of a job that waits."""

    def on_zygote_ask(self, zygote: Zygote, ask: Ask, data: bytes) -> None:
        """Top-level code of a file being imported asks something."""


@dataclass(slots=True, kw_only=True, eq=False)
class Zygote:
    """One zygote as the worker knows it."""

    path: str
    number: int
    started_at: float
    token: str
    """Of the attempt on whose behalf its top-level code asks."""
    link: Link | None = None
    spawn_id: int = 0
    pid: int | None = None
    ready: ZygoteReady | None = None
    waiting: list[Job] = field(default_factory=list)
    jobs: dict[int, Job] = field(default_factory=dict)
    last_used: float = 0.0
    is_retired: bool = False
    exit: SpawnExited | None = None

    @property
    def request_base(self) -> int:
        return self.number << ID_BITS


def files_unchanged(files: Iterable[FileSeen]) -> bool:
    """Whether all files are as they were when the zygote read them."""
    for seen in files:
        try:
            status = os.stat(seen.path)
        except OSError:
            return False
        if status.st_mtime_ns != seen.mtime_ns or status.st_size != seen.size:
            return False
    return True
