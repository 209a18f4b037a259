"""Why a task instance is not queued: every check by name, in the words that API clients know from Airflow.

The scheduler does not ask this; ``ready`` and ``queueing`` decide. It answers people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tradewind.model.decisions import Verdict
from tradewind.model.records import TaskInstance, TaskKey
from tradewind.model.spec import TaskSpec
from tradewind.model.states import RunState, TaskState, TriggerRule

from . import upstream
from .queueing import ActiveCounts, PoolSlots
from .rows import RunRows
from .run_creation import is_within_dates
from .trigger_rules import unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What lies outside the run: the DAG's switch, pools, and how much is active."""

    is_paused: bool = False
    pools: Mapping[str, PoolSlots] = field(default_factory=dict)
    active: ActiveCounts = field(default_factory=ActiveCounts)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: an instance, its task, its run's rows, the surroundings, the time."""

    rows: RunRows
    row: TaskInstance
    task: TaskSpec
    around: Surroundings
    now: datetime

    @property
    def key(self) -> TaskKey:
        return self.row.key


Check = Callable[[_Asked], list[str]]


def explain(rows: RunRows, key: TaskKey, now: datetime, around: Surroundings | None = None) -> tuple[Verdict, ...]:
    """The failed checks of an instance, ordered by name; empty when it may be queued."""
    row = rows.task_instances[key]
    asked = _Asked(rows, row, rows.graph.task(key.task_id), around or Surroundings(), now)
    return tuple(
        Verdict(ok=False, reason=reason, name=name)
        for name, check in sorted(_CHECKS.items())
        for reason in check(asked)
    )


def _dag_not_paused(asked: _Asked) -> list[str]:
    return [f"Task's DAG '{asked.row.dag_id}' is paused."] if asked.around.is_paused else []


def _dagrun_running(asked: _Asked) -> list[str]:
    state = asked.rows.run.state
    if state is RunState.RUNNING:
        return []
    return [f"Task instance's dagrun was not in the 'running' state but in the state '{state.value}'."]


def _execution_date(asked: _Asked) -> list[str]:
    spec, task, date = asked.rows.graph.spec, asked.task, asked.rows.run.logical_date
    if date > asked.now:
        return [f"Execution date {date.isoformat()} is in the future (the current date is {asked.now.isoformat()})."]
    if is_within_dates(spec, task, date):
        return []
    start = task.start_date or spec.start_date
    if start is not None and date < start:
        shown = start.isoformat()
        return [f"The execution date is {date.isoformat()} but this is before the task's start date {shown}."]
    end = task.end_date or spec.end_date
    shown = end.isoformat() if end else ""
    return [f"The execution date is {date.isoformat()} but this is after the task's end date {shown}."]


def _pool_slots(asked: _Asked) -> list[str]:
    row = asked.row
    pool = asked.around.pools.get(row.pool)
    if pool is None:
        return [f"Tasks using non-existent pool '{row.pool}' will not be scheduled"]
    if pool.is_unlimited or pool.open >= row.pool_slots:
        return []
    return [
        f"Not scheduling since there are {pool.open} open slots in pool {row.pool} "
        f"and require {row.pool_slots} pool slots"
    ]


def _task_concurrency(asked: _Asked) -> list[str]:
    row, task, active = asked.row, asked.task, asked.around.active
    over_dag = _reached(task.max_active_tis_per_dag, active.by_task.get((row.dag_id, row.task_id), 0))
    over_run = _reached(
        task.max_active_tis_per_dagrun, active.by_run_task.get((row.dag_id, row.run_id, row.task_id), 0)
    )
    return ["The max task concurrency has been reached."] * (over_dag or over_run)


def _reached(limit: int | None, count: int) -> bool:
    return limit is not None and count >= limit


def _slots_available(asked: _Asked) -> list[str]:
    limit, dag_id = asked.rows.graph.spec.max_active_tasks, asked.row.dag_id
    if asked.around.active.by_dag.get(dag_id, 0) < limit:
        return []
    return [f"The maximum number of running tasks ({limit}) for this task's DAG '{dag_id}' has been reached."]


def _not_running(asked: _Asked) -> list[str]:
    return ["Task is in the running state"] if asked.row.state is TaskState.RUNNING else []


def _state(asked: _Asked) -> list[str]:
    state = asked.row.state
    return [] if state is TaskState.SCHEDULED else [f"Task is in the '{state.value if state else None}' state."]


def _is_mapped(asked: _Asked) -> list[str]:
    unmapped = asked.rows.graph.is_mapped(asked.task) and asked.row.map_index < 0
    return ["The task has yet to be mapped!"] * unmapped


def _suppliers(asked: _Asked) -> list[str]:
    if asked.row.map_index >= 0 or not asked.rows.graph.is_mapped(asked.task):
        return []
    never = upstream.suppliers_verdict(asked.rows, asked.task).state is not None
    return ["At least one of task's mapped dependencies has not succeeded!"] * never


def _retry_period(asked: _Asked) -> list[str]:
    row = asked.row
    if row.state is not TaskState.UP_FOR_RETRY or row.wake_at is None or row.wake_at <= asked.now:
        return []
    return [
        "Task is not ready for retry yet but will be retried automatically. "
        f"Current date is {asked.now.isoformat()} and task will be retried at {row.wake_at.isoformat()}."
    ]


def _reschedule(asked: _Asked) -> list[str]:
    row = asked.row
    if row.state is not TaskState.UP_FOR_RESCHEDULE or row.wake_at is None or row.wake_at <= asked.now:
        return []
    return [
        "Task is not ready for reschedule yet but will be rescheduled automatically. "
        f"Current date is {asked.now.isoformat()} and task will be rescheduled at {row.wake_at.isoformat()}."
    ]


def _not_previously_skipped(asked: _Asked) -> list[str]:
    parent = upstream.skipping_parent(asked.rows, asked.key)
    return [] if parent is None else [f"Skipping because of previous XCom result from parent task {parent}"]


def _previous_dagrun(asked: _Asked) -> list[str]:
    reason = upstream.past_reason(asked.rows, asked.key)
    return [reason] if reason else []


def _trigger_rule(asked: _Asked) -> list[str]:
    reasons: list[str] = []
    if asked.task.trigger_rule in (TriggerRule.ALWAYS, TriggerRule.DUMMY):
        return reasons
    ids = set(asked.task.upstream_task_ids)
    setups = upstream.setup_counts(asked.rows, asked.key)
    if setups is not None and setups.success + setups.removed < setups.total:
        tasks = asked.rows.graph.tasks
        named = ", ".join(
            f"'{setup}': <Task({tasks[setup].task_type}): {setup}>"
            for setup in asked.rows.graph.indirect_setups(asked.task.task_id)
        )
        reasons.append(
            f"All setup tasks must complete successfully. Relevant setups: {{{named}}}: "
            f"upstream_states={setups}, upstream_task_ids={ids!r}"
        )
    counts = upstream.counts(asked.rows, asked.key)
    reason = unmet(asked.task.trigger_rule, counts)
    if reason:
        reasons.append(f"{reason} upstream_states={counts}, upstream_task_ids={ids!r}")
    return reasons


_CHECKS: Mapping[str, Check] = {
    "Dag Not Paused": _dag_not_paused,
    "Dagrun Running": _dagrun_running,
    "Execution Date": _execution_date,
    "Mapped dependencies have succeeded": _suppliers,
    "Not In Retry Period": _retry_period,
    "Not Previously Skipped": _not_previously_skipped,
    "Pool Slots Available": _pool_slots,
    "Previous Dagrun State": _previous_dagrun,
    "Ready To Reschedule": _reschedule,
    "Task Concurrency": _task_concurrency,
    "Task Instance Not Running": _not_running,
    "Task Instance Slots Available": _slots_available,
    "Task Instance State": _state,
    "Task has been mapped": _is_mapped,
    "Trigger Rule": _trigger_rule,
}
"""Airflow's names for the checks."""
