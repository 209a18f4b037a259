"""Is what top-level code read still the same?"""

from __future__ import annotations

import msgspec
import pytest

from tradewind.execution.import_watch import digest
from tradewind.execution.lookup_checks import LookupChecks
from tradewind.execution.recording import connection_digest
from tradewind.wire.messages import (
    AttemptReply,
    AttemptRequest,
    ConnectionReply,
    GetConnection,
    GetVariable,
    Refused,
    Reply,
    Value,
    ZygoteReady,
)

CONNECTION = ConnectionReply(conn_id="c", conn_type="http", host="h")
READ = ZygoteReady(
    lookups=(("variable", "v", digest("1")), ("connection", "c", connection_digest(CONNECTION)), ("env", "E", "x"))
)


def checked(variable: AttemptReply, connection: AttemptReply) -> list[bool]:
    checks, asked, verdicts = LookupChecks(), dict[int, AttemptRequest](), list[bool]()
    assert checks.start(READ, 7 << 32, asked.__setitem__, verdicts.append)
    for number, request in asked.items():
        answer = variable if isinstance(request, GetVariable) else connection
        assert isinstance(request, GetVariable | GetConnection)
        assert not verdicts
        assert checks.take(Reply(token="t", request_id=number, body=msgspec.Raw(msgspec.msgpack.encode(answer))))
    return verdicts


def test_the_same_values_are_the_same() -> None:
    assert checked(Value(value="1"), CONNECTION) == [True]


@pytest.mark.parametrize(
    ("variable", "connection"),
    [
        (Value(value="2"), CONNECTION),
        (Value(value=None), CONNECTION),
        (Refused(code="stale", message=""), CONNECTION),
        (Value(value="1"), ConnectionReply(conn_id="c", conn_type="http", host="other")),
        (Value(value="1"), Value(value=None)),
    ],
)
def test_another_value_is_noticed(variable: AttemptReply, connection: AttemptReply) -> None:
    assert checked(variable, connection) == [False]


def test_a_file_that_read_nothing_is_not_asked_about() -> None:
    checks = LookupChecks()
    assert not checks.start(ZygoteReady(lookups=(("env", "E", "x"),)), 0, lambda *_: None, lambda _: None)


def test_other_answers_are_not_taken() -> None:
    assert not LookupChecks().take(Reply(token="t", request_id=1, body=msgspec.Raw(b"\x80")))
