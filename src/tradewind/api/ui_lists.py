"""The long lists in /ui/v1: DAG runs, task instances, XComs. The ``filter`` of the first two is the JSON of a bulk
request's, so that what one sees is what a bulk action changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.observability.masking import redact
from tradewind.storage import ui_lists
from tradewind.storage.pages import Order, Page

from . import table
from .bulk_filters import RUN_FILTER, TASK_FILTER, run_selection, task_selection
from .call import Call
from .paging import order_of, same
from .problems import bad_request
from .table import Operation
from .ui_answers import perms, rounded, view
from .v1_dags import readable
from .validation import Schema, first_failure

MOST = 500
"""Rows of one answer."""
_RUN_ORDERS = same(
    "state", "dag_id", "run_type", "start_date", "end_date", run_id="run_id", logical="execution_date", id="id"
)
_TASK_ORDERS = same(
    *("dag_id", "run_id", "task_id", "map_index", "state", "try_number", "start_date", "end_date", "duration"),
    *("pool", "queue", "operator", "hostname"),
    logical="logical_date",
    queued="queued_dttm",
)


def _filter(call: Call, schema: Schema) -> Mapping[str, Any]:
    try:
        given = json.loads(call.query.get("filter") or "{}")
    except ValueError as problem:
        raise bad_request(f"The filter is no JSON: {problem}") from None
    failure = first_failure(schema, given)
    if failure is not None:
        raise bad_request(f"The filter: {failure[0]}")
    chosen: Mapping[str, Any] = given
    return chosen


def _page(call: Call) -> Page:
    limit = int(call.query.get("limit", 100))
    if limit < 0:
        raise bad_request("limit must not be negative")
    return Page(min(limit, MOST), min(int(call.query.get("offset", 0)), 2**62))


def _order(call: Call, allowed: Mapping[str, str]) -> Order:
    return order_of(call.query.get("order_by") or "-start_date", allowed, "start_date")


class _Rights:
    """What the user may do with each DAG of a page, found once for each."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._known: dict[str, str] = {}

    def of(self, dag_id: str) -> str:
        if dag_id not in self._known:
            self._known[dag_id] = perms(self._call.user, dag_id)
        return self._known[dag_id]


def get_runs(call: Call) -> Any:
    """GET /dag_runs"""
    wanted = run_selection(_filter(call, RUN_FILTER), readable(call))
    rows, total = ui_lists.runs(call.tx, wanted, _page(call), _order(call, _RUN_ORDERS))
    rights = _Rights(call)
    bodies = [
        {
            "dag_id": row.dag_id,
            "run_id": row.run_id,
            "state": row.state,
            "type": row.run_type,
            "logical": rounded(row.logical),
            "queued": rounded(row.queued_at),
            "start": rounded(row.start_date),
            "end": rounded(row.end_date),
            "note": row.note,
            "conf": bool(row.has_conf),
            "perms": rights.of(row.dag_id),
        }
        for row in rows
    ]
    return {"rows": bodies, "total": total}


def get_task_instances(call: Call) -> Any:
    """GET /task_instances"""
    wanted = task_selection(_filter(call, TASK_FILTER), readable(call))
    rows, total = ui_lists.task_instances(call.tx, wanted, _page(call), _order(call, _TASK_ORDERS))
    rights = _Rights(call)
    bodies = [
        {
            "dag_id": row.dag_id,
            "run_id": row.run_id,
            "task_id": row.task_id,
            "map_index": row.map_index,
            "state": row.state,
            "try": row.try_number,
            "max_tries": row.max_tries + 1,
            "logical": rounded(row.logical),
            "queued": rounded(row.queued),
            "start": rounded(row.start_date),
            "end": rounded(row.end_date),
            "duration": rounded(row.duration),
            "op": row.op,
            "pool": row.pool,
            "slots": row.pool_slots,
            "queue": row.queue,
            "host": row.hostname,
            "note": row.note,
            "perms": rights.of(row.dag_id),
        }
        for row in rows
    ]
    return {"rows": bodies, "total": total}


def get_xcoms(call: Call) -> Any:
    """GET /xcoms: the parameters filter by what the columns hold."""
    texts = {name: call.query.get(name) for name in ("dag_id", "run_id", "task_id", "key")}
    rows, total = ui_lists.xcoms(call.tx, _page(call), dag_ids=readable(call), texts=texts)
    bodies = [
        {
            "dag_id": row.dag_id,
            "run_id": row.run_id,
            "task_id": row.task_id,
            "map_index": row.map_index,
            "key": row.key,
            "at": rounded(row.timestamp),
            "preview": redact(row.preview),
            "size": row.size,
        }
        for row in rows
    ]
    return {"rows": bodies, "total": total}


_LISTED = (table.string("filter"), *table.ORDERED_PAGE)

OPERATIONS: tuple[Operation, ...] = (
    view("dag_runs", "/dag_runs", get_runs, on_dag("GET", "RUN"), query=_LISTED),
    view("task_instances", "/task_instances", get_task_instances, on_dag("GET", "TASK_INSTANCE"), query=_LISTED),
    view(
        "xcoms",
        "/xcoms",
        get_xcoms,
        on_dag("GET", "XCOM"),
        query=(*(table.string(name) for name in ("dag_id", "run_id", "task_id", "key")), *table.PAGE),
    ),
)
