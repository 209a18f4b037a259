"""Attempts on this machine: starts the home's worker and template, finds those that run already, restarts dead ones.

The worker is no child in spirit: it is started detached, outlives the scheduler that started it, and the next
scheduler's LocalExecutor finds it by its lock. It connects to the scheduler by itself.
"""

from __future__ import annotations

import os
import select
import signal

from tradewind.execution.endpoints import holder
from tradewind.execution.options import WorkerOptions
from tradewind.execution.processes import Detached, start_role
from tradewind.execution.template import TemplateClient, TemplateGone
from tradewind.wire.messages import TriggererRequest

ROLES = ("template", "worker")


class LocalExecutor:
    """Processes of one home. Not thread-safe."""

    def __init__(self, options: WorkerOptions) -> None:
        self._options = options
        self._started: dict[str, Detached] = {}

    def ensure(self) -> None:
        """Start the worker and the template unless they run. A role that somebody else is just starting ends by
        itself, since only one gets the lock."""
        for role in ROLES:
            process = self._started.get(role)
            if process is not None and process.poll() is None:
                continue
            if holder(self._options.run_folder / f"{role}.lock") is None:
                self._started[role] = start_role(role, self._options)

    def ensure_triggerer(self) -> None:
        """Have the template fork the home's triggerer, unless there is one. Nothing is waited for: where the template
        is only just starting, the caller asks again."""
        if self.triggerer_alive():
            return
        try:
            template = TemplateClient.connect(self._options.home)
        except TemplateGone:
            self.ensure()
            return
        try:
            _, unused = template.request("triggerer", TriggererRequest())
            unused.close()
        except TemplateGone:
            self.ensure()
        finally:
            template.close()

    def triggerer_alive(self) -> bool:
        """Whether the home's triggerer runs."""
        return holder(self._options.run_folder / "triggerer.lock") is not None

    def worker_alive(self) -> bool:
        """Whether the home has a worker now."""
        return self.worker_pid() is not None

    def worker_pid(self) -> int | None:
        """Its process id, for health reports and for killing it in tests."""
        return holder(self._options.run_folder / "worker.lock")

    def slots(self) -> int:
        """``[core] parallelism``."""
        return self._options.parallelism

    def stop(self, timeout: float = 10.0) -> None:
        """End the triggerer, then the worker (its attempts get SIGTERM, and SIGKILL after ``timeout``), then the
        template."""
        for role in ("triggerer", *reversed(ROLES)):
            pid = holder(self._options.run_folder / f"{role}.lock")
            if pid is not None:
                _end(pid, timeout)
            process = self._started.pop(role, None)
            if process is not None:
                process.terminate()
                process.wait()


def _end(pid: int, timeout: float) -> None:
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(pidfd, number)
            if select.select([pidfd], [], [], timeout)[0]:
                return
    except ProcessLookupError:
        return
    finally:
        os.close(pidfd)
