"""A run's end from its leaves; a run in which nothing can move any more is deadlocked."""

from __future__ import annotations

from tradewind.model.decisions import FinishRun
from tradewind.model.records import RunView
from tradewind.model.spec import DagSpec
from tradewind.model.states import FAILED_TASK_STATES, TERMINAL_TASK_STATES, RunState

from .graph import Graph
from .rows import RunRows


def of(spec: DagSpec | Graph, view: RunView) -> FinishRun | None:
    """The run's end, or None while it is open. Deadlock is for ``ready.decide`` to see."""
    return outcome(RunRows(spec, view))


def outcome(rows: RunRows) -> FinishRun | None:
    """The end of a rows's run when all its task instances have one; no instances at all is success."""
    if rows.unfinished:
        return None
    failed = any(row.state in FAILED_TASK_STATES for leaf in rows.graph.leaves for row in rows.instances(leaf))
    return FinishRun(RunState.FAILED, "task_failure") if failed else FinishRun(RunState.SUCCESS, "success")


def deadlock(rows: RunRows) -> FinishRun | None:
    """The end of a run whose open instances all wait and can wait for nothing; asked when nothing is ready.

    Instances that wait for the past, or that a limit of their own may hold back, keep the run open.
    """
    if not rows.unfinished or rows.unfinished > rows.idle:
        return None
    for row in rows.task_instances.values():
        if row.state in TERMINAL_TASK_STATES or row.task_id not in rows.graph:
            continue
        task = rows.graph.tasks[row.task_id]
        limited = task.max_active_tis_per_dag is not None or task.max_active_tis_per_dagrun is not None
        if task.depends_on_past or task.wait_for_downstream or limited:
            return None
    return FinishRun(RunState.FAILED, "all_tasks_deadlocked")
