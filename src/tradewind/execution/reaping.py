"""Ends of child processes as events, for single-threaded parents that fork: the template and the zygotes."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from . import signals


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that is gone, and how: by exit code or by signal."""

    pid: int
    exit_code: int | None
    signal: int | None


class Reaper:
    """Becomes readable when a child has ended; :meth:`reap` says which."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, _do_nothing)
        signal.set_wakeup_fd(self._write_end, warn_on_full_buffer=False)

    def fileno(self) -> int:
        return self._read_end

    def reap(self, *, kill_groups: bool = False) -> list[Ended]:
        """All children that have ended. ``kill_groups``: what is left of their process groups is killed first, while
        the unreaped child still keeps its number from being given to anybody else."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read_end, 4096):
                pass
        ended = []
        while (one := self._next(kill_groups)) is not None:
            ended.append(one)
        return ended

    def close_in_child(self) -> None:
        """After a fork: signals and descriptors of the parent are not the child's."""
        signal.set_wakeup_fd(-1)
        signals.handle(signals.SIGCHLD, signals.DEFAULT)
        os.close(self._read_end)
        os.close(self._write_end)

    def _next(self, kill_groups: bool) -> Ended | None:
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return None
        if info is None:
            return None
        if kill_groups:
            # Who was killed could not end its commands; who ended by itself may have left something behind on purpose.
            (kill_group if info.si_code == os.CLD_EXITED else kill_session)(info.si_pid)
        os.waitpid(info.si_pid, 0)
        if info.si_code == os.CLD_EXITED:
            return Ended(info.si_pid, info.si_status, None)
        return Ended(info.si_pid, None, info.si_status)


def kill_group(pid: int, number: int = signal.SIGKILL) -> None:
    """Signal the process group that ``pid`` leads; none there is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def kill_session(pid: int) -> None:
    """SIGKILL for the session that ``pid`` leads: its own group, and the commands it started in groups of their own."""
    kill_group(pid)
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and session_of(int(entry.name)) == pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(entry.name), signal.SIGKILL)


def session_of(pid: int) -> int | None:
    """The process's session; None when it is gone."""
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def start_time(pid: int) -> int | None:
    """When the process began, in clock ticks since boot; with its pid its identity. None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command in parentheses may hold anything, also parentheses.
    fields = stat[stat.rindex(b")") + 2 :].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """A Python handler must exist for the wake-up descriptor to be written."""
