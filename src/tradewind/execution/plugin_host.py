"""The plugin host role: has imported the plugins, and forks a child for each question about their code.

A child that takes too long is killed, one that crashes is an answer that does not come: of that one question. The
child of the listeners lasts, since listeners keep state. When a plugin's file changes the host ends, and whoever asks
next starts another one.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import msgspec
import structlog

from tradewind.model.times import Clock, SystemClock
from tradewind.plugins import catalogue
from tradewind.plugins.host_runtime import PluginRuntime, over
from tradewind.sdk.runtime import install
from tradewind.wire.framing import FrameError, FrameReader, FrameSocket, read_available, require_own_user
from tradewind.wire.messages import Message, PluginHostRequest
from tradewind.wire.plugin_messages import ASKED, HOST_QUESTION, Asked

from .endpoints import RoleLock, connect, listen
from .leaving import leave
from .options import WorkerOptions, inherited
from .process_names import name_process
from .processes import START_TIMEOUT, TemplateStarter
from .reaping import Reaper
from .template import TemplateGone

log = structlog.get_logger(__name__)

SOCKET = "plugin-host.sock"
LOCK = "plugin-host.lock"
STAMP_SECONDS = 1.0
"""How often the plugins folder is looked at for changes, while questions come."""


def connect_to_host(options: WorkerOptions, clock: Clock, starter: TemplateStarter) -> Callable[[], socket.socket]:
    """A function that connects to the home's plugin host, which it has the template fork when there is none."""

    def connected() -> socket.socket:
        with contextlib.suppress(OSError):
            return connect(options.run_folder / SOCKET)
        deadline = clock.monotonic() + START_TIMEOUT + options.dagbag_import_timeout
        template = starter.connect()
        try:
            pid, unused = template.spawn("plugin-host", PluginHostRequest())
            unused.close()
            while True:
                with contextlib.suppress(OSError):
                    return connect(options.run_folder / SOCKET)
                if clock.monotonic() >= deadline:
                    raise TemplateGone(f"the plugin host (process {pid}) does not listen")
                time.sleep(0.005)  # only while it starts: it imports the plugins first
        finally:
            template.close()

    return connected


def serve(sock: socket.socket, request: Message) -> None:
    """What the template's child runs: the home's plugin host, until it is idle or the plugins have changed."""
    sock.close()
    assert isinstance(request, PluginHostRequest)
    options = inherited()
    lock = RoleLock(options.run_folder / LOCK)
    if lock.acquire():  # else another one was quicker
        name_process("plugin-host")
        PluginHostRole(options, SystemClock(), lock, request.idle_seconds).serve()


class PluginHostRole:
    """The role's loop."""

    def __init__(self, options: WorkerOptions, clock: Clock, lock: RoleLock, idle_seconds: float) -> None:
        self._options = options
        self._clock = clock
        self._lock = lock
        self._idle_seconds = idle_seconds
        self._is_ending = False
        self._is_told = False
        self._pending: dict[int, tuple[socket.socket, FrameReader]] = {}
        self._children: dict[int, float | None] = {}
        self._lasting: int | None = None
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._reaper = Reaper()
        self._stamp = catalogue.stamp(options.plugins_folder)
        self._stamped_at = clock.monotonic()
        self._load()
        self._listener = listen(options.run_folder / SOCKET)

    def _load(self) -> None:
        """Import the plugins, each within the time that a DAG file has for its import."""
        from tradewind.plugins import answers, discovery  # they import all that plugins may use

        assert answers
        install(PluginRuntime(_nobody_to_ask, self._options.config))
        discovery.load(limit=self._options.dagbag_import_timeout)

    def serve(self) -> None:
        """Fork a child for each question, until SIGTERM, a change of the plugins or idleness."""
        quiet_since = self._clock.monotonic()
        while not self._is_ending:
            self._turn(self._seconds_to_wait())
            now = self._clock.monotonic()
            if self._children or self._pending:
                quiet_since = now
            elif now - quiet_since >= self._idle_seconds:
                break
        self._hand_over()

    def _hand_over(self) -> None:
        """Take no more; another host may begin. What is being answered is answered, unless we were told to end."""
        self._listener.close()
        self._lock.release()
        for pid in self._children:
            if self._is_told or pid == self._lasting:
                self._kill(pid)
        while self._children:
            select.select([self._reaper], [], [], self._seconds_to_wait())
            self._reap()
            self._kill_late()

    def _seconds_to_wait(self) -> float:
        now = self._clock.monotonic()
        deadlines = [at - now for at in self._children.values() if at is not None]
        return max(0.0, min([*deadlines, self._idle_seconds]))

    def _turn(self, seconds: float) -> None:
        poller = select.poll()
        for fd in (self._listener.fileno(), self._reaper.fileno(), *self._pending):
            poller.register(fd, select.POLLIN)
        ready = {fd for fd, _ in poller.poll(seconds * 1000 + 1)}
        self._reap()
        self._kill_late()
        for fd in ready & self._pending.keys():
            self._read(fd)
        if self._listener.fileno() in ready and not self._have_plugins_changed():
            self._accept()

    def _reap(self) -> None:
        for ended in self._reaper.reap(kill_groups=True):
            self._children.pop(ended.pid, None)
            if ended.pid == self._lasting:
                self._lasting = None

    def _kill_late(self) -> None:
        now = self._clock.monotonic()
        for pid, deadline in self._children.items():
            if deadline is not None and now >= deadline:
                self._kill(pid)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        require_own_user(sock)
        sock.setblocking(False)
        self._pending[sock.fileno()] = sock, FrameReader()

    def _have_plugins_changed(self) -> bool:
        """Then whoever has connected is not served here: it finds itself cut off, and another host."""
        now = self._clock.monotonic()
        if now - self._stamped_at >= STAMP_SECONDS:
            self._stamped_at = now
            self._is_ending = catalogue.stamp(self._options.plugins_folder) != self._stamp
        return self._is_ending

    def _read(self, fd: int) -> None:
        sock, reader = self._pending[fd]
        try:
            frames = read_available(sock, reader)
        except (OSError, FrameError):
            frames = None
        if frames is not None and not frames:
            return
        del self._pending[fd]
        with contextlib.closing(sock):
            if frames:
                self._begin(sock, frames[0])

    def _begin(self, sock: socket.socket, data: bytes) -> None:
        try:
            asked = ASKED.decode(data)
        except msgspec.MsgspecError as problem:
            log.warning("plugin_host.not_understood", reason=str(problem))
            return
        if asked.is_lasting and self._lasting is not None:
            self._kill(self._lasting)
        pid = os.fork()
        if pid == 0:
            self._become_child(sock, asked)
        if asked.is_lasting:
            self._lasting = pid
        self._children[pid] = None if asked.is_lasting else self._clock.monotonic() + asked.timeout

    def _become_child(self, sock: socket.socket, asked: Asked) -> NoReturn:
        """Everything after the fork; never returns to the loop."""
        code = 1
        try:
            self._reaper.close_in_child()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self._lock.release()
            self._listener.close()
            for other, _ in self._pending.values():
                other.close()
            os.setsid()
            sock.setblocking(True)
            answer_over(FrameSocket(sock), asked, self._options)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            leave(code)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._is_ending = self._is_told = True


def answer_over(conversation: FrameSocket, asked: Asked, options: WorkerOptions) -> None:
    """Answer one question; a lasting child answers until its client closes the connection."""
    from tradewind.plugins.answers import answer  # loaded before the fork

    install(PluginRuntime(over(conversation), options.config))
    while True:
        conversation.send(answer(HOST_QUESTION.decode(asked.body)))
        if not asked.is_lasting:
            return
        data = conversation.receive()
        if data is None:
            return
        asked = ASKED.decode(data)


def _nobody_to_ask(question: Message) -> Message:
    from tradewind.wire.messages import Refused  # one word, for plugins that ask while they are imported

    return Refused(code="forbidden", message="a plugin cannot read variables or connections while it is imported")
