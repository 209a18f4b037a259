"""How a task process (or a zygote, while importing) asks its worker: requests with numbers, answers by number.

Transport is the seam: over a socket in a task process, a plain function call in ``dag.test()``.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn, Protocol

import msgspec

from tradewind.model.times import utc
from tradewind.wire.framing import ATTEMPT_REPLY, FrameError, FrameSocket
from tradewind.wire.messages import Ask, AttemptReply, AttemptRequest, Reply

EXIT_ORPHANED = 86
"""Exit code of a task process whose worker is gone: nobody would hear how it ends."""


def _plain(value: object) -> object:
    """Authors' dates are of pendulum's class, which is no message's."""
    if isinstance(value, datetime):
        moment = utc(value)
        return datetime.combine(moment.date(), moment.time(), UTC)
    raise TypeError(f"a {type(value).__name__} cannot be part of a message")


encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_REPLY = msgspec.msgpack.Decoder(Reply)


class Transport(Protocol):
    """Carries one attempt's requests."""

    def post(self, request: AttemptRequest) -> int:
        """Send a request; :meth:`wait` takes the number and gives the answer."""
        ...

    def wait(self, request_id: int) -> AttemptReply:
        """The answer to a posted request."""
        ...

    def tell(self, request: AttemptRequest, *, can_wait: bool = False) -> None:
        """Send a request that no answer is awaited for. ``can_wait``: it may be stored a moment later."""
        ...


class SignalGate:
    """Holds signal handlers back while a message is half read: a handler that raises there would lose bytes of it.

    Only the main thread runs handlers, so only its time inside counts."""

    def __init__(self) -> None:
        self._depth = 0
        self._held: Callable[[], None] | None = None

    def run(self, action: Callable[[], None]) -> None:
        """Called by a signal handler: now, or when the gate opens (the latest wins)."""
        if self._depth:
            self._held = action
        else:
            action()

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._depth += 1

    def __exit__(self, *_: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth -= 1
        if self._depth == 0 and self._held is not None:
            held, self._held = self._held, None
            held()


class SocketTransport:
    """The task process's end of its socket to the worker. Safe to use from several threads."""

    def __init__(self, sock: socket.socket, token: str, request_base: int, gate: SignalGate | None = None) -> None:
        self._frames = FrameSocket(sock)
        self._token = token
        self._last_id = request_base
        self._lock = threading.RLock()
        self._gate = gate or SignalGate()
        self._early: dict[int, AttemptReply] = {}

    def post(self, request: AttemptRequest) -> int:
        with self._gate, self._lock:
            self._last_id += 1
            self._send(self._last_id, request)
            return self._last_id

    def tell(self, request: AttemptRequest, *, can_wait: bool = False) -> None:
        with self._gate, self._lock:
            self._send(0, request, can_wait=can_wait)

    def wait(self, request_id: int) -> AttemptReply:
        with self._gate, self._lock:
            while request_id not in self._early:
                self._receive()
            return self._early.pop(request_id)

    def _send(self, request_id: int, request: AttemptRequest, *, can_wait: bool = False) -> None:
        body = msgspec.Raw(encode(request))
        try:
            self._frames.send(Ask(token=self._token, request_id=request_id, body=body, can_wait=can_wait))
        except ConnectionError:
            orphaned()

    def _receive(self) -> None:
        try:
            data = self._frames.receive()
        except (ConnectionError, FrameError):
            orphaned()
        if data is None:
            orphaned()
        reply = _REPLY.decode(data)
        self._early[reply.request_id] = ATTEMPT_REPLY.decode(reply.body)


class InlineTransport:
    """Requests answered by a function in this process, for ``dag.test()``."""

    def __init__(self, gateway: Callable[[AttemptRequest], AttemptReply]) -> None:
        self._gateway = gateway
        self._answers: dict[int, AttemptReply] = {}
        self._last_id = 0

    def post(self, request: AttemptRequest) -> int:
        self._last_id += 1
        self._answers[self._last_id] = self._gateway(request)
        return self._last_id

    def wait(self, request_id: int) -> AttemptReply:
        return self._answers.pop(request_id)

    def tell(self, request: AttemptRequest, *, can_wait: bool = False) -> None:
        self._gateway(request)


def orphaned() -> NoReturn:
    """The worker is gone, and an attempt ends with its worker: at once, whatever the user's code would catch."""
    os._exit(EXIT_ORPHANED)
