"""When a DAG runs next, for the ``next_dagrun*`` columns of a DAG that was just parsed: engine.run_creation over the
runs it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.engine.run_creation import next_run
from tradewind.model.decisions import NextRun
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunType
from tradewind.model.times import DataInterval
from tradewind.timetables.base import AirflowTimetableInvalid
from tradewind.timetables.registry import build

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

AUTOMATED = (RunType.SCHEDULED, RunType.BACKFILL)
"""Runs that the schedule goes on from; manual ones do not move it."""


def next_run_of(tx: Transaction, spec: DagSpec) -> NextRun:
    """What comes after the DAG's last scheduled run. None of a custom timetable: the plugin host is asked for it."""
    try:
        timetable = build(spec.timetable)
    except AirflowTimetableInvalid:
        return NextRun()
    last = tx.runs.latest(spec.dag_id, AUTOMATED)
    interval = None
    if last is not None and last.data_interval_start is not None and last.data_interval_end is not None:
        interval = DataInterval(last.data_interval_start, last.data_interval_end)
    open_runs = tx.runs.open_counts([spec.dag_id]).get(spec.dag_id, 0)
    return next_run(spec, timetable, interval, now=tx.now, open_runs=open_runs)
