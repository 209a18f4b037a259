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
)

log = structlog.get_logger(__name__)

Lookup = Callable[[GetVariable | GetConnection], Message]
"""Answers what plugin code asks back."""


def refuse(question: GetVariable | GetConnection) -> Message:
    """Where nothing can be looked up."""
    return Refused(code="forbidden", message="variables and connections cannot be read here")


class HostClient:
    """Each question has a connection of its own, so any thread may ask. ``connect`` starts the host when none runs."""

    def __init__(self, connect: Callable[[], socket.socket], clock: Clock, lookup: Lookup = refuse) -> None:
        self._connect = connect
        self._clock = clock
        self._lookup = lookup

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
            raise PluginFailed(answer.error)
        return answer

    def _asked(self, question: HostQuestion, timeout: float) -> Nothing | IntervalFound | Found | HostFailed:
        with contextlib.closing(self._connect()) as sock:
            return self._converse(FrameSocket(sock), question, timeout)

    def _converse(
        self, conversation: FrameSocket, question: HostQuestion, timeout: float
    ) -> Nothing | IntervalFound | Found | HostFailed:
        deadline = self._clock.monotonic() + timeout
        conversation.send(Asked(body=msgspec.Raw(encode(question)), timeout=timeout))
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


def _subject(question: HostQuestion) -> str:
    timetable = getattr(question, "timetable", None)
    if timetable is not None:
        return f"timetable {timetable.classpath}"
    return getattr(question, "classpath", "") or "plugin code"
