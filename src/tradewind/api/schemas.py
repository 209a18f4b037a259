"""Schemas of request bodies, without prose. Keywords are in the order in which they are checked."""

from __future__ import annotations

from typing import Any

_S = {"type": "string"}
_SN = {"type": "string", "nullable": True}
_B = {"type": "boolean"}
_I = {"type": "integer"}
_MOMENT = {"type": "string", "format": "date-time"}
_MOMENT_N = {"type": "string", "nullable": True, "format": "date-time"}
_STRINGS = {"type": "array", "items": _S}


def _read_only(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "readOnly": True}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


_RO_S = _read_only(_S)
_RO_SN = {"type": "string", "readOnly": True, "nullable": True}
_RO_MOMENT_N = {"type": "string", "format": "date-time", "readOnly": True, "nullable": True}
_RO_IN = {"type": "integer", "nullable": True, "readOnly": True}
_RO_BN = {"type": "boolean", "nullable": True, "readOnly": True}
_RO_I = _read_only(_I)

TAG = _object(name=_S)
DAG = _object(
    dag_id=_RO_S,
    dag_display_name=_RO_S,
    root_dag_id=_RO_SN,
    is_paused={"type": "boolean", "nullable": True},
    is_active={"nullable": True, "readOnly": True, "type": "boolean"},
    is_subdag=_read_only(_B),
    last_parsed_time=_RO_MOMENT_N,
    last_pickled=_RO_MOMENT_N,
    last_expired=_RO_MOMENT_N,
    scheduler_lock={"type": "boolean", "readOnly": True, "nullable": True},
    pickle_id=_RO_SN,
    default_view=_RO_SN,
    fileloc=_RO_S,
    file_token=_RO_S,
    owners=_read_only(_STRINGS),
    description=_RO_SN,
    schedule_interval={"nullable": True, "readOnly": True},
    timetable_description=_RO_SN,
    tags={"type": "array", "nullable": True, "items": TAG, "readOnly": True},
    max_active_tasks=_RO_IN,
    max_active_runs=_RO_IN,
    has_task_concurrency_limits=_RO_BN,
    has_import_errors=_RO_BN,
    next_dagrun=_RO_MOMENT_N,
    next_dagrun_data_interval_start=_RO_MOMENT_N,
    next_dagrun_data_interval_end=_RO_MOMENT_N,
    next_dagrun_create_after=_RO_MOMENT_N,
    max_consecutive_failed_dag_runs=_RO_IN,
)
_RUN_STATE = {"type": "string", "readOnly": True, "enum": ["queued", "running", "success", "failed"]}
DAG_RUN = _object(
    dag_run_id=_SN,
    dag_id=_RO_S,
    logical_date=_MOMENT_N,
    execution_date=_MOMENT_N,
    start_date=_RO_MOMENT_N,
    end_date=_RO_MOMENT_N,
    data_interval_start={"type": "string", "format": "date-time", "nullable": True},
    data_interval_end={"type": "string", "format": "date-time", "nullable": True},
    last_scheduling_decision=_RO_MOMENT_N,
    run_type={"type": "string", "readOnly": True, "enum": ["backfill", "manual", "scheduled", "dataset_triggered"]},
    state=_RUN_STATE,
    external_trigger=_read_only(_B),
    conf={"type": "object"},
    note=_SN,
)
_SPANS = {f"{name}_{side}": _MOMENT for name in ("execution_date", "start_date", "end_date") for side in ("gte", "lte")}
LIST_DAG_RUNS = _object(
    order_by=_S,
    page_offset={"type": "integer", "minimum": 0},
    page_limit={"type": "integer", "minimum": 1},
    dag_ids=_STRINGS,
    states=_STRINGS,
    **_SPANS,
)
UPDATE_RUN_STATE = _object(state={"type": "string", "enum": ["success", "failed", "queued"]})
CLEAR_RUN = _object(dry_run=_B)
RUN_NOTE = _object(note=_S)
TASK_NOTE = {"type": "object", "required": ["note"], "properties": {"note": _S}}
CLEAR_TASK_INSTANCES = _object(
    dry_run=_B,
    task_ids={"type": "array", "items": _S, "minItems": 1},
    start_date=_S,
    end_date=_S,
    only_failed=_B,
    only_running=_B,
    include_subdags=_B,
    include_parentdag=_B,
    reset_dag_runs=_B,
    dag_run_id=_SN,
    include_upstream=_B,
    include_downstream=_B,
    include_future=_B,
    include_past=_B,
)
_NEW_STATE = {"type": "string", "enum": ["success", "failed", "skipped"]}
UPDATE_TASK_INSTANCES = _object(
    dry_run=_B,
    task_id=_S,
    execution_date=_S,
    dag_run_id=_S,
    include_upstream=_B,
    include_downstream=_B,
    include_future=_B,
    include_past=_B,
    new_state=_NEW_STATE,
)
UPDATE_TASK_INSTANCE = _object(dry_run=_B, new_state=_NEW_STATE)
_TASK_STATE = {
    "type": "string",
    "nullable": True,
    "enum": [
        None,
        "success",
        "running",
        "failed",
        "upstream_failed",
        "skipped",
        "up_for_retry",
        "up_for_reschedule",
        "queued",
        "none",
        "scheduled",
        "deferred",
        "removed",
        "restarting",
    ],
}
LIST_TASK_INSTANCES = _object(
    page_offset={"type": "integer", "minimum": 0},
    page_limit={"type": "integer", "minimum": 1},
    dag_ids=_STRINGS,
    dag_run_ids=_STRINGS,
    task_ids=_STRINGS,
    **_SPANS,
    duration_gte={"type": "number"},
    duration_lte={"type": "number"},
    state={"type": "array", "items": _TASK_STATE},
    pool=_STRINGS,
    queue=_STRINGS,
    executor=_STRINGS,
)
_CONNECTION_ITEM = _object(
    connection_id=_S,
    conn_type=_S,
    description=_SN,
    host=_SN,
    login=_SN,
    schema=_SN,
    port={"type": "integer", "nullable": True},
)
CONNECTION = {"allOf": [_CONNECTION_ITEM, _object(password=_S, extra=_SN)]}
VARIABLE = {"allOf": [_object(key=_S, description=_SN), _object(value=_S)]}
POOL = _object(
    name=_S,
    slots=_I,
    occupied_slots=_RO_I,
    running_slots=_RO_I,
    queued_slots=_RO_I,
    open_slots=_RO_I,
    scheduled_slots=_RO_I,
    deferred_slots=_RO_I,
    description=_SN,
    include_deferred=_B,
)
DATASET_EVENT = {
    "type": "object",
    "required": ["dataset_uri"],
    "properties": {"dataset_uri": _S, "extra": {"type": "object", "nullable": True}},
}
_PERMISSION = _object(action=_object(name=_S), resource=_object(name=_S))
ROLE = _object(name={"type": "string", "minLength": 1}, actions={"type": "array", "items": _PERMISSION})
_USER_ITEM = _object(
    first_name=_S,
    last_name=_S,
    username={"type": "string", "minLength": 1},
    email={"type": "string", "minLength": 1},
    active={"type": "boolean", "readOnly": True, "nullable": True},
    last_login=_RO_SN,
    login_count={"type": "integer", "readOnly": True, "nullable": True},
    failed_login_count={"type": "integer", "readOnly": True, "nullable": True},
    roles={"type": "array", "items": {"type": "object", "properties": {"name": _S}, "nullable": True}},
    created_on=_RO_SN,
    changed_on=_RO_SN,
)
USER = {"type": "object", "allOf": [_USER_ITEM, _object(password=_S)]}
