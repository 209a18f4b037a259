"""A parent that starts processes, restarts one that dies, and ends them in order. It opens no database and starts no
thread, so that every child it forks begins clean."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import structlog

from tradewind.execution.leaving import code_of, leave
from tradewind.execution.process_names import name_process
from tradewind.model.times import Clock

log = structlog.get_logger(__name__)

HANDLED = frozenset({signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
ALREADY_SERVED = 75
"""Exit code of a role that another process serves already (EX_TEMPFAIL of sysexits.h): tried again after a second."""
SHORT_LIFE = 5.0
"""Seconds; a role that dies younger is restarted more slowly each time."""
LONGEST_DELAY = 1.6
"""Seconds before a role that keeps dying is started again: a database that is back is used again within two."""
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Role:
    """One process of the tree. ``run`` is called in the child; its return ends the child with code 0."""

    name: str
    run: Callable[[], None]
    dies_with_parent: bool = True
    """False: it is left for the next parent to adopt when this one is killed."""
    stop_timeout: float = 10.0
    pid: int | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    failures: int = 0


@dataclass(slots=True)
class Supervisor:
    """Runs roles until a signal says to end. ``on_started`` is called once, when all have been forked."""

    clock: Clock
    roles: list[Role] = field(default_factory=list)
    is_stopping: bool = False

    def start(self, role: Role) -> None:
        """Fork the role's process."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        pid = os.fork()
        if pid == 0:
            run_child(role)
        role.pid = pid
        role.started_at = self.clock.monotonic()
        role.restart_at = None
        if role not in self.roles:
            self.roles.append(role)

    def run(self, *, until: Callable[[], bool] = lambda: False) -> int:
        """Serve until SIGTERM or SIGINT; returns the exit code. ``until`` is asked after every event."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
        while not self.is_stopping and not until():
            self._turn(self._wait())
        self.stop()
        return 0

    def poll(self) -> bool:
        """For a parent that has something else to wait for: restart what has died; whether it was told to stop."""
        self._turn(0.0)
        return self.is_stopping

    def _turn(self, seconds: float) -> None:
        info = signal.sigtimedwait(HANDLED, seconds)
        if info is not None and info.si_signo != signal.SIGCHLD:
            self.is_stopping = True
        self._reap()
        self._restart_due()

    def _wait(self) -> float:
        now = self.clock.monotonic()
        due = [role.restart_at - now for role in self.roles if role.restart_at is not None]
        return max(0.0, min(due, default=60.0))

    def _reap(self) -> None:
        """Note which children have ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for role in self.roles:
                if role.pid == pid:
                    self._ended(role, os.waitstatus_to_exitcode(status))

    def _ended(self, role: Role, code: int) -> None:
        now = self.clock.monotonic()
        lived = now - role.started_at
        role.pid = None
        if self.is_stopping:
            return
        if code == ALREADY_SERVED:
            role.restart_at = now + 1.0
            return
        role.failures = 0 if lived > SHORT_LIFE else role.failures + 1
        delay = 0.0 if role.failures <= 1 else min(LONGEST_DELAY, 0.1 * 2**role.failures)
        role.restart_at = now + delay
        log.warning("role.ended", role=role.name, exit_code=code, lived_seconds=round(lived, 3), restart_in=delay)

    def _restart_due(self) -> None:
        if self.is_stopping:
            return
        now = self.clock.monotonic()
        for role in self.roles:
            if role.restart_at is not None and role.restart_at <= now:
                self.start(role)

    def stop(self) -> None:
        """End all roles, the one that was added last first; one that does not heed SIGTERM is killed."""
        self.is_stopping = True
        for role in reversed(self.roles):
            if role.pid is not None:
                self._stop_one(role)

    def _stop_one(self, role: Role) -> None:
        deadline = self.clock.monotonic() + role.stop_timeout
        send(role.pid, signal.SIGTERM)
        while role.pid is not None:
            left = deadline - self.clock.monotonic()
            if left <= 0:
                log.warning("role.killed", role=role.name, after_seconds=role.stop_timeout)
                send(role.pid, signal.SIGKILL)
                deadline = self.clock.monotonic() + 5.0
            signal.sigtimedwait({signal.SIGCHLD}, min(0.05, max(0.0, left)))
            self._reap()


def send(pid: int | None, number: signal.Signals) -> None:
    """Signal a child that may just have ended."""
    if pid is not None:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def run_child(role: Role) -> NoReturn:
    """The forked child's life: default signals, its own name, the role, an exit code; never back into the parent."""
    code = 1
    try:
        for number in HANDLED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED)
        if role.dies_with_parent:
            die_with_parent()
        name_process(role.name)
        role.run()
        code = 0
    except SystemExit as stop:
        code = code_of(stop)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        leave(code)


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent is killed (Linux; elsewhere the role just stays)."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died in between
        raise SystemExit(0)


def run_in_child(work: Callable[[], None], meanwhile: Callable[[], object] = lambda: None) -> int:
    """Do one piece of work in a forked child and wait for it; its exit code. The parent keeps no trace of it, and does
    ``meanwhile`` in the time."""
    role = Role("setup", work)
    pid = os.fork()
    if pid == 0:
        run_child(role)
    meanwhile()
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)
