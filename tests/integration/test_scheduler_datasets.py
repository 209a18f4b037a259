"""Dataset events, from the task that writes to the run that reads, over a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.scheduler_stage import Stage, chain, stage_on

from tradewind.actions import datasets as dataset_actions
from tradewind.actions import kept
from tradewind.model.errors import InvalidInput, NotFound
from tradewind.model.outcomes import Failed, Succeeded
from tradewind.model.records import DagRun, RunKey, TaskKey
from tradewind.model.spec import AssetSpec, DagSpec, TimetableSpec
from tradewind.model.states import RunType
from tradewind.storage import dataset_listings, kept_states
from tradewind.storage.database import Database
from tradewind.wire import messages as wire

A, B = "s3://a", "s3://b"
BY_DATASETS = TimetableSpec(kind="dataset", summary="Dataset", can_be_scheduled=False)


@pytest.fixture
def stage(database: Database, clock: Any, tmp_path: Path) -> Iterator[Stage]:
    with stage_on(database, clock, tmp_path) as made:
        made.start()
        yield made


def consumer(stage: Stage, condition: Any, dag_id: str = "consumer", **values: Any) -> DagSpec:
    return stage.dag(*chain("read"), dag_id=dag_id, dataset_condition=condition, timetable=BY_DATASETS, **values)


def producer(stage: Stage, *uris: str) -> DagSpec:
    return stage.dag(*chain("write", outlets=tuple({"uri": uri, "extra": {}} for uri in uris)), dag_id="producer")


def write(stage: Stage, spec: DagSpec, *uris: str, run_id: str = "w1", outcome: Any = None, **values: Any) -> RunKey:
    """Run the producing task; each run in a new second."""
    stage.clock.advance(1)
    run = stage.run(spec, run_id)
    stage.turns()
    attempt = next(one for one in stage.worker.take() if one.dag_id == spec.dag_id)
    stage.begin(attempt)
    events = tuple((uri, json.dumps({"from": run_id})) for uri in uris)
    stage.end(attempt, outcome or Succeeded(), dataset_events=events, **values)
    return run


def made(stage: Stage, dag_id: str = "consumer") -> list[DagRun]:
    stage.turns()
    with stage.db.read() as tx:
        keys = [key for key in tx.runs.open_keys() if key.dag_id == dag_id]
        return [run for run in (tx.runs.get(key) for key in keys) if run is not None]


def queued(stage: Stage) -> dict[str, set[str]]:
    with stage.db.read() as tx:
        return {dag_id: set(updates) for dag_id, updates in tx.datasets.queued().items()}


def test_a_task_that_writes_makes_a_run_of_the_dag_that_waits(stage: Stage) -> None:
    consumer(stage, A)
    source = write(stage, producer(stage, A), A)
    [run] = made(stage)
    assert (run.run_type, run.external_trigger) == (RunType.DATASET_TRIGGERED, False)
    assert run.run_id == f"dataset_triggered__{run.logical_date.isoformat()}"
    written = stage.stored(source)
    # A manual run without a schedule is about its own moment.
    assert (run.data_interval_start, run.data_interval_end) == (
        written.data_interval_start or run.logical_date,
        written.data_interval_end or run.logical_date,
    )
    assert queued(stage) == {}
    with stage.db.read() as tx:
        [event] = dataset_listings.events_of_run(tx, run.id)
        assert (event.dataset_uri, event.extra, event.source_run_id) == (A, {"from": "w1"}, "w1")
    stage.turns()
    assert [attempt.task_id for attempt in stage.worker.take()] == ["read"]


def test_all_of_several_are_waited_for_and_all_their_events_belong_to_the_run(stage: Stage) -> None:
    consumer(stage, {"all": [A, B]})
    spec = producer(stage, A, B)
    write(stage, spec, A, run_id="w1")
    write(stage, spec, A, run_id="w2")
    assert made(stage) == []
    assert queued(stage) == {"consumer": {A}}
    write(stage, spec, B, run_id="w3")
    [run] = made(stage)
    with stage.db.read() as tx:
        assert [row.source_run_id for row in tx.datasets.events_of_run(run.id)] == ["w1", "w2", "w3"]


def test_a_failed_task_updates_nothing(stage: Stage) -> None:
    consumer(stage, A)
    write(stage, producer(stage, A), A, outcome=Failed(error="no"))
    assert (made(stage), queued(stage)) == ([], {})


def test_a_paused_dag_hears_of_nothing(stage: Stage) -> None:
    consumer(stage, A)
    with stage.db.begin() as tx:
        tx.dags.set_paused(["consumer"], True)
    write(stage, producer(stage, A), A)
    assert (made(stage), queued(stage)) == ([], {})


def test_a_dag_with_as_many_runs_as_it_may_keeps_its_queue_until_one_ends(stage: Stage) -> None:
    consumer(stage, A, max_active_runs=1)
    spec = producer(stage, A)
    write(stage, spec, A, run_id="w1")
    [first] = made(stage)
    [reading] = [one for one in stage.worker.take() if one.dag_id == "consumer"]
    write(stage, spec, A, run_id="w2")
    assert [run.run_id for run in made(stage)] == [first.run_id]
    assert queued(stage) == {"consumer": {A}}
    stage.begin(reading)
    stage.end(reading, Succeeded())
    [second] = made(stage)
    assert second.run_id != first.run_id
    assert queued(stage) == {}


def test_an_event_from_outside_counts_too(stage: Stage) -> None:
    consumer(stage, A)
    producer(stage, A)
    with stage.db.begin() as tx:
        dataset_actions.create_event(tx, A, {"from_rest_api": True})
    [run] = made(stage)
    assert run.data_interval_start == run.data_interval_end == run.logical_date


def test_a_schedule_with_datasets_makes_runs_of_both_kinds(stage: Stage) -> None:
    spec = stage.dag(
        *chain("tick"),
        dag_id="consumer",
        dataset_condition=A,
        timetable=TimetableSpec(
            kind="dataset_or_time",
            args={"timetable": {"kind": "cron_trigger", "args": {"expression": "0 3 * * 1", "timezone": "UTC"}}},
        ),
    )
    assert spec.dataset_condition == A
    write(stage, producer(stage, A), A)
    [run] = made(stage)
    assert run.run_type is RunType.DATASET_TRIGGERED


def test_an_alias_brings_the_dataset_that_the_task_chose(stage: Stage) -> None:
    consumer(stage, {"alias": "daily"})
    spec = stage.dag(*chain("write", outlets=({"alias": "daily"},)), dag_id="producer")
    event = wire.AliasEvent(uri=B, extra='{"n": 1}', aliases=("daily",))
    write(stage, spec, alias_events=(event,))
    [run] = made(stage)
    with stage.db.read() as tx:
        assert [(row.dataset_uri, row.extra) for row in tx.datasets.events_of_run(run.id)] == [(B, {"n": 1})]
        assert [row.dataset_uri for row in tx.datasets.events_of("daily", is_alias=True, offset=0, limit=None)] == [B]


def test_the_run_s_tasks_may_ask_which_events_made_it(stage: Stage) -> None:
    consumer(stage, A)
    write(stage, producer(stage, A), A)
    stage.turns()
    [reading] = stage.worker.take()
    stage.begin(reading)
    number = stage.worker.ask(reading.token, wire.GetTriggeringEvents(dag_id=reading.dag_id, run_id=reading.run_id))
    other = stage.worker.ask(reading.token, wire.GetDatasetEvents(uri=A))
    stage.turns()
    reply = stage.worker.replies[number]
    assert isinstance(reply, wire.DatasetEvents)
    assert stage.worker.replies[other] == reply
    [event] = reply.events
    assert (event.uri, event.extra, event.source_task_id) == (A, '{"from": "w1"}', "write")
    assert event.source_run is not None
    assert event.source_run.run_id == "w1"


def test_a_dag_that_waits_for_a_name_runs_when_the_asset_of_that_name_is_written(stage: Stage) -> None:
    reference = {"any": [{"asset_ref": {"name": "orders"}}, "s3://never"]}
    consumer(stage, reference)
    consumer(stage, {"asset_ref": {"name": B}}, "by_uri")
    spec = stage.dag(
        *chain("write", outlets=({"uri": A, "extra": {}}, {"uri": B, "extra": {}})),
        dag_id="producer",
        assets=(AssetSpec(uri=A, name="orders"),),
    )
    write(stage, spec, A, B)
    [run] = made(stage)
    with stage.db.read() as tx:
        assert [event.dataset_uri for event in dataset_listings.events_of_run(tx, run.id)] == [A]
    assert len(made(stage, "by_uri")) == 1


def test_a_dag_makes_no_runs_of_types_that_it_does_not_allow(stage: Stage) -> None:
    consumer(stage, A, allowed_run_types=("manual",))
    write(stage, producer(stage, A), A)
    assert made(stage) == []


def test_a_task_keeps_values_for_its_next_try_and_assets_for_every_run(stage: Stage) -> None:
    spec = producer(stage, A)
    run = write(stage, spec, A)
    stage.clock.advance(1)
    other = stage.run(spec, "w2")
    asset = wire.AssetKey(uri=A)
    with stage.db.begin() as tx:

        def ask(request: wire.AssetRequest, of: RunKey = run) -> object:
            answer = kept.answer(tx, of, TaskKey("write"), request)
            return answer.value if isinstance(answer, wire.Value) else answer

        later, before = tx.now + timedelta(days=1), tx.now - timedelta(days=1)
        ask(wire.PutKept(key="job", value='"1"'))
        ask(wire.PutKept(key="job", value='"2"', expires_at=later))
        ask(wire.PutKept(key="old", value="1", expires_at=before))
        ask(wire.PutKept(key="mark", value="5", asset=asset))
        assert ask(wire.GetKept(key="job")) == '"2"'
        assert ask(wire.GetKept(key="old")) is None
        assert ask(wire.GetKept(key="job"), other) is None
        assert ask(wire.GetKept(key="mark", asset=asset), other) == "5"
        assert kept_states.forget_expired(tx) == 1
        ask(wire.DeleteKept())
        assert ask(wire.GetKept(key="job")) is None
        assert ask(wire.GetAsset(asset=asset)) == {"name": A, "uri": A, "group": "asset", "extra": {}}
        assert ask(wire.GetAsset(asset=wire.AssetKey(name="unknown"))) is None
        with pytest.raises(NotFound, match="unknown"):
            ask(wire.GetKept(key="x", asset=wire.AssetKey(name="unknown")))
        with pytest.raises(InvalidInput, match="70002 bytes"):
            ask(wire.PutKept(key="x", value=json.dumps("x" * 70000)))
