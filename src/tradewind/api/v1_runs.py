"""DAG runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tradewind.actions import runs as run_actions
from tradewind.auth.permissions import on, on_dag
from tradewind.model.errors import NotFound
from tradewind.model.records import RunKey
from tradewind.model.states import RunState
from tradewind.model.times import DataInterval, utc
from tradewind.storage import dataset_listings, listings
from tradewind.storage.listings import RunFilter
from tradewind.storage.pages import Page, Rows, Span
from tradewind.timetables.registry import is_custom

from . import schemas, table
from .bodies import RUN_FIELDS, collection, iso, reference_body, run_body
from .call import NO_CONTENT, Answer, Call
from .forms import Field, as_utc, aware, in_utc, load, schema_complaint
from .paging import check_run_fields, order_of, pick, same
from .problems import bad_request, not_found
from .table import Operation
from .v1_dags import page, readable
from .v1_datasets import event_bodies

_ORDERS = same(
    "id",
    "state",
    "dag_id",
    "execution_date",
    "start_date",
    "end_date",
    "updated_at",
    "external_trigger",
    "conf",
    dag_run_id="run_id",
)
_TRIGGER = (
    Field("dag_run_id", most=250, may_be_null=False),
    Field("logical_date", may_be_null=False),
    Field("data_interval_start"),
    Field("data_interval_end"),
    Field("conf"),
    Field("note", most=1000),
)
_LIST = tuple(Field(name) for name in schemas.LIST_DAG_RUNS["properties"])
_NOTE = (Field("note", most=1000),)


def span(values: Mapping[str, Any], name: str) -> Span:
    """``name_gte`` and ``name_lte`` of a query or body as a range of moments."""
    return Span(as_utc(values.get(f"{name}_gte")), as_utc(values.get(f"{name}_lte")))


def get_dag_runs(call: Call) -> Any:
    """GET /dags/{dag_id}/dagRuns"""
    fields = call.query.get("fields")
    wanted = page(call)
    states = call.query.get("state")
    found = _list(call, call.query, dag_ids=_asked_dags(call), states=states, wanted=wanted)
    check_run_fields(fields, RUN_FIELDS, "DAGRunCollectionSchema error")
    return collection("dag_runs", [pick(run_body(row), fields) for row in found[0]], found[1])


def _asked_dags(call: Call) -> frozenset[str] | None:
    dag_id = call.path["dag_id"]
    return readable(call) if dag_id == "~" else frozenset({dag_id})


def _list(
    call: Call,
    values: Mapping[str, Any],
    *,
    dag_ids: frozenset[str] | None,
    states: list[str] | None,
    wanted: Page,
) -> tuple[Rows, int]:
    known = {str(state) for state in RunState}
    chosen = RunFilter(
        dag_ids=dag_ids,
        states=None if not states else [state for state in states if state in known],
        logical_date=span(values, "execution_date"),
        start_date=span(values, "start_date"),
        end_date=span(values, "end_date"),
        updated_at=span(values, "updated_at"),
    )
    return listings.runs(call.tx, chosen, wanted, order_of(values.get("order_by"), _ORDERS, "id"))


def get_dag_runs_batch(call: Call) -> Any:
    """POST /dags/~/dagRuns/list"""
    body = load(call.body, _LIST)
    permitted = readable(call)
    asked = frozenset(body.get("dag_ids") or ())
    dag_ids = permitted
    if asked:
        dag_ids = asked if permitted is None else asked & permitted
    maximum = call.services.options.maximum_page_limit
    wanted = Page(min(body.get("page_limit", 100), maximum), min(body.get("page_offset", 0), 2**62))
    rows, total = _list(call, body, dag_ids=dag_ids, states=body.get("states"), wanted=wanted)
    return collection("dag_runs", [run_body(row) for row in rows], total)


def get_dag_run(call: Call) -> Any:
    """GET /dags/{dag_id}/dagRuns/{dag_run_id}"""
    row = _row(call)
    fields = call.query.get("fields")
    check_run_fields(fields, RUN_FIELDS, "DAGRunSchema error")
    return pick(run_body(row), fields)


def _missing(call: Call) -> str:
    return f"DAGRun with DAG ID: '{call.path['dag_id']}' and DagRun ID: '{call.path['dag_run_id']}' not found"


def _row(call: Call) -> Any:
    row = listings.run(call.tx, call.path["dag_id"], call.path["dag_run_id"])
    if row is None:
        raise not_found("DAGRun not found", _missing(call))
    return row


def _key(call: Call) -> RunKey:
    return RunKey(call.path["dag_id"], call.path["dag_run_id"])


def prepare_dag_run(call: Call) -> tuple[datetime, DataInterval] | None:
    """Date and data interval by a plugin's timetable: it is asked while nobody waits for our transaction."""
    spec = call.services.specs.of_dag(call.tx, call.path["dag_id"])
    given = call.body if isinstance(call.body, Mapping) else {}
    if spec is None or not is_custom(spec.timetable) or given.get("data_interval_start") is not None:
        return None
    text = given.get("logical_date") or given.get("execution_date")
    try:
        moment = call.now if not text else utc(datetime.fromisoformat(str(text)))
    except (ValueError, OverflowError):
        return None  # what is wrong with it is said where it is read
    return moment, run_actions.manual_interval(spec, moment, call.services.timetables)


def post_dag_run(call: Call) -> Any:
    """POST /dags/{dag_id}/dagRuns"""
    dag_id = call.path["dag_id"]
    row = call.tx.dags.get(dag_id)
    if row is None:
        raise not_found("DAG not found", f"DAG with dag_id: '{dag_id}' not found")
    if row.has_import_errors:
        raise bad_request(f"DAG with dag_id: '{dag_id}' has import errors", title="DAG cannot be triggered")
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None:
        raise not_found("DAG not found", f"DAG with dag_id: '{dag_id}' not found")
    given = _one_date(call.body)
    body = load(given, _TRIGGER)
    given_date = None if body.get("logical_date") is None else aware(body["logical_date"])
    given_interval = _interval(body)
    date, interval = call.prepared or (None, None)
    run = run_actions.trigger(
        call.tx,
        spec,
        run_id=body.get("dag_run_id") or None,
        logical_date=date if given_date is None else in_utc(given_date),
        data_interval=interval
        if given_interval is None
        else DataInterval(in_utc(given_interval[0]), in_utc(given_interval[1])),
        conf=body.get("conf"),
        note=body.get("note"),
        user_id=call.user.user_id,
        run_id_pattern=call.services.options.run_id_pattern,
    )
    return _as_given(run_body(run), given_date, given_interval)


def _one_date(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with its date under one name: ``execution_date`` is the older one."""
    values = dict(body)
    if "execution_date" not in values:
        return values
    execution = values.pop("execution_date")
    logical = values.setdefault("logical_date", execution)
    if logical != execution:
        raise bad_request(f"{logical!r} != {execution!r}", title="logical_date conflicts with execution_date")
    return values


def _interval(body: Mapping[str, Any]) -> tuple[datetime, datetime] | None:
    start, end = body.get("data_interval_start"), body.get("data_interval_end")
    if (start is None) != (end is None):
        raise schema_complaint("Both 'data_interval_start' and 'data_interval_end' must be specified together")
    return None if start is None or end is None else (aware(start), aware(end))


def _as_given(
    body: dict[str, Any], date: datetime | None, interval: tuple[datetime, datetime] | None
) -> dict[str, Any]:
    """The answer to a trigger repeats dates with the offset in which they were sent; later answers are in UTC."""
    if date is None:
        return body
    utc_text, text = iso(in_utc(date)), iso(date)
    if interval is None:
        both_are_the_date = body["data_interval_start"] == utc_text == body["data_interval_end"]
        if both_are_the_date:
            body["data_interval_start"] = body["data_interval_end"] = text
    else:
        body["data_interval_start"], body["data_interval_end"] = iso(interval[0]), iso(interval[1])
    body["logical_date"] = body["execution_date"] = text
    return body


def delete_dag_run(call: Call) -> Answer:
    """DELETE /dags/{dag_id}/dagRuns/{dag_run_id}"""
    try:
        run_actions.delete_run(call.tx, _key(call))
    except NotFound:
        raise not_found("Not Found", _missing(call)) from None
    return NO_CONTENT


def _existing(call: Call, gap: str = " ") -> Any:
    row = listings.run(call.tx, call.path["dag_id"], call.path["dag_run_id"])
    if row is None:
        raise not_found(f"Dag Run id {call.path['dag_run_id']} not found in dag{gap}{call.path['dag_id']}")
    return row


def update_dag_run_state(call: Call) -> Any:
    """PATCH /dags/{dag_id}/dagRuns/{dag_run_id}"""
    _existing(call)
    body = load(call.body, (Field("state"),))
    if "state" not in body:
        raise bad_request("{'state': ['Missing data for required field.']}")
    spec = _spec(call)
    run_actions.set_state(call.tx, spec, _key(call), RunState(body["state"]))
    return run_body(_existing(call))


def _spec(call: Call) -> Any:
    spec = call.services.specs.of_dag(call.tx, call.path["dag_id"])
    if spec is None:
        raise not_found("DAG not found", f"DAG with dag_id: '{call.path['dag_id']}' not found")
    return spec


def clear_dag_run(call: Call) -> Any:
    """POST /dags/{dag_id}/dagRuns/{dag_run_id}/clear"""
    row = _existing(call, "   ")
    body = load(call.body, (Field("dry_run"),))
    spec = _spec(call)
    is_dry = body.get("dry_run", True)
    touched = run_actions.clear_run(call.tx, spec, _key(call), dry_run=is_dry)
    if is_dry:
        bodies = [reference_body(row.dag_id, row.run_id, key.task_id, row.logical_date) for key in touched]
        return {"task_instances": bodies}
    return run_body(_existing(call, "   "))


def set_dag_run_note(call: Call) -> Any:
    """PATCH /dags/{dag_id}/dagRuns/{dag_run_id}/setNote"""
    _existing(call)
    body = load(call.body, _NOTE)
    run_actions.set_note(call.tx, _key(call), body.get("note"), user_id=call.user.user_id)
    return run_body(_existing(call))


def get_upstream_dataset_events(call: Call) -> Any:
    """GET /dags/{dag_id}/dagRuns/{dag_run_id}/upstreamDatasetEvents"""
    row = _row(call)
    events = dataset_listings.events_of_run(call.tx, row.id)
    return collection("dataset_events", event_bodies(call.tx, events), len(events))


_RUN = "/dags/{dag_id}/dagRuns/{dag_run_id}"
_GET, _PUT = on_dag("GET", "RUN"), on_dag("PUT", "RUN")


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    return Operation(id=id, method=method, path=path, handler=handler, tag="DAGRun", **more)


def _change(id: str, method: str, path: str, handler: Any, body: Any) -> Operation:
    return _operation(id, method, path, handler, access=(_PUT,), writes=True, event=f"api.{id}", body=body)


OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "get_dag_runs",
        "GET",
        "/dags/{dag_id}/dagRuns",
        get_dag_runs,
        access=(_GET,),
        query=(*table.PAGE, *table.RUN_DATES, table.STATE, table.ORDER_BY, table.FIELDS),
    ),
    _operation(
        "post_dag_run",
        "POST",
        "/dags/{dag_id}/dagRuns",
        post_dag_run,
        access=(on_dag("POST", "RUN"),),
        writes=True,
        event="api.post_dag_run",
        prepare=prepare_dag_run,
        body=schemas.DAG_RUN,
    ),
    _operation(
        "get_dag_runs_batch",
        "POST",
        "/dags/~/dagRuns/list",
        get_dag_runs_batch,
        access=(_GET,),
        body=schemas.LIST_DAG_RUNS,
    ),
    _operation("get_dag_run", "GET", _RUN, get_dag_run, access=(_GET,), query=(table.FIELDS,)),
    _operation(
        "delete_dag_run",
        "DELETE",
        _RUN,
        delete_dag_run,
        access=(on_dag("DELETE", "RUN"),),
        writes=True,
        event="api.delete_dag_run",
        status=204,
    ),
    _change("update_dag_run_state", "PATCH", _RUN, update_dag_run_state, schemas.UPDATE_RUN_STATE),
    _change("clear_dag_run", "POST", _RUN + "/clear", clear_dag_run, schemas.CLEAR_RUN),
    _change("set_dag_run_note", "PATCH", _RUN + "/setNote", set_dag_run_note, schemas.RUN_NOTE),
    _operation(
        "get_upstream_dataset_events",
        "GET",
        _RUN + "/upstreamDatasetEvents",
        get_upstream_dataset_events,
        access=(_GET, on("GET", "Datasets")),
        more_tags=("Dataset",),
    ),
)
