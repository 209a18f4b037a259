"""Before a zygote is used again: are the variables and connections that its file's top-level code read still the same?

Airflow imports the file for every attempt, so that such code sees every change; the check keeps that true at the price
of one question each, asked all at once, and only for files that read any.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from tradewind.wire.framing import ATTEMPT_REPLY
from tradewind.wire.messages import (
    AttemptReply,
    AttemptRequest,
    ConnectionReply,
    GetConnection,
    GetVariable,
    Reply,
    Value,
    ZygoteReady,
)

from .import_watch import digest

_ENCODER = msgspec.json.Encoder(order="sorted")

CHECK_BASE = 1 << 24
"""Within a zygote's numbers: those below are asked by its top-level code, those from here on by its checks."""


@dataclass(slots=True, eq=False)
class _Check:
    expected: dict[int, str]
    done: Callable[[bool], None]
    is_same: bool = True


class LookupChecks:
    """The checks under way. ``ask`` sends a question on behalf of the attempt that waits."""

    def __init__(self) -> None:
        self._checks: dict[int, _Check] = {}
        self._numbers = itertools.count(CHECK_BASE)

    def start(
        self,
        ready: ZygoteReady,
        request_base: int,
        ask: Callable[[int, AttemptRequest], None],
        done: Callable[[bool], None],
    ) -> bool:
        """Ask for everything the import read; ``done`` is called with the verdict. False: there is nothing to ask."""
        questions = [(question, wanted) for kind, name, wanted in ready.lookups if (question := _question(kind, name))]
        if not questions:
            return False
        numbered = [(request_base + next(self._numbers), question, wanted) for question, wanted in questions]
        check = _Check({number: wanted for number, _, wanted in numbered}, done)
        for number, question, _ in numbered:
            self._checks[number] = check
            ask(number, question)
        return True

    def take(self, reply: Reply) -> bool:
        """An answer, if it is one of ours."""
        check = self._checks.pop(reply.request_id, None)
        if check is None:
            return False
        wanted = check.expected.pop(reply.request_id)
        check.is_same = check.is_same and _digest_of(ATTEMPT_REPLY.decode(reply.body)) == wanted
        if not check.expected:
            check.done(check.is_same)
        return True


def _question(kind: str, name: str) -> AttemptRequest | None:
    match kind:
        case "variable":
            return GetVariable(key=name)
        case "connection":
            return GetConnection(conn_id=name)
        case _:
            return None  # the environment of a process does not change


def _digest_of(reply: AttemptReply) -> str | None:
    """The fingerprint as the import's recorder makes it; None (equal to nothing) for a refusal."""
    match reply:
        case ConnectionReply():
            return digest(_ENCODER.encode(reply))
        case Value(value=None | str() as value):
            return digest(value)
        case _:
            return None
