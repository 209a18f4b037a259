"""What a returned value or a raised exception means for the attempt: its Outcome. Pure.

Airflow 2.10's rules: only AirflowFailException and AirflowSensorTimeout end a task although retries are left; every
other way to fail, KeyboardInterrupt and ``os._exit`` included, may be retried.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tradewind.model.outcomes import Deferred, Failed, Outcome, Rescheduled, Skipped, Succeeded
from tradewind.model.times import utc
from tradewind.sdk.exceptions import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
    DownstreamTasksSkipped,
    TaskDeferred,
    UnmappableXComLengthPushed,
    UnmappableXComTypePushed,
    XComForMappingNotPushed,
)
from tradewind.sdk.xcom_backends import XComPlace, encoded
from tradewind.serde.values import dumps
from tradewind.wire.messages import XComItem

RETURN_VALUE = "return_value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the task's code ended: the outcome, what goes into callbacks' ``exception``, tasks it wants skipped."""

    outcome: Outcome
    exception: BaseException | str | None = None
    skip: tuple[str, ...] = ()


def of_exception(error: BaseException) -> Ending:
    """What an exception that left the task's code means."""
    match error:
        case AirflowSkipException():
            return Ending(outcome=Skipped(), exception=error)
        case AirflowRescheduleException():
            return Ending(outcome=Rescheduled(at=utc(error.reschedule_date)))
        case TaskDeferred():
            return Ending(outcome=deferred(error))
        case DownstreamTasksSkipped():
            return Ending(outcome=Succeeded(), skip=skipped_ids(error.tasks))
        case SystemExit(code=None | 0):
            return Ending(outcome=Succeeded())
        case SystemExit():
            text = f"Task failed due to SystemExit({error.code})"
            return Ending(outcome=Failed(error=text, kind="exit"), exception=text)
        case AirflowFailException() | AirflowSensorTimeout():
            return Ending(outcome=Failed(error=described(error), retryable=False), exception=error)
        case AirflowTaskTimeout():
            return Ending(outcome=Failed(error=described(error), kind="timeout"), exception=error)
        case AirflowTaskTerminated():
            return Ending(outcome=Failed(error=described(error), kind="killed"), exception=error)
        case _:
            return Ending(outcome=Failed(error=described(error)), exception=error)


def deferred(error: TaskDeferred) -> Deferred:
    """The wait that a task asks for. TypeError when the trigger's arguments cannot be kept."""
    classpath, kwargs = error.trigger.serialize()
    return Deferred(
        trigger_classpath=classpath,
        trigger_kwargs=dumps(kwargs, keep_tuples=True),
        next_method=error.method_name,
        next_kwargs=dumps(error.kwargs or {}, keep_tuples=True),
        timeout=None if error.timeout is None else error.timeout.total_seconds(),
    )


def skipped_ids(tasks: Any) -> tuple[str, ...]:
    """Task ids of what a DownstreamTasksSkipped names: ids, tasks, or (id, map index) pairs."""
    if isinstance(tasks, str) or not isinstance(tasks, Iterable):
        tasks = [tasks]
    return tuple(
        task if isinstance(task, str) else task[0] if isinstance(task, tuple) else task.task_id for task in tasks
    )


def xcom_item(key: str, value: Any, place: XComPlace | None = None) -> XComItem:
    """One XCom ready to be stored, by the configured back end when its ``place`` is known. TypeError for a value that
    cannot be kept."""
    text = dumps(value) if place is None else encoded(value, place._replace(key=key))
    return XComItem(key=key, value=text, length=len(value) if isinstance(value, list | tuple | dict) else None)


def returned_xcoms(result: Any, *, multiple_outputs: bool, place: XComPlace | None = None) -> tuple[XComItem, ...]:
    """The XComs of a return value that is to be pushed; None pushes nothing.

    Raises TypeError when ``multiple_outputs`` got no dict, or one with a key that is no text."""
    if result is None:
        return ()
    items = [xcom_item(RETURN_VALUE, result, place)]
    if multiple_outputs:
        if not isinstance(result, dict):
            raise TypeError(f"Returned output was type {type(result)} expected dictionary for multiple_outputs")
        for key in result:
            if not isinstance(key, str):
                raise TypeError(
                    "Returned dictionary keys must be strings when using multiple_outputs, "
                    f"found {key} ({type(key)}) instead"
                )
        items = [*(xcom_item(key, value, place) for key, value in result.items()), items[0]]
    return tuple(items)


def check_mappable(result: Any, *, max_length: int) -> None:
    """The return value of a task that others are mapped over. Raises what Airflow raises for a value without items, or
    with more than ``max_length``."""
    if result is None:
        raise XComForMappingNotPushed()
    if not isinstance(result, list | tuple | dict):
        raise UnmappableXComTypePushed(result)
    if len(result) > max_length:
        raise UnmappableXComLengthPushed(result, max_length)


def described(error: BaseException) -> str:
    """One line for people: the type and the message."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
