"""Requests by number, and signals that must wait."""

from __future__ import annotations

import pytest

from tradewind.execution.channel import InlineTransport, SignalGate
from tradewind.wire.messages import AttemptReply, AttemptRequest, GetVariable, Ok, PutVariable, Value


def test_a_signal_outside_is_handled_at_once_and_inside_after_the_block() -> None:
    gate, heard = SignalGate(), []
    gate.run(lambda: heard.append("at once"))
    with gate:
        with gate:
            gate.run(lambda: heard.append("later"))
        assert heard == ["at once"]
    assert heard == ["at once", "later"]


def test_what_a_held_signal_raises_leaves_the_block() -> None:
    def end() -> None:
        raise KeyboardInterrupt

    gate = SignalGate()
    with pytest.raises(KeyboardInterrupt), gate:
        gate.run(end)


def test_inline_answers_are_found_by_number() -> None:
    def gateway(request: AttemptRequest) -> AttemptReply:
        return Value(value=request.key) if isinstance(request, GetVariable) else Ok()

    transport = InlineTransport(gateway)
    first = transport.post(GetVariable(key="a"))
    second = transport.post(PutVariable(key="a", value="b"))
    assert transport.wait(second) == Ok()
    assert transport.wait(first) == Value(value="a")
