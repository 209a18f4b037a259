"""A scheduler's socket for tests of the worker: accepts it, launches attempts, answers or withholds answers."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from tradewind.execution.endpoints import listen
from tradewind.wire.framing import ATTEMPT_REQUEST, WORKER_MESSAGE, FrameSocket, encode
from tradewind.wire.messages import (
    Ask,
    AttemptReply,
    AttemptRequest,
    Finish,
    Finished,
    Hello,
    Message,
    Ok,
    Reply,
    Value,
    Welcome,
)

M = TypeVar("M")
DEADLINE = 30.0


def answer_all(token: str, request: AttemptRequest) -> AttemptReply | None:
    """The friendly gateway: every end is committed, everything else is fine."""
    del token
    match request:
        case Finish(outcome=outcome):
            return Finished(state=outcome.kind)
        case _ if type(request).__name__.startswith(("Get", "Count", "Is")):
            return Value(value=None)
        case _:
            return Ok()


class FakeScheduler:
    """One scheduler with at most one worker. Blocking; every wait has a deadline."""

    def __init__(
        self,
        home: Path,
        name: str = "1",
        answer: Callable[[str, AttemptRequest], AttemptReply | None] = answer_all,
    ) -> None:
        (home / "run").mkdir(parents=True, exist_ok=True)
        self.path = home / "run" / f"scheduler-{name}.sock"
        self.listener = listen(self.path)
        self.answer = answer
        self.worker: FrameSocket | None = None
        self.hello: Hello | None = None
        self.seen: list[Message] = []
        self.requests: list[tuple[str, AttemptRequest]] = []
        self.unanswered: list[Ask] = []

    def accept(self, kill: tuple[str, ...] = ()) -> Hello:
        """Wait for the worker and welcome it."""
        self.listener.settimeout(DEADLINE)
        sock, _ = self.listener.accept()
        if self.worker is not None:
            self.worker.close()
        sock.settimeout(DEADLINE)
        self.worker = FrameSocket(sock)
        hello = self._receive()
        assert isinstance(hello, Hello)
        self.hello = hello
        self.send(Welcome(job_id=7, kill=kill, heartbeat_interval=5.0))
        return hello

    def send(self, message: Message) -> None:
        assert self.worker is not None
        self.worker.send(message)

    def reply(self, ask: Ask, reply: AttemptReply) -> None:
        self.send(Reply(token=ask.token, request_id=ask.request_id, body=msgspec.Raw(encode(reply))))

    def step(self) -> Message:
        """The worker's next message, answered if it is a question."""
        message = self._receive()
        self.seen.append(message)
        if isinstance(message, Ask):
            request = ATTEMPT_REQUEST.decode(message.body)
            self.requests.append((message.token, request))
            reply = self.answer(message.token, request)
            if message.request_id:
                if reply is None:
                    self.unanswered.append(message)
                else:
                    self.reply(message, reply)
        return message

    def until(self, kind: type[M], where: Callable[[M], bool] | None = None) -> M:
        """Serve until a message, or a request inside one, of this kind comes. AssertionError after the deadline."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            before = len(self.requests)
            message = self.step()
            candidates = [message, *(request for _, request in self.requests[before:])]
            for candidate in candidates:
                if isinstance(candidate, kind) and (where is None or where(candidate)):
                    return candidate
        raise AssertionError(f"no {kind.__name__} came in {DEADLINE} s; seen: {self.seen}")

    def is_quiet(self, seconds: float) -> bool:
        """Whether the worker says nothing for so long."""
        assert self.worker is not None
        return not select.select([self.worker.sock], [], [], seconds)[0]

    def die(self) -> None:
        """As after kill -9: the socket file stays, nobody listens."""
        self.listener.close()
        if self.worker is not None:
            self.worker.sock.shutdown(socket.SHUT_RDWR)
            self.worker.close()

    def close(self) -> None:
        """Close what is open."""
        self.listener.close()
        if self.worker is not None:
            self.worker.close()

    def _receive(self) -> Message:
        assert self.worker is not None
        data = self.worker.receive()
        assert data is not None, "the worker closed its connection"
        message: Message = WORKER_MESSAGE.decode(data)
        return message
