"""Who holds the event loop: every step of a trigger is timed, so that one that blocks all others is named."""

from __future__ import annotations

import logging
from collections.abc import Coroutine, Generator
from typing import Any, TypeVar

from tradewind.model.times import Clock

log = logging.getLogger("tradewind.triggerer")

R = TypeVar("R")

SLOW_STEP = 0.2
"""Seconds that a trigger may take from one wait to the next; Airflow's watchdog has the same limit."""


class LoopWatch:
    """Times steps in the loop's thread; :meth:`look` may be called from another thread while one lasts."""

    def __init__(self, clock: Clock, limit: float = SLOW_STEP) -> None:
        self._clock = clock
        self._limit = limit
        self._running: tuple[str, float] | None = None
        self._said: tuple[str, float] | None = None

    def steps(self, name: str, work: Coroutine[Any, Any, R]) -> Watched[R]:
        """``work`` as a coroutine each step of which is timed under ``name``."""
        return Watched(self, name, work)

    def begin(self, name: str) -> None:
        """A step begins."""
        self._running = name, self._clock.monotonic()

    def end(self) -> None:
        """It has ended; said when it was slow."""
        running, self._running = self._running, None
        if running is not None:
            self._say(running)

    def look(self) -> None:
        """Say which trigger holds the loop now, if one does."""
        running = self._running
        if running is not None:
            self._say(running)

    def _say(self, running: tuple[str, float]) -> None:
        name, since = running
        seconds = self._clock.monotonic() - since
        if seconds >= self._limit and (self._running is None or self._said != running):
            self._said = running
            log.warning("Trigger %s has held the event loop for %.2f seconds; all others wait meanwhile", name, seconds)


class Watched(Coroutine[Any, Any, R]):
    """A coroutine whose steps are timed. It is what an event loop takes for a task."""

    def __init__(self, watch: LoopWatch, name: str, work: Coroutine[Any, Any, R]) -> None:
        self._watch = watch
        self._name = name
        self._work = work

    def send(self, value: Any) -> Any:
        self._watch.begin(self._name)
        try:
            return self._work.send(value)
        finally:
            self._watch.end()

    def throw(self, *error: Any) -> Any:
        self._watch.begin(self._name)
        try:
            return self._work.throw(*error)
        finally:
            self._watch.end()

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Generator[Any, Any, R]:
        return self._work.__await__()
