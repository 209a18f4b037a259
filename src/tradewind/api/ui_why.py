"""Why a task instance does not run: every check in the order in which people look, each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tradewind.model.decisions import Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """``passed``: what is so when it holds. ``fix``: what to do when it does not. ``link``: where."""

    name: str
    passed: str
    fix: str
    link: str = ""


_CHECKS: Sequence[Check] = (
    Check("Dag Not Paused", "The DAG is switched on.", "Switch the DAG on.", "dags/{dag}"),
    Check(
        "Dagrun Running",
        "The run is running.",
        "A queued run begins when fewer than max_active_runs runs of the DAG are running: wait for one to end, or "
        "raise the limit. A finished run begins again when tasks of it are cleared.",
        "dag_runs?dag_id={dag}&state=running",
    ),
    Check(
        "Execution Date",
        "The run's date is within the task's dates, and has come.",
        "Wait for the date; or change start_date or end_date in the DAG file and clear the task.",
    ),
    Check(
        "Trigger Rule",
        "What comes before has ended as the trigger rule asks.",
        "Look at the upstream tasks that are not as the rule asks: let them finish, clear them, or mark them success.",
    ),
    Check(
        "Not Previously Skipped",
        "No branch left the task out.",
        "Clear the branching task too, so that it chooses anew; or mark the task.",
    ),
    Check(
        "Previous Dagrun State",
        "The previous run does not hold it back.",
        "depends_on_past or wait_for_downstream waits for the previous run: finish, clear or mark the task there.",
    ),
    Check(
        "Mapped dependencies have succeeded",
        "What the task is mapped over is there.",
        "Clear the upstream task that gives the list, and let it succeed.",
    ),
    Check(
        "Task has been mapped",
        "The task has its mapped instances.",
        "It is expanded when the upstream tasks that give its arguments have succeeded: look at them.",
    ),
    Check("Not In Retry Period", "No retry wait.", "Wait for the retry, or clear the task to run it now."),
    Check("Ready To Reschedule", "No reschedule wait.", "Wait for the next poke, or clear the task to poke now."),
    Check(
        "Task Concurrency",
        "Fewer instances of the task are active than it allows.",
        "Wait for other instances of the task, or raise max_active_tis_per_dag or max_active_tis_per_dagrun.",
        "task_instances?dag_id={dag}&task_id={task}&state=running",
    ),
    Check(
        "Task Instance Slots Available",
        "The DAG may have more active tasks.",
        "Wait for other tasks of the DAG, or raise its max_active_tasks.",
        "task_instances?dag_id={dag}&state=running",
    ),
    Check(
        "Pool Slots Available",
        "The pool has room.",
        "Wait for the tasks that hold the pool's slots, or give the pool more.",
        "pools?pool={pool}",
    ),
)
_KNOWN = {check.name for check in _CHECKS}
_NOISE = frozenset({"Task Instance State", "Task Instance Not Running"})
"""Said by the state itself, which is shown above."""


def explained(verdicts: Sequence[Verdict], *, dag_id: str, task_id: str, pool: str) -> list[dict[str, Any]]:
    """All checks in order, failed ones with every reason."""
    places = {"dag": quote(dag_id, safe=""), "task": quote(task_id, safe=""), "pool": quote(pool, safe="")}
    reasons: dict[str, list[str]] = {}
    for verdict in verdicts:
        reasons.setdefault(verdict.name, []).append(_short(verdict.reason))
    rows: list[dict[str, Any]] = []
    for check in _CHECKS:
        link = check.link.format(**places) or None
        found = reasons.get(check.name)
        if found is None:
            rows.append({"name": check.name, "ok": True, "reason": check.passed, "fix": None, "link": None})
        else:
            rows += [
                {"name": check.name, "ok": False, "reason": reason, "fix": check.fix, "link": link} for reason in found
            ]
    for name, found in reasons.items():
        if name not in _KNOWN and name not in _NOISE:
            fix = "Look at the DAG and the log of the scheduler."
            rows += [{"name": name, "ok": False, "reason": reason, "fix": fix, "link": None} for reason in found]
    return rows


def _short(reason: str) -> str:
    """Without what only programs read."""
    return reason.partition(" upstream_states=")[0].strip()


def of_scheduler(status: str, beat: float | None, now: float) -> dict[str, Any]:
    """The first check of all: whether somebody decides."""
    is_alive = status == "healthy"
    if is_alive:
        reason = f"The scheduler was heard of {_ago(now - (beat or now))} ago."
    else:
        seen = "has never run" if not beat else f"was heard of {_ago(now - beat)} ago"
        reason = f"The scheduler {seen}: nothing is started."
    fix = None if is_alive else "Start a scheduler (tradewind scheduler, or tradewind standalone)."
    return {"name": "Scheduler", "ok": is_alive, "reason": reason, "fix": fix, "link": None if is_alive else "jobs"}


def of_state(row: Any, waiting: tuple[Any, Any] | None, now: datetime) -> list[dict[str, Any]]:
    """What a state itself waits for."""
    match row.state:
        case "queued":
            reason = f"It is queued{_since(row.queued_dttm, now)} and waits for a free place of a worker."
            fix = "Wait for running tasks to end, raise [core] parallelism, or look whether a worker is alive."
            return [_waits("Executor", reason, fix, "jobs")]
        case "deferred":
            trigger, job = waiting or (None, None)
            name = trigger.classpath.rpartition(".")[2] if trigger is not None else "its trigger"
            since = _since(trigger.created_date, now) if trigger is not None else ""
            where = "" if job is not None else " No triggerer runs it yet."
            reason = f"It waits for {name}{since}.{where}"
            fix = "The trigger wakes it. When it should have by now: look at the triggerer, or clear the task."
            return [_waits("Trigger", reason, fix, "jobs")]
    return []


def _waits(name: str, reason: str, fix: str, link: str) -> dict[str, Any]:
    return {"name": name, "ok": False, "reason": reason, "fix": fix, "link": link}


def _since(moment: datetime | str | None, now: datetime) -> str:
    if moment is None:
        return ""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f" since {_ago((now - at).total_seconds())}"


def _ago(seconds: float) -> str:
    whole = max(int(seconds), 0)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"
