"""The triggerer's connection to its home's scheduler, in a thread of its own: a trigger that blocks the event loop with
a question (or with anything else) must not keep the answer, or the heartbeat, from passing.

It finds a scheduler, says hello, keeps what nobody has acknowledged, and says that again to the next scheduler."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import select
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future

import msgspec
import structlog

from tradewind.execution.channel import encode
from tradewind.execution.endpoints import connect
from tradewind.execution.options import WorkerOptions
from tradewind.model.errors import TradewindError
from tradewind.model.times import Clock
from tradewind.wire import framing
from tradewind.wire import messages as wire

log = structlog.get_logger(__name__)


class SchedulerLink(threading.Thread):
    """``on_message`` is called in this thread, with RunTrigger and StopTrigger. Everything else may be called from any
    thread."""

    def __init__(
        self,
        options: WorkerOptions,
        clock: Clock,
        *,
        capacity: int,
        on_message: Callable[[wire.RunTrigger | wire.StopTrigger], None],
        on_beat: Callable[[], None],
    ) -> None:
        super().__init__(name="scheduler-link", daemon=True)
        self._options = options
        self._clock = clock
        self._capacity = capacity
        self._on_message = on_message
        self._on_beat = on_beat
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self._is_welcome = False
        self._job_id: int | None = None
        self._numbers = itertools.count(1)
        self._asks: dict[int, tuple[bytes, Future[wire.AttemptReply]]] = {}
        self._news: dict[int, bytes] = {}
        self._held: set[int] = set()
        self._closing = threading.Event()
        self._id = secrets.token_hex(16)
        self._heartbeat = options.heartbeat_interval
        self._lost_at: float | None = clock.monotonic()

    # Called from anywhere -----------------------------------------------------------------------------------------

    @property
    def alone_for(self) -> float:
        """Seconds without a scheduler."""
        return 0.0 if self._lost_at is None else self._clock.monotonic() - self._lost_at

    def hold(self, trigger_id: int) -> None:
        """This trigger is ours until :meth:`forget`."""
        with self._lock:
            self._held.add(trigger_id)

    def forget(self, trigger_id: int) -> None:
        """Nobody wants to hear of it any more."""
        with self._lock:
            self._held.discard(trigger_id)
            self._news.pop(trigger_id, None)

    def tell(self, message: wire.TriggerFired | wire.TriggerFailed) -> None:
        """Say how a trigger ended, until the scheduler says to forget it."""
        data = encode(message)
        with self._lock:
            if message.trigger_id in self._held:
                self._news[message.trigger_id] = data
                self._send(data)

    def ask(self, token: str, request: wire.AttemptRequest) -> Future[wire.AttemptReply]:
        """Ask for the attempt that was deferred; the answer, when it comes."""
        future: Future[wire.AttemptReply] = Future()
        with self._lock:
            number = next(self._numbers)
            data = encode(wire.Ask(token=token, request_id=number, body=msgspec.Raw(encode(request))))
            self._asks[number] = data, future
            self._send(data)
        return future

    def close(self) -> None:
        """End the thread and the connection."""
        self._closing.set()
        with self._lock:
            if self._sock is not None:
                with contextlib.suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)
            for _, future in self._asks.values():
                future.cancel()

    # The thread -----------------------------------------------------------------------------------------------------

    def run(self) -> None:
        while not self._closing.is_set():
            sock = self._found()
            if sock is None:
                self._closing.wait(self._options.reconnect_seconds)
                continue
            try:
                self._serve(sock)
            except (OSError, TradewindError) as problem:
                log.info("triggerer.connection_broken", reason=str(problem))
            self._drop(sock)

    def _found(self) -> socket.socket | None:
        for path in sorted(self._options.run_folder.glob("scheduler-*.sock")):
            try:
                return connect(path)
            except OSError:
                continue  # what a dead scheduler left; the next one removes it
        return None

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self._sock = sock
            framing.send_frame(sock, self._hello())
        reader = framing.FrameReader()
        beat_at = self._clock.monotonic() + self._heartbeat
        while not self._closing.is_set():
            wait = max(0.0, beat_at - self._clock.monotonic())
            if select.select([sock], [], [], wait)[0]:
                data = sock.recv(65536)
                if not data:
                    return
                for one in reader.feed(data):
                    self._handle(framing.decode_any(framing.SCHEDULER_MESSAGE, one))
            if self._clock.monotonic() >= beat_at:
                beat_at = self._clock.monotonic() + self._heartbeat
                self._beat()

    def _hello(self) -> wire.TriggererHello:
        return wire.TriggererHello(
            triggerer_id=self._id,
            pid=os.getpid(),
            hostname=self._options.hostname or socket.gethostname(),
            capacity=self._capacity,
            triggers=tuple(sorted(self._held)),
            job_id=self._job_id,
        )

    def _handle(self, message: wire.SchedulerMessage) -> None:
        match message:
            case wire.Welcome():
                self._welcomed(message)
            case wire.Reply(request_id=number, body=body):
                with self._lock:
                    _, future = self._asks.pop(number, (b"", None))
                if future is not None and not future.cancelled():
                    future.set_result(framing.ATTEMPT_REPLY.decode(body))
            case wire.RunTrigger() | wire.StopTrigger():
                self._on_message(message)

    def _welcomed(self, message: wire.Welcome) -> None:
        """The scheduler knows us: it hears what the last one did not answer."""
        with self._lock:
            self._job_id, self._heartbeat = message.job_id, message.heartbeat_interval
            self._is_welcome = True
            self._lost_at = None
            for data in (*self._news.values(), *(data for data, _ in self._asks.values())):
                self._send(data)

    def _beat(self) -> None:
        self._on_beat()
        with self._lock:
            self._send(encode(wire.Beat()))

    def _send(self, data: bytes) -> None:
        """Send when a scheduler listens; else it is said after the next Welcome. Under the lock."""
        if self._sock is None or not self._is_welcome:
            return
        # A broken connection is noticed, and mended, where it is read.
        with contextlib.suppress(OSError):
            framing.send_frame(self._sock, data)

    def _drop(self, sock: socket.socket) -> None:
        with self._lock:
            self._sock = None
            self._is_welcome = False
            self._lost_at = self._lost_at or self._clock.monotonic()
            sock.close()


class LinkTransport:
    """One trigger's questions over the link: an execution.channel.Transport. ``wait`` blocks its thread only."""

    def __init__(self, link: SchedulerLink, token: str) -> None:
        self._link = link
        self._token = token
        self._waiting: dict[int, Future[wire.AttemptReply]] = {}
        self._numbers = itertools.count(1)

    def post(self, request: wire.AttemptRequest) -> int:
        number = next(self._numbers)
        self._waiting[number] = self._link.ask(self._token, request)
        return number

    def wait(self, request_id: int) -> wire.AttemptReply:
        return self._waiting.pop(request_id).result()

    def tell(self, request: wire.AttemptRequest, *, can_wait: bool = False) -> None:
        self._link.ask(self._token, request)
