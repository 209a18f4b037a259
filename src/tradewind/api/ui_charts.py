"""Gantt, durations, calendar and timeline of /ui/v1: runs and tasks over time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.auth.permissions import on_dag
from tradewind.storage import ui_dags, ui_runs

from . import table
from .call import Call
from .problems import bad_request
from .table import Operation
from .ui_answers import WORST_FIRST, char, perms, rounded, view
from .ui_dag import dag_row
from .ui_outlines import Planner, outlines
from .ui_run import run_row
from .v1_dags import readable

MOST_SPANS = 5000
MOST_PLANNED = 2000
MOST_LANE_PLANNED = 200
MOST_TIMELINE = 10_000
_RANK = {each: rank for rank, each in enumerate(WORST_FIRST)}


def get_gantt(call: Call) -> Any:
    """GET …/runs/{run_id}/gantt"""
    run = run_row(call)
    present, earlier = ui_runs.spans_of_run(call.tx, run.dag_id, run.run_id)
    tries: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    now_at = {(row.task_id, row.map_index): row.try_number for row in present}
    for row in earlier:
        if row.try_number != now_at.get((row.task_id, row.map_index)):
            tries[row.task_id, row.map_index].append(_span(row))
    rows = [
        {
            "id": row.task_id,
            "map_index": row.map_index,
            **_span(row),
            "op": row.operator,
            "tries": tries[row.task_id, row.map_index],
        }
        for row in present[:MOST_SPANS]
    ]
    return {
        "run": {
            "id": run.run_id,
            "state": run.state,
            "queued": rounded(run.queued_at),
            "start": rounded(run.start_date),
            "end": rounded(run.end_date),
        },
        "rows": rows,
        "total": len(present),
        "now": rounded(call.now.timestamp()),
    }


def _span(row: Any) -> dict[str, Any]:
    return {
        "try": row.try_number,
        "state": row.state,
        "queued": rounded(row.queued),
        "start": rounded(row.start_date),
        "end": rounded(row.end_date),
    }


def get_durations(call: Call) -> Any:
    """GET …/durations"""
    dag_id = dag_row(call).dag_id
    count = min(max(call.query.get("runs", 100), 1), 1000)
    runs = ui_runs.runs_of(call.tx, dag_id, count, call.query.get("before"))
    asked = [name for name in (call.query.get("tasks") or "").split(",") if name][:20]
    if not call.user.may(on_dag("GET", "TASK_INSTANCE"), dag_id):
        asked = []
    places = {run.run_id: place for place, run in enumerate(runs)}
    tasks: dict[str, list[Any]] = {name: [None] * len(runs) for name in asked}
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in ui_runs.durations(call.tx, dag_id, places.keys(), asked):
        found[row.task_id, row.run_id].append(row)
    for (task_id, run_id), rows in found.items():
        tasks[task_id][places[run_id]] = _duration(rows)
    return {
        "runs": [
            {
                "id": run.run_id,
                "logical": rounded(run.logical),
                "interval_end": rounded(run.interval_end),
                "queued": rounded(run.queued_at),
                "start": rounded(run.start_date),
                "end": rounded(run.end_date),
                "state": run.state,
                "type": run.run_type,
            }
            for run in runs
        ],
        "tasks": tasks,
    }


def _duration(rows: Sequence[Any]) -> list[Any]:
    """[seconds queued, seconds run, tries, state]; of mapped instances from the first start to the last end, in the
    worst state."""
    starts = [row.start_date for row in rows if row.start_date is not None]
    ends = [row.end_date for row in rows if row.end_date is not None]
    queued = [row.queued for row in rows if row.queued is not None]
    worst = min(rows, key=lambda row: _RANK[char(row.state)])
    waited = max(min(starts) - min(queued), 0) if starts and queued else None
    ran = max(ends) - min(starts) if starts and len(ends) == len(rows) else None
    return [rounded(waited, 1), rounded(ran, 1), max(row.try_number for row in rows), worst.state]


def get_calendar(call: Call) -> Any:
    """GET …/calendar: runs by day (UTC) of their logical date, and those that the schedule will make."""
    row, now = dag_row(call), call.now
    start = _day(call.query.get("from"), datetime(now.year, 1, 1, tzinfo=UTC))
    end = _day(call.query.get("to"), datetime(now.year, 12, 31, tzinfo=UTC)) + timedelta(days=1)
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for day, state, count in ui_runs.states_by_day(call.tx, row.dag_id, start, end):
        days[day][state] = count
    coming: dict[str, int] = defaultdict(int)
    planner = Planner(now, end + timedelta(days=1), MOST_PLANNED)
    for each, schedule in outlines(call, frozenset({row.dag_id})):
        for logical, _ in planner.of(each, schedule):
            if start <= logical < end:
                coming[logical.strftime("%Y-%m-%d")] += 1
    return {
        "from": start.strftime("%Y-%m-%d"),
        "to": (end - timedelta(days=1)).strftime("%Y-%m-%d"),
        "days": [[day, states] for day, states in days.items()],
        "planned": [[day, count] for day, count in coming.items()],
    }


def _day(text: str | None, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise bad_request(f"{text!r} is not a day; expected YYYY-MM-DD") from None


def get_timeline(call: Call) -> Any:
    """GET /timeline: the runs of all DAGs in a span of time, and those that will be."""
    now, permitted = call.now, readable(call)
    start = _moment(call.query.get("from"), now - timedelta(hours=24))
    end = _moment(call.query.get("to"), now + timedelta(hours=6))
    if not start < end <= start + timedelta(days=31):
        raise bad_request("The span must have an end after its start, and at most 31 days")
    runs: dict[str, list[Any]] = defaultdict(list)
    visible = permitted if call.user.may(on_dag("GET", "RUN")) else frozenset[str]()
    for row in ui_runs.runs_between(call.tx, visible, start, end, MOST_TIMELINE):
        runs[row.dag_id].append(
            [row.run_id, row.state, rounded(row.start_date or row.queued_at, 1), rounded(row.end_date, 1)]
        )
    tags: dict[str, list[str]] = defaultdict(list)
    for dag_id, name in ui_dags.tags(call.tx, permitted):
        tags[dag_id].append(name)
    lanes = []
    planner = Planner(now, end, MOST_LANE_PLANNED)
    for row, schedule in outlines(call, permitted):
        coming = planner.of(row, schedule) if end > now else []
        lanes.append(
            {
                "dag_id": row.dag_id,
                "tags": tags[row.dag_id],
                "paused": row.is_paused,
                "runs": sorted(runs[row.dag_id], key=lambda run: run[2] or 0),
                "planned": [rounded(at.timestamp(), 0) for _, at in coming if at >= start],
                "perms": perms(call.user, row.dag_id),
            }
        )
    return {"from": start.timestamp(), "to": end.timestamp(), "now": rounded(now.timestamp()), "lanes": lanes}


def _moment(text: str | None, otherwise: datetime) -> datetime:
    """Seconds since 1970, or ISO 8601 with a zone."""
    if text is None:
        return otherwise
    try:
        moment = datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        moment = _from_iso(text)
    return moment


def _from_iso(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise bad_request(f"{text!r} is not a moment; expected seconds since 1970, or ISO 8601 with a zone")


_RUN, _TASKS = on_dag("GET", "RUN"), on_dag("GET", "TASK_INSTANCE")
_SPAN = (table.string("from"), table.string("to"))
_DURATIONS = (table.integer("runs", default=100), table.string("before"), table.string("tasks"))

OPERATIONS: tuple[Operation, ...] = (
    view("gantt", "/dags/{dag_id}/runs/{run_id}/gantt", get_gantt, _TASKS),
    view("durations", "/dags/{dag_id}/durations", get_durations, _RUN, query=_DURATIONS),
    view("calendar", "/dags/{dag_id}/calendar", get_calendar, _RUN, query=_SPAN),
    view("timeline", "/timeline", get_timeline, on_dag("GET"), query=_SPAN),
)
