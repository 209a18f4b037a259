"""What the plugin host does with a question: calls the plugin's code in this very process. Whoever calls this has
bounded it (a fork with a deadline; the command line, whose user may interrupt it)."""

from __future__ import annotations

import os
import secrets
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tradewind.observability.masking import PROCESS_MASKER, mask_secret
from tradewind.sdk.connection import Connection
from tradewind.sdk.dates import as_pendulum
from tradewind.timetables.base import DagRunInfo, DataInterval, TimeRestriction
from tradewind.wire import plugin_messages as wire

from . import discovery, listing
from .links import link_addresses
from .listeners import call_listeners
from .log_handlers import LoggedTry, read
from .registered import not_registered
from .xcom_backend import shown_value


def answer(question: wire.HostQuestion) -> wire.HostAnswer:
    """The answer; what the plugin's code raises becomes HostFailed."""
    try:
        return _HANDLERS[type(question)](question)
    except Exception as error:
        lines = traceback.format_exception(error)
        described = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        trace = str(PROCESS_MASKER.redact("".join(lines)))
        return wire.HostFailed(error=str(PROCESS_MASKER.redact(described)), traceback=trace)


def timetable_of(ref: wire.TimetableRef) -> Any:
    """The timetable itself. Raises AirflowTimetableInvalid's kin when no plugin registers its class."""
    cls = discovery.loaded().registered("timetables").get(ref.classpath)
    if cls is None:
        raise LookupError(not_registered("Timetable", ref.classpath))
    return cls.deserialize(ref.args if ref.args is not None else {})


def _next_run(question: wire.NextRunInfo) -> wire.HostAnswer:
    last = None if question.last is None else DataInterval(*map(as_pendulum, question.last))
    info: DagRunInfo | None = timetable_of(question.timetable).next_dagrun_info(
        last_automated_data_interval=last,
        restriction=TimeRestriction(
            earliest=as_pendulum(question.earliest), latest=as_pendulum(question.latest), catchup=question.catchup
        ),
    )
    if info is None:
        return wire.Nothing()
    start, end = info.data_interval
    return wire.IntervalFound(start=_plain(start), end=_plain(end), run_after=_plain(info.run_after))


def _manual_interval(question: wire.ManualInterval) -> wire.HostAnswer:
    timetable = timetable_of(question.timetable)
    start, end = timetable.infer_manual_data_interval(run_after=as_pendulum(question.run_after))
    return wire.IntervalFound(start=_plain(start), end=_plain(end))


def _run_id(question: wire.NewRunId) -> wire.HostAnswer:
    interval = None if question.interval is None else DataInterval(*map(as_pendulum, question.interval))
    run_id = timetable_of(question.timetable).generate_run_id(
        run_type=_run_type(question.run_type),
        logical_date=as_pendulum(question.logical_date),
        data_interval=interval,
    )
    return wire.Found(value=str(run_id))


def _run_type(name: str) -> Any:
    from tradewind.model.states import RunType  # the type that ``f"{run_type}"`` of a plugin prints as its value

    return RunType(name)


def _plain(moment: Any) -> datetime:
    """An aware datetime in UTC of what a plugin gave. Raises ValueError for one without a zone, as Airflow does."""
    if not isinstance(moment, datetime):
        raise TypeError(f"a timetable must give datetimes, not {type(moment).__name__}")
    if moment.tzinfo is None:
        raise ValueError(f"a timetable gave {moment.isoformat()}, which has no time zone; give aware datetimes")
    at = moment.astimezone(UTC)
    return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, tzinfo=UTC)


def tested(fields: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a connection's hook can log in, and what it says; secrets of the connection are masked in it."""
    names = ("conn_type", "host", "login", "password", "schema", "port", "extra")
    connection = Connection(conn_id=f"tested_{secrets.token_hex(16)}", **{name: fields.get(name) for name in names})
    if connection.password:
        mask_secret(connection.password)
    mask_secret(connection.extra_dejson)
    variable = f"AIRFLOW_CONN_{connection.conn_id.upper()}"
    # The hook finds it by its id, as it finds any other.
    os.environ[variable] = connection.as_json()  # noqa: TID251  an own process, for the code of plugins
    try:
        status, message = connection.test_connection()
    finally:
        del os.environ[variable]  # noqa: TID251  an own process, for the code of plugins
    return bool(status), str(PROCESS_MASKER.redact(str(message)))


def _test(question: wire.TestConnection) -> wire.HostAnswer:
    return wire.Found(value=list(tested(question.fields)))


def _remote_log(question: wire.ReadRemoteLog) -> wire.HostAnswer:
    place = LoggedTry(
        dag_id=question.dag_id,
        task_id=question.task_id,
        run_id=question.run_id,
        map_index=question.map_index,
        try_number=question.try_number,
        hostname=question.hostname,
        start_date=question.start_date,
        log_name=question.log_name,
        execution_date=question.logical_date,
    )
    return wire.Found(value=read(place))


_HANDLERS: Mapping[type, Callable[[Any], wire.HostAnswer]] = {
    wire.NextRunInfo: _next_run,
    wire.ManualInterval: _manual_interval,
    wire.NewRunId: _run_id,
    wire.DescribePlugins: lambda _: wire.Found(value=listing.described(discovery.loaded())),
    wire.DescribeProviders: lambda question: wire.Found(value=listing.TOPICS[question.topic]()),
    wire.TestConnection: _test,
    wire.TaskLinks: lambda question: wire.Found(value=link_addresses(question)),
    wire.ShowXCom: lambda question: wire.Found(value=shown_value(question)),
    wire.ReadRemoteLog: _remote_log,
    wire.CallListeners: lambda question: wire.Found(value=call_listeners(question)),
}
