"""Triggers between the scheduler, a real database and triggerers that the test plays."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.scheduler_stage import Stage, chain, stage_on

from tradewind.model.changes import TaskChange
from tradewind.model.outcomes import Deferred, Failed, Succeeded
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState
from tradewind.storage.database import Database
from tradewind.wire import framing
from tradewind.wire import messages as wire


@dataclass
class PlayedTriggerer:
    """A triggerer's end of the gateway socket."""

    stage: Stage
    sock: socket.socket
    orders: list[wire.RunTrigger] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)
    job_id: int | None = None
    _reader: framing.FrameReader = field(default_factory=framing.FrameReader)

    def say(self, message: wire.Message) -> None:
        framing.send_frame(self.sock, message)
        self.stage.turns()
        self.listen()

    def hello(self, *held: int, capacity: int = 10) -> None:
        self.say(
            wire.TriggererHello(
                triggerer_id="t", pid=1, hostname="here", capacity=capacity, triggers=held, job_id=self.job_id
            )
        )

    def listen(self) -> None:
        self.stage.turns()
        self.sock.setblocking(False)
        frames = framing.read_available(self.sock, self._reader) or []
        self.sock.setblocking(True)
        for data in frames:
            match framing.SCHEDULER_MESSAGE.decode(data):
                case wire.RunTrigger() as order:
                    self.orders.append(order)
                case wire.StopTrigger(trigger_id=number):
                    self.stopped.append(number)
                case wire.Welcome(job_id=job_id):
                    self.job_id = job_id

    def take(self) -> list[wire.RunTrigger]:
        self.listen()
        taken, self.orders = self.orders, []
        return taken

    def fire(self, order: wire.RunTrigger, payload: Any, **values: Any) -> None:
        self.say(wire.TriggerFired(trigger_id=order.trigger_id, event=json.dumps(payload), **values))

    def die(self) -> None:
        self.sock.close()
        self.stage.turns()


@pytest.fixture
def stage(database: Database, clock: Any, tmp_path: Path) -> Iterator[Stage]:
    with stage_on(database, clock, tmp_path) as made:
        made.start()
        yield made


@pytest.fixture
def triggerer(stage: Stage) -> Iterator[PlayedTriggerer]:
    made = connected(stage)
    yield made
    made.sock.close()


def connected(stage: Stage, *held: int, capacity: int = 10) -> PlayedTriggerer:
    made = PlayedTriggerer(stage, stage._connected())
    made.hello(*held, capacity=capacity)
    return made


def deferral(**values: Any) -> Deferred:
    return Deferred(
        **{
            "trigger_classpath": "some.Trigger",
            "trigger_kwargs": '{"x": 1}',
            "next_method": "go_on",
            "next_kwargs": '{"a": 1}',
            **values,
        }
    )


def defer(stage: Stage, run: RunKey, **values: Any) -> wire.Attempt:
    """Run the only task until it is deferred."""
    stage.turns()
    [attempt] = stage.worker.take()
    stage.begin(attempt)
    stage.end(attempt, deferral(**values))
    assert stage.states(run) == {"a": "deferred"}
    return attempt


def resumed(stage: Stage) -> wire.Attempt:
    stage.turns()
    [attempt] = stage.worker.take()
    return attempt


def test_a_deferred_task_goes_on_with_its_trigger_s_event_in_the_same_try(
    stage: Stage, triggerer: PlayedTriggerer
) -> None:
    run = stage.run(stage.dag(*chain("a")))
    first = defer(stage, run)
    [order] = triggerer.take()
    assert (order.classpath, order.kwargs) == ("some.Trigger", '{"x": 1}')
    assert (order.attempt.token, order.attempt.task_id, order.attempt.log_path) == (first.token, "a", first.log_path)

    triggerer.fire(order, {"status": "done"})
    second = resumed(stage)
    assert triggerer.stopped == [order.trigger_id]
    assert (second.next_method, second.try_number) == ("go_on", 1)
    assert json.loads(second.next_kwargs or "") == {"a": 1, "event": {"status": "done"}}
    assert second.first_start_date == stage.row(run, "a").start_date
    stage.begin(second)
    stage.end(second, Succeeded())
    assert stage.states(run) == {"a": "success"}


def test_only_the_first_event_of_a_trigger_counts(stage: Stage, triggerer: PlayedTriggerer) -> None:
    run = stage.run(stage.dag(*chain("a")))
    defer(stage, run)
    [order] = triggerer.take()
    triggerer.fire(order, "first")
    triggerer.fire(order, "second")
    assert json.loads(resumed(stage).next_kwargs or "")["event"] == "first"
    assert triggerer.stopped == [order.trigger_id, order.trigger_id]


def test_the_triggers_of_a_triggerer_that_dies_go_to_the_next_one(stage: Stage, triggerer: PlayedTriggerer) -> None:
    run = stage.run(stage.dag(*chain("a")))
    defer(stage, run)
    [order] = triggerer.take()
    triggerer.die()
    heir = connected(stage)
    [again] = heir.take()
    assert again.trigger_id == order.trigger_id
    heir.fire(again, 1)
    assert resumed(stage).next_method == "go_on"
    heir.sock.close()


def test_a_triggerer_outlives_its_scheduler_and_its_event_counts(stage: Stage, triggerer: PlayedTriggerer) -> None:
    run = stage.run(stage.dag(*chain("a")))
    defer(stage, run)
    [order] = triggerer.take()
    stage.restart_scheduler()
    stage.start()
    triggerer.sock.close()
    triggerer.sock = stage._connected()
    triggerer.hello(order.trigger_id)
    assert (triggerer.take(), triggerer.stopped) == ([], [])
    triggerer.fire(order, 1)
    assert resumed(stage).next_method == "go_on"


def test_triggers_are_shared_within_capacity(stage: Stage, triggerer: PlayedTriggerer) -> None:
    triggerer.die()
    small, other = connected(stage, capacity=1), connected(stage, capacity=1)
    spec = stage.dag(*chain("a"))
    for number in range(3):
        stage.clock.advance(1)
        defer(stage, stage.run(spec, f"r{number}"))
    first, second = small.take(), other.take()
    assert (len(first), len(second)) == (1, 1)
    small.fire(first[0], 1)
    assert len(small.take()) == 1
    for one in (small, other):
        one.sock.close()


def test_a_trigger_that_fails_fails_the_task_without_its_method(stage: Stage, triggerer: PlayedTriggerer) -> None:
    run = stage.run(stage.dag(*chain("a", retries=1, retry_delay=0.0)))
    defer(stage, run)
    [order] = triggerer.take()
    triggerer.say(wire.TriggerFailed(trigger_id=order.trigger_id, error="E: x", traceback=("E: x\n",)))
    attempt = resumed(stage)
    assert (attempt.next_method, attempt.try_number) == ("__fail__", 1)
    assert json.loads(attempt.next_kwargs or "") == {"error": "Trigger failure", "traceback": ["E: x\n"]}
    stage.begin(attempt)
    stage.end(attempt, Failed(error="Trigger failure"))
    stage.clock.advance(1)
    again = resumed(stage)
    assert (again.next_method, again.try_number) == (None, 2)


def test_a_deferral_over_its_timeout_fails_and_its_trigger_is_stopped(stage: Stage, triggerer: PlayedTriggerer) -> None:
    run = stage.run(stage.dag(*chain("a")))
    defer(stage, run, timeout=60.0)
    [order] = triggerer.take()
    stage.clock.advance(59)
    stage.turns()
    assert stage.states(run) == {"a": "deferred"}
    stage.clock.advance(2)
    attempt = resumed(stage)
    said = json.loads(attempt.next_kwargs or "")
    assert (attempt.next_method, said) == ("__fail__", {"error": "Trigger/execution timeout"})
    triggerer.listen()
    assert triggerer.stopped == [order.trigger_id]


@pytest.mark.parametrize("state", ["success", "failed", "skipped"])
def test_a_trigger_may_end_the_task_itself(stage: Stage, triggerer: PlayedTriggerer, state: str) -> None:
    run = stage.run(stage.dag(*chain("a", retries=3)))
    defer(stage, run)
    [order] = triggerer.take()
    triggerer.fire(order, state, end_state=state, xcoms=(wire.XComItem(key="rows", value="3"),))
    assert stage.states(run) == {"a": state}
    assert stage.worker.take() == []
    with stage.db.read() as tx:
        rows, _ = tx.xcoms.get(wire.GetXComs(key="rows", dag_id=run.dag_id, run_id=run.run_id))
    assert [row.value for row in rows] == ["3"]


def test_a_trigger_that_nobody_waits_for_any_more_is_stopped(stage: Stage, triggerer: PlayedTriggerer) -> None:
    run = stage.run(stage.dag(*chain("a")))
    defer(stage, run)
    [order] = triggerer.take()
    change = TaskChange(
        run=run,
        key=TaskKey("a"),
        old_states=frozenset({TaskState.DEFERRED}),
        values={"state": TaskState.SUCCESS, "trigger_id": None},
        event="task.success",
    )
    with stage.db.begin() as tx:
        tx.task_instances.apply([change])
    triggerer.listen()
    assert triggerer.stopped == [order.trigger_id]
    triggerer.fire(order, 1)
    assert stage.states(run) == {"a": "success"}


def test_a_trigger_asks_with_the_token_of_its_attempt(stage: Stage, triggerer: PlayedTriggerer) -> None:
    with stage.db.begin() as tx:
        tx.vault.put_variable("key", "value", None)
    run = stage.run(stage.dag(*chain("a")))
    defer(stage, run)
    [order] = triggerer.take()
    body = framing.encode(wire.GetVariable(key="key"))
    framing.send_frame(triggerer.sock, wire.Ask(token=order.attempt.token, request_id=5, body=msgspec.Raw(body)))
    stage.turns()
    [data] = framing.read_available(triggerer.sock, framing.FrameReader()) or []
    reply = framing.SCHEDULER_MESSAGE.decode(data)
    assert isinstance(reply, wire.Reply)
    assert framing.ATTEMPT_REPLY.decode(reply.body) == wire.Value(value="value")


def test_health_sees_a_triggerer_also_while_none_is_needed(stage: Stage) -> None:
    with stage.db.read() as tx:
        job = tx.jobs.latest("TriggererJob")
    assert job is not None
    assert job.state == "running"


def test_a_home_whose_triggerer_does_not_come_is_not_healthy_for_ever(stage: Stage) -> None:
    defer(stage, stage.run(stage.dag(*chain("a"))))
    for _ in range(10):
        stage.clock.advance(6)
        stage.turns()
    with stage.db.read() as tx:
        job = tx.jobs.latest("TriggererJob")
    assert job is not None
    assert (stage.clock.now() - job.latest_heartbeat).total_seconds() > 20
