"""How an attempt ended, as data: said by the task process (or by who watched it die), judged by engine.attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The task's code returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """It raised. ``retryable`` False for AirflowFailException, AirflowSensorTimeout, and what Airflow never retries."""

    error: str = ""
    retryable: bool = True
    kind: str = "exception"
    """exception, timeout, killed (signal), lost (its worker died), exit (os._exit)."""
    retry_delay: float | None = None
    """Seconds to the next try, when the task's retry policy said so; None: what the task itself says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """It raised AirflowSkipException (or a sensor failed softly)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescheduled:
    """AirflowRescheduleException: poke again at ``at``; the try stays the same."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferred:
    """TaskDeferred: wait for a trigger; then run ``next_method`` in the same try."""

    trigger_classpath: str
    trigger_kwargs: Any
    next_method: str
    next_kwargs: Any = None
    timeout: float | None = None
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """The attempt's code never began (its worker died first): queue the same try again."""

    reason: str = ""


Outcome = Succeeded | Failed | Skipped | Rescheduled | Deferred | NotStarted


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetEvent:
    """A task with outlets succeeded (or emitted by hand): one event of a dataset."""

    uri: str
    extra: Any = field(default_factory=dict)
