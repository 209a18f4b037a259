"""Starting the worker and the template as processes of their own, which outlive whoever starts them."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import NoReturn

from tradewind.model.times import Clock

from .endpoints import holder
from .options import WorkerOptions, to_json
from .template import TemplateClient, TemplateGone

START_TIMEOUT = 10.0
"""Seconds in which a template must listen; the worker says nothing meanwhile, so not longer than a lease."""


class Detached:
    """A process in a session of its own. Unlike a Popen it is meant to be let go of: it outlives whoever started it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code (or minus the signal) when it has ended."""
        return self._reap(os.WNOHANG)

    def wait(self) -> int:
        """Wait for its end; the exit code (or minus the signal)."""
        code = self._reap(0)
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        """Signal it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def _reap(self, flags: int) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, flags)
            except ChildProcessError:
                self.returncode = 0  # reaped by somebody who waits for every child; how it ended is not known
            else:
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


def start_role(role: str, options: WorkerOptions) -> Detached:
    """Start ``role`` ("worker" or "template") in a session of its own. Settings go over its standard input; what it
    writes goes to ``run/<role>.log``. When the home has one already the new process ends at once."""
    options.run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = _written(options)
    output = os.open(options.run_folder / f"{role}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        pid = os.posix_spawn(
            sys.executable,
            _command(role),
            os.environ,  # noqa: TID251  for the code of users in this process
            file_actions=[
                (os.POSIX_SPAWN_DUP2, settings, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, output, 2),
            ],
            setsid=True,
        )
    finally:
        os.close(settings)
        os.close(output)
    return Detached(pid)


def become_role(role: str, options: WorkerOptions, *, code_when_done: int, log_level: str) -> NoReturn:
    """Make this process ``role``, begun anew: what its parent had imported would be in all that the template forks, and
    every page of it is paid for by each attempt. ``code_when_done``: its exit code instead of 0."""
    settings = _written(options)
    os.dup2(settings, 0)
    os.execv(sys.executable, _command(role, str(code_when_done), log_level))


def _command(role: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tradewind.execution.roles", role, *arguments]


def _written(options: WorkerOptions) -> int:
    """A descriptor from which the options can be read; closed by exec."""
    settings = os.memfd_create("options")
    os.write(settings, to_json(options))
    os.lseek(settings, 0, os.SEEK_SET)
    return settings


class TemplateStarter:
    """Connects to the home's template, and starts one when there is none."""

    def __init__(self, options: WorkerOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._process: Detached | None = None

    def start_if_missing(self) -> None:
        """Start a template unless one runs or is starting. Does not wait."""
        if self._process is not None and self._process.poll() is None:
            return
        if holder(self._options.run_folder / "template.lock") is None:
            self._process = start_role("template", self._options)

    def connect(self, timeout: float = START_TIMEOUT) -> TemplateClient:
        """A connection, once the template listens. TemplateGone after ``timeout``."""
        deadline = self._clock.monotonic() + timeout
        while True:
            try:
                return TemplateClient.connect(self._options.home)
            except TemplateGone:
                if self._clock.monotonic() >= deadline:
                    raise
            self.start_if_missing()
            time.sleep(0.005)  # only while a template starts, which takes longer than any socket

    def stop(self) -> None:
        """End the template that was started here, if it still runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
