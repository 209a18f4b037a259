"""When a run ends other than by its leaves: fail_stop, the run's timeout, too many failures in a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tradewind.model.changes import RunChange, TaskChange
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import TERMINAL_TASK_STATES, RunState

from .graph import Graph, graph_of
from .skipping import skip_change
from .transitions import RunEvent, next_run_state


def fail_stop_changes(
    spec: DagSpec | Graph, rows: Iterable[TaskInstance], failed: TaskKey, now: datetime
) -> tuple[TaskChange, ...]:
    """With ``fail_stop`` a failed task skips all that is not finished, running ones too; teardowns stay."""
    graph = graph_of(spec)
    if not graph.spec.fail_stop:
        return ()
    return tuple(
        skip_change(RunKey(row.dag_id, row.run_id), row, now)
        for row in rows
        if row.key != failed
        and row.state not in TERMINAL_TASK_STATES
        and not (row.task_id in graph and graph.tasks[row.task_id].is_teardown)
    )


def timeout_at(spec: DagSpec, run: DagRun) -> datetime | None:
    """When a running run is over its ``dagrun_timeout``; None without one or before it started."""
    if spec.dagrun_timeout is None or run.start_date is None or run.state is not RunState.RUNNING:
        return None
    return run.start_date + timedelta(seconds=spec.dagrun_timeout)


def timed_out(
    spec: DagSpec, run: DagRun, rows: Iterable[TaskInstance], now: datetime
) -> tuple[RunChange, tuple[TaskChange, ...]] | None:
    """What a run's timeout does: the run fails, unfinished instances are skipped, stateless ones stay as they are.
    None while it is not over."""
    limit = timeout_at(spec, run)
    if limit is None or limit > now:
        return None
    change = RunChange(
        run=RunKey(run.dag_id, run.run_id),
        old_states=frozenset({run.state}),
        values={"state": next_run_state(run.state, RunEvent.FAIL), "end_date": now},
        event="run.failed",
        payload={"reason": "timed_out"},
    )
    open_rows = (row for row in rows if row.state is not None and row.state not in TERMINAL_TASK_STATES)
    return change, tuple(skip_change(RunKey(row.dag_id, row.run_id), row, now) for row in open_rows)


def is_paused_by_failures(spec: DagSpec, latest: Sequence[RunState], default_limit: int = 0) -> bool:
    """Whether the newest runs (newest first, by logical date) failed as often in a row as the DAG allows."""
    limit = spec.max_consecutive_failed_dag_runs or default_limit
    newest = latest[:limit]
    return limit > 0 and len(newest) >= limit and all(state is RunState.FAILED for state in newest)
