"""What a worker holds for each Launch and LaunchCallback until its end has been told; and the record on disk by which
the next worker finds what this one left behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.model.times import Clock
from tradewind.wire.messages import Attempt, LaunchCallback

from .reaping import kill_session, start_time

if TYPE_CHECKING:
    from .reactor import Link, Timer
    from .zygote_state import Zygote

ID_BITS = 32
"""Requests of one job are numbered from ``job_id << ID_BITS``, so that a number tells whose it is."""


class Phase(Enum):
    """How far a job has come."""

    WAITING = "waiting for its zygote"
    FORKING = "handed to the zygote, pid not known yet"
    RUNNING = "its process runs"
    ENDED = "its process is gone"


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One attempt or callback in this worker's care."""

    job_id: int
    attempt: Attempt
    callback: LaunchCallback | None = None
    phase: Phase = Phase.WAITING
    zygote: Zygote | None = None
    link: Link | None = None
    pid: int | None = None
    pidfd: int | None = None
    is_in_place: bool = False
    """The zygote itself became the attempt: the template tells its end."""
    code_started: bool = False
    asks: dict[int, bytes] = field(default_factory=dict)
    """Requests that no scheduler has answered yet, as they came."""
    held: list[bytes] = field(default_factory=list)
    """What it said that can wait: passed on with what it says next, or by ``hold_timer``."""
    hold_timer: Timer | None = None
    has_spoken: bool = False
    kill_reason: str = ""
    kill_timer: Timer | None = None
    lost_zygotes: int = 0
    end: bytes = b""
    """The encoded Exited or CallbackExited, once there is one; sent when a scheduler is connected."""

    @property
    def token(self) -> str:
        return self.attempt.token

    @property
    def request_base(self) -> int:
        return self.job_id << ID_BITS

    @property
    def start_request(self) -> int:
        """The number of the job's first request, which for an attempt is Start."""
        return self.request_base + 1

    def send_signal(self, number: signal.Signals) -> None:
        """Signal the job's main process, and nobody who got its number later."""
        if self.pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def kill_all(self) -> None:
        """SIGKILL for the process and its session."""
        if self.pid is not None and self.pidfd is not None and not has_ended(self.pidfd):
            kill_session(self.pid)
            self.send_signal(signal.SIGKILL)

    def forget_process(self) -> None:
        """Close what was open for the process."""
        if self.kill_timer is not None:
            self.kill_timer.cancel()
            self.kill_timer = None
        if self.link is not None:
            self.link.close()
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None


def open_pidfd(pid: int) -> int | None:
    """A descriptor of the process; None when it is gone already."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def has_ended(pidfd: int) -> bool:
    """Whether the process is gone (or a zombie)."""
    return bool(select.select([pidfd], [], [], 0)[0])


class ProcessRecord:
    """Pids and start times of processes that must not outlive this worker, one line each, in run/attempts/."""

    REWRITE_AT = 4096

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"worker-{os.getpid()}"
        self._living: dict[int, int] = {}
        self._lines = 0
        self._fd = self._open()

    def add(self, pid: int) -> None:
        """Remember a process; one that is gone already is not."""
        started = start_time(pid)
        if started is None:
            return
        self._living[pid] = started
        self._lines += 1
        if self._lines > self.REWRITE_AT:
            self._rewrite()
        else:
            os.write(self._fd, b"%d %d\n" % (pid, started))

    def remove(self, pid: int) -> None:
        """Forget one that has ended. Its line stays until the next rewriting: it names nobody any more."""
        self._living.pop(pid, None)

    def close(self) -> None:
        """The worker ends in order and has left nothing behind."""
        os.close(self._fd)
        self._path.unlink(missing_ok=True)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _rewrite(self) -> None:
        new = self._path.with_suffix(".new")
        new.write_text("".join(f"{pid} {started}\n" for pid, started in self._living.items()))
        new.replace(self._path)
        os.close(self._fd)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._lines = len(self._living)


def kill_leftovers(folder: Path, clock: Clock, timeout: float = 5.0) -> list[int]:
    """Kill what an earlier worker of this home left running, wait until it is gone, and forget its records. Only for
    the holder of the worker's lock. The pids killed."""
    killed: dict[int, int] = {}
    records = sorted(folder.glob("worker-*")) if folder.is_dir() else []
    for record in records:
        for line in record.read_text().splitlines():
            words = line.split()
            if len(words) != 2:
                continue  # the last line of a worker that was killed while writing it
            pid, started = int(words[0]), int(words[1])
            pidfd = open_pidfd(pid)
            if pidfd is None:
                continue
            if start_time(pid) == started and pid not in killed:
                kill_session(pid)
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                killed[pid] = pidfd
            else:
                os.close(pidfd)
    deadline = clock.monotonic() + timeout
    for pidfd in killed.values():
        select.select([pidfd], [], [], max(0.0, deadline - clock.monotonic()))
        os.close(pidfd)
    for record in records:
        record.unlink(missing_ok=True)
    return sorted(killed)
