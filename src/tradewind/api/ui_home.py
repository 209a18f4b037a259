"""GET /ui/v1/home: what failed, what waits, who is alive, what comes next."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from tradewind.auth.permissions import on, on_dag
from tradewind.storage import ui_dags

from . import table
from .call import Call
from .table import Operation
from .ui_answers import perms, rounded, view
from .v1_dags import readable

FAILURES = 500
"""Failed tries that are looked at; more than one run's share is folded into a number."""
ROWS = 100
QUEUED_LONG = timedelta(minutes=5)
LATE = timedelta(seconds=60)
NEXT = 10
_ROLES = (
    ("scheduler", "SchedulerJob"),
    ("triggerer", "TriggererJob"),
    ("dag_processor", "DagProcessorJob"),
    ("executor", "WorkerJob"),
)


def get_home(call: Call) -> Any:
    """GET /home"""
    tx, permitted = call.tx, readable(call)
    since = call.now - timedelta(hours=min(max(call.query.get("hours", 24), 1), 24 * 31))
    sees_tasks = call.user.may(on_dag("GET", "TASK_INSTANCE"))
    visible = permitted if sees_tasks else frozenset[str]()
    failed = ui_dags.failures(tx, visible, since, FAILURES)
    running, queued_long = ui_dags.active_counts(tx, visible, call.now - QUEUED_LONG)
    late, coming = ui_dags.scheduled_dags(tx, permitted, call.now - LATE, NEXT)
    last = ui_dags.last_failed_run(tx, visible)
    sees_errors = call.user.may(on("GET", "ImportError"))
    return {
        "counts": {
            "failed": len(failed),
            "running": running,
            "queued_long": queued_long,
            "late": late,
            "import_errors": ui_dags.import_error_count(tx, permitted if sees_errors else frozenset()),
            "assets_waiting": ui_dags.dags_waiting_for_assets(tx, permitted),
        },
        "since": rounded(since.timestamp(), 0),
        "inbox": _inbox(call, failed),
        "last_failure": None
        if last is None
        else {"dag_id": last.dag_id, "run_id": last.run_id, "end": rounded(last.end_date)},
        "health": health(call),
        "pools": pools(call),
        "next": [{"dag_id": row.dag_id, "at": rounded(row.at)} for row in coming],
        "starred": ui_dags.starred(tx, call.user.user_id),
    }


def _inbox(call: Call, failed: Any) -> list[dict[str, Any]]:
    """One row for each run, latest first: the task that failed first stands for it."""
    by_run: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in failed:
        by_run[row.dag_id, row.run_id].append(row)
    shown = list(by_run.items())[:ROWS]
    states: dict[tuple[str, str], dict[str | None, int]] = defaultdict(dict)
    dag_ids = {dag_id for (dag_id, _), _ in shown}
    for dag_id, run_id, state, count in ui_dags.states_of_keys(call.tx, dag_ids, {run for (_, run), _ in shown}):
        states[dag_id, run_id][state] = count
    owners = ui_dags.owners_of(call.tx, dag_ids)
    bodies = []
    for key, rows in shown:
        first = min(rows, key=lambda row: row.ended_at)
        counts = states[key]
        bodies.append(
            {
                "dag_id": first.dag_id,
                "run_id": first.run_id,
                "task_id": first.task_id,
                "map_index": first.map_index,
                "state": "failed",
                "try": first.try_number,
                "max_tries": first.max_tries + 1,
                "end": rounded(first.ended_at),
                "error": first.error,
                "owner": owners.get(first.dag_id, ""),
                "upstream_failed": counts.get("upstream_failed", 0),
                "more": max(counts.get("failed", 0) - 1, 0),
                "total_in_run": sum(counts.values()),
                "perms": perms(call.user, first.dag_id),
            }
        )
    return bodies


def health(call: Call) -> list[dict[str, Any]]:
    """Each role: green (healthy), amber (nobody there and nobody needed), red (silent)."""
    options = call.services.options
    found = {row.job_type: row for row in ui_dags.latest_jobs(call.tx, [kind for _, kind in _ROLES])}
    bodies: list[dict[str, Any]] = [
        {"role": "api", "status": "healthy", "heartbeat": None, "note": ""},
        {"role": "database", "status": "healthy", "heartbeat": None, "note": call.services.database.dialect},
    ]
    for role, kind in _ROLES:
        row = found.get(kind)
        threshold = options.triggerer_threshold if role == "triggerer" else options.scheduler_threshold
        bodies.append(_role(role, row, call.now.timestamp(), threshold))
    return bodies


def _role(role: str, row: Any, now: float, threshold: float) -> dict[str, Any]:
    if row is None:
        is_needed = role == "scheduler"
        note = "has not started" if is_needed else "starts when it is needed"
        return {"role": role, "status": "unhealthy" if is_needed else "idle", "heartbeat": None, "note": note}
    beat = row.latest_heartbeat or 0.0
    is_alive = now - beat <= threshold and row.state == "running"
    # The executor's job and the triggerer's end when nothing is left for them.
    is_optional = role in ("executor", "triggerer")
    status = "healthy" if is_alive else "idle" if is_optional and row.state != "running" else "unhealthy"
    return {"role": role, "status": status, "heartbeat": rounded(beat, 0), "note": row.hostname or ""}


def pools(call: Call) -> list[dict[str, Any]]:
    """Pools and their slots; none for those who may not read them."""
    if not call.user.may(on("GET", "Pools")):
        return []
    usage = call.tx.pools.usage()
    bodies = []
    for name, pool in call.tx.pools.all().items():
        taken = usage.get(name)
        running, queued = (taken.running, taken.queued) if taken else (0, 0)
        scheduled, deferred = (taken.scheduled, taken.deferred) if taken else (0, 0)
        used = running + queued + (deferred if pool.include_deferred else 0)
        bodies.append(
            {
                "name": name,
                "slots": pool.slots,
                "running": running,
                "queued": queued,
                "scheduled": scheduled,
                "deferred": deferred,
                "open": None if pool.slots < 0 else pool.slots - used,
            }
        )
    return bodies


OPERATIONS: tuple[Operation, ...] = (
    view("home", "/home", get_home, on_dag("GET"), query=(table.integer("hours", default=24),)),
)
