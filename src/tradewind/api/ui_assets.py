"""Datasets in /ui/v1: who makes and who waits for each, what happened, how far queues are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from tradewind.auth.permissions import on, permitted_dags
from tradewind.storage import ui_assets

from .call import Call
from .problems import not_found
from .table import Operation
from .ui_answers import rounded, view

MOST_EVENTS = 200


class _References:
    """Who is whose, as far as the user may read the DAGs."""

    def __init__(self, call: Call) -> None:
        permitted = permitted_dags(call.user.grants, "GET")
        consuming, producing = ui_assets.references(call.tx)
        self._needs: dict[str, set[int]] = defaultdict(set)
        self._has: dict[str, set[int]] = defaultdict(set)
        self.consumers: dict[int, list[str]] = defaultdict(list)
        self.producers: dict[int, list[dict[str, str]]] = defaultdict(list)
        for row in consuming:
            self._needs[row.dag_id].add(row.dataset_id)
            if permitted is None or row.dag_id in permitted:
                self.consumers[row.dataset_id].append(row.dag_id)
        for row in producing:
            if permitted is None or row.dag_id in permitted:
                self.producers[row.dataset_id].append({"dag_id": row.dag_id, "task_id": row.task_id})
        for row in ui_assets.queue(call.tx):
            self._has[row.target_dag_id].add(row.dataset_id)

    def body(self, row: Any) -> dict[str, Any]:
        """A dataset."""
        return {
            "id": row.id,
            "uri": row.uri,
            "extra": msgspec.json.decode(row.extra) if row.extra else {},
            "orphaned": row.is_orphaned,
            "created": rounded(row.created_at),
            "updated": rounded(row.updated_at),
            "last_event": rounded(row.last),
            "events": row.n,
            "consumers": [
                {
                    "dag_id": dag_id,
                    "ready": len(self._has[dag_id]),
                    "needs": len(self._needs[dag_id]),
                    "has_this": row.id in self._has[dag_id],
                }
                for dag_id in self.consumers[row.id]
            ],
            "producers": self.producers[row.id],
        }


def get_assets(call: Call) -> Any:
    """GET /assets"""
    references = _References(call)
    bodies = [references.body(row) for row in ui_assets.assets(call.tx)]
    return {"assets": bodies, "total": len(bodies)}


def get_asset(call: Call) -> Any:
    """GET /assets/{asset_id}"""
    number = call.path["asset_id"]
    rows = ui_assets.assets(call.tx, number)
    if not rows:
        raise not_found("Dataset not found", f"There is no dataset {number}")
    permitted = permitted_dags(call.user.grants, "GET")

    def may(dag_id: str | None) -> bool:
        return permitted is None or dag_id is None or dag_id in permitted

    events = ui_assets.events(call.tx, number, MOST_EVENTS)
    made: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event_id, dag_id, run_id, state in ui_assets.runs_of_events(call.tx, [row.id for row in events]):
        if may(dag_id):
            made[event_id].append({"dag_id": dag_id, "run_id": run_id, "state": state})
    bodies = [
        {
            "id": row.id,
            "at": rounded(row.timestamp),
            "extra": (msgspec.json.decode(row.extra) if row.extra else {}) if may(row.source_dag_id) else {},
            "dag_id": row.source_dag_id if may(row.source_dag_id) else None,
            "run_id": row.source_run_id if may(row.source_dag_id) else None,
            "task_id": row.source_task_id if may(row.source_dag_id) else None,
            "map_index": row.source_map_index,
            "runs": made[row.id],
        }
        for row in events
    ]
    return {"asset": _References(call).body(rows[0]), "events": bodies}


OPERATIONS: tuple[Operation, ...] = (
    view("assets", "/assets", get_assets, on("GET", "Datasets")),
    view("asset", "/assets/{asset_id:int}", get_asset, on("GET", "Datasets")),
)
