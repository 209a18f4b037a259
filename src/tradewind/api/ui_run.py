"""GET /ui/v1/dags/{dag_id}/runs/{run_id}: a run's drawer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from tradewind.auth.permissions import on, on_dag
from tradewind.model.records import RunKey
from tradewind.storage import dataset_listings, ui_tasks

from .call import Call
from .problems import not_found
from .table import Operation
from .ui_answers import perms, rounded, view

MOST_TASKS = 1000


def run_row(call: Call) -> Any:
    """The run in the path. Raises the 404."""
    row = ui_tasks.run(call.tx, call.path["dag_id"], call.path["run_id"])
    if row is None:
        raise not_found(
            "DAGRun not found",
            f"DAGRun with DAG ID: '{call.path['dag_id']}' and DagRun ID: '{call.path['run_id']}' not found",
        )
    return row


def get_run(call: Call) -> Any:
    """GET /dags/{dag_id}/runs/{run_id}"""
    row, tx = run_row(call), call.tx
    key = RunKey(row.dag_id, row.run_id)
    queued = None if row.queued_at is None else datetime.fromtimestamp(row.queued_at, UTC)
    consumed = dataset_listings.events_of_run(tx, row.id)
    states = ui_tasks.states(tx, key)
    return {
        "run": {**run_of(row), "triggered_by": ui_tasks.who_triggered(tx, row.dag_id, queued)},
        "tasks": [task_of(each) for each in ui_tasks.tasks_of_run(tx, key, MOST_TASKS)],
        "states": states,
        "total": sum(states.values()),
        "asset_events": _events(call, consumed, ui_tasks.produced_events(tx, key)),
        "perms": perms(call.user, row.dag_id),
    }


def run_of(row: Any) -> dict[str, Any]:
    """A run with everything."""
    return {
        "dag_id": row.dag_id,
        "run_id": row.run_id,
        "state": row.state,
        "type": row.run_type,
        "external_trigger": row.external_trigger,
        "logical": rounded(row.logical),
        "queued": rounded(row.queued_at),
        "start": rounded(row.start_date),
        "end": rounded(row.end_date),
        "interval_start": rounded(row.data_interval_start),
        "interval_end": rounded(row.data_interval_end),
        "last_scheduling_decision": rounded(row.last_scheduling_decision),
        "conf": msgspec.json.decode(row.conf) if row.conf else {},
        "note": row.note,
        "version": row.version_number,
        "clears": row.clear_number,
    }


def task_of(row: Any) -> dict[str, Any]:
    """A task instance in a list."""
    return {
        "id": row.task_id,
        "map_index": row.map_index,
        "rendered_map_index": row.rendered_map_index,
        "state": row.state,
        "start": rounded(row.start_date),
        "end": rounded(row.end_date),
        "try": row.try_number,
        "max_tries": row.max_tries + 1,
        "op": row.operator,
    }


def _events(call: Call, consumed: Any, produced: Any) -> list[dict[str, Any]]:
    """What made the run and what it made. Of events of DAGs that the user may not read only the dataset is told."""
    bodies: list[dict[str, Any]] = []
    if not call.user.may(on("GET", "Datasets")):
        return bodies
    for row in consumed:
        is_shown = row.source_dag_id is None or call.user.may(on_dag("GET"), row.source_dag_id)
        bodies.append(
            {
                "id": row.id,
                "direction": "in",
                "uri": row.dataset_uri,
                "at": rounded(row.timestamp.timestamp()),
                "dag_id": row.source_dag_id if is_shown else None,
                "run_id": row.source_run_id if is_shown else None,
                "task_id": row.source_task_id if is_shown else None,
                "extra": (row.extra or {}) if is_shown else {},
            }
        )
    bodies.extend(
        {
            "id": row.id,
            "direction": "out",
            "uri": row.uri,
            "at": rounded(row.timestamp),
            "dag_id": call.path["dag_id"],
            "run_id": call.path["run_id"],
            "task_id": row.source_task_id,
            "extra": row.extra or {},
        }
        for row in produced
    )
    return bodies


OPERATIONS: tuple[Operation, ...] = (
    view("run", "/dags/{dag_id}/runs/{run_id}", get_run, on_dag("GET", "TASK_INSTANCE")),
)
