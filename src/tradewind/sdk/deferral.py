"""Deferral: what a task leaves behind when it waits in the triggerer, and how it goes on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from .exceptions import AirflowException, TaskDeferralError, TaskDeferralTimeout
from .logging_mixin import LoggingMixin

TRIGGER_FAIL_REPR = "__fail__"
"""``next_method`` of a task whose trigger failed or took too long."""


@dataclass
class StartTriggerArgs:
    """For tasks that begin in the triggerer: which trigger, and how the task goes on."""

    trigger_cls: str
    next_method: str
    trigger_kwargs: dict[str, Any] | None = None
    next_kwargs: dict[str, Any] | None = None
    timeout: timedelta | None = None


class TriggerEvent:
    """What a trigger yields when it has waited enough; the payload goes to the task's method as ``event``."""

    def __init__(self, payload: Any) -> None:
        self.payload = payload

    def __repr__(self) -> str:
        return f"TriggerEvent<{self.payload!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TriggerEvent) and self.payload == other.payload

    __hash__ = None  # type: ignore[assignment]  # payloads are mostly unhashable


class BaseTaskEndEvent(TriggerEvent):
    """An event that ends the task without a worker."""

    task_instance_state: ClassVar[str] = ""

    def __init__(self, *, xcoms: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if "payload" in kwargs:
            raise ValueError("Param 'payload' not supported for this class.")
        super().__init__(payload=self.task_instance_state)
        self.xcoms = xcoms


class TaskSuccessEvent(BaseTaskEndEvent):
    """The task is successful."""

    task_instance_state = "success"


class TaskFailedEvent(BaseTaskEndEvent):
    """The task has failed."""

    task_instance_state = "failed"


class TaskSkippedEvent(BaseTaskEndEvent):
    """The task is skipped."""

    task_instance_state = "skipped"


class BaseTrigger(ABC, LoggingMixin):
    """Waits for something, in the triggerer's event loop. Must say by ``serialize`` how to make it again."""

    task_instance: Any = None
    trigger_id: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()

    @abstractmethod
    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class's path and the keyword arguments that make this trigger again."""
        raise NotImplementedError("Triggers must implement serialize()")

    @abstractmethod
    def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait without blocking the loop, then yield an event. Only the first one counts."""
        raise NotImplementedError("Triggers must implement run()")

    async def cleanup(self) -> None:
        """Called when the trigger ends, also without an event."""

    def __repr__(self) -> str:
        classpath, kwargs = self.serialize()
        arguments = ", ".join(f"{name}={value}" for name, value in kwargs.items())
        return f"<{classpath} {arguments}>"


class BaseEventTrigger(BaseTrigger):
    """A trigger that may also wait for asset events (Airflow 3)."""


def resume(task: Any, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
    """Call the method that a deferral named. Raises TaskDeferralError when the trigger failed, AirflowException when
    there is no such method."""
    kwargs = dict(next_kwargs or {})
    if next_method == TRIGGER_FAIL_REPR:
        error = kwargs.get("error", "Unknown")
        traceback = kwargs.get("traceback")
        if traceback:
            task.log.error("Trigger failed:\n%s", "\n".join(traceback))
        if error == "Trigger timeout":
            raise TaskDeferralTimeout(error)
        raise TaskDeferralError(error)
    method = getattr(task, next_method, None)
    if method is None:
        raise AirflowException(f"{task.task_type} {task.task_id} was to go on with {next_method!r}, which it lacks")
    return method(context, **kwargs)
