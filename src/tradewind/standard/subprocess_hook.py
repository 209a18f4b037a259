"""Runs a command in a process group of its own, logs its output, returns its last line and exit code."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

from tradewind.sdk.lookups import BaseHook

SubprocessResult = namedtuple("SubprocessResult", ["exit_code", "output"])


@contextlib.contextmanager
def working_directory(cwd: str | None = None) -> Iterator[str]:
    """``cwd``, or a temporary folder that is gone afterwards."""
    if cwd is not None:
        yield cwd
        return
    with tempfile.TemporaryDirectory(prefix="airflowtmp") as folder:
        yield folder


class SubprocessHook(BaseHook):
    """Hook for commands on this machine."""

    def __init__(self, **kwargs: Any) -> None:
        self.sub_process: subprocess.Popen[bytes] | None = None
        self._is_ended = False
        super().__init__(**kwargs)

    def run_command(
        self,
        command: list[str],
        env: dict[str, str] | None = None,
        output_encoding: str = "utf-8",
        cwd: str | None = None,
    ) -> SubprocessResult:
        """Run and wait. ``env`` None: this process's; stderr goes into the same log. Raises RuntimeError when the
        command cannot be started."""
        self.log.info("Tmp dir root location: %s", tempfile.gettempdir())
        # A group of its own, so that send_sigterm reaches what the command has started. In an attempt, which leads a
        # session, it stays in that: whoever has to kill the attempt finds it there.
        leads_session = os.getsid(0) == os.getpid()
        with working_directory(cwd) as folder:
            self.log.info("Running command: %s", command)
            self._is_ended = False
            self.sub_process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=os.environ if env is None else env,  # noqa: TID251  the program inherits it
                preexec_fn=_plain_signals,  # noqa: PLW1509  it only sets signal handlers
                start_new_session=not leads_session,
                process_group=0 if leads_session else None,
            )
            if self._is_ended:  # by a signal between the command's start and its being known here
                self.send_sigterm()
            return self._follow(self.sub_process, output_encoding)

    def _follow(self, process: subprocess.Popen[bytes], encoding: str) -> SubprocessResult:
        self.log.info("Output:")
        if process.stdout is None:
            raise RuntimeError("The subprocess should be created here and is None!")
        line = ""
        with process.stdout as output:
            for raw in output:
                line = raw.decode(encoding, errors="backslashreplace").rstrip()
                self.log.info("%s", line)
        process.wait()
        self.log.info("Command exited with return code %s", process.returncode)
        return SubprocessResult(exit_code=process.returncode, output=line)

    def send_sigterm(self) -> None:
        """End the command and all it has started."""
        self.log.info("Sending SIGTERM signal to process group")
        self._is_ended = True
        if self.sub_process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(os.getpgid(self.sub_process.pid), signal.SIGTERM)


def _plain_signals() -> None:
    # Python ignores SIGPIPE; a shell pipeline must not inherit that ("yes | head" would never end).
    for name in ("SIGPIPE", "SIGXFZ", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
