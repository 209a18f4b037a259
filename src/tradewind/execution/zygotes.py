"""A zygote: a process that has imported one DAG file and forks a child for each attempt or callback.

It runs in a child of the template, single-threaded, talks to the worker over the socket it was born with, and ends,
with all its children, at that socket's end. A file whose import makes forking unsafe (threads, open sockets) gets no
fork: the process itself becomes the one attempt.

One fork is always made ahead. Most of what a fork costs is not the call but the memory that the child touches first,
page by page; the spare has that behind it when its attempt comes. It is used once, as any other fork.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import traceback
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn, Protocol

import msgspec

from tradewind.sdk.runtime import RUNTIME
from tradewind.wire.framing import FrameReader, read_with_fds, send_frame
from tradewind.wire.messages import (
    Fork,
    Forked,
    ForkExited,
    Message,
    ZygoteOrder,
    ZygoteReady,
    ZygoteRequest,
)

from . import signals
from .channel import SocketTransport
from .leaving import code_of, leave
from .options import inherited
from .process_names import name_process
from .reaping import Reaper, kill_session
from .task_runtime import TaskRuntime

_ORDER: msgspec.msgpack.Decoder[ZygoteOrder] = msgspec.msgpack.Decoder(ZygoteOrder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A DAG file in memory: its DAGs by id, or the reason why it has none, and what the import depends on."""

    ready: ZygoteReady
    dags: Mapping[str, Any] = field(default_factory=dict)
    problems: str = ""
    """Import errors of the file, also when some of its DAGs came out well."""
    has_templates: bool = True
    """Whether its tasks have something for Jinja to render."""


class Load(Protocol):
    """Imports a DAG file; what it raises becomes the failure reason of the attempts."""

    def __call__(self, request: ZygoteRequest) -> Loaded: ...


class Rehearse(Protocol):
    """Touches what an attempt will touch, and leaves no trace."""

    def __call__(self, *, has_templates: bool) -> None: ...


class Run(Protocol):
    """Runs one attempt or callback in this process; the exit code."""

    def __call__(self, fork: Fork, sock: socket.socket, loaded: Loaded, request: ZygoteRequest) -> int: ...


def serve(
    sock: socket.socket,
    payload: Message,
    *,
    load: Load | None = None,
    run: Run | None = None,
    rehearse: Rehearse | None = None,
) -> None:
    """The zygote's life: import, say ZygoteReady, fork on request until the worker closes the socket."""
    if not isinstance(payload, ZygoteRequest):
        raise TypeError(f"a zygote is asked for by a ZygoteRequest, not by {type(payload).__name__}")
    if load is None or run is None:
        from . import loading, warm_up  # the authoring side; tests bring their own

        load, run = load or loading.load_file, run or loading.run_fork
        rehearse = rehearse or warm_up.rehearse
    name_process(f"zygote {os.path.basename(payload.path)}")
    loaded = _import(sock, payload, load)
    Zygote(sock, payload, loaded, run, rehearse or _nothing).serve()


def _import(sock: socket.socket, request: ZygoteRequest, load: Load) -> Loaded:
    """Import the file; its top-level code may ask for variables and connections meanwhile."""
    transport = SocketTransport(sock, request.token, request.request_base)
    token = RUNTIME.set(TaskRuntime(transport, inherited().config))
    try:
        loaded = load(request)
    except Exception:
        loaded = Loaded(ready=ZygoteReady(error=traceback.format_exc()))
    finally:
        RUNTIME.reset(token)
    # A session that the file has left open holds a file of the database, which a fork must not share.
    sessions = sys.modules.get("tradewind.orm.session")
    if sessions is not None:
        sessions.scoped.remove()
    return loaded


def _nothing(*, has_templates: bool) -> None:
    """No rehearsal."""


@dataclass(frozen=True, slots=True)
class _Spare:
    """A fork that waits for its attempt."""

    pid: int
    handover: socket.socket


class Zygote:
    """The forking half of a zygote's life. ``rehearse`` is run by a spare while it waits; it must leave no trace."""

    def __init__(
        self, sock: socket.socket, request: ZygoteRequest, loaded: Loaded, run: Run, rehearse: Rehearse
    ) -> None:
        self._sock = sock
        self._request = request
        self._loaded = loaded
        self._run = run
        self._rehearse = rehearse
        self._spare: _Spare | None = None
        self._processors = os.cpu_count() or 1
        self._reader = FrameReader()
        self._fds: deque[int] = deque()
        self._children: dict[int, int] = {}
        self._reaper = Reaper()
        signal.signal(signal.SIGTERM, self._terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def serve(self) -> NoReturn:
        """Fork on request; at the end of the socket kill what was forked, and exit."""
        gc.collect()
        gc.freeze()
        self._say(self._loaded.ready)
        poller = select.poll()
        poller.register(self._sock, select.POLLIN)
        poller.register(self._reaper, select.POLLIN)
        while True:
            if self._wants_spare() and not poller.poll(0):
                self._make_spare()
            for fd, _ in poller.poll():
                if fd == self._reaper.fileno():
                    self._reap()
                else:
                    self._read()

    def _read(self) -> None:
        try:
            frames, fds = read_with_fds(self._sock, self._reader)
        except ConnectionError:
            frames, fds = None, []
        if frames is None:
            self._end()
        self._fds.extend(fds)
        for data in frames:
            order = _ORDER.decode(data)
            if isinstance(order, Fork):
                self._fork(order, self._fds.popleft())

    def _fork(self, order: Fork, fd: int) -> None:
        if self._loaded.ready.is_fork_unsafe:
            self._say(Forked(fork_id=order.fork_id, pid=os.getpid()))
            self._become_attempt(order, fd)
        pid = self._hand_over(order, fd)
        if pid is None:
            pid = os.fork()
            if pid == 0:
                self._become_attempt(order, fd)
        os.close(fd)
        self._children[pid] = order.fork_id
        self._say(Forked(fork_id=order.fork_id, pid=pid))

    def _wants_spare(self) -> bool:
        """A spare shortens the wait of the next attempt. When more run than there are processors nobody waits for a
        fork, and its rehearsal would only take time from them."""
        is_busy = len(self._children) >= self._processors
        return self._spare is None and not is_busy and not self._loaded.ready.is_fork_unsafe

    def _make_spare(self) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            self._become_spare(theirs)
        theirs.close()
        self._spare = _Spare(pid, ours)

    def _hand_over(self, order: Fork, fd: int) -> int | None:
        """Give the order to the spare; its pid, or None when there is none alive."""
        spare, self._spare = self._spare, None
        if spare is None:
            return None
        with spare.handover:
            try:
                os.sched_setscheduler(spare.pid, os.SCHED_OTHER, os.sched_param(0))
                send_frame(spare.handover, order, [fd])
            except (ConnectionError, ProcessLookupError):
                return None
        return spare.pid

    def _become_spare(self, handover: socket.socket) -> NoReturn:
        """In the child: get ready while nobody waits, then do what the order says; no order, no trace."""
        code = 0
        try:
            # Whatever runs now has precedence; the zygote takes this back when it hands over.
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            self._leave_zygote()
            name_process(f"spare {os.path.basename(self._request.path)}")
            self._rehearse(has_templates=self._loaded.has_templates)
            frames, fds = read_with_fds(handover, FrameReader())
            handover.close()
            if frames and fds:
                order = _ORDER.decode(frames[0])
                if isinstance(order, Fork):
                    code = self._attempted(order, fds[0])
        except BaseException:
            code = 1
            traceback.print_exc()
        finally:
            leave(code)

    def _become_attempt(self, order: Fork, fd: int) -> NoReturn:
        """In the child: run, and leave without the interpreter's clean-up, which belongs to the zygote."""
        code = 1
        try:
            self._leave_zygote()
            code = self._attempted(order, fd)
        except BaseException:
            traceback.print_exc()
        finally:
            leave(code)

    def _leave_zygote(self) -> None:
        """In the child: signals, sockets and session of its own."""
        self._reaper.close_in_child()
        signals.handle(signals.SIGTERM, signals.DEFAULT)
        signals.handle(signals.SIGINT, signal.default_int_handler)
        if not self._loaded.ready.is_fork_unsafe:
            os.close(self._sock.detach())  # else this is the zygote itself, whose end the worker must not see yet
        if self._spare is not None:
            os.close(self._spare.handover.detach())
        if os.getsid(0) != os.getpid():
            os.setsid()

    def _attempted(self, order: Fork, fd: int) -> int:
        try:
            # Family and kind are said, else the kernel is asked for them.
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, fileno=fd)
            return self._run(order, sock, self._loaded, self._request)
        except SystemExit as exit_request:
            return code_of(exit_request)

    def _reap(self) -> None:
        all_ended = self._reaper.reap(kill_groups=True)
        # Before the first word: who hears that the worker is gone kills all children that it still knows.
        fork_ids = {ended.pid: self._children.pop(ended.pid, None) for ended in all_ended}
        for ended in all_ended:
            if self._spare is not None and ended.pid == self._spare.pid:
                self._spare.handover.close()
                self._spare = None
            fork_id = fork_ids[ended.pid]
            if fork_id is not None:
                self._say(ForkExited(fork_id=fork_id, pid=ended.pid, exit_code=ended.exit_code, signal=ended.signal))

    def _say(self, message: Message) -> None:
        try:
            send_frame(self._sock, message)
        except ConnectionError:
            self._end()

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self._end()

    def _end(self) -> NoReturn:
        for pid in (*self._children, *([] if self._spare is None else [self._spare.pid])):
            kill_session(pid)
            os.kill(pid, signal.SIGKILL)  # one that does not lead its group yet; unreaped, so the number is its own
        os._exit(0)
