"""A database as a large installation has it: 500 DAGs, 100,000 runs, 500,000 task instances, written through storage.

``python -m bench.seed sqlite:////path/to.db`` (tables must be there: ``tradewind db migrate``)."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text, update

from tradewind.engine import run_creation
from tradewind.model.changes import NewRun
from tradewind.model.decisions import NextRun
from tradewind.model.records import TaskInstance
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.model.times import SystemClock
from tradewind.processing.sync import spec_hash
from tradewind.serde.encode import spec_bytes
from tradewind.storage.database import Database, Transaction, open_database
from tradewind.storage.tables_runs import DAG_RUN

FIRST = datetime(2023, 1, 1, tzinfo=UTC)
FAILED_EACH = 50
"""One run of so many has failed."""


def seed(db: Database, *, dags: int = 500, runs_each: int = 200, tasks_each: int = 5) -> None:
    """Write it all; one transaction a DAG."""
    for number in range(dags):
        spec = dag_spec(f"seed_{number:04}", tasks_each)
        data = spec_bytes(spec)
        with db.begin() as tx:
            tx.dags.register(
                spec, data, spec_hash(data), fileloc=spec.fileloc, next=NextRun(), paused_default=number % 10 == 0
            )
            for place in range(runs_each):
                add_run(tx, spec, number, place)
    if db.dialect == "postgresql":
        with db.begin() as tx:
            tx.connection.execute(text("ANALYZE"))  # as autovacuum does within a minute


def dag_spec(dag_id: str, tasks: int) -> DagSpec:
    """A chain of empty tasks."""
    names = [f"step_{place}" for place in range(tasks)]
    return DagSpec(
        dag_id=dag_id,
        fileloc=f"/seed/{dag_id}.py",
        tasks=tuple(
            TaskSpec(
                task_id=name,
                task_type="EmptyOperator",
                upstream_task_ids=tuple(names[max(0, place - 1) : place]),
                downstream_task_ids=tuple(names[place + 1 : place + 2]),
            )
            for place, name in enumerate(names)
        ),
    )


def add_run(tx: Transaction, spec: DagSpec, number: int, place: int) -> None:
    """A run that is over, with its task instances."""
    date = FIRST + timedelta(hours=place, seconds=number)
    has_failed = (number + place) % FAILED_EACH == 0
    run = tx.runs.create(
        NewRun(
            dag_id=spec.dag_id,
            run_id=f"scheduled__{date.isoformat()}",
            run_type=RunType.SCHEDULED,
            state=RunState.FAILED if has_failed else RunState.SUCCESS,
            logical_date=date,
            data_interval_start=date,
            data_interval_end=date + timedelta(hours=1),
            queued_at=date,
            start_date=date + timedelta(hours=1),
        )
    )
    ended_at = date + timedelta(hours=1, seconds=5 * len(spec.tasks))
    tx.connection.execute(update(DAG_RUN).where(DAG_RUN.c.id == run.id).values(end_date=ended_at))
    rows = run_creation.task_instances_for(spec, run_id=run.run_id, logical_date=run.logical_date)
    tx.task_instances.add(run, [ended(row, date, has_failed and row is rows[-1]) for row in rows])


def ended(row: TaskInstance, date: datetime, has_failed: bool) -> TaskInstance:
    """The task instance as it is afterwards."""
    began = date + timedelta(hours=1)
    return replace(
        row,
        state=TaskState.FAILED if has_failed else TaskState.SUCCESS,
        try_number=1,
        start_date=began,
        end_date=began + timedelta(seconds=5),
        duration=5.0,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.seed", description=__doc__)
    parser.add_argument("database", help="sql_alchemy_conn")
    parser.add_argument("--dags", type=int, default=500)
    parser.add_argument("--runs", type=int, default=200, help="of each DAG")
    args = parser.parse_args()
    began = time.perf_counter()
    db = open_database(args.database, clock=SystemClock())
    seed(db, dags=args.dags, runs_each=args.runs)
    db.close()
    print(f"seeded in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
