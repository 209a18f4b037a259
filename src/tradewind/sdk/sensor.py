"""Sensors: tasks that look again and again until something is true, in their process or rescheduled in between."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from tradewind.model.times import SystemClock

from .exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferralError,
    TaskDeferralTimeout,
)
from .operator import BaseOperator
from .settings import config_value

if TYPE_CHECKING:
    from .abstract_operator import AbstractOperator

_DEFAULT_TIMEOUT = 60 * 60 * 24 * 7
_CLOCK = SystemClock()


class PokeReturnValue:
    """Result of ``poke`` with a value for XCom."""

    def __init__(self, is_done: bool, xcom_value: Any | None = None) -> None:
        self.is_done = is_done
        self.xcom_value = xcom_value

    def __bool__(self) -> bool:
        return self.is_done


def _seconds(name: str, value: Any, *, may_be_none: bool = False) -> Any:
    if value is None and may_be_none:
        return None
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not isinstance(seconds, (int, float)) or seconds < 0:
        raise AirflowException(f"Operator arg `{name}` must be timedelta object or a non-negative number")
    return float(seconds)


class BaseSensorOperator(BaseOperator):
    """Calls ``poke`` until it gives something true, at most for ``timeout`` seconds, ``poke_interval`` apart.

    ``mode="poke"`` keeps the worker's slot; ``"reschedule"`` frees it between pokes. ``soft_fail``: a timeout or
    AirflowFailException skips the task; ``silent_fail``: errors of ``poke`` are logged and it goes on;
    ``never_fail``: any error of ``poke`` skips the task.
    """

    ui_color: str = "#e6f1f2"
    valid_modes: ClassVar[tuple[str, ...]] = ("poke", "reschedule")
    _is_sensor = True

    def __init__(
        self,
        *,
        poke_interval: timedelta | float = 60,
        timeout: timedelta | float | None = None,
        soft_fail: bool = False,
        mode: str = "poke",
        exponential_backoff: bool = False,
        max_wait: timedelta | float | None = None,
        silent_fail: bool = False,
        never_fail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if timeout is None:
            timeout = float(config_value("sensors", "default_timeout", _DEFAULT_TIMEOUT))
        self.poke_interval = _seconds("poke_interval", poke_interval)
        self.timeout = _seconds("timeout", timeout)
        self.max_wait = _seconds("max_wait", max_wait, may_be_none=True)
        if soft_fail and never_fail:
            raise ValueError("soft_fail and never_fail are mutually exclusive, you can not provide both.")
        self.soft_fail = soft_fail
        self.silent_fail = silent_fail
        self.never_fail = never_fail
        self.mode = mode
        self.exponential_backoff = exponential_backoff
        if mode not in self.valid_modes:
            dag_id = self.dag.dag_id if self.has_dag() else ""
            raise AirflowException(
                f"The mode must be one of {list(self.valid_modes)},'{dag_id} .{self.task_id}'; received '{mode}'."
            )

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Look once; true (or a done PokeReturnValue) ends the waiting."""
        raise AirflowException("Override me.")

    def execute(self, context: Any) -> Any:
        started = self._started_at(context)
        poke_number = context["ti"].poke_number if self.reschedule else 1
        self.log.info("Poking from %s", started.isoformat())
        while True:
            result = self._poke(context)
            if result:
                self.log.info("Success criteria met. Exiting.")
                return result.xcom_value if isinstance(result, PokeReturnValue) else None
            elapsed = (_CLOCK.now() - started).total_seconds()
            if elapsed > self.timeout:
                self._raise_timeout(elapsed)
            wait = self._get_next_poke_interval(started, (_CLOCK.now() - started).total_seconds, poke_number)
            if self.reschedule:
                raise AirflowRescheduleException(_CLOCK.now() + timedelta(seconds=wait))
            time.sleep(wait)
            poke_number += 1

    def _started_at(self, context: Any) -> datetime:
        """When this try began to wait: with reschedules, at its first start."""
        if self.reschedule:
            first: datetime | None = context["ti"].first_start_date
            if first is not None:
                return first
        return _CLOCK.now()

    def _poke(self, context: Any) -> Any:
        """One look; what its errors mean is decided here."""
        try:
            return self.poke(context)
        except (AirflowSensorTimeout, AirflowTaskTimeout, AirflowFailException, TaskDeferralError) as error:
            if self.soft_fail or self.never_fail:
                raise AirflowSkipException("Skipping due to soft_fail is set to True.") from error
            raise
        except AirflowSkipException:
            raise
        except Exception as error:
            if self.silent_fail:
                self.log.error("Sensor poke failed: \n %s", traceback.format_exc())
                return False
            if self.never_fail:
                raise AirflowSkipException("Skipping due to never_fail is set to True.") from error
            raise

    def _raise_timeout(self, elapsed: float) -> None:
        message = (
            f"Sensor has timed out; run duration of {elapsed} seconds exceeds the specified timeout of {self.timeout}."
        )
        if self.soft_fail or self.never_fail:
            raise AirflowSkipException(message)
        raise AirflowSensorTimeout(message)

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any) -> Any:
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as error:
            if self.soft_fail:
                raise AirflowSkipException(str(error)) from error
            raise AirflowSensorTimeout(*error.args) from error
        except (AirflowException, TaskDeferralError) as error:
            if self.soft_fail and not isinstance(error, AirflowSkipException):
                raise AirflowSkipException(str(error)) from error
            raise

    def _get_next_poke_interval(
        self, started_at: datetime, run_duration: Callable[[], float], poke_count: int
    ) -> float:
        """Seconds until the next look; with back-off longer each time, with a spread that task and time decide."""
        if not self.exponential_backoff:
            return float(self.poke_interval)
        if self.poke_interval <= 0:
            return 0.0
        shortest = int(self.poke_interval * 2 ** min(poke_count - 2, 60)) if poke_count >= 2 else 0
        shortest = max(shortest, 1) if poke_count >= 2 else int(self.poke_interval) or 1
        text = f"{self.dag_id}#{self.task_id}#{started_at}#{poke_count}"
        spread = int(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), 16) % shortest
        wait = min(shortest + spread, int(timedelta.max.total_seconds()) - 1)
        if self.max_wait is not None:
            wait = int(min(self.max_wait, wait))
        self.log.info("new %s interval is %s", self.mode, wait)
        return float(wait)

    @property
    def reschedule(self) -> bool:
        """Whether it leaves the worker between looks."""
        return self.mode == "reschedule"


def poke_mode_only(cls: type[AbstractOperator]) -> type[Any]:
    """For sensor classes that keep something in memory between looks: mode can only be ``poke``."""

    def read(_: Any) -> str:
        return "poke"

    def write(_: Any, value: str) -> None:
        if value != "poke":
            raise ValueError(f"Cannot set mode to '{value}'. Only 'poke' is acceptable")

    cls.mode = property(read, write)  # type: ignore[attr-defined]  # the class's own attribute is hidden on purpose
    return cls
