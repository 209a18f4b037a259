"""Starting the worker and the template as processes of their own, which outlive whoever starts them."""

from __future__ import annotations

import subprocess
import sys
import time

from tradewind.model.times import Clock

from .endpoints import holder
from .options import WorkerOptions, to_json
from .template import TemplateClient, TemplateGone

START_TIMEOUT = 30.0


def start_role(role: str, options: WorkerOptions) -> subprocess.Popen[bytes]:
    """Start ``role`` ("worker" or "template") in a session of its own. Settings go over its standard input; what it
    writes goes to ``run/<role>.log``. When the home has one already the new process ends at once."""
    options.run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (options.run_folder / f"{role}.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tradewind.execution.roles", role],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    assert process.stdin is not None
    process.stdin.write(to_json(options))
    process.stdin.close()
    return process


class TemplateStarter:
    """Connects to the home's template, and starts one when there is none."""

    def __init__(self, options: WorkerOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None

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
