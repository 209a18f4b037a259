"""What a rollup waits for: the parts of a period (windows), and how many of them are enough (wait policies)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar


class Window:
    """The parts that a period is made of."""

    class Direction(enum.Enum):
        """Whether the period begins or ends at the moment that is given."""

        FORWARD = "forward"
        BACKWARD = "backward"

    expected_decoded_type: ClassVar[type] = datetime

    def __init__(self, *, direction: Window.Direction = Direction.FORWARD) -> None:
        self.direction = self.Direction(direction)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def to_upstream(self, decoded_downstream: Any) -> Iterable[Any]:
        """The parts of the period."""
        raise NotImplementedError(f"{type(self).__name__} must define to_upstream()")

    def serialize(self) -> dict[str, Any]:
        """JSON-able arguments."""
        return {"direction": self.direction.value}


class _EvenWindow(Window):
    """A number of equal parts."""

    count: ClassVar[int]
    part: ClassVar[timedelta]

    def to_upstream(self, decoded_downstream: datetime) -> list[datetime]:
        first = 0 if self.direction is self.Direction.FORWARD else 1 - self.count
        return [decoded_downstream + self.part * number for number in range(first, first + self.count)]


class HourWindow(_EvenWindow):
    """60 minutes."""

    count, part = 60, timedelta(minutes=1)


class DayWindow(_EvenWindow):
    """24 hours."""

    count, part = 24, timedelta(hours=1)


class WeekWindow(_EvenWindow):
    """7 days."""

    count, part = 7, timedelta(days=1)


class _MonthsWindow(Window):
    """A number of months, each a part."""

    count: ClassVar[int]

    def to_upstream(self, decoded_downstream: datetime) -> list[datetime]:
        _check_first(self, decoded_downstream)
        first = 0 if self.direction is self.Direction.FORWARD else 1 - self.count
        return [_months_later(decoded_downstream, number) for number in range(first, first + self.count)]


class QuarterWindow(_MonthsWindow):
    """3 months."""

    count = 3


class YearWindow(_MonthsWindow):
    """12 months."""

    count = 12


class MonthWindow(Window):
    """The days of a month."""

    def to_upstream(self, decoded_downstream: datetime) -> list[datetime]:
        _check_first(self, decoded_downstream)
        is_forward = self.direction is self.Direction.FORWARD
        begin = decoded_downstream if is_forward else _months_later(decoded_downstream, -1) + timedelta(days=1)
        end = _months_later(decoded_downstream, 1) if is_forward else decoded_downstream + timedelta(days=1)
        return [begin + timedelta(days=number) for number in range((end - begin).days)]


def _check_first(window: Window, start: datetime) -> None:
    if start.day != 1:
        raise ValueError(
            f"{type(window).__name__} expects a period start on day 1 of the month, got {start.isoformat()}. "
            "The upstream mapper must give periods that begin there."
        )


def _months_later(start: datetime, count: int) -> datetime:
    number = start.year * 12 + start.month - 1 + count
    return start.replace(year=number // 12, month=number % 12 + 1)


class SegmentWindow(Window):
    """Named parts."""

    expected_decoded_type = str

    def __init__(self, segments: Iterable[str]) -> None:
        super().__init__()
        self.segments = tuple(dict.fromkeys(segments))

    def to_upstream(self, decoded_downstream: Any) -> tuple[str, ...]:
        return self.segments

    def serialize(self) -> dict[str, Any]:
        return {"segments": list(self.segments)}


class WaitForAll:
    """A rollup waits for every part."""

    def is_satisfied(self, matched: int, expected: int) -> bool:
        """Whether so many are enough."""
        return matched >= expected

    def serialize(self) -> dict[str, Any]:
        """JSON-able arguments."""
        return {}


class MinimumCount(WaitForAll):
    """A rollup waits for ``n`` parts; for all but ``-n`` when it is negative."""

    def __init__(self, n: int) -> None:
        if n == 0:
            raise ValueError("MinimumCount needs a number other than 0")
        self.n = n

    def is_satisfied(self, matched: int, expected: int) -> bool:
        return matched >= (self.n if self.n > 0 else expected + self.n)

    def serialize(self) -> dict[str, Any]:
        return {"n": self.n}
