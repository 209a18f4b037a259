"""Triggers and their events as messages: made again from class path and arguments, told as JSON."""

from __future__ import annotations

import importlib
import logging
import traceback

from tradewind.execution.outcome import xcom_item
from tradewind.sdk.deferral import BaseTaskEndEvent, BaseTrigger, TriggerEvent
from tradewind.sdk.task_instance import TaskInstance
from tradewind.serde.values import dumps, loads
from tradewind.wire import messages as wire

log = logging.getLogger("airflow.triggerer")


class TriggerEnded(Exception):
    """A trigger's code returned without an event: its task would wait for ever."""


async def cleaned_up(trigger: BaseTrigger) -> None:
    """Give the trigger its last word; what it raises then is only logged."""
    try:
        await trigger.cleanup()
    except Exception:
        log.exception("The clean-up of trigger %s failed", type(trigger).__qualname__)


def made(trigger_id: int, classpath: str, kwargs: str, attempt: wire.Attempt) -> BaseTrigger:
    """The trigger that a class path and its arguments mean, as it is for the attempt that was deferred."""
    module, _, name = classpath.rpartition(".")
    trigger: BaseTrigger = getattr(importlib.import_module(module), name)(**loads(kwargs))
    trigger.trigger_id = trigger_id
    trigger.task_instance = TaskInstance.of_attempt(attempt, None, None, attempt.first_start_date)
    return trigger


async def first_event(trigger_id: int, classpath: str, kwargs: str, attempt: wire.Attempt) -> wire.TriggerFired:
    """Make a trigger and wait for its first event. Raises what it raises; TriggerEnded without an event."""
    trigger = made(trigger_id, classpath, kwargs, attempt)
    try:
        async for event in trigger.run():
            return fired(trigger_id, event)
    finally:
        await cleaned_up(trigger)
    raise TriggerEnded(f"trigger {classpath} ended without an event")


def fired(trigger_id: int, event: TriggerEvent) -> wire.TriggerFired:
    """An event as a message. TypeError for a payload that JSON cannot keep."""
    end_state = ""
    xcoms: tuple[wire.XComItem, ...] = ()
    if isinstance(event, BaseTaskEndEvent):
        end_state = event.task_instance_state
        xcoms = tuple(xcom_item(key, value) for key, value in (event.xcoms or {}).items())
    payload = dumps(event.payload, keep_tuples=True)
    return wire.TriggerFired(trigger_id=trigger_id, event=payload, end_state=end_state, xcoms=xcoms)


def failed(trigger_id: int, error: BaseException) -> wire.TriggerFailed:
    """An error as a message."""
    lines = tuple(traceback.format_exception(error))
    return wire.TriggerFailed(trigger_id=trigger_id, error=f"{type(error).__name__}: {error}", traceback=lines)
