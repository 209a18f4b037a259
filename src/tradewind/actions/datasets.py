"""Datasets: an event made by hand or by a task that has succeeded, and what tasks may ask about events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tradewind.engine.dataset_circles import circles, sentence
from tradewind.model.errors import NotFound
from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.storage import asset_names
from tradewind.storage.database import Transaction
from tradewind.storage.rows import DatasetEventRow, DatasetRow
from tradewind.wire import messages as wire

from .replies import run_reply


def create_event(tx: Transaction, uri: str, extra: Mapping[str, Any]) -> int:
    """An event of a known dataset, queued for its consumers; the event's id. Raises NotFound."""
    if tx.datasets.get(uri) is None:
        raise NotFound(f"Dataset with uri: '{uri}' not found")
    return register(tx, uri, extra)


def register(
    tx: Transaction,
    uri: str,
    extra: Mapping[str, Any],
    *,
    run: RunKey | None = None,
    key: TaskKey | None = None,
    aliases: Iterable[str] = (),
    partition_key: str | None = None,
) -> int:
    """A dataset was updated, by a task or from outside: its event is queued for consumers that are not paused, and the
    scheduler hears of it. The event's id."""
    return tx.datasets.add_event(uri, dict(extra), run, key, aliases=aliases, partition_key=partition_key)


CIRCLE = "dataset circle"
"""Type of the warning about a DAG whose datasets start it again."""


def register_of_attempt(tx: Transaction, row: TaskInstance, finish: wire.Finish) -> tuple[str, ...]:
    """All events of a task instance that has succeeded; what its log should say of them."""
    if not finish.dataset_events and not finish.alias_events:
        return ()
    run = RunKey(row.dag_id, row.run_id)
    stored = tx.runs.get(run)
    of_run = None if stored is None else stored.partition_key
    for uri, extra in finish.dataset_events:
        register(tx, uri, json.loads(extra), run=run, key=row.key, partition_key=of_run)
    for event in finish.alias_events:
        key = event.partition_key or of_run
        register(tx, event.uri, json.loads(event.extra), run=run, key=row.key, aliases=event.aliases, partition_key=key)
    warning = tx.dags.warning(row.dag_id, CIRCLE)
    return () if warning is None else (warning,)


def warn_of_circles(tx: Transaction, dag_ids: Iterable[str]) -> None:
    """The warnings about datasets that go round in a circle, or their end. ``dag_ids``: DAGs that have changed."""
    known = set(tx.dags.warned_of(CIRCLE))
    touched = set(dag_ids)
    edges = tx.datasets.edges()
    if not known and not touched.intersection(edge.producer for edge in edges):
        return
    found = circles(edges)
    for dag_id in sorted(known.union(found)):
        tx.dags.set_warning(dag_id, CIRCLE, sentence(found[dag_id]) if dag_id in found else None)


def of_run(tx: Transaction, key: RunKey) -> wire.DatasetEvents:
    """The events that made a run."""
    run = tx.runs.get(key)
    return _events(tx, [] if run is None else tx.datasets.events_of_run(run.id))


def events_of(tx: Transaction, request: wire.GetDatasetEvents) -> wire.DatasetEvents:
    """A page of the events of a dataset, by URI or name, or of those that were written through an alias."""
    name, is_alias = request.uri, request.is_alias
    if request.name:
        name = asset_names.uri_of(tx, request.name) or ""
    total = tx.datasets.count_events_of(name, is_alias=is_alias)
    rows = (
        tx.datasets.events_of(name, is_alias=is_alias, offset=request.offset, limit=request.limit)
        if request.limit != 0
        else []
    )
    return _events(tx, rows, total)


def found(tx: Transaction, key: wire.AssetKey) -> DatasetRow | None:
    """A known asset by its URI or name."""
    uri = key.uri or asset_names.uri_of(tx, key.name)
    return None if uri is None else tx.datasets.get(uri)


def described(tx: Transaction, key: wire.AssetKey) -> dict[str, Any] | None:
    """A known asset as task code sees it."""
    row = found(tx, key)
    if row is None:
        return None
    name, group = asset_names.name_of(tx, row.id) or (row.uri, "asset")
    return {"name": key.name or name, "uri": row.uri, "group": group, "extra": row.extra}


def _events(tx: Transaction, rows: Sequence[DatasetEventRow], total: int | None = None) -> wire.DatasetEvents:
    keys = {RunKey(row.source_dag_id, row.source_run_id) for row in rows if row.source_dag_id and row.source_run_id}
    runs = {key: tx.runs.get(key) for key in keys}
    items = []
    for row in rows:
        source = runs.get(RunKey(row.source_dag_id or "", row.source_run_id or ""))
        items.append(
            wire.DatasetEventItem(
                id=row.id,
                dataset_id=row.dataset_id,
                uri=row.dataset_uri,
                timestamp=row.timestamp,
                extra=json.dumps(row.extra or {}),
                source_dag_id=row.source_dag_id,
                source_task_id=row.source_task_id,
                source_run_id=row.source_run_id,
                source_map_index=-1 if row.source_map_index is None else row.source_map_index,
                source_run=None if source is None else run_reply(source),
            )
        )
    return wire.DatasetEvents(events=tuple(items), total=len(items) if total is None else total)
