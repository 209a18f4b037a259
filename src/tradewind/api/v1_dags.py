"""DAGs, their tasks, sources, statistics and warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradewind.actions import dags as dag_actions
from tradewind.auth.permissions import on_dag, permitted_dags
from tradewind.model.errors import Conflict
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.storage import listings
from tradewind.storage.listings import DagFilter
from tradewind.storage.pages import Page

from . import schemas, table
from .bodies import (
    DAG_DETAIL_FIELDS,
    DAG_FIELDS,
    collection,
    dag_body,
    dag_details,
    iso,
    task_body,
)
from .call import NO_CONTENT, Answer, Call
from .forms import Field, load
from .negotiation import choose
from .paging import check_dag_fields, order_of, page_of, pick, same
from .problems import PlainAnswer, Problem, bad_request, not_found
from .table import Operation
from .tokens import BadSignature, unsign
from .validation import Parameter

_PATCH = tuple(Field(name) for name in ("is_paused", "schedule_interval", "tags"))
_ONLY_PAUSE = "Only `is_paused` field can be updated through the REST API"
_TASK_ATTRIBUTES = {"priority_weight", "owner", "task_id", "retries", "pool", "queue", "start_date", "end_date"} | {
    "trigger_rule",
    "depends_on_past",
    "wait_for_downstream",
    "pool_slots",
    "task_type",
    "operator_name",
    "ui_color",
    "ui_fgcolor",
    "weight_rule",
    "task_display_name",
    "retry_exponential_backoff",
}


def page(call: Call) -> Page:
    """The request's page, by the configured limits."""
    options = call.services.options
    return page_of(call.query, maximum=options.maximum_page_limit, fallback=options.fallback_page_limit)


def readable(call: Call, method: str = "GET") -> frozenset[str] | None:
    """The DAGs that the user may read (or edit); None: all."""
    return permitted_dags(call.user.grants, method)


def get_dags(call: Call) -> Any:
    """GET /dags"""
    wanted = page(call)
    order = order_of(call.query.get("order_by"), same("dag_id"), "dag_id")
    fields = call.query.get("fields")
    check_dag_fields(fields, DAG_FIELDS, "DAGSchema", "DAGCollectionSchema error")
    found = listings.dags(call.tx, _filter(call, "GET"), wanted, descending=order.descending)
    return _dag_collection(call, found, fields)


def _filter(call: Call, method: str) -> DagFilter:
    query = call.query
    return DagFilter(
        readable=readable(call, method),
        only_active=query.get("only_active", True),
        is_paused=query.get("paused"),
        pattern=query.get("dag_id_pattern"),
        tags=query.get("tags"),
    )


def _dag_collection(call: Call, found: listings.DagListing, fields: Sequence[str] | None) -> Any:
    secret = call.services.options.secret_key
    bodies = [pick(dag_body(row, found.tags.get(row.dag_id, ()), secret), fields) for row in found.rows]
    return collection("dags", bodies, found.total)


def get_dag(call: Call) -> Any:
    """GET /dags/{dag_id}"""
    row = _row(call)
    fields = call.query.get("fields")
    check_dag_fields(fields, DAG_FIELDS, "DAGSchema", "DAGSchema init error")
    return pick(_body(call, row), fields)


def _row(call: Call) -> Any:
    dag_id = call.path["dag_id"]
    row = listings.dag(call.tx, dag_id)
    if row is None:
        raise not_found("DAG not found", f"The DAG with dag_id: {dag_id} was not found")
    return row


def _body(call: Call, row: Any) -> dict[str, Any]:
    tags = listings.dag_tags(call.tx, [row.dag_id])
    return dag_body(row, tags.get(row.dag_id, ()), call.services.options.secret_key)


def get_dag_details(call: Call) -> Any:
    """GET /dags/{dag_id}/details"""
    spec = call.services.specs.of_dag(call.tx, call.path["dag_id"])
    row = _row(call)
    if spec is None:
        raise not_found("DAG not found", f"The DAG with dag_id: {row.dag_id} was not found")
    fields = call.query.get("fields")
    check_dag_fields(fields, DAG_DETAIL_FIELDS, "DAGDetailSchema", "DAGDetailSchema init error")
    tags = listings.dag_tags(call.tx, [row.dag_id])
    options = call.services.options
    body = dag_details(
        row,
        tags.get(row.dag_id, ()),
        spec,
        secret=options.secret_key,
        default_timezone=options.default_timezone,
    )
    return pick(body, fields)


def _pause_of(call: Call) -> bool | None:
    body = load(call.body, _PATCH)
    mask = call.query.get("update_mask")
    if mask is not None and mask != ["is_paused"]:
        raise bad_request(_ONLY_PAUSE)
    if "is_paused" not in body:
        raise bad_request("The request has no field that can be updated; expected `is_paused`")
    pause: bool | None = body["is_paused"]
    return pause


def patch_dag(call: Call) -> Any:
    """PATCH /dags/{dag_id}"""
    pause = _pause_of(call)
    dag_id = call.path["dag_id"]
    row = listings.dag(call.tx, dag_id)
    if row is None:
        raise not_found(f"Dag with id: '{dag_id}' not found")
    if pause is None:
        # Airflow passes null through validation and answers what it then has in memory; the DAG keeps its state here.
        return {**_body(call, row), "is_paused": None}
    dag_actions.set_paused(call.tx, [dag_id], is_paused=pause)
    return {**_body(call, row), "is_paused": pause}


def patch_dags(call: Call) -> Any:
    """PATCH /dags"""
    pause = _pause_of(call)
    found = listings.dags(call.tx, _filter(call, "PUT"), page(call))
    if pause is not None:
        dag_actions.set_paused(call.tx, [row.dag_id for row in found.rows], is_paused=pause)
    answer = _dag_collection(call, found, None)
    for body in answer["dags"]:
        body["is_paused"] = pause
    return answer


def delete_dag(call: Call) -> Answer:
    """DELETE /dags/{dag_id}"""
    dag_id = call.path["dag_id"]
    if listings.dag(call.tx, dag_id) is None:
        raise not_found(f"Dag with id: '{dag_id}' not found")
    try:
        dag_actions.delete_dag(call.tx, dag_id)
    except Conflict:
        raise Problem(409, f"Task instances of dag with id: '{dag_id}' are still running") from None
    return NO_CONTENT


def _spec(call: Call) -> DagSpec:
    spec = call.services.specs.of_dag(call.tx, call.path["dag_id"])
    if spec is None:
        raise not_found("DAG not found")
    return spec


def get_tasks(call: Call) -> Any:
    """GET /dags/{dag_id}/tasks"""
    spec = _spec(call)
    order_by = call.query.get("order_by", "task_id")
    name = order_by.lstrip("-")
    if name not in _TASK_ATTRIBUTES:
        raise bad_request(f"'SerializedBaseOperator' object has no attribute '{name}'")
    tasks = sorted(spec.tasks, key=lambda task: _sort_key(task, name), reverse=order_by.startswith("-"))
    return collection("tasks", [task_body(task, spec.params) for task in tasks], len(tasks))


def _sort_key(task: TaskSpec, name: str) -> tuple[bool, Any]:
    value = task.display_name or task.task_id if name == "task_display_name" else getattr(task, name)
    return value is None, value


def get_task(call: Call) -> Any:
    """GET /dags/{dag_id}/tasks/{task_id}"""
    spec = _spec(call)
    task = next((task for task in spec.tasks if task.task_id == call.path["task_id"]), None)
    if task is None:
        raise not_found("Task not found")
    return task_body(task, spec.params)


def _file_of(call: Call, title: str) -> str:
    try:
        fileloc = unsign(call.path["file_token"], call.services.options.secret_key)
    except BadSignature:
        raise not_found(title) from None
    if not isinstance(fileloc, str):
        raise not_found(title)
    return fileloc


def get_dag_source(call: Call) -> Answer:
    """GET /dagSources/{file_token}"""
    fileloc = _file_of(call, "Dag source not found")
    permitted = readable(call)
    if permitted is not None and not set(listings.dags_of_file(call.tx, fileloc)) <= permitted:
        raise Problem(403)
    source = call.tx.dags.source(fileloc)
    if source is None:
        raise not_found("Dag source not found")
    match choose(call.headers.get("accept"), ("text/plain", "application/json")):
        case "text/plain":
            return Answer(source.encode(), 200, "text/plain")
        case "application/json":
            return Answer({"content": source})
    raise PlainAnswer(406, "Not Allowed Accept Header")


def reparse_dag_file(call: Call) -> Answer:
    """PUT /parseDagFile/{file_token}"""
    fileloc = _file_of(call, "File not found")
    dag_ids = listings.dags_of_file(call.tx, fileloc)
    if not dag_ids:
        raise not_found("File not found")
    permitted = readable(call, "PUT")
    if permitted is not None and not set(dag_ids) <= permitted:
        raise Problem(403)
    dag_actions.request_parse(call.tx, fileloc)
    return Answer(b"", 201, "text/html; charset=utf-8")


_RUN_STATES = ("queued", "running", "success", "failed")


def get_dag_stats(call: Call) -> Any:
    """GET /dagStats"""
    asked = {dag_id.strip() for dag_id in call.query["dag_ids"].split(",")}
    permitted = readable(call)
    wanted = asked if permitted is None else asked & permitted
    counts = listings.run_counts(call.tx, sorted(wanted))
    bodies = [
        {"dag_id": dag_id, "stats": [{"state": state, "count": states.get(state, 0)} for state in _RUN_STATES]}
        for dag_id, states in counts.items()
    ]
    return collection("dags", bodies, len(bodies))


def get_dag_warnings(call: Call) -> Any:
    """GET /dagWarnings"""
    allowed = same("dag_id", "warning_type", "message", "timestamp")
    order = order_of(call.query.get("order_by"), allowed, "timestamp")
    permitted = readable(call)
    dag_id = call.query.get("dag_id")
    dag_ids = permitted
    if dag_id:
        dag_ids = frozenset({dag_id}) if permitted is None else permitted & {dag_id}
    rows, total = listings.dag_warnings(
        call.tx, page(call), order, dag_ids=dag_ids, warning_type=call.query.get("warning_type") or None
    )
    bodies = [
        {
            "dag_id": row.dag_id,
            "warning_type": row.warning_type,
            "message": row.message,
            "timestamp": iso(row.timestamp),
        }
        for row in rows
    ]
    return collection("dag_warnings", bodies, total)


_READ, _EDIT = (on_dag("GET"),), (on_dag("PUT"),)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="get_dags",
        method="GET",
        path="/dags",
        handler=get_dags,
        tag="DAG",
        access=_READ,
        query=(
            *table.ORDERED_PAGE,
            table.TAGS,
            table.ONLY_ACTIVE,
            table.PAUSED,
            table.FIELDS,
            table.string("dag_id_pattern"),
        ),
    ),
    Operation(
        id="patch_dags",
        method="PATCH",
        path="/dags",
        handler=patch_dags,
        tag="DAG",
        access=_EDIT,
        writes=True,
        event="api.patch_dags",
        body=schemas.DAG,
        query=(
            *table.PAGE,
            table.TAGS,
            table.UPDATE_MASK,
            table.ONLY_ACTIVE,
            Parameter("dag_id_pattern", {"type": "string"}, required=True),
        ),
    ),
    Operation(
        id="get_dag",
        method="GET",
        path="/dags/{dag_id}",
        handler=get_dag,
        tag="DAG",
        access=_READ,
        query=(table.FIELDS,),
    ),
    Operation(
        id="patch_dag",
        method="PATCH",
        path="/dags/{dag_id}",
        handler=patch_dag,
        tag="DAG",
        access=_EDIT,
        writes=True,
        event="api.patch_dag",
        body=schemas.DAG,
        query=(table.UPDATE_MASK,),
    ),
    Operation(
        id="delete_dag",
        method="DELETE",
        path="/dags/{dag_id}",
        handler=delete_dag,
        tag="DAG",
        access=(on_dag("DELETE"),),
        writes=True,
        event="api.delete_dag",
        status=204,
    ),
    Operation(
        id="get_dag_details",
        method="GET",
        path="/dags/{dag_id}/details",
        handler=get_dag_details,
        tag="DAG",
        access=_READ,
        query=(table.FIELDS,),
    ),
    Operation(
        id="get_tasks",
        method="GET",
        path="/dags/{dag_id}/tasks",
        handler=get_tasks,
        tag="DAG",
        access=(on_dag("GET", "TASK"),),
        query=(table.ORDER_BY,),
    ),
    Operation(
        id="get_task",
        method="GET",
        path="/dags/{dag_id}/tasks/{task_id}",
        handler=get_task,
        tag="DAG",
        access=(on_dag("GET", "TASK"),),
    ),
    Operation(
        id="get_dag_stats",
        method="GET",
        path="/dagStats",
        handler=get_dag_stats,
        tag="DagStats",
        access=(on_dag("GET", "RUN"),),
        query=(Parameter("dag_ids", {"type": "string"}, required=True),),
    ),
    Operation(
        id="get_dag_source",
        method="GET",
        path="/dagSources/{file_token}",
        handler=get_dag_source,
        tag="DAG",
        access=(on_dag("GET", "CODE"),),
        produces=("application/json", "text/plain"),
    ),
    Operation(
        id="reparse_dag_file",
        method="PUT",
        path="/parseDagFile/{file_token}",
        handler=reparse_dag_file,
        tag="DAG",
        access=_EDIT,
        writes=True,
        status=201,
    ),
    Operation(
        id="get_dag_warnings",
        method="GET",
        path="/dagWarnings",
        handler=get_dag_warnings,
        tag="DagWarning",
        access=(on_dag("GET", "WARNING"),),
        query=(table.string("dag_id"), table.string("warning_type"), *table.ORDERED_PAGE),
    ),
)
