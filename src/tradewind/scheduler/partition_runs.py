"""Runs of partitioned DAGs: events are filed under the DAG's keys, and a key that has all it needs gets its run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from tradewind.engine import asset_runs, partition_runs, run_creation
from tradewind.model.records import RunKey
from tradewind.model.states import RunType
from tradewind.storage import asset_names, partitions
from tradewind.timetables.partition_mappers import PartitionMapper
from tradewind.timetables.partitions import PartitionedAssetTimetable
from tradewind.timetables.registry import build

from .runs import RunKeeper
from .specs import Loaded
from .step import Step

log = structlog.get_logger(__name__)


def create_partition_runs(step: Step, keeper: RunKeeper) -> None:
    """Look at the DAGs for which events of partitions have come since the last look."""
    for dag_id in partitions.dags_with_news(step.tx):
        loaded = keeper.specs.load(step.tx, dag_id)
        if loaded is None or not loaded.is_active or not run_creation.allows(loaded.spec, RunType.DATASET_TRIGGERED):
            timetable = None
        else:
            timetable = build(loaded.spec.timetable) if loaded.spec.timetable.kind == partitions.KIND else None
        if loaded is None or not isinstance(timetable, PartitionedAssetTimetable):
            for event in partitions.waiting(step.tx, dag_id):
                partitions.file_under(step.tx, dag_id, event.event_id, ())
            continue
        _Look(step, keeper, loaded, timetable).create()


class _Look:
    """One look at one DAG."""

    def __init__(self, step: Step, keeper: RunKeeper, loaded: Loaded, timetable: PartitionedAssetTimetable) -> None:
        self._step = step
        self._keeper = keeper
        self._loaded = loaded
        self._timetable = timetable
        self._names: dict[str, tuple[str, ...]] = {}

    def create(self) -> None:
        """File what is new, and make the runs of those keys that are complete."""
        tx, spec = self._step.tx, self._loaded.spec
        keys = self._file()
        if not keys:
            return
        names = {name: asset_names.uri_of(tx, name) for name in asset_names.names_of(spec.dataset_condition)}
        condition = asset_runs.resolved(spec.dataset_condition, names)
        events = partitions.waiting(tx, spec.dag_id, keys)
        for key in keys:
            mine = [event for event in events if event.key == key]
            seen: dict[str, set[str]] = {}
            for event in mine:
                seen.setdefault(event.uri, set()).add(event.source_key)
            if partition_runs.is_complete(condition, key, seen, self._mapper):
                self._make(key, [event.event_id for event in mine])

    def _mapper(self, uri: str) -> PartitionMapper:
        if uri not in self._names:
            self._names[uri] = partitions.names_of(self._step.tx, uri)
        return self._timetable.mapper_of(uri, self._names[uri])

    def _file(self) -> list[str]:
        """The DAG's keys for which something new has come. What the mapper cannot read counts for none."""
        tx, dag_id = self._step.tx, self._loaded.spec.dag_id
        touched: dict[str, None] = {}
        for event in partitions.waiting(tx, dag_id):
            try:
                keys = self._mapper(event.uri).downstream_keys(event.source_key)
            except (ValueError, TypeError) as problem:
                log.warning("partition.unreadable", dag_id=dag_id, key=event.source_key, reason=str(problem))
                keys = ()
            partitions.file_under(tx, dag_id, event.event_id, keys)
            touched.update(dict.fromkeys(keys))
        return list(touched)

    def _make(self, key: str, event_ids: Iterable[int]) -> None:
        """The run of a partition; several of one moment get dates of their own, a microsecond apart."""
        step, dag_id = self._step, self._loaded.spec.dag_id
        date = step.now
        while step.tx.runs.by_date(dag_id, date) is not None or step.tx.runs.get(_key(dag_id, date)) is not None:
            date += timedelta(microseconds=1)
        wanted = replace(asset_runs.run_for(date, ()), partition_key=key)
        run = self._keeper.create(step, self._loaded, wanted, RunType.DATASET_TRIGGERED)
        if run is None:
            return
        step.tx.datasets.link(run.id, event_ids)
        partitions.forget(step.tx, dag_id, key)
        step.dags.add(dag_id)


def _key(dag_id: str, date: datetime) -> RunKey:
    return RunKey(dag_id, run_creation.run_id(RunType.DATASET_TRIGGERED, date))
