"""Partitions, from the task that writes one to the run that is for it, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.scheduler_stage import Stage, chain, stage_on

from tradewind.model.outcomes import Succeeded
from tradewind.model.records import DagRun
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunType
from tradewind.storage import dataset_listings
from tradewind.storage.database import Database
from tradewind.timetables.partition_mappers import (
    AllowedKeyMapper,
    DayWindow,
    FanOutMapper,
    FixedKeyMapper,
    IdentityMapper,
    MinimumCount,
    PartitionMapper,
    RollupMapper,
    SegmentWindow,
    StartOfDayMapper,
)
from tradewind.timetables.partitions import CronPartitionTimetable, PartitionedAssetTimetable
from tradewind.timetables.registry import to_spec
from tradewind.wire import messages as wire

A, B = "s3://a", "s3://b"
REGIONS = SegmentWindow(["us", "eu", "apac"])


@pytest.fixture
def stage(database: Database, clock: Any, tmp_path: Path) -> Iterator[Stage]:
    with stage_on(database, clock, tmp_path) as made:
        made.start()
        yield made


def consumer(stage: Stage, condition: Any, mapper: PartitionMapper | None = None, dag_id: str = "consumer") -> DagSpec:
    timetable = to_spec(PartitionedAssetTimetable(default_partition_mapper=mapper))
    return stage.dag(*chain("read"), dag_id=dag_id, dataset_condition=condition, timetable=timetable)


def write(stage: Stage, run_id: str, *written: tuple[str, str]) -> None:
    """A run of the producing task, which names the partitions that it wrote: (URI, key)."""
    outlets = tuple({"uri": uri, "extra": {}} for uri in (A, B))
    spec = stage.dag(*chain("write", outlets=outlets), dag_id="producer")
    stage.clock.advance(1)
    stage.run(spec, run_id)
    stage.turns()
    attempt = next(one for one in stage.worker.take() if one.dag_id == "producer")
    stage.begin(attempt)
    events = tuple(wire.AliasEvent(uri=uri, extra="{}", partition_key=key) for uri, key in written)
    stage.end(attempt, Succeeded(), alias_events=events)
    stage.turns()


def made(stage: Stage, dag_id: str = "consumer") -> list[DagRun]:
    with stage.db.read() as tx:
        keys = [key for key in tx.runs.open_keys() if key.dag_id == dag_id]
        return [run for run in (tx.runs.get(key) for key in keys) if run is not None]


def keys(stage: Stage, dag_id: str = "consumer") -> list[str | None]:
    return sorted(run.partition_key or "" for run in made(stage, dag_id))


def test_each_partition_that_is_written_has_a_run_of_its_own(stage: Stage) -> None:
    consumer(stage, A)
    write(stage, "w1", (A, "us"), (A, "eu"))
    assert keys(stage) == ["eu", "us"]
    [run, _] = made(stage)
    assert run.run_type is RunType.DATASET_TRIGGERED
    with stage.db.read() as tx:
        assert [event.dataset_uri for event in dataset_listings.events_of_run(tx, run.id)] == [A]
    write(stage, "w2", (A, "us"))
    assert keys(stage) == ["eu", "us", "us"]


def test_a_partition_waits_until_all_its_assets_have_come(stage: Stage) -> None:
    consumer(stage, {"all": [A, B]}, StartOfDayMapper())
    write(stage, "w1", (A, "2024-05-01T03:00:00"), (B, "2024-05-02T03:00:00"))
    assert keys(stage) == []
    write(stage, "w2", (B, "2024-05-01T17:00:00"))
    assert keys(stage) == ["2024-05-01"]


def test_a_rollup_waits_for_its_window(stage: Stage) -> None:
    consumer(stage, A, RollupMapper(upstream_mapper=StartOfDayMapper(), window=DayWindow()))
    hours = [f"2024-05-01T{hour:02}:00:00" for hour in range(24)]
    write(stage, "w1", *((A, hour) for hour in hours[:-1]), (A, hours[0]))
    assert keys(stage) == []
    write(stage, "w2", (A, hours[-1]))
    assert keys(stage) == ["2024-05-01"]


def test_a_rollup_may_begin_early(stage: Stage) -> None:
    mapper = RollupMapper(upstream_mapper=FixedKeyMapper("all"), window=REGIONS, wait_policy=MinimumCount(-1))
    consumer(stage, A, mapper)
    write(stage, "w1", (A, "us"), (A, "us"), (A, "mars"))
    assert keys(stage) == []
    write(stage, "w2", (A, "apac"))
    assert keys(stage) == ["all"]


def test_one_partition_may_be_for_many_runs(stage: Stage) -> None:
    mapper = FanOutMapper(upstream_mapper=IdentityMapper(), window=REGIONS, downstream_mapper=IdentityMapper())
    consumer(stage, A, mapper)
    write(stage, "w1", (A, "x"))
    assert keys(stage) == ["apac", "eu", "us"]


def test_a_key_that_the_mapper_refuses_makes_no_run_and_stops_nothing(stage: Stage) -> None:
    consumer(stage, A, AllowedKeyMapper(["us"]))
    write(stage, "w1", (A, "mars"), (A, "us"))
    assert keys(stage) == ["us"]


def test_events_with_and_without_keys_are_for_different_dags(stage: Stage) -> None:
    consumer(stage, A)
    plain = stage.dag(*chain("read"), dag_id="plain", dataset_condition=A)
    write(stage, "w1", (A, "us"))
    assert (keys(stage), keys(stage, plain.dag_id)) == (["us"], [])


def test_a_run_of_a_clock_partition_has_the_key_of_its_tick_and_hands_it_on(stage: Stage) -> None:
    consumer(stage, A)
    timetable = to_spec(CronPartitionTimetable("0 * * * *", timezone="UTC", run_offset=-1, key_format="%d-%H"))
    stage.dag(*chain("write", outlets=({"uri": A, "extra": {}},)), dag_id="hourly", timetable=timetable, catchup=False)
    stage.clock.advance(3600)
    stage.turns()
    attempt = next(one for one in stage.worker.take() if one.dag_id == "hourly")
    assert attempt.run is not None
    hour = attempt.run.logical_date.hour
    assert attempt.run.partition_key == f"{attempt.run.logical_date:%d}-{hour - 1:02}"
    stage.begin(attempt)
    stage.end(attempt, Succeeded(), dataset_events=((A, "{}"),))
    stage.turns()
    assert keys(stage) == [attempt.run.partition_key]
