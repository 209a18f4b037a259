"""What returned values and exceptions mean for an attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tradewind.execution.outcome import check_mappable, of_exception, returned_xcoms, skipped_ids
from tradewind.execution.runner import masked
from tradewind.model.outcomes import Deferred, Failed, Rescheduled, Skipped, Succeeded
from tradewind.observability.masking import SecretsMasker
from tradewind.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
    DownstreamTasksSkipped,
    TaskDeferred,
    UnmappableXComLengthPushed,
    UnmappableXComTypePushed,
    XComForMappingNotPushed,
)


@pytest.mark.parametrize(
    ("error", "retryable", "kind"),
    [
        (AirflowFailException("no"), False, "exception"),
        (AirflowSensorTimeout("late"), False, "exception"),
        (AirflowException("again"), True, "exception"),
        (AirflowTaskTimeout("slow"), True, "timeout"),
        (AirflowTaskTerminated("told"), True, "killed"),
        (SystemExit(1), True, "exit"),
        (SystemExit("text"), True, "exit"),
        (KeyboardInterrupt(), True, "exception"),
        (GeneratorExit(), True, "exception"),
        (MemoryError(), True, "exception"),
        (BaseException("odd"), True, "exception"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_failures_say_whether_they_may_be_retried(error: BaseException, retryable: bool, kind: str) -> None:
    outcome = of_exception(error).outcome
    assert isinstance(outcome, Failed)
    assert (outcome.retryable, outcome.kind) == (retryable, kind)


@pytest.mark.parametrize("code", [0, None])
def test_an_exit_without_a_code_is_success(code: int | None) -> None:
    assert of_exception(SystemExit(code)).outcome == Succeeded()


def test_the_context_gets_a_text_after_an_exit_and_the_object_after_an_exception() -> None:
    assert of_exception(SystemExit(1)).exception == "Task failed due to SystemExit(1)"
    error = ValueError("x")
    assert of_exception(error).exception is error


def test_a_skip_is_skipped() -> None:
    assert of_exception(AirflowSkipException("not today")).outcome == Skipped()


def test_a_reschedule_moves_to_utc() -> None:
    at = datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    assert of_exception(AirflowRescheduleException(at)).outcome == Rescheduled(at=datetime(2024, 1, 1, 10, tzinfo=UTC))


class ATrigger:
    """Enough of a trigger."""

    def __init__(self, kwargs: dict[str, Any]) -> None:
        self.kwargs = kwargs

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return "module.ATrigger", self.kwargs


def test_a_deferral_carries_trigger_method_and_timeout() -> None:
    error = TaskDeferred(trigger=ATrigger({"n": 1}), method_name="resume", kwargs={"a": "b"}, timeout=5)
    assert of_exception(error).outcome == Deferred(
        trigger_classpath="module.ATrigger",
        trigger_kwargs='{"n": 1}',
        next_method="resume",
        next_kwargs='{"a": "b"}',
        timeout=5.0,
    )


def test_downstream_tasks_may_be_named_in_any_way() -> None:
    class Task:
        task_id = "c"

    assert skipped_ids(["a", ("b", 3), Task()]) == ("a", "b", "c")
    assert skipped_ids("a") == ("a",)
    assert of_exception(DownstreamTasksSkipped(tasks=["a"])).skip == ("a",)


def test_none_pushes_nothing_and_falsy_values_do() -> None:
    assert returned_xcoms(None, multiple_outputs=False) == ()
    for value, text in ((0, "0"), ("", '""'), (False, "false"), ([], "[]")):
        (item,) = returned_xcoms(value, multiple_outputs=False)
        assert (item.key, item.value) == ("return_value", text)


def test_lengths_are_known_of_what_can_be_mapped_over() -> None:
    lengths = [returned_xcoms(value, multiple_outputs=False)[0].length for value in ([1, 2], {"a": 1}, (1,), "text", 5)]
    assert lengths == [2, 1, 1, None, None]


def test_multiple_outputs_store_each_key_and_the_whole() -> None:
    items = returned_xcoms({"a": 1, "b": 2}, multiple_outputs=True)
    assert [item.key for item in items] == ["a", "b", "return_value"]


@pytest.mark.parametrize("value", [[1], {1: "a"}], ids=["no dict", "key is no text"])
def test_multiple_outputs_refuse(value: Any) -> None:
    with pytest.raises(TypeError):
        returned_xcoms(value, multiple_outputs=True)


@pytest.mark.parametrize("value", [b"bytes", object(), {"f": lambda: 0}, (n for n in [1])])
def test_values_that_cannot_be_kept_are_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        returned_xcoms(value, multiple_outputs=False)


def test_what_others_map_over_must_have_items_and_not_too_many() -> None:
    check_mappable([1, 2], max_length=2)
    with pytest.raises(XComForMappingNotPushed):
        check_mappable(None, max_length=2)
    with pytest.raises(UnmappableXComTypePushed):
        check_mappable("text", max_length=2)
    with pytest.raises(UnmappableXComLengthPushed):
        check_mappable([1, 2, 3], max_length=2)


def test_a_failure_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    masker = SecretsMasker()
    masker.add_mask("hunter2")
    monkeypatch.setattr("tradewind.execution.runner.PROCESS_MASKER", masker)
    told = masked(Failed(error="OperationalError: no log-in with hunter2"))
    assert told == Failed(error="OperationalError: no log-in with ***")
