"""Sensors: what pokes and their errors mean; deferral; notifiers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.sdk.deferral import BaseTrigger, TriggerEvent
from tradewind.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferralError,
    TaskDeferred,
)
from tradewind.sdk.notifier import BaseNotifier
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.sensor import BaseSensorOperator, PokeReturnValue, poke_mode_only

PAST = datetime(2020, 1, 1, tzinfo=UTC)


class Scripted(BaseSensorOperator):
    def __init__(self, *, answers: list[Any], **kwargs: Any) -> None:
        super().__init__(poke_interval=0, **kwargs)
        self.answers = answers

    def poke(self, context: Any) -> Any:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def run(new_dag: Any, context_for: Any, answers: list[Any], **options: Any) -> Any:
    with new_dag():
        sensor = Scripted(task_id="s", answers=answers, **options)
    context = context_for(sensor)
    return sensor.execute(context)


def test_it_pokes_until_true(new_dag, context_for):
    answers = [False, None, True]
    assert run(new_dag, context_for, answers) is None
    assert answers == []


def test_a_poke_may_bring_a_value(new_dag, context_for):
    assert run(new_dag, context_for, [PokeReturnValue(False, 1), PokeReturnValue(True, 2)]) == 2


def test_a_timeout_is_looked_at_after_a_poke(new_dag, context_for):
    with pytest.raises(AirflowSensorTimeout, match=r"Sensor has timed out; run duration of .* exceeds the specified"):
        run(new_dag, context_for, [False], timeout=0)
    with pytest.raises(AirflowSkipException):
        run(new_dag, context_for, [False], timeout=0, soft_fail=True)
    assert run(new_dag, context_for, [True], timeout=0) is None


@pytest.mark.parametrize(
    ("error", "options", "kind"),
    [
        (ValueError("x"), {}, ValueError),
        (ValueError("x"), {"soft_fail": True}, ValueError),
        (ValueError("x"), {"never_fail": True}, AirflowSkipException),
        (AirflowFailException("x"), {}, AirflowFailException),
        (AirflowFailException("x"), {"soft_fail": True}, AirflowSkipException),
        (AirflowSkipException("x"), {}, AirflowSkipException),
    ],
)
def test_errors_of_a_poke(new_dag, context_for, error, options, kind):
    with pytest.raises(kind):
        run(new_dag, context_for, [error], **options)


def test_silent_fail_pokes_on(new_dag, context_for):
    assert run(new_dag, context_for, [ValueError("x"), True], silent_fail=True) is None


def test_reschedule_mode_leaves_with_a_date(new_dag, context_for):
    with pytest.raises(AirflowRescheduleException) as caught:
        run(new_dag, context_for, [False], mode="reschedule", timeout=timedelta(days=40_000))
    assert caught.value.reschedule_date.tzinfo is not None


def test_reschedule_mode_counts_from_the_first_start(new_dag, context_for):
    with new_dag():
        sensor = Scripted(task_id="s", answers=[False], mode="reschedule", timeout=60)
    context = context_for(sensor)
    context["ti"].first_start_date = PAST
    with pytest.raises(AirflowSensorTimeout):
        sensor.execute(context)


@pytest.mark.parametrize(
    ("options", "kind", "text"),
    [
        ({"mode": "x"}, AirflowException, "The mode must be one of ['poke', 'reschedule'],' .a'; received 'x'."),
        (
            {"poke_interval": -1},
            AirflowException,
            "Operator arg `poke_interval` must be timedelta object or a non-negative number",
        ),
        (
            {"timeout": "x"},
            AirflowException,
            "Operator arg `timeout` must be timedelta object or a non-negative number",
        ),
        (
            {"soft_fail": True, "never_fail": True},
            ValueError,
            "soft_fail and never_fail are mutually exclusive, you can not provide both.",
        ),
    ],
)
def test_wrong_sensor_arguments(options, kind, text):
    with pytest.raises(kind) as caught:
        BaseSensorOperator(task_id="a", **options)
    assert str(caught.value) == text


def test_backoff_grows_and_stays_below_max_wait(new_dag):
    sensor = BaseSensorOperator(task_id="a", poke_interval=2, exponential_backoff=True, max_wait=30)
    waits = [sensor._get_next_poke_interval(PAST, lambda: 0.0, number) for number in range(1, 12)]
    assert waits[0] >= 2
    assert waits[-1] == 30
    assert all(wait <= 30 for wait in waits)
    assert waits == [sensor._get_next_poke_interval(PAST, lambda: 0.0, number) for number in range(1, 12)]


def test_poke_mode_only():
    @poke_mode_only
    class Stays(BaseSensorOperator):
        pass

    assert Stays(task_id="a").mode == "poke"
    with pytest.raises(ValueError, match=r"Cannot set mode to 'reschedule'. Only 'poke' is acceptable"):
        Stays(task_id="a", mode="reschedule")


class Once(BaseTrigger):
    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "here.Once", {}

    async def run(self) -> Any:
        yield TriggerEvent(1)


class Waits(BaseOperator):
    def execute(self, context: Any) -> None:
        self.defer(trigger=Once(), method_name="go_on", kwargs={"a": 1}, timeout=timedelta(seconds=5))

    def go_on(self, context: Any, event: Any = None, a: int = 0) -> Any:
        return event, a


def test_a_task_defers_and_goes_on(new_dag, context_for):
    with new_dag():
        task = Waits(task_id="w")
    context = context_for(task)
    with pytest.raises(TaskDeferred) as caught:
        task.execute(context)
    assert (caught.value.method_name, caught.value.kwargs, caught.value.timeout) == (
        "go_on",
        {"a": 1},
        timedelta(seconds=5),
    )
    assert task.resume_execution("go_on", {"event": "e", "a": 1}, context) == ("e", 1)


def test_a_failed_trigger_fails_the_task(new_dag, context_for):
    with new_dag():
        task = Waits(task_id="w")
        sensor = Scripted(task_id="s", answers=[])
    with pytest.raises(TaskDeferralError, match="boom"):
        task.resume_execution("__fail__", {"error": "boom", "traceback": ["x"]}, context_for(task))
    with pytest.raises(AirflowSensorTimeout):
        sensor.resume_execution("__fail__", {"error": "Trigger timeout"}, context_for(sensor))
    with pytest.raises(AirflowException, match="which it lacks"):
        task.resume_execution("nowhere", {}, context_for(task))


class Tells(BaseNotifier):
    template_fields = ("message",)

    def __init__(self, message: str, sent: list[str]) -> None:
        super().__init__()
        self.message = message
        self.sent = sent

    def notify(self, context: Any) -> None:
        self.sent.append(self.message)
        raise RuntimeError("a notifier's error stops nobody")


def test_a_notifier_renders_and_sends(new_dag, context_for, caplog):
    with new_dag():
        task = Waits(task_id="w")
    sent: list[str] = []
    Tells("{{ dag.dag_id }} {{ ds }}", sent)(context_for(task))
    assert sent == ["d 2024-03-05"]
    assert "Failed to send notification" in caplog.text
