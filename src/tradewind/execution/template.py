"""The template: a single-threaded process with the authoring side imported, forking parse children and zygotes.

It runs no user code itself and holds no connection; what it forks starts with all imports paid. TemplateClient is the
other end, for the worker and the DAG processor.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import itertools
import logging
import os
import pkgutil
import select
import signal
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec

from tradewind.model.times import Clock, SystemClock
from tradewind.observability.hiding import hide_as
from tradewind.wire.framing import (
    TEMPLATE_MESSAGE,
    FrameReader,
    encode,
    read_available,
    read_with_fds,
    require_own_user,
    send_frame,
)
from tradewind.wire.messages import (
    Message,
    ParseRequest,
    PluginHostRequest,
    Spawn,
    Spawned,
    SpawnExited,
    TriggererRequest,
    ZygoteRequest,
)

from .endpoints import RoleLock, connect, listen
from .leaving import code_of, leave
from .options import INHERITED, WorkerOptions
from .process_logging import log_as
from .reaping import Ended, Reaper

log = logging.getLogger(__name__)

Entry = Callable[[socket.socket, Message], None]

PAYLOADS: dict[str, msgspec.msgpack.Decoder[Message]] = {
    "parse": msgspec.msgpack.Decoder(ParseRequest),
    "zygote": msgspec.msgpack.Decoder(ZygoteRequest),
    "triggerer": msgspec.msgpack.Decoder(TriggererRequest),
    "plugin-host": msgspec.msgpack.Decoder(PluginHostRequest),
}
ENDED_WITH_CLIENT = {"parse": signal.SIGKILL, "zygote": signal.SIGTERM}
"""How children end whose client is gone. A triggerer does not: it looks for the next scheduler. Nor does the plugin
host: whoever wants it connects to it. These two are roles of their own, and log as such."""


class TemplateGone(ConnectionError):
    """The template has ended; what it forked lives on. Start or find another one and connect again."""


class _Client:
    """A connected worker or DAG processor, and the children forked for it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = FrameReader()
        self.fds: deque[int] = deque()
        self.children: dict[int, str] = {}

    def fileno(self) -> int:
        return self.sock.fileno()


class Template:
    """The role's loop. ``serve`` returns when it was told to end, or nobody has been connected for long."""

    def __init__(self, options: WorkerOptions, clock: Clock, lock: RoleLock) -> None:
        self._options = options
        self._clock = clock
        self._lock = lock
        self._clients: dict[int, _Client] = {}
        self._owners: dict[int, _Client] = {}
        self._reaper = Reaper()
        self._listener = listen(options.run_folder / "template.sock")
        self._is_ending = False
        signal.signal(signal.SIGTERM, self._end)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def serve(self) -> None:
        """Fork on request until SIGTERM, or until idle without clients."""
        idle_since = self._clock.monotonic()
        while not self._is_ending:
            poller = select.poll()
            for fd in (self._listener.fileno(), self._reaper.fileno(), *self._clients):
                poller.register(fd, select.POLLIN)
            ready = {fd for fd, _ in poller.poll(self._options.template_idle_seconds * 1000)}
            self._handle(ready)
            now = self._clock.monotonic()
            if self._clients:
                idle_since = now
            elif now - idle_since >= self._options.template_idle_seconds:
                break
        self._listener.close()
        for client in list(self._clients.values()):
            client.sock.close()

    def _handle(self, ready: set[int]) -> None:
        if self._reaper.fileno() in ready:
            for ended in self._reaper.reap(kill_groups=True):
                self._tell_exit(ended)
        if self._listener.fileno() in ready:
            self._accept()
        for fd in ready & self._clients.keys():
            self._read(self._clients[fd])

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        require_own_user(sock)
        self._clients[sock.fileno()] = _Client(sock)

    def _read(self, client: _Client) -> None:
        try:
            frames, fds = read_with_fds(client.sock, client.reader)
        except ConnectionError:
            frames, fds = None, []
        if frames is None:
            self._forget(client)
            return
        client.fds.extend(fds)
        for data in frames:
            message = TEMPLATE_MESSAGE.decode(data)
            if isinstance(message, Spawn):
                self._spawn(client, message, client.fds.popleft())

    def _spawn(self, client: _Client, spawn: Spawn, fd: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_child(spawn, fd)
        os.close(fd)
        client.children[pid] = spawn.kind
        self._owners[pid] = client
        self._tell(client, Spawned(request_id=spawn.request_id, pid=pid))

    def _become_child(self, spawn: Spawn, fd: int) -> NoReturn:
        """Everything after the fork; never returns to the loop."""
        code = 1
        try:
            self._reaper.close_in_child()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            self._lock.release()
            self._listener.close()
            for client in self._clients.values():
                client.sock.close()
            os.setsid()
            if spawn.kind not in ENDED_WITH_CLIENT:
                log_as(spawn.kind)
            entry: Entry = resolve(self._options.entries[spawn.kind])
            entry(socket.socket(fileno=fd), PAYLOADS[spawn.kind].decode(spawn.payload))
            code = 0
        except SystemExit as exit_request:
            code = code_of(exit_request)
        except BaseException:
            traceback.print_exc()
        finally:
            leave(code)

    def _tell(self, client: _Client, message: Message) -> None:
        try:
            send_frame(client.sock, message)
        except OSError:
            log.debug("template.client_gone")  # its end of file follows, and is handled there

    def _tell_exit(self, ended: Ended) -> None:
        client = self._owners.pop(ended.pid, None)
        if client is not None:
            del client.children[ended.pid]
            self._tell(client, SpawnExited(pid=ended.pid, exit_code=ended.exit_code, signal=ended.signal))

    def _forget(self, client: _Client) -> None:
        """A client that is gone wants no more results: its parses are killed. A zygote sees the end of its own
        socket; the signal is for one that is caught in an import."""
        del self._clients[client.fileno()]
        client.sock.close()
        for fd in client.fds:
            os.close(fd)
        for pid, kind in client.children.items():
            if kind in ENDED_WITH_CLIENT:
                os.kill(pid, ENDED_WITH_CLIENT[kind])
            del self._owners[pid]

    def _end(self, number: int, frame_: FrameType | None) -> None:
        self._is_ending = True


def resolve(name: str) -> Any:
    """The function that ``package.module:function`` names."""
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def main(options: WorkerOptions, clock: Clock | None = None) -> int:
    """Run the template role until it is told to end. 0 also when this home has one already."""
    lock = RoleLock(options.run_folder / "template.lock")
    if not lock.acquire():
        return 0
    prepare(options)
    INHERITED.set(options)
    template = Template(options, clock or SystemClock(), lock)
    gc.collect()
    gc.freeze()
    template.serve()
    return 0


def prepare(options: WorkerOptions) -> None:
    """Import what children will need, and put the folders of user code on the path as Airflow does."""
    for folder in (options.dags_folder, str(Path(options.home) / "config"), options.plugins_folder):
        if folder and folder not in sys.path:
            sys.path.append(folder)
    adapter = str(options.config.get("logging", {}).get("secret_mask_adapter") or "")
    hide_as(options.config.get("core", {}), options.masked, adapter=adapter)
    for pattern in options.preload:
        for name in _modules(pattern):
            if name in options.not_preloaded:
                continue
            try:
                importlib.import_module(name)
            except Exception:
                # Whoever needs it will meet the error itself, with a file's name to it; the others go on.
                log.exception("template.preload_failed module=%s", name)
    for name in options.warm_up.split():
        try:
            warm_up: Callable[[], None] = resolve(name)
            warm_up()
        except Exception:
            log.exception("template.warm_up_failed function=%s", name)


def _modules(pattern: str) -> list[str]:
    """The module that is named, if it is there; with ``.*`` at the end also all modules of that package."""
    name = pattern.removesuffix(".*")
    if not _is_there(name):
        return []
    if name == pattern:
        return [name]
    package = importlib.import_module(name)
    return [name, *(f"{name}.{module.name}" for module in pkgutil.iter_modules(package.__path__))]


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


class TemplateClient:
    """Asks a template for children. ``fileno`` is readable when :meth:`events` has something.

    All methods raise TemplateGone when the template has ended."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._reader = FrameReader()
        self._ids = itertools.count(1)
        self._events: deque[Spawned | SpawnExited] = deque()

    @classmethod
    def connect(cls, home: str | Path) -> TemplateClient:
        """Connect to the home's template. TemplateGone when none listens."""
        try:
            return cls(connect(Path(home) / "run" / "template.sock"))
        except OSError as problem:
            raise TemplateGone(f"no template listens in {home}/run") from problem

    def fileno(self) -> int:
        return self._sock.fileno()

    def request(self, kind: str, payload: Message) -> tuple[int, socket.socket]:
        """Ask for a child without waiting: the request's id (Spawned carries it) and our end of the socket."""
        ours, theirs = socket.socketpair()
        request_id = next(self._ids)
        spawn = Spawn(request_id=request_id, kind=kind, payload=msgspec.Raw(encode(payload)))
        try:
            send_frame(self._sock, spawn, [theirs.fileno()])
        except OSError as problem:
            ours.close()
            raise TemplateGone("the template has ended") from problem
        finally:
            theirs.close()
        return request_id, ours

    def spawn(self, kind: str, payload: Message, timeout: float = 30.0) -> tuple[int, socket.socket]:
        """Ask for a child and wait for its pid. Other events that come meanwhile are kept for :meth:`events`."""
        request_id, sock = self.request(kind, payload)
        kept: list[Spawned | SpawnExited] = []
        try:
            while True:
                events = self.wait(timeout)
                mine = [one for one in events if isinstance(one, Spawned) and one.request_id == request_id]
                kept += [one for one in events if one not in mine]
                if mine:
                    return mine[0].pid, sock
        except BaseException:
            sock.close()
            raise
        finally:
            self._events.extendleft(reversed(kept))

    def wait(self, timeout: float | None = None) -> list[Spawned | SpawnExited]:
        """Events, at least one. TimeoutError when none came in ``timeout`` seconds."""
        while not (events := self.events()):
            if not select.select([self._sock], [], [], timeout)[0]:
                raise TimeoutError(f"the template said nothing for {timeout} s")
        return events

    def events(self) -> list[Spawned | SpawnExited]:
        """What has been said until now, without waiting."""
        self._sock.setblocking(False)
        try:
            frames = read_available(self._sock, self._reader)
        except ConnectionError:
            frames = None
        finally:
            self._sock.setblocking(True)
        for data in frames or ():
            message = TEMPLATE_MESSAGE.decode(data)
            if not isinstance(message, Spawn):
                self._events.append(message)
        if frames is None and not self._events:
            raise TemplateGone("the template has ended")
        events = list(self._events)
        self._events.clear()
        return events

    def close(self) -> None:
        self._sock.close()
