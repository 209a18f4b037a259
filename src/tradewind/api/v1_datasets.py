"""Datasets, their events, and what waits in the queues of consuming DAGs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tradewind.actions import datasets as dataset_actions
from tradewind.auth.permissions import on, on_dag
from tradewind.model.errors import NotFound
from tradewind.storage import dataset_listings

from . import schemas, table
from .bodies import basic_run_body, collection, iso
from .call import NO_CONTENT, Answer, Call
from .forms import Field, as_utc, load
from .paging import order_of, same
from .problems import not_found
from .table import Operation
from .v1_dags import page, readable

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

_EVENT = (Field("dataset_uri", required=True), Field("extra", may_be_null=False))
_SOURCES = ("source_dag_id", "source_task_id", "source_run_id", "source_map_index")


def _dataset_bodies(tx: Transaction, rows: Sequence[Any]) -> list[dict[str, Any]]:
    consuming, producing = dataset_listings.references(tx, [row.id for row in rows])
    bodies = {
        row.id: {
            "id": row.id,
            "uri": row.uri,
            "extra": row.extra or {},
            "created_at": iso(row.created_at),
            "updated_at": iso(row.updated_at),
            "consuming_dags": [],
            "producing_tasks": [],
            "aliases": [],
        }
        for row in rows
    }
    for row in consuming:
        bodies[row.dataset_id]["consuming_dags"].append(
            {"dag_id": row.dag_id, "created_at": iso(row.created_at), "updated_at": iso(row.updated_at)}
        )
    for row in producing:
        bodies[row.dataset_id]["producing_tasks"].append(
            {
                "dag_id": row.dag_id,
                "task_id": row.task_id,
                "created_at": iso(row.created_at),
                "updated_at": iso(row.updated_at),
            }
        )
    for row in dataset_listings.aliases(tx, list(bodies)):
        bodies[row.dataset_id]["aliases"].append({"id": row.id, "name": row.name})
    return list(bodies.values())


def event_bodies(tx: Transaction, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Dataset events with the runs that they made."""
    bodies = {
        row.id: {
            "id": row.id,
            "dataset_id": row.dataset_id,
            "dataset_uri": row.dataset_uri,
            "extra": row.extra or {},
            "source_task_id": row.source_task_id,
            "source_dag_id": row.source_dag_id,
            "source_run_id": row.source_run_id,
            "source_map_index": row.source_map_index,
            "created_dagruns": [],
            "timestamp": iso(row.timestamp),
        }
        for row in rows
    }
    for run in dataset_listings.created_runs(tx, list(bodies)):
        bodies[run.event_id]["created_dagruns"].append(basic_run_body(run))
    return list(bodies.values())


def get_datasets(call: Call) -> Any:
    """GET /datasets"""
    order = order_of(call.query.get("order_by"), same("id", "uri", "created_at", "updated_at"), "id")
    asked = call.query.get("dag_ids")
    dag_ids = None if not asked else [dag_id.strip() for dag_id in asked.split(",")]
    rows, total = dataset_listings.datasets(
        call.tx, page(call), order, pattern=call.query.get("uri_pattern"), dag_ids=dag_ids
    )
    return collection("datasets", _dataset_bodies(call.tx, rows), total)


def get_dataset(call: Call) -> Any:
    """GET /datasets/{uri}"""
    uri = call.path["uri"]
    row = dataset_listings.dataset(call.tx, uri)
    if row is None:
        raise not_found("Dataset not found", f"The Dataset with uri: `{uri}` was not found")
    return _dataset_bodies(call.tx, [row])[0]


def get_dataset_events(call: Call) -> Any:
    """GET /datasets/events"""
    order = order_of(call.query.get("order_by"), same(*_SOURCES, "timestamp"), "timestamp")
    # What is empty or 0 does not filter, as in the original.
    equal = [(name, call.query[name]) for name in ("dataset_id", *_SOURCES) if call.query.get(name)]
    rows, total = dataset_listings.dataset_events(call.tx, page(call), order, equal)
    return collection("dataset_events", event_bodies(call.tx, rows), total)


def create_dataset_event(call: Call) -> Any:
    """POST /datasets/events"""
    body = load(call.body, _EVENT)
    uri = body["dataset_uri"]
    extra = {**(body.get("extra") or {}), "from_rest_api": True}
    try:
        event_id = dataset_actions.create_event(call.tx, uri, extra)
    except NotFound:
        raise not_found("Dataset not found", f"Dataset with uri: '{uri}' not found") from None
    return event_bodies(call.tx, [dataset_listings.dataset_event(call.tx, event_id)])[0]


def _queued(call: Call, *, permitted: frozenset[str] | None) -> dict[str, Any]:
    return {
        "dag_id": call.path.get("dag_id"),
        "uri": call.path.get("uri"),
        "before": as_utc(call.query.get("before")),
        "permitted": permitted,
    }


def _nothing_queued(call: Call) -> Exception:
    dag_id, uri = call.path.get("dag_id"), call.path.get("uri")
    if dag_id is None:
        what = f"dataset uri: `{uri}`"
    else:
        what = f"dag_id: `{dag_id}`" + (f" and dataset uri: `{uri}`" if uri is not None else "")
    return not_found("Queue event not found", f"Queue event with {what} was not found")


def _queued_body(row: Any) -> dict[str, Any]:
    return {"uri": row.uri, "dag_id": row.dag_id, "created_at": iso(row.created_at)}


def get_queued_events(call: Call) -> Any:
    """GET …/queuedEvent"""
    rows = dataset_listings.queued(call.tx, **_queued(call, permitted=readable(call)))
    if not rows:
        raise _nothing_queued(call)
    return collection("queued_events", [_queued_body(row) for row in rows], len(rows))


def get_queued_event(call: Call) -> Any:
    """GET /dags/{dag_id}/datasets/queuedEvent/{uri}"""
    rows = dataset_listings.queued(call.tx, **_queued(call, permitted=readable(call)))
    if not rows:
        raise _nothing_queued(call)
    return _queued_body(rows[0])


def delete_queued_events(call: Call) -> Answer:
    """DELETE …/queuedEvent"""
    if not dataset_listings.delete_queued(call.tx, **_queued(call, permitted=readable(call))):
        raise _nothing_queued(call)
    return NO_CONTENT


_OF_DAG = "/dags/{dag_id}/datasets/queuedEvent"
_OF_URI = "/datasets/queuedEvent/{uri:path}"
_BEFORE = (table.BEFORE,)


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    return Operation(id=id, method=method, path=path, handler=handler, tag="Dataset", **more)


def _queue(id: str, method: str, path: str, handler: Any, *, of_dag: bool) -> Operation:
    access = (on(method, "Datasets"), on_dag("GET")) if of_dag else (on(method, "Datasets"),)
    is_change = method == "DELETE"
    return _operation(
        id,
        method,
        path,
        handler,
        access=access,
        query=_BEFORE,
        writes=is_change,
        event=f"api.{id}" if is_change else None,
        status=204 if is_change else 200,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "get_datasets",
        "GET",
        "/datasets",
        get_datasets,
        access=(on("GET", "Datasets"),),
        query=(*table.ORDERED_PAGE, table.string("uri_pattern"), table.string("dag_ids")),
    ),
    _operation("get_dataset", "GET", "/datasets/{uri:path}", get_dataset, access=(on("GET", "Datasets"),)),
    _operation(
        "get_dataset_events",
        "GET",
        "/datasets/events",
        get_dataset_events,
        access=(on("GET", "Datasets"),),
        query=(
            *table.ORDERED_PAGE,
            table.integer("dataset_id"),
            *(table.string(name) for name in _SOURCES[:3]),
            table.integer("source_map_index"),
        ),
    ),
    _operation(
        "create_dataset_event",
        "POST",
        "/datasets/events",
        create_dataset_event,
        access=(on("POST", "Datasets"),),
        writes=True,
        event="api.create_dataset_event",
        body=schemas.DATASET_EVENT,
    ),
    _queue("get_dag_dataset_queued_events", "GET", _OF_DAG, get_queued_events, of_dag=True),
    _queue("delete_dag_dataset_queued_events", "DELETE", _OF_DAG, delete_queued_events, of_dag=True),
    _queue("get_dag_dataset_queued_event", "GET", _OF_DAG + "/{uri:path}", get_queued_event, of_dag=True),
    _queue("delete_dag_dataset_queued_event", "DELETE", _OF_DAG + "/{uri:path}", delete_queued_events, of_dag=True),
    _queue("get_dataset_queued_events", "GET", _OF_URI, get_queued_events, of_dag=False),
    _queue("delete_dataset_queued_events", "DELETE", _OF_URI, delete_queued_events, of_dag=False),
)
