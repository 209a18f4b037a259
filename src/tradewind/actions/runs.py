"""What people and programs do to DAG runs: trigger, clear, mark, note, delete. Called alike by API, CLI and tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tradewind.engine import clearing, run_creation
from tradewind.model.changes import NewRun
from tradewind.model.errors import AlreadyExists, InvalidInput, NotFound
from tradewind.model.records import DagRun, RunKey, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, RunType
from tradewind.model.times import DataInterval, utc
from tradewind.storage import listings
from tradewind.storage.database import Transaction
from tradewind.timetables.base import AirflowTimetableInvalid
from tradewind.timetables.base import DataInterval as TimetableInterval
from tradewind.timetables.registry import TimetableBuilder, build, is_custom

from .params import check_params


def trigger(
    tx: Transaction,
    spec: DagSpec,
    *,
    run_id: str | None = None,
    logical_date: datetime | None = None,
    data_interval: DataInterval | None = None,
    conf: Any = None,
    note: str | None = None,
    user_id: int | None = None,
    request_key: str | None = None,
    reset_existing: bool = False,
    run_id_pattern: re.Pattern[str] | None = None,
    now: datetime | None = None,
    timetables: TimetableBuilder = build,
    names_itself: bool = False,
) -> DagRun:
    """A new run, queued, with its task instances. ``logical_date`` None: now.

    Raises AlreadyExists when the DAG has a run of this date (named first) or id, unless ``reset_existing``: then that
    run is cleared and answered. Raises InvalidInput for an id that is reserved or not allowed, and for a conf that the
    DAG's params refuse. The same ``request_key`` again gives the run that was made the first time. ``timetables`` asks
    plugins about theirs (PluginFailed when they cannot answer); with ``names_itself`` also for the run's id, as the
    command line does and the API does not.
    """
    if not run_creation.allows(spec, RunType.MANUAL):
        raise InvalidInput(f"Dag with dag_id: '{spec.dag_id}' does not allow manual runs")
    now = now or tx.now
    date = utc(logical_date or now)
    name = run_id or (names_itself and _own_run_id(spec, date, data_interval, timetables))
    name = name or run_creation.run_id(RunType.MANUAL, date)
    made = None if request_key is None else listings.run_of_request(tx, request_key)
    if made is not None:
        return _get(tx, RunKey(*made))
    existing = tx.runs.by_date(spec.dag_id, date) or tx.runs.get(RunKey(spec.dag_id, name))
    if existing is not None:
        return _reuse(tx, spec, existing, date, name, reset_existing=reset_existing)
    _check_run_id(name, run_id_pattern)
    check_params(spec, conf)
    interval = data_interval or manual_interval(spec, date, timetables)
    run = tx.runs.create(
        NewRun(
            dag_id=spec.dag_id,
            run_id=name,
            run_type=RunType.MANUAL,
            state=RunState.QUEUED,
            logical_date=date,
            data_interval_start=interval.start,
            data_interval_end=interval.end,
            queued_at=now,
            external_trigger=True,
            conf={} if conf is None else conf,
            version_id=tx.dags.version_id(spec.dag_id),
            request_key=request_key,
        )
    )
    rows = run_creation.task_instances_for(spec, run_id=run.run_id, logical_date=date)
    tx.task_instances.add(run, rows)
    if note is None:
        return run
    tx.runs.set_note(RunKey(run.dag_id, run.run_id), note, user_id=user_id)
    return replace(run, note=note)


def _own_run_id(
    spec: DagSpec, logical_date: datetime, data_interval: DataInterval | None, timetables: TimetableBuilder
) -> str | None:
    """The id that a plugin's timetable gives to a manual run."""
    if not is_custom(spec.timetable):
        return None
    interval = data_interval or manual_interval(spec, logical_date, timetables)
    return timetables(spec.timetable).generate_run_id(
        run_type=RunType.MANUAL,
        logical_date=logical_date,
        data_interval=TimetableInterval(interval.start, interval.end),
    )


def manual_interval(spec: DagSpec, logical_date: datetime, timetables: TimetableBuilder = build) -> DataInterval:
    """The data interval of a run triggered at a date; where no plugin can be asked for its timetable the date alone."""
    try:
        return run_creation.manual_interval(timetables(spec.timetable), logical_date)
    except AirflowTimetableInvalid:
        return DataInterval(logical_date, logical_date)


def _check_run_id(run_id: str, pattern: re.Pattern[str] | None) -> None:
    for run_type in (RunType.BACKFILL, RunType.SCHEDULED, RunType.DATASET_TRIGGERED):
        if run_id.startswith(f"{run_type.value}__"):
            raise InvalidInput(
                f"A manual DAG run cannot use ID '{run_id}' since it is reserved for {run_type.value} runs"
            )
    if len(run_id) > 250:
        raise InvalidInput(f"The run ID has {len(run_id)} characters; at most 250 are allowed")
    if pattern is not None and pattern.match(run_id) is None:
        raise InvalidInput(
            f"The run ID '{run_id}' does not match the pattern '{pattern.pattern}' "
            "of [scheduler] allowed_run_id_pattern"
        )


def _reuse(
    tx: Transaction, spec: DagSpec, existing: DagRun, date: datetime, run_id: str, *, reset_existing: bool
) -> DagRun:
    key = RunKey(existing.dag_id, existing.run_id)
    if reset_existing:
        clear_run(tx, spec, key)
        return tx.runs.get(key) or existing
    if existing.logical_date == date:
        raise AlreadyExists(
            f"DAGRun with DAG ID: '{existing.dag_id}' and DAGRun logical date: "
            f"'{date.isoformat(sep=' ')}' already exists"
        )
    raise AlreadyExists(f"DAGRun with DAG ID: '{existing.dag_id}' and DAGRun ID: '{run_id}' already exists")


def _get(tx: Transaction, key: RunKey) -> DagRun:
    run = tx.runs.get(key)
    if run is None:
        raise NotFound(f"DAGRun with DAG ID: '{key.dag_id}' and DagRun ID: '{key.run_id}' not found")
    return run


def clear_run(tx: Transaction, spec: DagSpec, key: RunKey, *, dry_run: bool = False) -> tuple[TaskKey, ...]:
    """All task instances of a run run again, and the run with them; what is touched. Raises NotFound."""
    run = _get(tx, key)
    rows = tx.task_instances.of_run(key)
    if not dry_run:
        tasks = {task.task_id: task for task in spec.tasks}
        tx.task_instances.apply([clearing.clear_change(key, row, tasks.get(row.task_id), tx.now) for row in rows])
        tx.runs.apply(clearing.requeue_run(run, tx.now))
    return tuple(row.key for row in rows)


def set_state(tx: Transaction, spec: DagSpec, key: RunKey, state: RunState) -> DagRun:
    """Marks a run success or failed (its open task instances with it), or queues it again. Raises NotFound."""
    run = _get(tx, key)
    rows = tx.task_instances.of_run(key)
    change, changes = clearing.mark_run(run, rows, state, tx.now, spec)
    if run.start_date is None and change.values.get("start_date") is not None:
        # A run that never started has no start, also when it is marked: Airflow shows null.
        kept: Mapping[str, Any] = {name: value for name, value in change.values.items() if name != "start_date"}
        change = replace(change, values=kept)
    tx.task_instances.apply(changes)
    return tx.runs.apply(change) or _get(tx, key)


def set_note(tx: Transaction, key: RunKey, note: str | None, *, user_id: int | None = None) -> None:
    """Writes a run's note. Raises NotFound."""
    if not tx.runs.set_note(key, note, user_id=user_id):
        _get(tx, key)


def delete_run(tx: Transaction, key: RunKey) -> None:
    """Deletes a run with all that hangs on it. Raises NotFound."""
    if not tx.runs.delete(key):
        raise NotFound(f"DAGRun with DAG ID: '{key.dag_id}' and DagRun ID: '{key.run_id}' not found")
