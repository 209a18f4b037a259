"""Finding what a command line names: a DAG, its spec, a run by id or date, a task instance."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.model.records import DagRun, RunKey, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.serde.decode import decode

from .inputs import moment
from .session import CommandFailed, Session

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction
    from tradewind.storage.rows import DagRow


def dag_row(tx: Transaction, dag_id: str) -> DagRow:
    """A DAG that is stored."""
    row = tx.dags.get(dag_id)
    if row is None:
        raise CommandFailed(f"Dag '{dag_id}' could not be found; either it does not exist or it failed to parse.")
    return row


def dag_spec(tx: Transaction, dag_id: str) -> DagSpec:
    """A DAG as last parsed."""
    dag_row(tx, dag_id)
    found = tx.dags.spec(dag_id)
    if found is None:
        raise CommandFailed(f"Dag '{dag_id}' has not been parsed yet; is a scheduler or dag-processor running?")
    return decode(found[1])


def task_spec(spec: DagSpec, task_id: str) -> TaskSpec:
    """One of its tasks."""
    for task in spec.tasks:
        if task.task_id == task_id:
            return task
    raise CommandFailed(f"Task {task_id} not found in DAG {spec.dag_id}")


def dag_run(tx: Transaction, dag_id: str, text: str, default_zone: str) -> DagRun:
    """A run by its id, else by its logical date."""
    run = tx.runs.get(RunKey(dag_id, text))
    if run is None and (date := as_date(text, default_zone)) is not None:
        run = tx.runs.by_date(dag_id, date)
    if run is None:
        raise CommandFailed(f"DagRun for {dag_id} with run_id or execution_date of {text!r} not found")
    return run


def task_instance(tx: Transaction, args: Namespace, session: Session) -> tuple[DagRun, TaskInstance | None]:
    """The run and the task instance that a ``tasks`` command names; None when the run has no such instance yet."""
    task_spec(dag_spec(tx, args.dag_id), args.task_id)
    run = dag_run(tx, args.dag_id, args.execution_date_or_run_id, session.settings.default_timezone)
    key = TaskKey(args.task_id, args.map_index)
    return run, tx.task_instances.get(RunKey(run.dag_id, run.run_id), key)


def as_date(text: str, default_zone: str) -> datetime | None:
    """A date, or None when the text is none: it may be a run id."""
    try:
        return moment(text, default_zone)
    except CommandFailed:
        return None


def is_under(fileloc: str | None, subdir: str | None) -> bool:
    """Whether a DAG file is the one that --subdir names, or lies below it."""
    if subdir is None:
        return True
    wanted = Path(subdir).absolute()
    return fileloc is not None and (Path(fileloc) == wanted or wanted in Path(fileloc).parents)


def matching_dags(tx: Transaction, dag_id: str, *, is_regex: bool) -> Sequence[DagRow]:
    """The DAG of this id, or the active ones whose id the expression is found in."""
    if not is_regex:
        row = tx.dags.get(dag_id)
        return [] if row is None else [row]
    try:
        pattern = re.compile(dag_id)
    except re.error as error:
        raise CommandFailed(f"{dag_id!r} is not a regular expression: {error}") from None
    return [row for row in tx.dags.all() if row.is_active and pattern.search(row.dag_id)]
