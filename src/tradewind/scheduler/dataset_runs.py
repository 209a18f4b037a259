"""Runs that dataset events make: load what is queued, ask engine.asset_runs, create the run with its events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from tradewind.engine import asset_runs, run_creation
from tradewind.model.decisions import CreateRun
from tradewind.model.records import RunKey
from tradewind.model.states import RunType
from tradewind.storage import asset_names
from tradewind.storage.database import Transaction
from tradewind.storage.datasets import aliases_of

from .partition_runs import create_partition_runs
from .runs import RunKeeper
from .specs import Loaded
from .step import Step

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def create_dataset_runs(step: Step, keeper: RunKeeper) -> None:
    """Create a run for each DAG whose datasets were updated as it wants. A DAG that is paused, or has as many runs as
    it may, keeps its queue."""
    step.wants_datasets = False
    create_partition_runs(step, keeper)
    queued = step.tx.datasets.queued()
    if not queued:
        return
    open_runs = step.tx.runs.open_counts(list(queued))
    for dag_id, updates in queued.items():
        loaded = keeper.specs.load(step.tx, dag_id)
        if loaded is None or loaded.is_paused or not loaded.is_active or loaded.spec.dataset_condition is None:
            continue
        if not run_creation.allows(loaded.spec, RunType.DATASET_TRIGGERED):
            continue
        condition = loaded.spec.dataset_condition
        names = {name: asset_names.uri_of(step.tx, name) for name in asset_names.names_of(condition)}
        date = asset_runs.due(
            asset_runs.resolved(condition, names),
            updates,
            open_runs=open_runs.get(dag_id, 0),
            max_active_runs=loaded.spec.max_active_runs,
            aliases={name: step.tx.datasets.attached(name) for name in aliases_of(condition)},
        )
        if date is not None:
            _create(step, keeper, loaded, date)


def _create(step: Step, keeper: RunKeeper, loaded: Loaded, date: datetime) -> None:
    tx, dag_id = step.tx, loaded.spec.dag_id
    previous = tx.runs.latest(dag_id, (RunType.DATASET_TRIGGERED,))
    after = LONG_AGO if previous is None else previous.logical_date
    rows = tx.datasets.events_for(dag_id, after=after, until=date)
    intervals = _intervals(tx, {RunKey(row.source_dag_id or "", row.source_run_id or "") for row in rows})
    events = []
    for row in rows:
        start, end = intervals.get(RunKey(row.source_dag_id or "", row.source_run_id or ""), (None, None))
        events.append(
            asset_runs.SourceEvent(id=row.id, timestamp=row.timestamp, interval_start=start, interval_end=end)
        )
    wanted: CreateRun = asset_runs.run_for(date, events)
    run = keeper.create(step, loaded, wanted, RunType.DATASET_TRIGGERED)
    if run is not None:
        tx.datasets.link(run.id, [event.id for event in events])
    tx.datasets.unqueue(dag_id, date)
    step.dags.add(dag_id)


def _intervals(tx: Transaction, runs: set[RunKey]) -> Mapping[RunKey, tuple[datetime | None, datetime | None]]:
    """Data intervals of the runs that wrote, as far as they exist."""
    found = {}
    for key in runs:
        run = tx.runs.get(key) if key.run_id else None
        if run is not None:
            found[key] = run.data_interval_start, run.data_interval_end
    return found
