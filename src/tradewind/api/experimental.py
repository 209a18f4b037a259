"""The experimental API of Airflow 1.10, which Airflow 2 still serves when asked: 17 routes, deprecated from the start.

Answers were recorded from 2.10.5. On purpose different: there any user who has logged in may do everything, here the
permissions of API v1 hold; and what crashes there (500) is a refusal with a sentence here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from tradewind.actions import access as access_actions
from tradewind.actions import dags as dag_actions
from tradewind.actions import runs as run_actions
from tradewind.auth.permissions import Access, on, on_dag
from tradewind.model.errors import AlreadyExists, Conflict, InvalidInput
from tradewind.model.records import DagRun
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState
from tradewind.storage import listings, task_listings, vault_listings
from tradewind.storage.listings import RunFilter
from tradewind.storage.pages import Order, Page
from tradewind.storage.task_listings import TaskFilter

from .call import Answer, Call
from .dispatch import Api, Receive, Scope, Send
from .experimental_bodies import instance_body, pool_body, run_item, shown_run, task_body
from .problems import PlainAnswer, Problem
from .services import REPORTED_VERSION
from .table import Operation

PREFIX = "/api/experimental"
_GUIDE = (
    "https://airflow.apache.org/docs/apache-airflow/2.10.5/upgrading-to-2.html"
    "#migration-guide-from-experimental-api-to-stable-api-v1"
)
DEPRECATION = {"deprecation": "true", "link": f'<{_GUIDE}>; rel="deprecation"; type="text/html"'}
_ALL_ROWS = 2**31
_BAD_REQUEST = (
    "<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n"
    "<p>The browser (or proxy) sent a request that this server could not understand.</p>\n"
)


class Refused(Exception):
    """An error as this API tells it: {"error": sentence}."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class ExperimentalApi(Api):
    """The dispatcher, with this API's words for who is not let in, and its headers of deprecation."""

    def _admit(self, operation: Operation, call: Call) -> None:
        try:
            super()._admit(operation, call)
        except Problem as problem:
            raise PlainAnswer(problem.status, "Unauthorized" if problem.status == 401 else "Forbidden") from None

    async def _send(self, scope: Scope, receive: Receive, send: Send, answer: Answer, more: dict[str, str]) -> None:  # type: ignore[override]
        is_the_routers = answer.media_type == "application/problem+json" and answer.status in (404, 405)
        headers = more if is_the_routers else {**more, **DEPRECATION}
        await Api._send(scope, receive, send, answer, headers)


def _refusing(handler: Callable[[Call], Any]) -> Callable[[Call], Any]:
    def handle(call: Call) -> Any:
        try:
            return handler(call)
        except Refused as refusal:
            return Answer({"error": str(refusal)}, refusal.status)

    return handle


# What is asked ---------------------------------------------------------------------------------------------------


def _spec(call: Call, status: int = 404) -> DagSpec:
    dag_id = call.path["dag_id"]
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None:
        raise Refused(status, f"Dag id {dag_id} not found in DagModel")
    return spec


def _task(call: Call, spec: DagSpec) -> TaskSpec:
    wanted = call.path["task_id"]
    for task in spec.tasks:
        if task.task_id == wanted:
            return task
    raise Refused(404, f"Task {wanted} not found in dag {spec.dag_id}")


def _date(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise Refused(
            400,
            f"Given execution date, {text}, could not be identified as a date. "
            "Example date format: 2015-11-16T14:34:15+00:00",
        ) from None


def _run(call: Call, spec: DagSpec, date: datetime) -> DagRun:
    run = call.tx.runs.by_date(spec.dag_id, date)
    if run is None:
        raise Refused(404, f"Dag Run for date {date} not found in dag {spec.dag_id}")
    return run


def _json(call: Call) -> dict[str, Any]:
    """The body, whatever it calls itself: clients of 1.10 send JSON without saying so."""
    try:
        body = msgspec.json.decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise PlainAnswer(400, _BAD_REQUEST) from None
    if not isinstance(body, dict) or b"\\u0000" in call.body:
        raise PlainAnswer(400, _BAD_REQUEST)
    return body


# DAG runs ---------------------------------------------------------------------------------------------------------


def trigger_dag(call: Call) -> Any:
    """POST /dags/{dag_id}/dag_runs"""
    body = _json(call)
    conf, run_id = body.get("conf"), body.get("run_id")
    if conf is not None and not isinstance(conf, dict):
        raise Refused(400, "Dag Run conf must be a dictionary object, other types are not supported")
    if run_id is not None and not isinstance(run_id, str):
        raise Refused(400, f"run_id must be a string, not {run_id!r}")
    date = None if body.get("execution_date") is None else _date(body["execution_date"])
    spec = _spec(call)
    cuts = _is_true(body.get("replace_microseconds", date is None))
    date = date or call.now
    date = date.replace(microsecond=0) if cuts else date
    try:
        pattern = call.services.options.run_id_pattern
        run = run_actions.trigger(
            call.tx,
            spec,
            run_id=run_id or None,
            logical_date=date,
            conf=conf,
            user_id=call.user.user_id,
            run_id_pattern=pattern,
        )
    except AlreadyExists:
        name = run_id or f"manual__{date.isoformat()}"
        raise Refused(400, f"A DAG Run already exists for DAG {spec.dag_id} at {date} with run id {name}") from None
    except InvalidInput as problem:
        raise Refused(400, str(problem)) from None
    return {
        "execution_date": run.logical_date.isoformat(),
        "message": f"Created {shown_run(run)}",
        "run_id": run.run_id,
    }


def _is_true(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "t", "yes", "y", "1")


def dag_runs(call: Call) -> Any:
    """GET /dags/{dag_id}/dag_runs"""
    wanted = call.query.get("state")
    state = None if wanted is None else wanted.lower()
    if state is not None and state not in {str(known) for known in RunState}:
        raise Refused(400, f"'{state}' is not a valid DagRunState")
    spec = _spec(call, 400)
    wanted_runs = RunFilter(dag_ids={spec.dag_id}, states=None if state is None else [state])
    rows, _ = listings.runs(call.tx, wanted_runs, Page(_ALL_ROWS), Order("execution_date"))
    return [
        {
            **run_item(row.dag_id, row.logical_date, row.start_date),
            "id": row.id,
            "run_id": row.run_id,
            "state": str(row.state),
        }
        for row in rows
    ]


def dag_run_status(call: Call) -> Any:
    """GET /dags/{dag_id}/dag_runs/{execution_date}"""
    date = _date(call.path["execution_date"])
    return {"state": str(_run(call, _spec(call), date).state)}


def latest_runs(call: Call) -> Any:
    """GET /latest_runs"""
    items = [
        run_item(run.dag_id, str(run.logical_date), run.start_date)
        for run in listings.latest_runs(call.tx)
        if call.user.may(on_dag("GET", "RUN"), run.dag_id)
    ]
    return {"items": items}


def task_instance(call: Call) -> Any:
    """GET /dags/{dag_id}/dag_runs/{execution_date}/tasks/{task_id}"""
    date = _date(call.path["execution_date"])
    spec = _spec(call)
    task = _task(call, spec)
    run = _run(call, spec, date)
    wanted = TaskFilter(dag_ids=[spec.dag_id], run_ids=[run.run_id], task_ids=[task.task_id])
    rows, _ = task_listings.task_instances(call.tx, wanted, Page(1))
    if not rows:
        raise Refused(404, f"Task {task.task_id} instance for date {date} not found")
    return instance_body(run, rows[0])


# DAGs -------------------------------------------------------------------------------------------------------------


def test(call: Call) -> Any:
    """GET /test"""
    return {"status": "OK"}


def info(call: Call) -> Any:
    """GET /info"""
    return {"version": REPORTED_VERSION}


def delete_dag(call: Call) -> Any:
    """DELETE /dags/{dag_id}"""
    dag_id = call.path["dag_id"]
    if call.tx.dags.get(dag_id) is None:
        raise Refused(404, f"Dag id {dag_id} not found")
    count = 1 + call.tx.runs.count(dag_id)
    try:
        dag_actions.delete_dag(call.tx, dag_id)
    except Conflict as problem:
        raise Refused(400, str(problem)) from None
    return {"count": count, "message": f"Removed {count} record(s)"}


def dag_code(call: Call) -> Any:
    """GET /dags/{dag_id}/code"""
    source = call.tx.dags.source(_spec(call).fileloc)
    return Answer((source or "").encode(), media_type="text/html; charset=utf-8")


def task_info(call: Call) -> Any:
    """GET /dags/{dag_id}/tasks/{task_id}: the operator's attributes as texts."""
    return task_body(_task(call, _spec(call)))


def dag_is_paused(call: Call) -> Any:
    """GET /dags/{dag_id}/paused"""
    return {"is_paused": _dag(call).is_paused}


def dag_paused(call: Call) -> Any:
    """GET /dags/{dag_id}/paused/{paused}"""
    dag_actions.set_paused(call.tx, [_dag(call).dag_id], is_paused=call.path["paused"] == "true")
    return {"response": "ok"}


def _dag(call: Call) -> Any:
    row = call.tx.dags.get(call.path["dag_id"])
    if row is None:
        raise Refused(404, f"Dag id {call.path['dag_id']} not found in DagModel")
    return row


def get_lineage(call: Call) -> Any:
    """GET /lineage/{dag_id}/{execution_date}: without a lineage back end there is none to tell."""
    date = _date(call.path["execution_date"])
    _run(call, _spec(call), date)
    return {"task_ids": {}}


# Pools ------------------------------------------------------------------------------------------------------------


def get_pools(call: Call) -> Any:
    """GET /pools"""
    return [pool_body(row) for row in vault_listings.pool_rows(call.tx)]


def get_pool(call: Call) -> Any:
    """GET /pools/{name}"""
    return pool_body(_pool(call, call.path["name"]))


def create_pool(call: Call) -> Any:
    """POST /pools: makes a pool, or changes the one with this name."""
    body = _json(call)
    name, slots, description = (body.get(key) for key in ("name", "slots", "description"))
    if not isinstance(name, str) or not name.strip():
        raise Refused(400, "Pool name shouldn't be empty")
    if len(name) > 256:
        raise Refused(400, "Pool name can't be more than 256 characters")
    try:
        number = int(slots)  # type: ignore[arg-type]  # what is no number is refused here
    except (TypeError, ValueError, OverflowError):
        raise Refused(400, f"Bad value for `slots`: {slots}") from None
    text = None if description is None else str(description)
    try:
        if call.tx.pools.get(name) is None:
            access_actions.create_pool(call.tx, name, number, description=text)
        else:
            access_actions.change_pool(
                call.tx, name, new_name=name, slots=number, description=text, include_deferred=False
            )
    except InvalidInput as problem:
        raise Refused(400, str(problem)) from None
    return pool_body(_pool(call, name))


def delete_pool(call: Call) -> Any:
    """DELETE /pools/{name}: answers what it was."""
    name = call.path["name"]
    if name == "default_pool":
        raise Refused(400, "default_pool cannot be deleted")
    row = _pool(call, name)
    access_actions.delete_pool(call.tx, name)
    return pool_body(row)


def _pool(call: Call, name: str) -> Any:
    for row in vault_listings.pool_rows(call.tx, name):
        return row
    raise Refused(404, f"Pool '{name}' doesn't exist")


# The table --------------------------------------------------------------------------------------------------------

_RUN, _INSTANCE, _ANY = on_dag("GET", "RUN"), on_dag("GET", "TASK_INSTANCE"), on("GET", "Website")
_RUNS_OF = "/dags/{dag_id}/dag_runs"


def _operation(method: str, path: str, handler: Callable[[Call], Any], access: Access, **more: Any) -> Operation:
    return Operation(
        id=handler.__name__,
        method=method,
        path=path,
        handler=_refusing(handler),
        tag="Experimental",
        access=(access,),
        takes_any_query=True,
        is_ours=True,
        **more,
    )


OPERATIONS: tuple[Operation, ...] = (
    _operation("POST", _RUNS_OF, trigger_dag, on_dag("POST", "RUN"), writes=True, takes_raw=True, event="trigger"),
    _operation("GET", _RUNS_OF, dag_runs, _RUN),
    _operation("GET", _RUNS_OF + "/{execution_date}", dag_run_status, _RUN),
    _operation("GET", _RUNS_OF + "/{execution_date}/tasks/{task_id}", task_instance, _INSTANCE),
    _operation("GET", "/latest_runs", latest_runs, _RUN),
    _operation("GET", "/test", test, _ANY),
    _operation("GET", "/info", info, _ANY),
    _operation("DELETE", "/dags/{dag_id}", delete_dag, on_dag("DELETE"), writes=True, event="delete"),
    _operation("GET", "/dags/{dag_id}/code", dag_code, on_dag("GET", "CODE")),
    _operation("GET", "/dags/{dag_id}/tasks/{task_id}", task_info, _INSTANCE),
    _operation("GET", "/dags/{dag_id}/paused", dag_is_paused, on_dag("GET")),
    _operation("GET", "/dags/{dag_id}/paused/{paused}", dag_paused, on_dag("PUT"), writes=True, event="paused"),
    _operation("GET", "/lineage/{dag_id}/{execution_date}", get_lineage, _RUN),
    _operation("GET", "/pools", get_pools, on("GET", "Pools")),
    _operation("GET", "/pools/{name}", get_pool, on("GET", "Pools")),
    _operation("POST", "/pools", create_pool, on("POST", "Pools"), writes=True, takes_raw=True, event="api.post_pool"),
    _operation("DELETE", "/pools/{name}", delete_pool, on("DELETE", "Pools"), writes=True, event="api.delete_pool"),
)
