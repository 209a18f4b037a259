"""Parse children forked by this process itself, for commands and tests that have no template running."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import traceback
from typing import NoReturn

from tradewind.execution.leaving import leave
from tradewind.wire.messages import Message, Spawned, SpawnExited

from . import parse


class LocalFork:
    """Forks parse children; speaks like execution.template.TemplateClient.

    Only for single-threaded callers. A child closes every descriptor but its own first, so that no database connection
    of the caller is shared with user code.
    """

    def __init__(self) -> None:
        parse.warm_up()
        self._read_end, self._write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._children: set[int] = set()

    def fileno(self) -> int:
        """Never readable: an end is seen by the child's socket, and looked up by :meth:`events` then."""
        return self._read_end

    def spawn(self, kind: str, payload: Message) -> tuple[int, socket.socket]:
        """Fork a child that parses; its pid and our end of the conversation."""
        if kind != "parse":
            raise ValueError(f"LocalFork makes parse children, not {kind!r}")
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            _become_child(theirs, payload)
        theirs.close()
        self._children.add(pid)
        return pid, ours

    def events(self) -> list[Spawned | SpawnExited]:
        """Children that have ended."""
        found: list[Spawned | SpawnExited] = []
        for pid in sorted(self._children):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._children.discard(pid)
                code = os.waitstatus_to_exitcode(status)
                found.append(
                    SpawnExited(pid=pid, exit_code=code if code >= 0 else None, signal=-code if code < 0 else None)
                )
        return found

    def close(self) -> None:
        """Kill what still runs."""
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._children.clear()
        os.close(self._read_end)
        os.close(self._write_end)


def _become_child(sock: socket.socket, payload: Message) -> NoReturn:
    code = 1
    try:
        gc.freeze()
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        kept = sock.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, 4096)
        parse.serve(sock, payload)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        leave(code)
