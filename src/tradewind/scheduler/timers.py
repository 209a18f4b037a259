"""When the scheduler's loop must wake although nobody rings."""

from __future__ import annotations

from datetime import datetime


class Timers:
    """Names to moments of the monotonic clock."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def set(self, name: str, at: float | None) -> None:
        if at is None:
            self._at.pop(name, None)
        else:
            self._at[name] = at

    def wait(self, now: float) -> float:
        """Seconds until the first timer; at most 3600."""
        return max(0.0, min((at - now for at in self._at.values()), default=3600.0))

    def is_due(self, name: str, now: float) -> bool:
        return self._at.get(name, float("inf")) <= now


def seconds_until(at: datetime, now: datetime) -> float:
    """Seconds from now, a millisecond more so that the moment has come when the timer fires."""
    return max(0.0, (at - now).total_seconds()) + 0.001
