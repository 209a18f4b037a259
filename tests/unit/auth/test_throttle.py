"""Pauses after wrong passwords."""

from __future__ import annotations

import pytest

from tradewind.auth.throttle import (
    FREE_FAILURES,
    FREE_FAILURES_OF_ADDRESS,
    LONGEST_PAUSE,
    Throttle,
    TooManyFailures,
    pause_after,
)


class Seconds:
    """A clock that is moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def failing(times: int, *, username: str = "ann", address: str = "10.0.0.1") -> tuple[Throttle, Seconds]:
    clock = Seconds()
    throttle = Throttle(clock)
    for _ in range(times):
        throttle.failed(username, address)
    return throttle, clock


def test_some_failures_are_free() -> None:
    throttle, _ = failing(FREE_FAILURES - 1)
    throttle.check("ann", "10.0.0.1")


def test_then_this_user_and_address_must_wait_and_nobody_else() -> None:
    throttle, clock = failing(FREE_FAILURES)
    with pytest.raises(TooManyFailures) as refused:
        throttle.check("ANN", "10.0.0.1")
    throttle.check("bob", "10.0.0.1")
    throttle.check("ann", "10.0.0.2")
    clock.now += refused.value.retry_after
    throttle.check("ann", "10.0.0.1")


def test_the_right_password_ends_the_count() -> None:
    throttle, clock = failing(FREE_FAILURES)
    clock.now += 10
    throttle.passed("ann", "10.0.0.1")
    throttle.failed("ann", "10.0.0.1")
    throttle.check("ann", "10.0.0.1")


def test_one_password_tried_on_many_users_stops_the_address() -> None:
    throttle = Throttle(Seconds())
    for number in range(FREE_FAILURES_OF_ADDRESS):
        throttle.failed(f"user{number}", "10.0.0.1")
    with pytest.raises(TooManyFailures):
        throttle.check("somebody", "10.0.0.1")


def test_memory_is_bounded() -> None:
    throttle = Throttle(Seconds(), most=10)
    for number in range(100):
        throttle.failed(f"user{number}", f"10.0.1.{number}")
    assert len(throttle) == 10


@pytest.mark.parametrize(("count", "pause"), [(9, 0.0), (10, 1.0), (11, 2.0), (13, 8.0), (40, LONGEST_PAUSE)])
def test_pauses_double_up_to_a_bound(count: int, pause: float) -> None:
    assert pause_after(count, FREE_FAILURES) == pause
