"""The run of a SubDAG, as the attempt of its SubDagOperator asks for it: made once, found again, repaired."""

from __future__ import annotations

from typing import Any

from tradewind.engine import run_creation
from tradewind.model.changes import NewRun
from tradewind.model.errors import Forbidden, NotFound
from tradewind.model.records import DagRun, RunKey, TaskInstance
from tradewind.model.spec import DagSpec
from tradewind.model.states import FAILED_TASK_STATES, RunState, RunType
from tradewind.storage.database import Transaction

from . import tasks as task_actions


def spec_of(spec: DagSpec | None, row: TaskInstance, dag_id: str) -> DagSpec:
    """The SubDAG, when it is the task's own. Raises NotFound and Forbidden."""
    if spec is None:
        raise NotFound(f"Dag id {dag_id} not found in DagModel")
    if spec.parent_dag_id != row.dag_id or dag_id != f"{row.dag_id}.{row.task_id}":
        raise Forbidden(f"{dag_id} is not the SubDAG of task '{row.task_id}' of {row.dag_id}")
    return spec


def existing(tx: Transaction, spec: DagSpec, row: TaskInstance) -> DagRun | None:
    """The SubDAG's run at the date of the operator's own."""
    assert row.logical_date is not None  # a stored row has its run's
    return tx.runs.by_date(spec.dag_id, row.logical_date)


def made(tx: Transaction, spec: DagSpec, row: TaskInstance, conf: Any) -> DagRun:
    """A new run of the SubDAG at the date, and with the data interval, of the operator's own."""
    parent = tx.runs.get(RunKey(row.dag_id, row.run_id))
    if parent is None:
        raise NotFound(f"DAGRun {row.run_id} of {row.dag_id} is gone")
    date = parent.logical_date
    run = tx.runs.create(
        NewRun(
            dag_id=spec.dag_id,
            run_id=run_creation.run_id(RunType.SCHEDULED, date),
            run_type=RunType.SCHEDULED,
            state=RunState.QUEUED,
            logical_date=date,
            data_interval_start=parent.data_interval_start,
            data_interval_end=parent.data_interval_end,
            queued_at=tx.now,
            external_trigger=True,
            conf={} if conf is None else conf,
            version_id=tx.dags.version_id(spec.dag_id),
        )
    )
    tx.task_instances.add(run, run_creation.task_instances_for(spec, run_id=run.run_id, logical_date=date))
    return run


def repaired(tx: Transaction, spec: DagSpec, run: DagRun) -> DagRun:
    """A run that has failed goes on: what failed in it, or could not run for that, runs again."""
    if run.state is not RunState.FAILED:
        return run
    key = RunKey(run.dag_id, run.run_id)
    failed = [row.key for row in tx.task_instances.of_run(key) if row.state in FAILED_TASK_STATES]
    task_actions.clear_keys(tx, spec, key, failed)
    return tx.runs.get(key) or run
