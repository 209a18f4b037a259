"""GET …/log of /ui/v1: parts of a try's log by bytes, and all logs of a run in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.model.records import RunKey, TaskKey
from tradewind.observability.log_slices import (
    ErrorPlaces,
    Slice,
    after,
    around,
    head,
    line_number,
    merged,
    place_of_line,
    tail,
)
from tradewind.storage import task_listings, ui_tasks

from . import table
from .call import Call
from .log_files import log_file, log_files
from .problems import not_found
from .remote_logs import remote_text
from .table import Operation
from .ui_answers import rounded, view
from .ui_run import run_row
from .validation import Parameter

DEFAULT_BYTES = 200 * 1024
MOST_BYTES = 2 * 1024 * 1024
DEFAULT_LINES = 2000
MOST_LINES = 10_000
MOST_LOGS = 200
"""Logs that are merged into one: each is an open file while it is read."""
FIRST_BYTES = 200_000
"""As many as the log viewer asks for."""
_GOING_ON = frozenset({"running", "deferred", "queued", "restarting", "up_for_reschedule"})
_FOLLOWED = _GOING_ON | {"scheduled"}


def get_log(call: Call) -> Any:
    """GET …/tasks/{task_id}/log"""
    path, query = call.path, call.query
    index = query.get("map_index", -1)
    row = task_listings.task_instance(call.tx, path["dag_id"], path["run_id"], path["task_id"], index)
    if row is None:
        raise not_found("TaskInstance not found")
    number = query.get("try") or row.try_number
    body, found = _part(call, row, number, query)
    if found is None:
        kept = remote_text(call, row, number) if number else None
        if kept:
            size = len(kept.encode())
            return body | {"missing": False, "size": size, "offset": 0, "next": size, "text": kept, "line": 1}
        return body | {"size": 0, "offset": 0, "next": 0, "text": ""}
    return body


def first_look(call: Call, row: Any) -> dict[str, Any] | None:
    """What is seen first of the log of a task instance's last try: its error when it failed, its end while it goes on,
    else its beginning; ``at`` says which. None when there is no log on this machine, or none for this reader."""
    if not row.try_number or not call.user.may(_LOGS, row.dag_id):
        return None
    at = "first_error" if row.state == "failed" else "tail" if row.state in _FOLLOWED else "head"
    body, found = _part(call, row, row.try_number, {"at": at, "limit": FIRST_BYTES})
    return None if found is None else body | {"at": at}


def _part(call: Call, row: Any, number: int, query: Any) -> tuple[dict[str, Any], Slice | None]:
    """A part of a try's log, as an answer; the slice is None when there is no file."""
    run = RunKey(call.path["dag_id"], call.path["run_id"])
    file = log_file(call.services, call.tx, run, TaskKey(row.task_id, row.map_index), number)
    place = call.services.kept("log_errors", ErrorPlaces).of(file)
    found = _slice(file, place, query)
    is_going_on = row.state in _GOING_ON and row.try_number == number
    body: dict[str, Any] = {
        "try": number,
        "host": row.hostname or "",
        "first_error_offset": place,
        "missing": found is None,
        "complete": not is_going_on,
    }
    if found is None:
        return body, None
    at_end = found.next >= found.size
    part = {"size": found.size, "offset": found.offset, "next": found.next, "text": found.text}
    if query.get("at") or query.get("line") or not found.offset:
        # Who goes on by offset knows the number; counting up to there again would only cost.
        part["line"] = line_number(file, found.offset)
    return body | part | {"complete": at_end and not is_going_on}, found


def _slice(file: Path, place: int | None, query: Any) -> Slice | None:
    limit = min(max(query.get("limit", DEFAULT_BYTES), 1), MOST_BYTES)
    if query.get("line"):
        wanted = place_of_line(file, query["line"])
        return None if wanted is None else around(file, wanted, limit)
    match query.get("at"):
        case "tail":
            return tail(file, limit)
        case "first_error" if place is not None:
            return around(file, place, limit)
        case "first_error":
            return tail(file, limit)
        case "offset":
            return after(file, query.get("offset", 0), limit)
    return head(file, query.get("offset", 0), limit)


def get_run_log(call: Call) -> Any:
    """GET …/runs/{run_id}/log: the logs of all tasks, by time; ``offset`` and ``limit`` are lines."""
    run = run_row(call)
    key = RunKey(run.dag_id, run.run_id)
    rows = ui_tasks.tasks_of_run(call.tx, key, 5000)
    tried = sorted((row for row in rows if row.try_number), key=lambda row: row.start_date or 0)
    shown = tried[:MOST_LOGS]
    skip = call.query.get("offset", 0)
    count = min(max(call.query.get("limit", DEFAULT_LINES), 1), MOST_LINES)
    files = log_files(call.services, call.tx, key, shown)
    lines = merged(files, skip, count)
    is_end = len(lines) < count
    return {
        "lines": [
            {
                "t": rounded(line.at),
                "task": shown[line.source].task_id,
                "map": shown[line.source].map_index,
                "try": shown[line.source].try_number,
                "text": line.text,
            }
            for line in lines
        ],
        "offset": skip,
        "next": skip + len(lines),
        "complete": is_end and run.state not in ("queued", "running"),
        "left_out": len(tried) - len(shown),
    }


_LOGS = on_dag("GET", "TASK_LOGS")
_LIMIT = table.integer("limit")
_AT = Parameter("at", {"type": "string", "enum": ["head", "tail", "first_error", "offset"]})
_QUERY = (table.integer("try"), table.MAP_INDEX, table.OFFSET, _LIMIT, _AT, table.integer("line"))

OPERATIONS: tuple[Operation, ...] = (
    view("log", "/dags/{dag_id}/runs/{run_id}/tasks/{task_id}/log", get_log, _LOGS, query=_QUERY),
    view("run_log", "/dags/{dag_id}/runs/{run_id}/log", get_run_log, _LOGS, query=(table.OFFSET, _LIMIT)),
)
