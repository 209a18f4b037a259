"""Parse children as seen by the DAG processor: one conversation per file, its deadline, how it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tradewind.execution.import_errors import died
from tradewind.model.compat import level_of
from tradewind.wire.framing import (
    PARSE_CHILD_MESSAGE,
    FrameError,
    FrameReader,
    ParseChildMessage,
    decode_any,
    read_available,
)
from tradewind.wire.messages import Message, ParseReport, ParseRequest, Spawned, SpawnExited

from .due import Stamp


class Template(Protocol):
    """Who forks: execution.template.TemplateClient, or processing.forking.LocalFork."""

    def spawn(self, kind: str, payload: Message) -> tuple[int, socket.socket]: ...
    def events(self) -> list[Spawned | SpawnExited]: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


@dataclass(slots=True, kw_only=True, eq=False)
class ParseChild:
    """A parse that is under way."""

    path: str
    pid: int
    sock: socket.socket
    stamp: Stamp
    began_at: datetime
    deadline: float
    """On the monotonic clock: then it is killed."""
    timeout: float
    reader: FrameReader = field(default_factory=FrameReader)
    report: ParseReport | None = None
    has_closed: bool = False
    was_killed: bool = False
    ended: SpawnExited | None = None

    def fileno(self) -> int:
        return self.sock.fileno()

    def receive(self) -> list[ParseChildMessage]:
        """What it says now. Sets ``report`` and ``has_closed``; questions are returned, to be answered."""
        try:
            frames = read_available(self.sock, self.reader)
            messages = [decode_any(PARSE_CHILD_MESSAGE, data) for data in frames or ()]
        except (ConnectionError, FrameError):
            frames, messages = None, []
        if frames is None:
            self.has_closed = True
        questions = []
        for message in messages:
            if isinstance(message, ParseReport):
                self.report = message
            else:
                questions.append(message)
        return questions

    def kill(self) -> None:
        """It took too long: end it and what it started."""
        self.was_killed = True
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)

    def outcome(self) -> ParseReport:
        """Its report; for one that died without, a report with the error that says how."""
        if self.report is not None:
            return self.report
        return ParseReport(errors=((self.path, died(self.path, self._reason())),), is_volatile=True)

    def _reason(self) -> str:
        if self.was_killed:
            return (
                f"the import of the file did not end within {self.timeout:g} s and was killed; "
                "move slow work from top-level code into tasks, or raise [core] dag_file_processor_timeout"
            )
        ended = self.ended
        if ended is not None and ended.signal is not None:
            name = signal.Signals(ended.signal).name
            hint = "; the machine may have run out of memory" if ended.signal == signal.SIGKILL else ""
            return f"the process that imported the file was killed by {name}{hint}"
        code = "an unknown exit code" if ended is None else f"exit code {ended.exit_code}"
        return f"the process that imported the file ended early with {code}: top-level code must not end its process"


def request_for(path: str, options: ProcessorLimits) -> ParseRequest:
    """The request that a parse child gets."""
    return ParseRequest(
        path=path,
        dags_folder=options.dags_folder,
        relative_path=path.removeprefix(options.dags_folder.rstrip("/") + "/"),
        compat_level=level_of(path, options.dags_folder, options.compat_level, options.compat_level_of_folders),
        timeout=options.hard_timeout,
        memory_limit_mib=options.memory_limit_mib,
        plugins_folder=options.plugins_folder,
        safe_mode=False,
        import_timeout=options.import_timeout,
        with_traceback=options.with_traceback,
    )


class ProcessorLimits(Protocol):
    """The part of the processor's options that a child is told."""

    @property
    def dags_folder(self) -> str: ...
    @property
    def plugins_folder(self) -> str: ...
    @property
    def compat_level(self) -> int: ...
    @property
    def compat_level_of_folders(self) -> str: ...
    @property
    def hard_timeout(self) -> float: ...
    @property
    def import_timeout(self) -> float: ...
    @property
    def memory_limit_mib(self) -> int | None: ...
    @property
    def with_traceback(self) -> bool: ...
