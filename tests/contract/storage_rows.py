"""Valid rows for storage's tests, with one thing changed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.model.changes import NewRun, TaskChange
from tradewind.model.decisions import NextRun
from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.storage.database import Transaction

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
RUN = RunKey("dag", "run0")


def a_dag(tx: Transaction, dag_id: str = "dag", **spec: Any) -> tuple[int, bool]:
    """Register a DAG that is not paused."""
    spec.setdefault("is_paused_upon_creation", False)
    parsed = DagSpec(dag_id=dag_id, fileloc="/dags/x.py", **spec)
    digest = hashlib.sha256(repr(spec).encode()).hexdigest()
    return tx.dags.register(parsed, b'{"dag_id":1}', digest, fileloc="/dags/x.py", next=NextRun(), paused_default=True)


def a_run(tx: Transaction, number: int = 0, dag_id: str = "dag", **values: Any) -> DagRun:
    """Create run ``run<number>``, running, on day ``number``."""
    new: dict[str, Any] = {
        "dag_id": dag_id,
        "run_id": f"run{number}",
        "run_type": RunType.SCHEDULED,
        "state": RunState.RUNNING,
        "logical_date": FIRST + timedelta(days=number),
    }
    return tx.runs.create(NewRun(**(new | values)))


def tasks(tx: Transaction, run: DagRun, *names: str, **values: Any) -> None:
    """Add a task instance for each name."""
    rows = [TaskInstance(dag_id=run.dag_id, run_id=run.run_id, task_id=name, **values) for name in names]
    tx.task_instances.add(run, rows)


def change(task_id: str, old: TaskState | None, new: TaskState | None, run: RunKey = RUN, **more: Any) -> TaskChange:
    """``old`` → ``new``."""
    values = {"state": new, **more.pop("values", {})}
    return TaskChange(
        run=run,
        key=TaskKey(task_id, more.pop("map_index", -1)),
        old_states=more.pop("old_states", frozenset({old})),
        values=values,
        event=f"task.{new}",
        **more,
    )
