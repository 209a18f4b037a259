"""XComs, logs and extra links of task instances."""

from __future__ import annotations

from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState
from tradewind.observability.task_logs import read_log
from tradewind.serde.shown import shown
from tradewind.serde.values import loads
from tradewind.storage import listings, task_listings
from tradewind.wire.plugin_messages import ShowXCom

from . import table
from .bodies import collection, iso
from .call import Answer, Call
from .links import links_of, links_of_plugins
from .log_files import log_file
from .negotiation import choose
from .problems import bad_request, not_found
from .remote_logs import remote_text
from .table import Operation
from .tokens import BadSignature, sign, unsign
from .v1_dags import page, readable

_LOG_BYTES = 4 * 1024 * 1024
"""Most of a log that one answer carries unless the whole is asked for."""


def xcom_item(row: Any) -> dict[str, Any]:
    return {
        "dag_id": row.dag_id,
        "execution_date": iso(row.logical_date),
        "key": row.key,
        "map_index": row.map_index,
        "task_id": row.task_id,
        "timestamp": iso(row.timestamp),
    }


def get_xcom_entries(call: Call) -> Any:
    """GET …/xcomEntries"""
    path, query = call.path, call.query
    dag_id = path["dag_id"]
    rows, total = listings.xcoms(
        call.tx,
        page(call),
        dag_ids=readable(call) if dag_id == "~" else (dag_id,),
        run_id=None if path["dag_run_id"] == "~" else path["dag_run_id"],
        task_id=None if path["task_id"] == "~" else path["task_id"],
        key=query.get("xcom_key"),
        map_index=query.get("map_index"),
    )
    return collection("xcom_entries", [xcom_item(row) for row in rows], total)


def get_xcom_entry(call: Call) -> Any:
    """GET …/xcomEntries/{xcom_key}"""
    path, query = call.path, call.query
    is_deserialised = query.get("deserialize", False)
    if is_deserialised and not call.services.options.deserialises_xcoms:
        raise bad_request("XCom deserialization is disabled in configuration.")
    run = RunKey(path["dag_id"], path["dag_run_id"])
    row = listings.xcom(call.tx, run, TaskKey(path["task_id"], query.get("map_index", -1)), path["xcom_key"])
    if row is None:
        raise not_found("XCom entry not found")
    value = _by_backend(call, row, is_deserialised)
    if value is None:
        value = _value(row.value, is_deserialised)
    if query.get("stringify", True) and value is not None:
        value = str(value)
    return {**xcom_item(row), "value": value}


def _by_backend(call: Call, row: Any, is_deserialised: bool) -> str | None:
    """What the XCom back end of this deployment shows; None: it shows nothing else than what is stored."""
    if not call.services.options.has_xcom_backend or row.value is None:
        return None
    question = ShowXCom(
        value=row.value,
        dag_id=row.dag_id,
        run_id=row.run_id,
        task_id=row.task_id,
        map_index=row.map_index,
        key=row.key,
        is_deserialised=is_deserialised,
    )
    shown_by: str | None = call.services.ask_plugins(question)
    return shown_by


def _value(text: str | None, is_deserialised: bool) -> Any:
    if text is None:
        return None
    # Deserialising makes objects of allowed classes only; JSON cannot carry all of them, so what is left is shown.
    return loads(text) if is_deserialised else shown(text)


def get_log(call: Call) -> Any:
    """GET …/logs/{task_try_number}"""
    path, query = call.path, call.query
    key = call.services.options.secret_key
    offset = 0
    if query.get("token"):
        try:
            metadata = unsign(query["token"], key)
        except BadSignature:
            raise bad_request(None, title="Bad Signature. Please use only the tokens provided by the API.") from None
        offset = 0 if metadata.get("download_logs") else int(metadata.get("log_pos", 0))
    map_index = query.get("map_index", -1)
    row = task_listings.task_instance(call.tx, path["dag_id"], path["dag_run_id"], path["task_id"], map_index)
    if row is None:
        raise not_found("TaskInstance not found")
    number = path["task_try_number"]
    file = log_file(call.services, call.tx, RunKey(row.dag_id, row.run_id), TaskKey(row.task_id, map_index), number)
    wants_text = choose(call.headers.get("accept"), ("text/plain", "application/json"), "application/json")
    is_whole = query.get("full_content", False) or wants_text == "text/plain"
    part = read_log(file, offset, None if is_whole else _LOG_BYTES)
    host = row.hostname or ""
    if part is None:
        kept = (remote_text(call, row, number) or "").encode()
        absent = f"*** No log of try {number} was found at {file.name}: it has not started, or its log was removed.\n"
        text = kept[offset:].decode(errors="replace") if kept else absent
        next_offset, is_end = len(kept), True
    else:
        text, next_offset = part.text, part.next_offset
        is_end = part.is_end
    if wants_text == "text/plain":
        return Answer(f"{host}\n{text}\n".encode(), 200, "text/plain")
    is_running = row.state in (TaskState.RUNNING, TaskState.DEFERRED, TaskState.QUEUED) and row.try_number == number
    token = sign({"end_of_log": is_end and not is_running, "log_pos": next_offset}, key)
    return {"content": repr([(host, text)]), "continuation_token": token}


def get_extra_links(call: Call) -> Any:
    """GET …/links"""
    path = call.path
    spec = call.services.specs.of_dag(call.tx, path["dag_id"])
    if spec is None:
        raise not_found("DAG not found", f'DAG with ID = "{path["dag_id"]}" not found')
    task = next((task for task in spec.tasks if task.task_id == path["task_id"]), None)
    if task is None:
        raise not_found("Task not found", f'Task with ID = "{path["task_id"]}" not found')
    map_index = call.query.get("map_index", -1)
    row = task_listings.task_instance(call.tx, path["dag_id"], path["dag_run_id"], path["task_id"], map_index)
    if row is None:
        raise not_found("DAG Run not found", f'DAG Run with ID = "{path["dag_run_id"]}" not found')
    return {**links_of(call.tx, task, row), **links_of_plugins(call.services, call.tx, task, row)}


_ONE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}"


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="get_xcom_entries",
        method="GET",
        path=_ONE + "/xcomEntries",
        handler=get_xcom_entries,
        tag="XCom",
        access=(on_dag("GET", "XCOM"),),
        query=(table.MAP_INDEX, table.string("xcom_key"), *table.PAGE),
    ),
    Operation(
        id="get_xcom_entry",
        may_ask_plugins=True,
        method="GET",
        path=_ONE + "/xcomEntries/{xcom_key:path}",
        handler=get_xcom_entry,
        tag="XCom",
        access=(on_dag("GET", "XCOM"),),
        query=(table.MAP_INDEX, table.boolean("deserialize", default=False), table.boolean("stringify", default=True)),
    ),
    Operation(
        id="get_log",
        method="GET",
        path=_ONE + "/logs/{task_try_number:int}",
        handler=get_log,
        tag="TaskInstance",
        access=(on_dag("GET", "TASK_LOGS"),),
        query=(table.boolean("full_content"), table.MAP_INDEX, table.string("token")),
        is_slow=True,
        produces=("application/json", "text/plain"),
    ),
    Operation(
        id="get_extra_links",
        method="GET",
        path=_ONE + "/links",
        handler=get_extra_links,
        tag="TaskInstance",
        is_slow=True,
        access=(on_dag("GET", "TASK_INSTANCE"),),
        query=(table.MAP_INDEX,),
    ),
)
