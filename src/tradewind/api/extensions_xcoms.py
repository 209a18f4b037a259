"""Beyond Airflow 2: storing, changing and deleting XComs from outside of tasks, under Airflow 3's paths."""

from __future__ import annotations

from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.model.changes import Event
from tradewind.model.records import RunKey, TaskKey
from tradewind.serde.shown import shown
from tradewind.serde.values import dumps
from tradewind.storage import listings, task_listings

from . import table
from .call import NO_CONTENT, Answer, Call
from .forms import Field, load
from .problems import bad_request, conflict, not_found
from .table import Operation
from .v1_xcoms_logs import xcom_item

_INDEX = {"type": "integer", "minimum": -1, "default": -1}
_NEW = {
    "type": "object",
    "required": ["key", "value"],
    "properties": {"key": {"type": "string", "minLength": 1}, "value": {}, "map_index": _INDEX},
}
_CHANGE = {"type": "object", "required": ["value"], "properties": {"value": {}, "map_index": _INDEX}}
_VALUE = Field("value", required=True)
_MAP_INDEX = Field("map_index", may_be_null=False)


def post_xcom_entry(call: Call) -> Any:
    """POST …/xcomEntries: 409 when the key is there already."""
    _check_backend(call)
    body = load(call.body, (Field("key", required=True, most=512, may_be_null=False), _VALUE, _MAP_INDEX))
    run, task = _place(call, body.get("map_index", -1))
    if listings.xcom(call.tx, run, task, body["key"]) is not None:
        raise conflict(f"The XCom with key: `{body['key']}` of task instance `{task.task_id}` already exists")
    return _put(call, run, task, body["key"], body["value"])


def patch_xcom_entry(call: Call) -> Any:
    """PATCH …/xcomEntries/{xcom_key}"""
    _check_backend(call)
    body = load(call.body, (_VALUE, _MAP_INDEX))
    run, task = _place(call, body.get("map_index", -1))
    if listings.xcom(call.tx, run, task, call.path["xcom_key"]) is None:
        raise not_found("XCom entry not found")
    return _put(call, run, task, call.path["xcom_key"], body["value"])


def delete_xcom_entry(call: Call) -> Answer:
    """DELETE …/xcomEntries/{xcom_key}"""
    run, task = _place(call, call.query.get("map_index", -1))
    if not call.tx.xcoms.delete(run, task, call.path["xcom_key"]):
        raise not_found("XCom entry not found")
    _tell(call, run, task)
    return NO_CONTENT


def _check_backend(call: Call) -> None:
    if call.services.options.has_xcom_backend:
        raise bad_request("XComs are kept by the class of [core] xcom_backend; only tasks can write them.")


def _place(call: Call, map_index: int) -> tuple[RunKey, TaskKey]:
    path = call.path
    row = task_listings.task_instance(call.tx, path["dag_id"], path["dag_run_id"], path["task_id"], map_index)
    if row is None:
        raise not_found("TaskInstance not found")
    return RunKey(row.dag_id, row.run_id), TaskKey(row.task_id, map_index)


def _put(call: Call, run: RunKey, task: TaskKey, key: str, value: Any) -> Any:
    text = dumps(value)
    call.tx.xcoms.put(run, task, key, text, len(value) if isinstance(value, list | dict) else None)
    _tell(call, run, task)
    row = listings.xcom(call.tx, run, task, key)
    return {**xcom_item(row), "value": shown(text)}


def _tell(call: Call, run: RunKey, task: TaskKey) -> None:
    """Mapped tasks and branches look at XComs: whoever keeps the run in memory reads it again."""
    call.tx.runs.touch(run)
    event = Event(
        kind="xcom.changed", dag_id=run.dag_id, run_id=run.run_id, task_id=task.task_id, map_index=task.map_index
    )
    call.tx.emit(event)


def _operation(id: str, method: str, path: str, handler: Any, **more: Any) -> Operation:
    return Operation(
        id=id,
        method=method,
        path=path,
        handler=handler,
        tag="XCom",
        access=(on_dag("DELETE", "XCOM") if method == "DELETE" else on_dag("PUT", "TASK_INSTANCE"),),
        event=f"api.{id}",
        is_ours=True,
        writes=True,
        **more,
    )


_ALL = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries"
_ONE = _ALL + "/{xcom_key:path}"

OPERATIONS: tuple[Operation, ...] = (
    _operation("post_xcom_entry", "POST", _ALL, post_xcom_entry, body=_NEW, status=201),
    _operation("patch_xcom_entry", "PATCH", _ONE, patch_xcom_entry, body=_CHANGE),
    _operation("delete_xcom_entry", "DELETE", _ONE, delete_xcom_entry, query=(table.MAP_INDEX,), status=204),
)
