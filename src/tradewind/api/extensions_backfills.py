"""Beyond Airflow 2: backfills that the scheduler runs, under the paths, names and values of Airflow 3's API.

Who may make runs of a DAG may make a backfill of it; who may change them may pause, resume and cancel it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.actions import backfills as backfill_actions
from tradewind.actions.backfills import BackfillWish, PlannedRun
from tradewind.auth.permissions import on_dag
from tradewind.model.spec import DagSpec
from tradewind.model.states import ReprocessBehavior
from tradewind.storage import backfills, listings
from tradewind.storage.backfills import BackfillRow
from tradewind.storage.database import Transaction

from . import table
from .batches import Batched
from .bodies import collection, iso
from .call import Answer, Call
from .forms import Field, aware, in_utc, load
from .paging import order_of, same
from .problems import Problem, forbidden, not_found
from .table import Operation
from .v1_dags import page, readable

_FIELDS = (
    Field("dag_id", required=True, may_be_null=False),
    Field("from_date", required=True, may_be_null=False),
    Field("to_date", required=True, may_be_null=False),
    Field("run_backwards"),
    Field("dag_run_conf"),
    Field("reprocess_behavior"),
    Field("max_active_runs"),
    Field("run_on_latest_version"),
    Field("dry_run"),
)
_DATE = {"type": "string", "format": "date-time"}
_BODY = {
    "type": "object",
    "required": ["dag_id", "from_date", "to_date"],
    "properties": {
        "dag_id": {"type": "string"},
        "from_date": _DATE,
        "to_date": _DATE,
        "run_backwards": {"type": "boolean", "default": False},
        "dag_run_conf": {"type": "object", "nullable": True},
        "reprocess_behavior": {
            "type": "string",
            "enum": [str(one) for one in ReprocessBehavior],
            "nullable": True,
            "default": "none",
        },
        "max_active_runs": {"type": "integer", "minimum": 1, "default": 10},
        "run_on_latest_version": {"type": "boolean", "nullable": True},
        "dry_run": {"type": "boolean", "default": False},
    },
}
_ORDERS = same("id", "dag_id", "from_date", "to_date", "created_at", "completed_at", "updated_at")
_READ, _CREATE, _EDIT = on_dag("GET", "RUN"), on_dag("POST", "RUN"), on_dag("PUT", "RUN")


def backfill_body(row: Any, progress: Mapping[str, int], dag_display_name: str | None = None) -> dict[str, Any]:
    """Airflow 3's body, and beside it how far the backfill is."""
    return {
        "id": row.id,
        "dag_id": row.dag_id,
        "dag_display_name": dag_display_name or row.dag_id,
        "from_date": iso(row.from_date),
        "to_date": iso(row.to_date),
        "dag_run_conf": row.dag_run_conf,
        "is_paused": row.is_paused,
        "reprocess_behavior": str(row.reprocess_behavior),
        "max_active_runs": row.max_active_runs,
        "created_at": iso(row.created_at),
        "completed_at": iso(row.completed_at),
        "updated_at": iso(row.updated_at),
        "run_backwards": row.run_backwards,
        "triggering_user_name": row.triggering_user_name,
        "progress": {**progress, "total": sum(progress.values())},
    }


def _one(call: Call, row: BackfillRow) -> dict[str, Any]:
    dag = listings.dag(call.tx, row.dag_id)
    return backfill_body(row, backfills.progress(call.tx, [row.id])[row.id], dag and dag.dag_display_name)


def get_backfills(call: Call) -> Any:
    """GET /backfills"""
    permitted, asked = readable(call), call.query.get("dag_id")
    dag_ids = permitted
    if asked:
        dag_ids = frozenset({asked}) if permitted is None else permitted & {asked}
    order = order_of(call.query.get("order_by"), _ORDERS, "id")
    rows, total = backfills.listing(
        call.tx, dag_ids=dag_ids, is_open=call.query.get("active"), page=page(call), order=order
    )
    progress = backfills.progress(call.tx, [row.id for row in rows]) if rows else {}
    bodies = [backfill_body(row, progress[row.id], row.dag_display_name) for row in rows]
    return collection("backfills", bodies, total)


def get_backfill(call: Call) -> Any:
    """GET /backfills/{backfill_id}"""
    return _one(call, _row(call, _READ))


def get_backfill_runs(call: Call) -> Any:
    """GET /backfills/{backfill_id}/dagRuns: its dates in order, each with its run or the reason why it has none."""
    row = _row(call, _READ)
    rows, total = backfills.dates(call.tx, row.id, page(call))
    bodies = [
        {
            "logical_date": iso(one.logical_date),
            "data_interval_start": iso(one.data_interval_start),
            "data_interval_end": iso(one.data_interval_end),
            "sort_ordinal": one.sort_ordinal,
            "state": str(one.standing),
            "exception_reason": one.exception_reason,
            "dag_run_id": one.run_id,
            "start_date": iso(one.start_date),
            "end_date": iso(one.end_date),
        }
        for one in rows
    ]
    return collection("backfill_dag_runs", bodies, total)


def _row(call: Call, access: Any) -> BackfillRow:
    row = backfills.get(call.tx, call.path["backfill_id"])
    if row is None or not call.user.may(_READ, row.dag_id):
        raise not_found("Backfill not found", f"There is no backfill {call.path['backfill_id']}")
    if not call.user.may(access, row.dag_id):
        raise Problem(403)
    return row


def post_backfill(call: Call) -> Answer | Batched:
    """POST /backfills"""
    body = load(call.body, _FIELDS)
    spec, wish = _wish(call, body)
    planned = backfill_actions.plan(call.tx, spec, wish)
    if body.get("dry_run"):
        return Answer(_plan_body(planned), 200)
    made: list[BackfillRow] = []

    def make(tx: Transaction) -> None:
        call.use(tx)
        _note(call, "create_backfill", spec.dag_id, call.body)
        conf, name = body.get("dag_run_conf"), call.user.username
        made.append(backfill_actions.create(tx, spec, wish, conf=conf, user_name=name, planned=planned))

    return Batched([make], lambda: Answer(_one(call, made[0]), 201))


def plan_backfill(call: Call) -> Any:
    """POST /backfills/dry_run"""
    return _plan_body(backfill_actions.plan(call.tx, *_wish(call, load(call.body, _FIELDS))))


def _wish(call: Call, body: Mapping[str, Any]) -> tuple[DagSpec, BackfillWish]:
    dag_id = body["dag_id"]
    spec = call.services.specs.of_dag(call.tx, dag_id)
    if spec is None or not call.user.may(_READ, dag_id):
        raise not_found("DAG not found", f"DAG with dag_id: '{dag_id}' not found")
    if not call.user.may(_CREATE, dag_id):
        raise forbidden(f"You may not make runs of DAG '{dag_id}'.")
    wish = BackfillWish(
        from_date=in_utc(aware(body["from_date"])),
        to_date=in_utc(aware(body["to_date"])),
        reprocess_behavior=ReprocessBehavior(body.get("reprocess_behavior") or "none"),
        run_backwards=body.get("run_backwards") or False,
        max_active_runs=int(body.get("max_active_runs") or 10),
    )
    return spec, wish


def _plan_body(planned: Sequence[PlannedRun]) -> dict[str, Any]:
    """As in Airflow 3 ``backfills`` has the dates that would be run; beside them those that would not."""
    wanted = [one for one in planned if one.reason is None]
    counts = {action: sum(one.action == action for one in planned) for action in ("create", "rerun", "skip")}
    return {
        **collection("backfills", [_date_body(one) for one in wanted], len(wanted)),
        "skipped": [_date_body(one) for one in planned if one.reason is not None],
        "counts": counts,
    }


def _date_body(one: PlannedRun) -> dict[str, Any]:
    there = one.existing
    return {
        "logical_date": iso(one.run.logical_date),
        "partition_key": None,
        "partition_date": None,
        "data_interval_start": iso(one.run.data_interval_start),
        "data_interval_end": iso(one.run.data_interval_end),
        "action": one.action,
        "reason": one.reason,
        "dag_run_id": None if there is None else there.run_id,
        "state": None if there is None else str(there.state),
    }


def pause_backfill(call: Call) -> Any:
    """PUT /backfills/{backfill_id}/pause"""
    return _changed(call, "pause_backfill", lambda number: backfill_actions.set_paused(call.tx, number, is_paused=True))


def unpause_backfill(call: Call) -> Any:
    """PUT /backfills/{backfill_id}/unpause"""
    return _changed(
        call, "unpause_backfill", lambda number: backfill_actions.set_paused(call.tx, number, is_paused=False)
    )


def cancel_backfill(call: Call) -> Any:
    """PUT /backfills/{backfill_id}/cancel"""
    return _changed(call, "cancel_backfill", lambda number: backfill_actions.cancel(call.tx, number))


def _changed(call: Call, event: str, change: Any) -> Any:
    row = _row(call, _EDIT)
    _note(call, event, row.dag_id, {"backfill_id": row.id})
    return _one(call, change(row.id))


def _note(call: Call, event: str, dag_id: str, extra: Any) -> None:
    """The audit log's row; the table's own way knows only DAGs of the path."""
    call.tx.history.add(event, dag_id=dag_id, owner=call.user.username, extra=extra)


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    # What is changed is known by the body or the row: whose DAG it is, the handlers ask.
    access = (_READ if method == "GET" else on_dag("GET"),)
    return Operation(
        id=id, method=method, path=path, handler=handler, tag="Backfill", access=access, is_ours=True, **more
    )


_ONE = "/backfills/{backfill_id:int}"

OPERATIONS: tuple[Operation, ...] = (
    _operation(
        "list_backfills",
        "GET",
        "/backfills",
        get_backfills,
        query=(*table.ORDERED_PAGE, table.string("dag_id"), table.boolean("active")),
    ),
    _operation("create_backfill", "POST", "/backfills", post_backfill, in_batches=True, body=_BODY, status=201),
    _operation("create_backfill_dry_run", "POST", "/backfills/dry_run", plan_backfill, body=_BODY, is_slow=True),
    _operation("get_backfill", "GET", _ONE, get_backfill),
    _operation("get_backfill_runs", "GET", f"{_ONE}/dagRuns", get_backfill_runs, query=table.PAGE),
    _operation("pause_backfill", "PUT", f"{_ONE}/pause", pause_backfill, writes=True),
    _operation("unpause_backfill", "PUT", f"{_ONE}/unpause", unpause_backfill, writes=True),
    _operation("cancel_backfill", "PUT", f"{_ONE}/cancel", cancel_backfill, writes=True),
)
