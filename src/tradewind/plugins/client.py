"""Asking the plugin host with a deadline. Imports nothing of anybody's code."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import msgspec
import structlog

from tradewind.model.errors import TradewindError
from tradewind.model.times import Clock
from tradewind.wire.framing import FrameError, FrameSocket, encode
from tradewind.wire.messages import GetConnection, GetVariable, Message, Refused
from tradewind.wire.plugin_messages import (
    DEFAULT_TIMEOUT,
    HOST_WORD,
    Asked,
    Found,
    HostFailed,
    HostQuestion,
    IntervalFound,
    Nothing,
    PluginFailed,
    PluginRaised,
)

log = structlog.get_logger(__name__)

Lookup = Callable[[GetVariable | GetConnection], Message]
"""Answers what plugin code asks back."""


def refuse(question: GetVariable | GetConnection) -> Message:
    """Where nothing can be looked up."""
    return Refused(code="forbidden", message="variables and connections cannot be read here")


class HostClient:
    """Each question has a connection of its own, so any thread may ask. ``connect`` starts the host when none runs."""

    def __init__(
        self, connect: Callable[[], socket.socket], clock: Clock, lookup: Lookup = refuse, *, is_lasting: bool = False
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._lookup = lookup
        self._is_lasting = is_lasting

    def ask(self, question: HostQuestion, timeout: float = DEFAULT_TIMEOUT) -> Nothing | IntervalFound | Found:
        """As PluginHost."""
        name = type(question).__name__
        try:
            try:
                answer = self._asked(question, timeout)
            except (ConnectionResetError, BrokenPipeError):
                # The host ended before it took us: it was idle, or the plugins have changed. There is another one.
                answer = self._asked(question, timeout)
        except TimeoutError:
            raise PluginFailed(f"{_subject(question)} took longer than {timeout:g} s to answer {name}") from None
        except (OSError, TradewindError, msgspec.MsgspecError) as problem:
            raise PluginFailed(f"the plugin host did not answer {name}: {problem}") from problem
        if isinstance(answer, HostFailed):
            log.warning("plugin.failed", question=name, error=answer.error, traceback=answer.traceback)
            raise PluginRaised(answer.error)
        return answer

    def _asked(self, question: HostQuestion, timeout: float) -> Nothing | IntervalFound | Found | HostFailed:
        with contextlib.closing(self._connect()) as sock:
            return self._converse(FrameSocket(sock), question, timeout)

    def _converse(
        self, conversation: FrameSocket, question: HostQuestion, timeout: float
    ) -> Nothing | IntervalFound | Found | HostFailed:
        deadline = self._clock.monotonic() + timeout
        conversation.send(Asked(body=msgspec.Raw(encode(question)), timeout=timeout, is_lasting=self._is_lasting))
        while True:
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise TimeoutError
            conversation.sock.settimeout(left)
            data = conversation.receive()
            if data is None:
                raise FrameError("its process ended without an answer")
            word = HOST_WORD.decode(data)
            if not isinstance(word, GetVariable | GetConnection):
                return word
            conversation.send(self._looked_up(word))

    def _looked_up(self, question: GetVariable | GetConnection) -> Message:
        try:
            return self._lookup(question)
        except TradewindError as problem:
            return Refused(code="invalid", message=str(problem))


class LastingClient:
    """Asks the host's lasting child, the listeners', over one connection. For one thread."""

    def __init__(self, connect: Callable[[], socket.socket], clock: Clock, lookup: Lookup = refuse) -> None:
        self._client = HostClient(self._connected, clock, lookup, is_lasting=True)
        self._connect = connect
        self._sock: socket.socket | None = None

    def ask(self, question: HostQuestion, timeout: float = DEFAULT_TIMEOUT) -> Nothing | IntervalFound | Found:
        """As PluginHost. After a failure that was not an answer the next question goes to a new child."""
        try:
            return self._client.ask(question, timeout)
        except PluginFailed as problem:
            if not isinstance(problem, PluginRaised):
                self.close()
            raise

    def close(self) -> None:
        """Let the child end."""
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _connected(self) -> socket.socket:
        """A copy of the connection, which its user may close."""
        if self._sock is None:
            self._sock = self._connect()
        return self._sock.dup()


def _subject(question: HostQuestion) -> str:
    timetable = getattr(question, "timetable", None)
    if timetable is not None:
        return f"timetable {timetable.classpath}"
    return getattr(question, "classpath", "") or "plugin code"
