"""What the plugin host is asked and answers: one question (Asked) a connection, over the home's Unix socket.

While it works on a question the host may ask back over the same socket for variables and connections (GetVariable,
GetConnection): it has no database. PluginHost is all that the scheduler, the API and actions know of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

import msgspec

from tradewind.model.errors import TradewindError

from .messages import GetConnection, GetVariable, Message, RunReply

DEFAULT_TIMEOUT = 5.0
"""Seconds for a question that nobody gave a deadline."""


class PluginFailed(TradewindError):
    """Code of a plugin or provider raised, took too long, or its process died."""


class PluginRaised(PluginFailed):
    """It raised: there was an answer, and its process lives on."""


class AnswerPending(TradewindError):
    """The answer is not there yet; whoever asked is told when it is, and asks again."""


class TimetableRef(msgspec.Struct, frozen=True, kw_only=True):
    """A custom timetable: its class, and what its ``serialize`` gave."""

    classpath: str
    args: Any = None


class NextRunInfo(Message, frozen=True):
    """→ IntervalFound or Nothing: Timetable.next_dagrun_info."""

    timetable: TimetableRef
    last: tuple[datetime, datetime] | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    catchup: bool = True


class ManualInterval(Message, frozen=True):
    """→ IntervalFound: Timetable.infer_manual_data_interval."""

    timetable: TimetableRef
    run_after: datetime


class NewRunId(Message, frozen=True):
    """→ Found: Timetable.generate_run_id."""

    timetable: TimetableRef
    run_type: str
    logical_date: datetime
    interval: tuple[datetime, datetime] | None = None


class DescribePlugins(Message, frozen=True):
    """→ Found: what plugins there are, as GET /plugins shows them, and which could not be loaded."""


class DescribeProviders(Message, frozen=True):
    """→ Found: rows about the installed providers; ``topic`` as the sub-commands of ``providers`` are called."""

    topic: str


class TestConnection(Message, frozen=True):
    """→ Found: [status, message] of the hook that belongs to the connection."""

    __test__ = False  # no test case, whatever its name

    fields: dict[str, Any]


class TaskLinks(Message, frozen=True):
    """→ Found: {name: address or null} of a task instance's extra links. ``links``: name → class; a link's class may
    take part of its state from ``fields``, the task's rendered fields."""

    links: dict[str, str]
    task: dict[str, Any]
    fields: dict[str, Any]
    run: RunReply
    map_index: int = -1
    try_number: int = 1
    xcoms: dict[str, str] = {}
    """The task instance's XComs: key → JSON text."""


class ShowXCom(Message, frozen=True):
    """→ Found: what the configured XCom back end shows of a stored value, as text: ``orm_deserialize_value``, or
    ``deserialize_value`` when ``is_deserialised``."""

    value: str
    dag_id: str = ""
    run_id: str = ""
    task_id: str = ""
    map_index: int = -1
    key: str = ""
    is_deserialised: bool = False


class ReadRemoteLog(Message, frozen=True):
    """→ Found: the log of a try as text, from where ``[logging] remote_base_log_folder`` keeps it."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int = 1
    hostname: str = ""
    logical_date: datetime | None = None
    start_date: datetime | None = None
    log_name: str = ""
    """Of the log, relative to the folder of logs."""


class CallListeners(Message, frozen=True):
    """→ Found: names of listeners that raised. One event for all listeners, after its commit; ``event_id`` is the
    same when it is told again after a crash."""

    event_id: int
    hook: str
    payload: dict[str, Any]


HostQuestion = (
    NextRunInfo
    | ManualInterval
    | NewRunId
    | DescribePlugins
    | DescribeProviders
    | TestConnection
    | TaskLinks
    | ShowXCom
    | ReadRemoteLog
    | CallListeners
)


class Asked(Message, frozen=True):
    """A question on its way; ``body`` is an encoded HostQuestion. The process that works on it is killed after
    ``timeout`` seconds. ``is_lasting``: the listeners' process, which keeps its connection for further questions; there
    is one, and a new one takes its place."""

    body: msgspec.Raw
    timeout: float = DEFAULT_TIMEOUT
    is_lasting: bool = False


class Nothing(Message, frozen=True):
    """There is none."""


class IntervalFound(Message, frozen=True):
    """A data interval; ``run_after`` of a scheduled run: when it may be made."""

    start: datetime
    end: datetime
    run_after: datetime | None = None


class Found(Message, frozen=True):
    """Plain data."""

    value: Any = None


class HostFailed(Message, frozen=True):
    """The plugin's code raised: type and message, and where."""

    error: str
    traceback: str = ""


HostAnswer = Nothing | IntervalFound | Found | HostFailed
HostWord = Nothing | IntervalFound | Found | HostFailed | GetVariable | GetConnection
"""What a host says on a connection: questions back, then one answer."""

ASKED: msgspec.msgpack.Decoder[Asked] = msgspec.msgpack.Decoder(Asked)
HOST_QUESTION: msgspec.msgpack.Decoder[HostQuestion] = msgspec.msgpack.Decoder(HostQuestion)
HOST_WORD: msgspec.msgpack.Decoder[HostWord] = msgspec.msgpack.Decoder(HostWord)


class PluginHost(Protocol):
    """Asks plugin code, wherever it runs."""

    def ask(self, question: HostQuestion, timeout: float = DEFAULT_TIMEOUT) -> Nothing | IntervalFound | Found:
        """The answer. Raises PluginFailed when the code raised or did not answer in ``timeout`` seconds."""
        ...
