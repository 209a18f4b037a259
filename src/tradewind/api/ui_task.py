"""GET /ui/v1/dags/{dag_id}/runs/{run_id}/tasks/{task_id}: a task instance's drawer, and what its tabs load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from tradewind.actions import tasks as task_actions
from tradewind.auth.permissions import on_dag
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import TaskState
from tradewind.serde.shown import shown
from tradewind.storage import task_listings, ui_tasks
from tradewind.storage.failures import errors_of
from tradewind.storage.trigger_listings import waited_for

from . import table
from .bodies import iso, shown_kwargs
from .call import Call
from .links import links_of
from .problems import bad_request, not_found
from .table import Operation
from .ui_answers import perms, rounded, view
from .ui_home import health
from .ui_logs import first_look
from .ui_run import run_row, task_of
from .ui_why import explained, of_scheduler, of_state

XCOM_CHARACTERS = 64 * 1024
RENDERED_CHARACTERS = 256 * 1024
MOST_MAPPED = 1000
_EXPLAINED = frozenset(
    {None, "scheduled", "queued", "up_for_retry", "up_for_reschedule", "deferred", "restarting", "upstream_failed"}
)
"""States whose "why" has an answer; others run or have ended of themselves."""


def get_task(call: Call) -> Any:
    """GET …/tasks/{task_id}; with ``log``, what is seen first of its log too: most come for that."""
    run = run_row(call)
    key, task_id = RunKey(run.dag_id, run.run_id), call.path["task_id"]
    states = ui_tasks.states(call.tx, key, task_id)
    index = call.query.get("map_index", -1)
    row = task_listings.task_instance(call.tx, run.dag_id, run.run_id, task_id, index)
    if row is None and (index >= 0 or not states):
        raise not_found("Task instance not found", f"Run {run.run_id} of DAG {run.dag_id} has no task {task_id}")
    spec = call.services.specs.of_dag(call.tx, run.dag_id)
    task = next((each for each in spec.tasks if each.task_id == task_id), None) if spec is not None else None
    body: dict[str, Any] = {
        "run": {"run_id": run.run_id, "state": run.state, "logical": rounded(run.logical), "type": run.run_type},
        "mapped": {"total": sum(states.values()), "states": states} if states else None,
        "task": None if task is None else _static(task),
        "perms": perms(call.user, run.dag_id),
        "ti": None,
        "tries": [],
        "why": [],
        "rendered": {},
        "links": {},
        "note": None,
    }
    if row is None:
        return body
    waiting = waited_for(call.tx, [row.trigger_id]) if row.trigger_id is not None else {}
    return {
        **body,
        "ti": _instance(call, row, waiting.get(row.trigger_id)),
        "tries": _tries(call, row),
        "why": _why(call, spec, task, row, waiting.get(row.trigger_id)),
        "rendered": _rendered(row),
        "links": {} if task is None else links_of(call.tx, task, row),
        "note": row.note,
        **({"log": first_look(call, row)} if call.query.get("log") else {}),
    }


def _instance(call: Call, row: Any, waiting: tuple[Any, Any] | None) -> dict[str, Any]:
    trigger, job = waiting or (None, None)
    names = ("duration", "state", "map_index", "rendered_map_index", "hostname", "pid", "pool", "pool_slots", "queue")
    more = ("priority_weight", "operator", "custom_operator_name", "executor", "next_method", "external_executor_id")
    return {
        "dag_id": row.dag_id,
        "run_id": row.run_id,
        "task_id": row.task_id,
        "name": row.task_display_name or row.task_id,
        "try": row.try_number,
        "max_tries": row.max_tries + 1,
        "start": iso(row.start_date),
        "end": iso(row.end_date),
        "queued": iso(row.queued_dttm),
        "wake_at": iso(row.wake_at),
        "logical_date": iso(row.logical_date),
        "unixname": row.unixname or call.services.options.unixname,
        "executor_config": str(row.executor_config) if row.executor_config else "{}",
        "trigger_timeout": iso(row.trigger_timeout),
        "trigger": None
        if trigger is None
        else {
            "classpath": trigger.classpath,
            "kwargs": shown_kwargs(trigger.kwargs),
            "created": iso(trigger.created_date),
            "triggerer": None if job is None else job.hostname,
        },
        **{name: getattr(row, name) for name in (*names, *more)},
    }


def _tries(call: Call, row: Any) -> list[dict[str, Any]]:
    run, task = RunKey(row.dag_id, row.run_id), TaskKey(row.task_id, row.map_index)
    errors = errors_of(call.tx, run, task)
    earlier = task_listings.tries(call.tx, run.dag_id, run.run_id, task.task_id, task.map_index)
    numbers = {each.try_number: each for each in earlier}
    # What waits for its retry has its last try in the history, with the state in which it ended.
    if row.try_number and (row.state != TaskState.UP_FOR_RETRY or row.try_number not in numbers):
        numbers[row.try_number] = row
    return [
        {
            "try": number,
            "state": each.state,
            "start": iso(each.start_date),
            "end": iso(each.end_date),
            "duration": each.duration,
            "hostname": each.hostname,
            "error": errors.get(number),
        }
        for number, each in sorted(numbers.items())
    ]


def _why(
    call: Call, spec: DagSpec | None, task: TaskSpec | None, row: Any, waiting: tuple[Any, Any] | None
) -> list[dict[str, Any]]:
    if row.state not in _EXPLAINED or spec is None or task is None:
        return []
    run = RunKey(row.dag_id, row.run_id)
    scheduler = next(each for each in health(call) if each["role"] == "scheduler")
    now = call.now
    rows = [of_scheduler(scheduler["status"], scheduler["heartbeat"], now.timestamp()), *of_state(row, waiting, now)]
    verdicts = task_actions.explain(call.tx, spec, run, TaskKey(row.task_id, row.map_index))
    rows += explained(verdicts, dag_id=row.dag_id, task_id=row.task_id, pool=row.pool)
    upstream = _upstream(call, run, task.upstream_task_ids)
    for each in rows:
        if each["name"] == "Trigger Rule":
            each["upstream"] = upstream
    return rows


def _upstream(call: Call, run: RunKey, task_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Direct upstream task instances that have not succeeded, the first fifty."""
    rows = ui_tasks.states_of_tasks(call.tx, run, task_ids)
    waiting = [row for row in rows if row.state != "success"]
    return [{"task_id": row.task_id, "map_index": row.map_index, "state": row.state} for row in waiting[:50]]


def _rendered(row: Any) -> dict[str, str]:
    fields = msgspec.json.decode(row.rendered_fields) if row.rendered_fields else {}
    return {name: _text(value)[:RENDERED_CHARACTERS] for name, value in fields.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _static(task: TaskSpec) -> dict[str, Any]:
    """What the DAG file says about the task."""
    return {
        "op": task.operator_name or task.task_type,
        "owner": task.owner,
        "trigger_rule": str(task.trigger_rule),
        "upstream": list(task.upstream_task_ids),
        "downstream": list(task.downstream_task_ids),
        "retries": task.retries,
        "retry_delay": task.retry_delay,
        "depends_on_past": task.depends_on_past,
        "wait_for_downstream": task.wait_for_downstream,
        "execution_timeout": task.execution_timeout,
        "mapped": task.is_mapped or bool(task.mapped_groups),
        "setup": task.is_setup,
        "teardown": task.is_teardown,
        "group": task.group_id,
        "doc_md": task.doc_md or task.doc,
        "renderers": dict(task.template_fields_renderers),
        "template_fields": list(task.template_fields),
    }


def get_mapped(call: Call) -> Any:
    """GET …/mapped: the instances of a mapped task, by index."""
    run = run_row(call)
    key, task_id = RunKey(run.dag_id, run.run_id), call.path["task_id"]
    limit = min(max(call.query.get("limit", 100), 1), MOST_MAPPED)
    named = call.query.get("state")
    states = None if not named else [None if state in ("none", "") else _state(state) for state in named]
    rows = ui_tasks.tasks_of_run(
        call.tx, key, limit, task_id=task_id, states=states, offset=call.query.get("offset", 0)
    )
    counts = ui_tasks.states(call.tx, key, task_id)
    total = sum(counts.values()) if states is None else sum(counts.get(state or "none", 0) for state in set(states))
    return {"tasks": [task_of(row) for row in rows], "total": total, "states": counts}


def _state(name: str) -> str:
    if name not in {str(state) for state in TaskState}:
        raise bad_request(f"'{name}' is not a state of a task instance")
    return name


def get_xcoms(call: Call) -> Any:
    """GET …/xcoms: all values, long ones cut."""
    run = run_row(call)
    key, index = RunKey(run.dag_id, run.run_id), call.query.get("map_index", -1)
    rows = ui_tasks.xcom_values(call.tx, key, call.path["task_id"], index, XCOM_CHARACTERS)
    return {"xcoms": [_xcom(row) for row in rows]}


def _xcom(row: Any) -> dict[str, Any]:
    is_cut = row.size is not None and row.size > XCOM_CHARACTERS
    value = row.value if is_cut or row.value is None else shown(row.value)
    return {
        "key": row.key,
        "value": value,
        "size": row.size or 0,
        "truncated": is_cut,
        "timestamp": rounded(row.timestamp),
    }


def get_rendered(call: Call) -> Any:
    """GET …/rendered: the template fields, for a comparison with another run's."""
    run = run_row(call)
    index = call.query.get("map_index", -1)
    row = task_listings.task_instance(call.tx, run.dag_id, run.run_id, call.path["task_id"], index)
    if row is None:
        raise not_found("Task instance not found")
    return {"rendered": _rendered(row)}


_ONE = "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}"
_READ = on_dag("GET", "TASK_INSTANCE")
_MAPPED = (table.STATE, table.LIMIT, table.OFFSET)

OPERATIONS: tuple[Operation, ...] = (
    view("task", _ONE, get_task, _READ, query=(table.MAP_INDEX, table.boolean("log"))),
    view("mapped", _ONE + "/mapped", get_mapped, _READ, query=_MAPPED),
    view("xcoms", _ONE + "/xcoms", get_xcoms, on_dag("GET", "XCOM"), query=(table.MAP_INDEX,)),
    view("rendered", _ONE + "/rendered", get_rendered, _READ, query=(table.MAP_INDEX,)),
)
