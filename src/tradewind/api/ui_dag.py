"""GET /ui/v1/dags/{dag_id}, …/code, and the trigger form: what the page of one DAG begins with."""

from __future__ import annotations

from typing import Any

import msgspec

from tradewind.auth.permissions import on_dag
from tradewind.model.spec import DagSpec
from tradewind.storage import listings, ui_dags, ui_runs, ui_tasks

from . import table
from .bodies import dag_details, iso
from .call import Call
from .problems import bad_request, forbidden, not_found
from .table import Operation
from .ui_answers import perms, rounded, view

CONFS = 10


def dag_row(call: Call) -> Any:
    """The row of the DAG in the path. Raises the 404."""
    dag_id = call.path["dag_id"]
    row = listings.dag(call.tx, dag_id)
    if row is None:
        raise not_found("DAG not found", f"The DAG with dag_id: {dag_id} was not found")
    return row


def spec_of(call: Call, version_id: int | None = None) -> DagSpec:
    """The DAG in the path, at a version or the newest. Raises the 404."""
    specs = call.services.specs
    if version_id is not None:
        return specs.of_version(call.tx, version_id)
    spec = specs.of_dag(call.tx, call.path["dag_id"])
    if spec is None:
        raise not_found("DAG not found", f"The DAG with dag_id: {call.path['dag_id']} was not found")
    return spec


def get_dag(call: Call) -> Any:
    """GET /dags/{dag_id}"""
    row, tx = dag_row(call), call.tx
    spec, options = spec_of(call), call.services.options
    tags = listings.dag_tags(tx, [row.dag_id]).get(row.dag_id, [])
    details = dag_details(row, tags, spec, secret=options.secret_key, default_timezone=spec.timezone)
    versions = ui_tasks.versions(tx, row.dag_id)
    active = sum(count for _, state, count in ui_dags.open_runs(tx, [row.dag_id]) if state == "running")
    last = ui_runs.runs_of(tx, row.dag_id, 1)
    return {
        "dag_id": row.dag_id,
        "name": row.dag_display_name or row.dag_id,
        "description": row.description,
        "doc_md": spec.doc_md,
        "paused": row.is_paused,
        "is_active": row.is_active,
        "schedule": spec.timetable.summary,
        "cron_title": spec.timetable.description,
        "timetable": spec.timetable.kind,
        "dataset_expression": spec.dataset_condition,
        "next": _next(row),
        "last_run": {"run_id": last[0].run_id, "state": last[0].state} if last else None,
        "active_runs": active,
        "max_active_runs": row.max_active_runs,
        "max_active_tasks": row.max_active_tasks,
        "owners": list(spec.owners),
        "owner_links": dict(spec.owner_links),
        "tags": tags,
        "version": versions[0].version_number if versions else None,
        "version_id": versions[0].id if versions else None,
        "versions": len(versions),
        "file": row.fileloc,
        "file_token": details["file_token"],
        "last_parsed": iso(row.last_parsed_time),
        "import_error": row.has_import_errors,
        "warnings": [{"type": kind, "message": message} for kind, message in ui_tasks.warnings(tx, row.dag_id)],
        "params": form_of(spec),
        "perms": perms(call.user, row.dag_id),
        "starred": row.dag_id in ui_dags.starred(tx, call.user.user_id),
        "counts": {"backfills": ui_tasks.open_backfills(tx, row.dag_id), "tasks": len(spec.tasks)},
        "timezone": spec.timezone,
        "catchup": spec.catchup,
        "default_view": spec.default_view,
        "orientation": spec.orientation,
        "details": {**details, **_more_details(spec)},
    }


def _next(row: Any) -> dict[str, Any] | None:
    if row.next_dagrun is None:
        return None
    return {
        "at": iso(row.next_dagrun_create_after),
        "logical_date": iso(row.next_dagrun),
        "data_interval_start": iso(row.next_dagrun_data_interval_start),
        "data_interval_end": iso(row.next_dagrun_data_interval_end),
    }


def _more_details(spec: DagSpec) -> dict[str, Any]:
    left_out = {"tasks", "groups", "edge_labels", "params", "schedule_interval", "timetable", "doc_md"}
    found = {name: getattr(spec, name) for name in DagSpec.__dataclass_fields__ if name not in left_out}
    more: dict[str, Any] = msgspec.to_builtins(found)
    return more


def form_of(spec: DagSpec) -> list[dict[str, Any]]:
    """The DAG's params in their order: name, value, description, JSON schema."""
    fields = []
    for name, stored in spec.params.items():
        known = isinstance(stored, dict) and ("value" in stored or "schema" in stored)
        param = stored if known else {"value": stored}
        fields.append(
            {
                "name": name,
                "value": param.get("value"),
                "description": param.get("description"),
                "schema": param.get("schema") or {},
            }
        )
    return fields


def get_trigger_form(call: Call) -> Any:
    """GET /trigger/{dag_id}"""
    row, spec = dag_row(call), spec_of(call)
    confs = ui_tasks.latest_confs(call.tx, row.dag_id, CONFS)
    return {
        "dag_id": row.dag_id,
        "name": row.dag_display_name or row.dag_id,
        "paused": row.is_paused,
        "doc_md": spec.doc_md,
        "params": form_of(spec),
        "timezone": spec.timezone,
        "can_backfill": spec.timetable.can_be_scheduled and spec.timetable.periodic,
        "confs": [
            {
                "run_id": each.run_id,
                "state": each.state,
                "queued": rounded(each.queued_at),
                "conf": msgspec.json.decode(each.conf),
            }
            for each in confs
        ],
        "perms": perms(call.user, row.dag_id),
    }


def get_code(call: Call) -> Any:
    """GET …/code: the source of the DAG's file as it is, as it was when a version was parsed first (``version=``), or
    as it was when a run began (``run_id=``; null where it is not kept any more), and what was parsed of it."""
    row, tx = dag_row(call), call.tx
    permitted = call.user
    if any(not permitted.may(on_dag("GET"), other) for other in listings.dags_of_file(tx, row.fileloc)):
        raise forbidden("The file holds DAGs that you may not read.")
    versions = ui_tasks.versions(tx, row.dag_id)
    wanted, run_id = call.query.get("version"), call.query.get("run_id")
    if wanted is not None and run_id is not None:
        raise bad_request("Ask for the code of a version or of a run, not of both")
    if run_id is not None:
        wanted = _run_that_may_be_read(call, row.dag_id, run_id).version_number
    chosen = next((each for each in versions if each.version_number == wanted), None) if wanted else None
    if wanted is not None and chosen is None:
        raise not_found("Version not found", f"DAG {row.dag_id} has no version {wanted}")
    spec = spec_of(call, None if chosen is None else chosen.id)
    if run_id is not None:
        source = tx.dags.source_of_run(spec.fileloc, row.dag_id, run_id)
    elif chosen is None or chosen.id == versions[0].id:
        source = tx.dags.source(row.fileloc)
    else:
        source = tx.dags.source_of_version(spec.fileloc, chosen.id)
    return {
        "file": row.fileloc,
        "source": source,
        "version": chosen.version_number if chosen else (versions[0].version_number if versions else None),
        "versions": [
            {"number": each.version_number, "hash": each.dag_hash, "created": rounded(each.created_at)}
            for each in versions
        ],
        "spec": msgspec.json.format(msgspec.json.encode(spec), indent=2).decode(),
    }


def _run_that_may_be_read(call: Call, dag_id: str, run_id: str) -> Any:
    if not call.user.may(on_dag("GET", "RUN"), dag_id):
        raise forbidden(f"You may not read the runs of DAG {dag_id}.")
    run = ui_tasks.run(call.tx, dag_id, run_id)
    if run is None:
        raise not_found("DAGRun not found", f"DAG {dag_id} has no run {run_id}")
    return run


_CODE_OF = (table.integer("version"), table.string("run_id"))
OPERATIONS: tuple[Operation, ...] = (
    view("dag", "/dags/{dag_id}", get_dag, on_dag("GET")),
    view("code", "/dags/{dag_id}/code", get_code, on_dag("GET", "CODE"), query=_CODE_OF),
    view("trigger", "/trigger/{dag_id}", get_trigger_form, on_dag("GET")),
)
