"""Triggers made from what is stored, and their events as messages."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tradewind.sdk.deferral import TaskSkippedEvent, TriggerEvent
from tradewind.serde.values import dumps, loads
from tradewind.triggerer import events
from tradewind.wire.messages import Attempt

SILENT = """
from tradewind.sdk.deferral import BaseTrigger, TriggerEvent

class Silent(BaseTrigger):
    def serialize(self):
        return "silent_trigger.Silent", {}

    async def run(self):
        for _ in ():
            yield TriggerEvent(None)
"""
ATTEMPT = Attempt(token="t", dag_id="d", run_id="r", task_id="a", map_index=2, try_number=3)


def test_a_trigger_is_made_again_with_the_instance_it_is_for() -> None:
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    kwargs = dumps({"moment": moment, "end_from_trigger": False}, keep_tuples=True)
    trigger = events.made(7, "tradewind.standard.triggers.DateTimeTrigger", kwargs, ATTEMPT)
    assert trigger.serialize()[1]["moment"] == moment
    assert trigger.trigger_id == 7
    instance = trigger.task_instance
    assert (instance.dag_id, instance.run_id, instance.task_id, instance.map_index) == ("d", "r", "a", 2)
    assert instance.try_number == 3


def test_the_first_event_of_a_moment_that_has_passed_comes_at_once() -> None:
    kwargs = dumps({"moment": datetime(2024, 5, 1, tzinfo=UTC)}, keep_tuples=True)
    told = asyncio.run(events.first_event(7, "tradewind.standard.triggers.DateTimeTrigger", kwargs, ATTEMPT))
    assert (told.trigger_id, loads(told.event), told.end_state) == (7, datetime(2024, 5, 1, tzinfo=UTC), "")


def test_a_moment_may_end_the_task_from_its_trigger() -> None:
    kwargs = dumps({"moment": datetime(2024, 5, 1, tzinfo=UTC), "end_from_trigger": True}, keep_tuples=True)
    told = asyncio.run(events.first_event(7, "airflow.triggers.temporal.DateTimeTrigger", kwargs, ATTEMPT))
    assert (told.end_state, told.xcoms) == ("success", ())


def test_the_triggers_for_tests_fire_and_fail() -> None:
    told = asyncio.run(events.first_event(7, "airflow.triggers.testing.SuccessTrigger", "{}", ATTEMPT))
    assert told.event == "true"
    with pytest.raises(ValueError, match="Deliberate trigger failure"):
        asyncio.run(events.first_event(7, "airflow.triggers.testing.FailureTrigger", "{}", ATTEMPT))


def test_a_payload_keeps_its_tuples() -> None:
    assert loads(events.fired(1, TriggerEvent(("status", {"n": (1, 2)}))).event) == ("status", {"n": (1, 2)})


def test_a_payload_that_json_cannot_keep_is_an_error_of_the_trigger() -> None:
    with pytest.raises(TypeError):
        events.fired(1, TriggerEvent(object()))


def test_an_event_that_ends_the_task_carries_its_state_and_xcoms() -> None:
    told = events.fired(1, TaskSkippedEvent(xcoms={"rows": [1, 2]}))
    assert told.end_state == "skipped"
    assert [(item.key, item.value, item.length) for item in told.xcoms] == [("rows", "[1, 2]", 2)]


def test_a_trigger_without_an_event_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "silent_trigger.py").write_text(SILENT)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(events.TriggerEnded):
        asyncio.run(events.first_event(1, "silent_trigger.Silent", "{}", ATTEMPT))


def test_a_failure_tells_where_it_happened() -> None:
    try:
        raise RuntimeError("no answer")
    except RuntimeError as error:
        told = events.failed(4, error)
    assert told.error == "RuntimeError: no answer"
    assert any("test_trigger_events.py" in line for line in told.traceback)
