"""Retry policies: what an exception means for the tries that are left, decided in the task's process when it fails."""

from __future__ import annotations

import enum
import inspect
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from .loading import import_string


class RetryAction(enum.Enum):
    """What to do about a failure."""

    RETRY = "retry"
    FAIL = "fail"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What a policy says. ``retry_delay`` counts with RETRY only; DEFAULT leaves it to the task's own settings."""

    action: RetryAction = RetryAction.DEFAULT
    retry_delay: timedelta | None = None
    reason: str | None = None


class RetryPolicy(ABC):
    """Decides about each failure of a task. Tries that are used up are not given back."""

    @abstractmethod
    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any | None = None
    ) -> RetryDecision:
        """What this exception means."""

    def serialize(self) -> dict[str, Any]:
        """For people: the class."""
        return {"__type": f"{type(self).__module__}.{type(self).__qualname__}"}


ExceptionSpec = str | type[BaseException]


@dataclass(frozen=True, slots=True)
class RetryRule:
    """What to do about an exception, given as class or dotted path (or several of them)."""

    exception: ExceptionSpec | list[ExceptionSpec]
    action: RetryAction = RetryAction.RETRY
    retry_delay: timedelta | None = None
    reason: str | None = None
    match_subclasses: bool = True

    def matches(self, exc: BaseException) -> bool:
        """Whether the rule is about this exception. A path that cannot be imported is about none."""
        specs = self.exception if isinstance(self.exception, list) else [self.exception]
        return any(self._is_one(exc, spec) for spec in specs)

    def _is_one(self, exc: BaseException, spec: ExceptionSpec) -> bool:
        if isinstance(spec, str):
            try:
                found = import_string(spec)
            except ImportError:
                return False
            if not (inspect.isclass(found) and issubclass(found, BaseException)):
                return False
            spec = found
        return isinstance(exc, spec) if self.match_subclasses else type(exc) is spec

    def serialize(self) -> dict[str, Any]:
        """For people."""
        specs = self.exception if isinstance(self.exception, list) else [self.exception]
        return {
            "exception": [
                spec if isinstance(spec, str) else f"{spec.__module__}.{spec.__qualname__}" for spec in specs
            ],
            "action": self.action.value,
            "retry_delay": None if self.retry_delay is None else self.retry_delay.total_seconds(),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class ExceptionRetryPolicy(RetryPolicy):
    """The first rule that matches decides; without one, ``default``."""

    rules: list[RetryRule]
    default: RetryAction = RetryAction.DEFAULT

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any | None = None
    ) -> RetryDecision:
        """The decision of the first rule that matches."""
        for rule in self.rules:
            if rule.matches(exception):
                return RetryDecision(action=rule.action, retry_delay=rule.retry_delay, reason=rule.reason)
        return RetryDecision(action=self.default)

    def serialize(self) -> dict[str, Any]:
        """For people: class and rules."""
        rules = [rule.serialize() for rule in self.rules]
        return {**super().serialize(), "rules": rules, "default": self.default.value}
