"""Time sensors that leave their wait to a trigger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.sdk import timezone
from tradewind.sdk.exceptions import TaskDeferred
from tradewind.standard.waiting import TimeDeltaSensor, TimeDeltaSensorAsync

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("make", "limit"),
    [
        (
            lambda: TimeDeltaSensor(task_id="a", delta=timedelta(hours=1), timeout=60, deferrable=True),
            timedelta(minutes=1),
        ),
        (lambda: TimeDeltaSensorAsync(task_id="a", delta=timedelta(hours=1), timeout=60), None),
    ],
    ids=["deferrable", "async"],
)
def test_the_timeout_holds_for_the_deferrable_sensor_and_not_for_the_old_async_one(make: Any, limit: Any) -> None:
    with pytest.raises(TaskDeferred) as raised:
        make().execute({"data_interval_end": timezone.utcnow()})
    assert raised.value.timeout == limit


def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    sensor = TimeDeltaSensor(task_id="a", delta=HOUR, deferrable=True)
    assert sensor.execute({"data_interval_end": datetime(2024, 1, 1, tzinfo=UTC)}) is True
