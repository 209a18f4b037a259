"""Wrong passwords cost time: after some failures in a row a user and address must wait, longer each time.

In memory of one API process and bounded. A right password within a pause is refused as well: else the answer would
tell a guesser that it was right."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tradewind.model.errors import TradewindError

FREE_FAILURES = 10
"""Failures in a row of one user from one address before the first pause."""
FREE_FAILURES_OF_ADDRESS = 100
"""Of one address, whatever the user: trying one password on many users."""
LONGEST_PAUSE = 300.0
_FORGOTTEN_AFTER = 900.0
_MOST = 4096

Key = tuple[str, str]


class TooManyFailures(TradewindError):
    """Too many wrong passwords."""

    def __init__(self, seconds: float) -> None:
        self.retry_after = max(1, round(seconds + 0.5))
        super().__init__(f"Too many failed log-ins; try again in {self.retry_after} seconds.")


@dataclass(slots=True)
class _Failures:
    count: int
    last: float
    until: float


class Throttle:
    """Counts failures by (user, address) and by address. Thread-safe."""

    def __init__(self, monotonic: Callable[[], float], *, most: int = _MOST) -> None:
        self._monotonic = monotonic
        self._most = most
        self._failures: OrderedDict[Key, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, username: str, address: str) -> None:
        """Raises TooManyFailures while this user and address, or this address, must wait."""
        now = self._monotonic()
        with self._lock:
            until = max(
                (self._failures[key].until for key in _keys(username, address) if key in self._failures), default=0.0
            )
        if until > now:
            raise TooManyFailures(until - now)

    def failed(self, username: str, address: str) -> None:
        """A wrong password came."""
        now = self._monotonic()
        with self._lock:
            for key, free in zip(_keys(username, address), (FREE_FAILURES, FREE_FAILURES_OF_ADDRESS), strict=True):
                known = self._failures.pop(key, None)
                count = 1 if known is None or now - known.last > _FORGOTTEN_AFTER else known.count + 1
                self._failures[key] = _Failures(count, now, now + pause_after(count, free))
            while len(self._failures) > self._most:
                self._failures.popitem(last=False)

    def passed(self, username: str, address: str) -> None:
        """The right password came; the address as such keeps its count."""
        with self._lock:
            self._failures.pop(_keys(username, address)[0], None)

    def __len__(self) -> int:
        return len(self._failures)


def pause_after(count: int, free: int) -> float:
    """Seconds to wait after so many failures in a row, of which some are free."""
    return 0.0 if count < free else min(LONGEST_PAUSE, 2.0 ** min(count - free, 16))


def _keys(username: str, address: str) -> tuple[Key, Key]:
    return (username.lower()[:512], address), ("", address)
