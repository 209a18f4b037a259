"""The loop's watch names the trigger that blocks the others."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tradewind.triggerer.watch import LoopWatch


class Steps:
    """A clock whose monotonic time the work itself moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def now(self) -> None:
        raise AssertionError("nobody asks for the date")


def test_a_trigger_that_blocks_is_named_and_one_that_waits_is_not(caplog: pytest.LogCaptureFixture) -> None:
    clock = Steps()
    watch = LoopWatch(clock)  # type: ignore[arg-type]  # only monotonic() is used

    async def blocks() -> str:
        await asyncio.sleep(0)
        clock.at += 1.5
        return "result"

    async def waits() -> None:
        await asyncio.sleep(0)

    async def both() -> str:
        loop = asyncio.get_running_loop()
        patient = loop.create_task(watch.steps("patient", waits()))
        greedy = loop.create_task(watch.steps("greedy", blocks()))
        await patient
        return await greedy

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(both()) == "result"
    assert [record.getMessage() for record in caplog.records] == [
        "Trigger greedy has held the event loop for 1.50 seconds; all others wait meanwhile"
    ]


def test_a_step_that_never_ends_is_named_while_it_lasts_and_once(caplog: pytest.LogCaptureFixture) -> None:
    clock = Steps()
    watch = LoopWatch(clock)  # type: ignore[arg-type]  # only monotonic() is used
    watch.begin("endless")
    with caplog.at_level(logging.WARNING):
        watch.look()
        clock.at = 5.0
        watch.look()
        clock.at = 10.0
        watch.look()
    assert [record.getMessage() for record in caplog.records] == [
        "Trigger endless has held the event loop for 5.00 seconds; all others wait meanwhile"
    ]


def test_cancelling_reaches_the_trigger_and_its_last_word() -> None:
    watch = LoopWatch(Steps())  # type: ignore[arg-type]  # only monotonic() is used
    seen: list[str] = []

    async def sleeps() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("cleaned up")

    async def cancelled() -> None:
        task = asyncio.get_running_loop().create_task(watch.steps("sleeper", sleeps()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert seen == ["cleaned up"]
