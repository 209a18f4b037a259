"""What people and programs do to backfills: plan, create, pause, unpause, cancel. The scheduler starts their runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from tradewind.engine import backfills as rules
from tradewind.engine import clearing, run_creation
from tradewind.engine.backfills import BackfillWish, ExistingRun, PlannedRun, RunOptions, matching_tasks
from tradewind.model.changes import Event
from tradewind.model.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from tradewind.model.records import RunKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, RunType
from tradewind.storage import backfills
from tradewind.storage.backfills import BackfillRow
from tradewind.storage.database import Transaction
from tradewind.timetables import registry
from tradewind.timetables.base import AirflowTimetableInvalid, Timetable

from .params import check_params

__all__ = [
    "BackfillWish",
    "PlannedRun",
    "RunOptions",
    "cancel",
    "create",
    "get",
    "matching_tasks",
    "plan",
    "set_paused",
]
"""The wish and its plan are the engine's; whoever calls the verbs needs no more of it."""


def plan(tx: Transaction, spec: DagSpec, wish: BackfillWish) -> tuple[PlannedRun, ...]:
    """What a backfill would do, date by date, in the order in which it would start them. Raises InvalidInput for one
    that cannot be made."""
    timetable = _timetable(spec)
    rules.check(spec, timetable, wish, tx.now)
    # A timetable may give a date a little outside of what was asked for, never a day.
    around = timedelta(days=1)
    rows = backfills.existing_runs(tx, spec.dag_id, wish.from_date - around, wish.to_date + around)
    existing = {row.execution_date: ExistingRun(row.run_id, row.state) for row in rows}
    return rules.plan(spec, timetable, wish, existing, tx.now)


def _timetable(spec: DagSpec) -> Timetable:
    try:
        return registry.build(spec.timetable)
    except AirflowTimetableInvalid:
        shown = spec.timetable.summary or spec.timetable.kind
        raise InvalidInput(
            f"DAG '{spec.dag_id}' has the timetable {shown}, which is code of its own: which dates it gives can only "
            "be asked where user code runs. Trigger the runs one by one, or give the DAG a built-in schedule"
        ) from None


def create(
    tx: Transaction,
    spec: DagSpec,
    wish: BackfillWish,
    *,
    conf: Any = None,
    user_name: str | None = None,
    options: RunOptions | None = None,
    planned: Sequence[PlannedRun] | None = None,
) -> BackfillRow:
    """A backfill whose runs the scheduler will start. Raises InvalidInput for one that cannot be made or has no date,
    and AlreadyExists while the DAG has an open one.

    ``planned`` is what :func:`plan` said a moment ago: thousands of dates take a while, in which nobody should hold the
    database. Whether a date has a run is looked at again when its turn comes."""
    if not run_creation.allows(spec, RunType.BACKFILL):
        raise InvalidInput(f"Dag with dag_id: '{spec.dag_id}' does not allow backfill runs")
    planned = plan(tx, spec, wish) if planned is None else planned
    if all(one.reason for one in planned):
        why = (
            f"every one of its {len(planned)} dates has a run that is left as it is"
            if planned
            else f"the schedule of DAG '{spec.dag_id}' has no date there whose time has come"
        )
        span = f"{wish.from_date.isoformat()} and {wish.to_date.isoformat()}"
        raise InvalidInput(f"There is nothing to run between {span}: {why}")
    check_params(spec, conf)
    values = {
        "dag_id": spec.dag_id,
        "from_date": wish.from_date,
        "to_date": wish.to_date,
        "dag_run_conf": conf,
        "is_paused": False,
        "reprocess_behavior": wish.reprocess_behavior,
        "max_active_runs": wish.max_active_runs,
        "triggering_user_name": user_name,
        "run_backwards": wish.run_backwards,
        "options": None if options is None else asdict(options),
    }
    dates = (
        (one.run.logical_date, one.run.data_interval_start, one.run.data_interval_end, one.reason) for one in planned
    )
    made = backfills.add(tx, values, dates)
    if made is None:
        raise AlreadyExists(
            f"DAG '{spec.dag_id}' has a backfill that is not over; a DAG can have one at a time. Cancel it, or wait"
        )
    return _told(tx, made, "created")


def _told(tx: Transaction, backfill_id: int, word: str) -> BackfillRow:
    row = get(tx, backfill_id)
    tx.emit(Event(kind=f"backfill.{word}", dag_id=row.dag_id, payload={"backfill_id": row.id}))
    return row


def get(tx: Transaction, backfill_id: int, *, locked: bool = False) -> BackfillRow:
    """One backfill. Raises NotFound."""
    row = backfills.get(tx, backfill_id, locked=locked)
    if row is None:
        raise NotFound(f"There is no backfill {backfill_id}")
    return row


def set_paused(tx: Transaction, backfill_id: int, *, is_paused: bool) -> BackfillRow:
    """A paused backfill starts no further runs; those that run go on. Raises NotFound, and Conflict when it is over."""
    row = _open(tx, backfill_id)
    if row.is_paused == is_paused:
        return row
    backfills.change(tx, row.id, is_paused=is_paused)
    return _told(tx, row.id, "paused" if is_paused else "unpaused")


def cancel(tx: Transaction, backfill_id: int) -> BackfillRow:
    """The backfill is over: dates that wait get no run, queued runs fail, running ones go on. Raises NotFound, and
    Conflict when it is over already."""
    row = _open(tx, backfill_id)
    for run in backfills.active_runs(tx, row.id):
        if run.state is RunState.QUEUED:
            rows = tx.task_instances.of_run(RunKey(run.dag_id, run.run_id))
            run_change, changes = clearing.mark_run(run, rows, RunState.FAILED, tx.now)
            tx.task_instances.apply(changes)
            tx.runs.apply(run_change)
    backfills.refuse_waiting(tx, row.id, rules.CANCELLED)
    backfills.change(tx, row.id, is_paused=True, completed_at=tx.now)
    return _told(tx, row.id, "cancelled")


def _open(tx: Transaction, backfill_id: int) -> BackfillRow:
    row = get(tx, backfill_id, locked=True)
    if row.completed_at is not None:
        raise Conflict(f"Backfill {backfill_id} is over since {row.completed_at.isoformat()}")
    return row
