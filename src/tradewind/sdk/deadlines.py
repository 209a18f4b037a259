"""Deadline alerts of Airflow 3: what a DAG file says of them is kept; nobody evaluates them yet (the DAG's warning)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from .loading import qualname


class _Callback:
    """Something to call when a deadline is missed, known by its dotted path."""

    def __init__(self, callback_callable: Callable[..., Any] | str, kwargs: dict[str, Any] | None = None) -> None:
        if callable(callback_callable):
            callback_callable = qualname(callback_callable)
        if not isinstance(callback_callable, str) or "." not in callback_callable:
            raise ValueError(f"a callback must be a function or its dotted path, not {callback_callable!r}")
        self.path = callback_callable
        self.kwargs = kwargs or {}


class AsyncCallback(_Callback):
    """A coroutine function, for the triggerer."""


class SyncCallback(_Callback):
    """A function, for an executor."""

    def __init__(
        self,
        callback_callable: Callable[..., Any] | str,
        kwargs: dict[str, Any] | None = None,
        executor: str | None = None,
    ) -> None:
        super().__init__(callback_callable, kwargs)
        self.executor = executor


class BaseDeadlineReference:
    """The moment from which an interval counts."""

    @property
    def reference_name(self) -> str:
        """The class's name."""
        return type(self).__name__


@dataclass(frozen=True)
class Reference(BaseDeadlineReference):
    """One of the built-in ones, with its arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def reference_name(self) -> str:
        return self.name


class DeadlineReference:
    """The built-in references."""

    DAGRUN_LOGICAL_DATE: ClassVar[Reference] = Reference("DagRunLogicalDateDeadline")
    DAGRUN_QUEUED_AT: ClassVar[Reference] = Reference("DagRunQueuedAtDeadline")

    @staticmethod
    def FIXED_DATETIME(moment: datetime) -> Reference:
        """A moment of the author's."""
        return Reference("FixedDatetimeDeadline", {"datetime": moment})

    @staticmethod
    def AVERAGE_RUNTIME(max_runs: int = 10, min_runs: int | None = None) -> Reference:
        """The queueing of a run plus what runs took on average."""
        return Reference("AverageRuntimeDeadline", {"max_runs": max_runs, "min_runs": min_runs or max_runs})

    @classmethod
    def register_custom_reference(cls, reference: Any, deadline_reference_type: Any = None) -> Any:  # noqa: ARG003
        """Make a class of the author's one of the references; the class."""
        setattr(cls, getattr(reference, "__name__", "CUSTOM"), reference())
        return reference


def deadline_reference(deadline_reference_type: Any = None) -> Callable[[Any], Any]:
    """Decorator: :meth:`DeadlineReference.register_custom_reference`."""

    def register(reference: Any) -> Any:
        return DeadlineReference.register_custom_reference(reference, deadline_reference_type)

    return register


@dataclass(frozen=True, slots=True)
class DeadlineAlert:
    """``callback`` is to be called when a run has not ended ``interval`` after ``reference``."""

    reference: Any
    interval: timedelta | Any
    callback: Any
    name: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.callback, _Callback):
            raise ValueError(f"Callbacks of type {type(self.callback).__name__} are not currently supported")
