"""Task instances: lists, one, tries, dependencies, and what changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tradewind.actions import tasks as task_actions
from tradewind.actions.tasks import ClearWish, MarkWish, Touched
from tradewind.auth.permissions import on_dag
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState
from tradewind.storage import listings, sla_misses, task_listings
from tradewind.storage.pages import Order, Page, Span
from tradewind.storage.task_listings import TaskFilter
from tradewind.storage.trigger_listings import waited_for

from . import schemas, table
from .bodies import collection, iso, reference_body, task_instance_body, try_body
from .call import Call
from .forms import Field, aware, complaints, in_utc, load, schema_complaint
from .paging import loose_page_of
from .problems import Problem, bad_request, forbidden, not_found
from .table import Operation
from .v1_dags import readable
from .v1_runs import span

_LIST = tuple(Field(name) for name in schemas.LIST_TASK_INSTANCES["properties"])
_CLEAR = tuple(
    Field(name, is_moment=name in ("start_date", "end_date")) for name in schemas.CLEAR_TASK_INSTANCES["properties"]
)
_UPDATE = (
    Field("dry_run"),
    Field("task_id", required=True),
    Field("execution_date", is_moment=True),
    Field("dag_run_id"),
    Field("include_upstream", required=True),
    Field("include_downstream", required=True),
    Field("include_future", required=True),
    Field("include_past", required=True),
    Field("new_state", required=True),
)
_PATCH = (Field("dry_run"), Field("new_state", required=True))
_NOTE = (Field("note", most=1000),)


def _states(names: Sequence[str | None] | None) -> list[str | None] | None:
    """States asked for; "none" is no state. An unknown one crashes the original: here it is a 400."""
    if not names:
        return None
    known = {str(state) for state in TaskState}
    for name in names:
        if name is not None and name != "none" and name not in known:
            raise bad_request(f"'{name}' is not a state of a task instance; known are {sorted(known)} and none")
    return [None if name in (None, "none") else name for name in names]


def _filter(call: Call, values: Mapping[str, Any], **more: Any) -> TaskFilter:
    return TaskFilter(
        states=_states(values.get("state")),
        pools=values.get("pool") or None,
        queues=values.get("queue") or None,
        executors=values.get("executor") or None,
        logical_date=span(values, "execution_date"),
        start_date=span(values, "start_date"),
        end_date=span(values, "end_date"),
        updated_at=span(values, "updated_at"),
        duration=Span(values.get("duration_gte"), values.get("duration_lte")),
        **more,
    )


def _asked_dags(call: Call) -> frozenset[str] | None:
    dag_id = call.path["dag_id"]
    return readable(call) if dag_id == "~" else frozenset({dag_id})


def _bodies(call: Call, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Bodies of task instances, deferred ones with their triggers: asked for only when there are some."""
    numbers = {row.trigger_id for row in rows} - {None}
    waiting = waited_for(call.tx, numbers) if numbers else {}
    missed = {
        (miss.dag_id, miss.task_id, iso(miss.execution_date)): miss
        for miss in sla_misses.of_tasks(call.tx, {(row.dag_id, row.task_id) for row in rows})
    }
    unixname = call.services.options.unixname
    return [
        task_instance_body(
            row,
            unixname,
            waiting.get(row.trigger_id),
            missed.get((row.dag_id, row.task_id, iso(row.logical_date))),
        )
        for row in rows
    ]


def _collection(call: Call, wanted: TaskFilter, page: Page, order: Order | None = None) -> Any:
    rows, total = task_listings.task_instances(call.tx, wanted, page, order)
    return collection(
        "task_instances",
        _bodies(call, rows),
        total,
    )


def get_task_instances(call: Call) -> Any:
    """GET …/taskInstances"""
    run_id = call.path["dag_run_id"]
    run_ids = None if run_id == "~" else (run_id,)
    wanted = _filter(call, call.query, dag_ids=_asked_dags(call), run_ids=run_ids)
    return _collection(call, wanted, loose_page_of(call.query))


def get_task_instances_batch(call: Call) -> Any:
    """POST /dags/~/dagRuns/~/taskInstances/list"""
    body = load(call.body, _LIST)
    permitted = readable(call)
    dag_ids: Any = body.get("dag_ids") or None
    if permitted is not None:
        if dag_ids:
            refused = sorted(set(dag_ids) - permitted)
            if refused:
                raise forbidden(f"User not allowed to access some of these DAGs: {refused}")
        else:
            dag_ids = permitted
    # An empty list filters nothing, as in the original.
    run_ids, task_ids = body.get("dag_run_ids") or None, body.get("task_ids") or None
    wanted = _filter(call, body, dag_ids=dag_ids, run_ids=run_ids, task_ids=task_ids)
    return _collection(call, wanted, Page(body.get("page_limit", 100), min(body.get("page_offset", 0), 2**62)))


_MAPPED_ORDERS = ("state", "duration", "start_date", "map_index")


def get_mapped_task_instances(call: Call) -> Any:
    """GET …/taskInstances/{task_id}/listMapped"""
    dag_id, task_id = call.path["dag_id"], call.path["task_id"]
    page = loose_page_of(call.query)
    wanted = _filter(
        call,
        call.query,
        dag_ids=(dag_id,),
        run_ids=(call.path["dag_run_id"],),
        task_ids=(task_id,),
        is_mapped=True,
    )
    found = _collection(call, wanted, page, _mapped_order(call.query.get("order_by")))
    if not found["total_entries"]:
        _refuse_unmapped(call, dag_id, task_id)
    return found


def _refuse_unmapped(call: Call, dag_id: str, task_id: str) -> None:
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None:
        raise not_found(f"DAG {dag_id} not found")
    task = next((task for task in spec.tasks if task.task_id == task_id), None)
    if task is None:
        raise not_found(f"Task id {task_id} not found")
    if not task.is_mapped and not task.mapped_groups:
        raise not_found(f"Task id {task_id} is not mapped")


def _mapped_order(order_by: str | None) -> Order | None:
    if order_by is None:
        return Order("map_index")
    name = order_by.lstrip("-")
    # The original knows "-map_index" but not "map_index".
    if name not in _MAPPED_ORDERS or order_by == "map_index":
        raise bad_request(f"Ordering with '{order_by}' is not supported")
    return Order(name, order_by.startswith("-"))


def _key(call: Call) -> tuple[RunKey, TaskKey]:
    path = call.path
    return RunKey(path["dag_id"], path["dag_run_id"]), TaskKey(path["task_id"], path.get("map_index", -1))


def _row(call: Call) -> Any | None:
    run, task = _key(call)
    return task_listings.task_instance(call.tx, run.dag_id, run.run_id, task.task_id, task.map_index)


def _is_mapped_here(call: Call) -> bool:
    run, task = _key(call)
    wanted = TaskFilter(dag_ids=(run.dag_id,), run_ids=(run.run_id,), task_ids=(task.task_id,), is_mapped=True)
    return task_listings.task_instances(call.tx, wanted, Page(0))[1] > 0


def get_task_instance(call: Call) -> Any:
    """GET …/taskInstances/{task_id}[/{map_index}]"""
    row = _row(call)
    if row is None:
        is_mapped = "map_index" not in call.path and _is_mapped_here(call)
        detail = "Task instance is mapped, add the map_index value to the URL" if is_mapped else None
        raise not_found("Task instance not found", detail)
    return _bodies(call, [row])[0]


def _absent(call: Call) -> Problem:
    run, task = _key(call)
    return not_found(f"Task Instance not found for dag_id={run.dag_id}, run_id={run.run_id}, task_id={task.task_id}")


def set_note(call: Call) -> Any:
    """PATCH …/setNote"""
    body = load(call.body, _NOTE)
    if _row(call) is None:
        raise _absent(call)
    run, task = _key(call)
    task_actions.set_note(call.tx, run, task, body["note"], user_id=call.user.user_id)
    return _bodies(call, [_row(call)])[0]


def get_dependencies(call: Call) -> Any:
    """GET …/dependencies: why it is not running."""
    row = _row(call)
    if row is None:
        raise _absent(call)
    if row.state not in (None, TaskState.SCHEDULED):
        return {"dependencies": []}
    run, task = _key(call)
    spec = call.services.specs.of_dag(call.tx, run.dag_id)
    if spec is None or all(task.task_id != known.task_id for known in spec.tasks):
        raise _absent(call)
    verdicts = task_actions.explain(call.tx, spec, run, task)
    return {
        "dependencies": [{"name": verdict.name, "reason": verdict.reason} for verdict in verdicts if not verdict.ok]
    }


def _all_tries(call: Call) -> list[dict[str, Any]]:
    row = _row(call)
    if row is None:
        return []
    run, task = _key(call)
    name = call.services.options.unixname
    earlier = task_listings.tries(call.tx, run.dag_id, run.run_id, task.task_id, task.map_index)
    bodies = [try_body(one, name) for one in earlier if one.try_number != row.try_number]
    # One that waits for its retry has its last try in the history already, with the state in which it ended.
    if row.state == TaskState.UP_FOR_RETRY:
        bodies = [try_body(one, name) for one in earlier]
        return bodies if any(one.try_number == row.try_number for one in earlier) else [*bodies, try_body(row, name)]
    return [*bodies, try_body(row, name)]


def get_tries(call: Call) -> Any:
    """GET …/tries"""
    bodies = _all_tries(call)
    return collection("task_instances", bodies, len(bodies))


def get_try(call: Call) -> Any:
    """GET …/tries/{task_try_number}"""
    number = call.path["task_try_number"]
    for body in _all_tries(call):
        if body["try_number"] == number:
            return body
    run, task = _key(call)
    raise not_found(
        "Task instance not found",
        f"Task Instance not found for dag_id={run.dag_id}, run_id={run.run_id}, task_id={task.task_id}, "
        f"map_index={task.map_index}, try_number={number}.",
    )


def patch_task_instance(call: Call) -> Any:
    """PATCH …/taskInstances/{task_id}[/{map_index}]"""
    body = load(call.body, _PATCH)
    run, task = _key(call)
    spec = call.services.specs.of_dag(call.tx, run.dag_id)
    if spec is None:
        raise not_found("DAG not found", f"DAG '{run.dag_id}' not found")
    if all(known.task_id != task.task_id for known in spec.tasks):
        raise not_found("Task not found", f"Task '{task.task_id}' not found in DAG '{run.dag_id}'")
    row = _row(call)
    if row is None:
        raise not_found(
            "Not Found", f"Task instance not found for task '{task.task_id}' on DAG run with ID '{run.run_id}'"
        )
    if body.get("dry_run", True):
        return reference_body(run.dag_id, run.run_id, task.task_id, row.logical_date)
    task_actions.set_state(call.tx, spec, run, task, TaskState(body["new_state"]))
    return {}


def post_clear_task_instances(call: Call) -> Any:
    """POST /dags/{dag_id}/clearTaskInstances"""
    dag_id = call.path["dag_id"]
    body = load(call.body, _CLEAR)
    _check_clear(body)
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None:
        raise not_found(f"Dag id {dag_id} not found")
    run_id = body.get("dag_run_id")
    if run_id is not None and listings.run(call.tx, dag_id, run_id) is None:
        raise not_found(f"Dag Run id {run_id} not found in dag {dag_id}")
    wish = ClearWish(
        run_id=run_id,
        start_date=_utc(body.get("start_date")),
        end_date=_utc(body.get("end_date")),
        task_ids=body.get("task_ids"),
        only_failed=body.get("only_failed", True),
        only_running=body.get("only_running", False),
        include_upstream=body.get("include_upstream", False),
        include_downstream=body.get("include_downstream", False),
        include_past=body.get("include_past", False),
        include_future=body.get("include_future", False),
        reset_runs=body.get("reset_dag_runs", False),
        dry_run=body.get("dry_run", True),
    )
    touched = task_actions.clear(call.tx, spec, wish)
    answer = _references(dag_id, touched)
    if body.get("include_subdags"):
        answer["task_instances"] += _clear_nested(call, dag_id, touched, wish)
    return answer


def _clear_nested(call: Call, dag_id: str, touched: Sequence[Touched], wish: ClearWish) -> list[dict[str, Any]]:
    """What ExternalTaskMarkers among the touched tasks name in other DAGs, as far as one may change those."""
    refs = task_actions.clear_nested(
        call.tx,
        lambda name: call.services.specs.of_dag(call.tx, name),
        dag_id,
        touched,
        wish,
        may_touch=lambda name: call.user.may(on_dag("PUT", "TASK_INSTANCE"), name),
    )
    return [reference_body(ref.dag_id, ref.run_id, ref.task_id, ref.logical_date) for ref in refs]


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else in_utc(moment)


def _check_clear(body: Mapping[str, Any]) -> None:
    start, end = body.get("start_date"), body.get("end_date")
    if body.get("only_failed", True) and body.get("only_running", False):
        raise schema_complaint("only_failed and only_running both are set to True")
    if start is not None and end is not None and end < start:
        raise schema_complaint("end_date is sooner than start_date")
    if body.get("dag_run_id") is not None:
        for name, value in (("start_date", start), ("end_date", end)):
            if value is not None:
                raise schema_complaint(f"Exactly one of dag_run_id or {name} must be provided")


def _references(dag_id: str, touched: Sequence[tuple[str, str, datetime]]) -> Any:
    return {"task_instances": [reference_body(dag_id, run_id, task_id, date) for run_id, task_id, date in touched]}


def post_set_task_instances_state(call: Call) -> Any:
    """POST /dags/{dag_id}/updateTaskInstancesState"""
    dag_id = call.path["dag_id"]
    body = _load_update(call.body)
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None:
        raise not_found(f"Dag ID {dag_id} not found")
    task_id = body["task_id"]
    if all(known.task_id != task_id for known in spec.tasks):
        raise not_found(f"Task ID {task_id} not found")
    date = _utc(body.get("execution_date"))
    run_id = body.get("dag_run_id") or _run_of_date(call, dag_id, date)
    if run_id is None or not _has_instance(call, dag_id, run_id, task_id):
        place = f"execution_date {date}" if date is not None else f"DAG run with ID '{body['dag_run_id']}'"
        raise not_found("Not Found", f"Task instance not found for task '{task_id}' on {place}")
    wish = MarkWish(
        run_id=run_id,
        task_id=task_id,
        state=TaskState(body["new_state"]),
        include_upstream=body["include_upstream"],
        include_downstream=body["include_downstream"],
        include_past=body["include_past"],
        include_future=body["include_future"],
        dry_run=body.get("dry_run", True),
    )
    return _references(dag_id, task_actions.mark(call.tx, spec, wish))


def _load_update(body: Mapping[str, Any]) -> dict[str, Any]:
    found = complaints(body, _UPDATE)
    if found:
        raise bad_request(str(found))
    if bool(body.get("execution_date")) == bool(body.get("dag_run_id")):
        raise schema_complaint("Exactly one of execution_date or dag_run_id must be provided")
    values = dict(body)
    if values.get("execution_date") is not None:
        values["execution_date"] = aware(values["execution_date"])
    return values


def _run_of_date(call: Call, dag_id: str, date: datetime | None) -> str | None:
    run = None if date is None else call.tx.runs.by_date(dag_id, date)
    return None if run is None else run.run_id


def _has_instance(call: Call, dag_id: str, run_id: str, task_id: str) -> bool:
    wanted = TaskFilter(dag_ids=(dag_id,), run_ids=(run_id,), task_ids=(task_id,))
    return task_listings.task_instances(call.tx, wanted, Page(0))[1] > 0


_LISTED = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances"
_ONE = _LISTED + "/{task_id}"
_MAPPED = _ONE + "/{map_index:int}"
_GET, _PUT = (on_dag("GET", "TASK_INSTANCE"),), (on_dag("PUT", "TASK_INSTANCE"),)


def _read(id: str, path: str, handler: Any, query: Any = ()) -> Operation:
    return Operation(id=id, method="GET", path=path, handler=handler, tag="TaskInstance", access=_GET, query=query)


def _change(id: str, method: str, path: str, handler: Any, body: Any, *, event: str | None = None) -> Operation:
    return Operation(
        id=id,
        method=method,
        path=path,
        handler=handler,
        tag="DAG" if method == "POST" else "TaskInstance",
        access=_PUT,
        writes=True,
        event=event or f"api.{id}",
        body=body,
    )


OPERATIONS: tuple[Operation, ...] = (
    _read("get_task_instances", _LISTED, get_task_instances, (*table.TASK_FILTERS, *table.PAGE)),
    Operation(
        id="get_task_instances_batch",
        method="POST",
        path="/dags/~/dagRuns/~/taskInstances/list",
        handler=get_task_instances_batch,
        tag="TaskInstance",
        access=_GET,
        body=schemas.LIST_TASK_INSTANCES,
    ),
    _read(
        "get_mapped_task_instances",
        _ONE + "/listMapped",
        get_mapped_task_instances,
        (*table.PAGE, *table.TASK_FILTERS, table.ORDER_BY),
    ),
    _read("get_task_instance", _ONE, get_task_instance),
    _read("get_mapped_task_instance", _MAPPED, get_task_instance),
    _read("get_task_instance_dependencies", _ONE + "/dependencies", get_dependencies),
    _read("get_mapped_task_instance_dependencies", _MAPPED + "/dependencies", get_dependencies),
    _read("get_task_instance_tries", _ONE + "/tries", get_tries, table.ORDERED_PAGE),
    _read("get_mapped_task_instance_tries", _MAPPED + "/tries", get_tries, table.ORDERED_PAGE),
    _read("get_task_instance_try_details", _ONE + "/tries/{task_try_number:int}", get_try),
    _read("get_mapped_task_instance_try_details", _MAPPED + "/tries/{task_try_number:int}", get_try),
    _change("patch_task_instance", "PATCH", _ONE, patch_task_instance, schemas.UPDATE_TASK_INSTANCE),
    _change("patch_mapped_task_instance", "PATCH", _MAPPED, patch_task_instance, schemas.UPDATE_TASK_INSTANCE),
    _change("set_task_instance_note", "PATCH", _ONE + "/setNote", set_note, schemas.TASK_NOTE),
    _change(
        "set_mapped_task_instance_note",
        "PATCH",
        _MAPPED + "/setNote",
        set_note,
        schemas.TASK_NOTE,
        event="api.set_task_instance_note",
    ),
    _change(
        "post_clear_task_instances",
        "POST",
        "/dags/{dag_id}/clearTaskInstances",
        post_clear_task_instances,
        schemas.CLEAR_TASK_INSTANCES,
    ),
    _change(
        "post_set_task_instances_state",
        "POST",
        "/dags/{dag_id}/updateTaskInstancesState",
        post_set_task_instances_state,
        schemas.UPDATE_TASK_INSTANCES,
    ),
)
