"""Schedules: which runs are due, what a DAG's next run is, and storing a new run with its task instances.

Timetables of plugins answer later: what waits for an answer is taken up again by ``resume``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from tradewind.engine import run_creation
from tradewind.model.changes import NewRun
from tradewind.model.decisions import CreateRun, NextRun
from tradewind.model.errors import AlreadyExists
from tradewind.model.records import DagRun
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunType
from tradewind.model.times import DataInterval
from tradewind.storage.rows import DagRow
from tradewind.timetables.base import AirflowTimetableInvalid, Timetable
from tradewind.timetables.base import DataInterval as TimetableInterval
from tradewind.timetables.registry import is_custom
from tradewind.wire.plugin_messages import AnswerPending, PluginFailed

from .specs import Loaded, SpecCache
from .step import Step
from .timetables import BuiltInTimetables, TimetableSource

log = structlog.get_logger(__name__)

PLUGIN_PATIENCE = timedelta(seconds=30)
"""After which a due run is tried again whose plugin was asked and that nobody was told of (a crash)."""


class Schedules:
    """Makes runs. One per scheduler, as a part of its RunKeeper."""

    def __init__(self, specs: SpecCache, *, job_id: int | None, timetables: TimetableSource | None = None) -> None:
        self.specs = specs
        self.job_id = job_id
        self.timetables = timetables or BuiltInTimetables()
        self._held: dict[str, NextRun] = {}
        """Due runs that wait for a plugin's answer, by DAG."""
        self.reserved: Mapping[str, DataInterval] = {}
        """By DAG the last interval that an open backfill has taken: the schedule goes on after it, as after its run."""

    def refresh_next(self, step: Step, loaded: Loaded) -> None:
        """``next_dagrun_create_after`` depends on how many runs are open."""
        spec = loaded.spec
        row = step.tx.dags.get(spec.dag_id)
        timetable = self.timetable_of(spec)
        if row is None or timetable is None or not spec.timetable.can_be_scheduled:
            return
        try:
            upcoming = run_creation.next_run(
                spec,
                timetable,
                self._last_interval(step, spec.dag_id),
                now=step.now,
                open_runs=step.tx.runs.open_counts([spec.dag_id]).get(spec.dag_id, 0),
            )
        except AnswerPending:
            return  # looked at again when the plugin has answered
        if upcoming != next_of(row):
            step.tx.dags.set_next(spec.dag_id, upcoming)
            step.wants_runs = True

    def _last_interval(self, step: Step, dag_id: str) -> DataInterval | None:
        last = step.tx.runs.latest(dag_id, (RunType.SCHEDULED, RunType.BACKFILL))
        reserved = self.reserved.get(dag_id)
        if last is None:
            return reserved
        start, end = last.data_interval_start or last.logical_date, last.data_interval_end or last.logical_date
        return DataInterval(start, end) if reserved is None or reserved.start <= start else reserved

    def create_due(self, step: Step, limit: int) -> int:
        """Create the scheduled runs that are due now; returns how many DAGs were looked at."""
        rows = step.tx.dags.due(step.now, limit)
        for row in rows:
            loaded = self.specs.load(step.tx, row.dag_id)
            if loaded is not None:
                self._create_for(step, loaded, next_of(row))
        return len(rows)

    def _create_for(self, step: Step, loaded: Loaded, upcoming: NextRun) -> None:
        spec = loaded.spec
        open_runs = step.tx.runs.open_counts([spec.dag_id]).get(spec.dag_id, 0)
        timetable = self.timetable_of(spec)
        if timetable is None:
            step.tx.dags.set_next(spec.dag_id, NextRun())
            return
        try:
            run_ids = [self._run_id(spec, timetable, upcoming)]
            due, following = run_creation.due(spec, timetable, upcoming, open_runs=open_runs, now=step.now)
        except AnswerPending:
            # Not due for a while, so that the others' turn comes; tried again as soon as the plugin has answered.
            self._held[spec.dag_id] = upcoming
            step.tx.dags.set_next(spec.dag_id, replace(upcoming, create_after=step.now + PLUGIN_PATIENCE))
            return
        for wanted, run_id in zip(due, run_ids, strict=False):
            self.create(step, loaded, wanted, run_id=run_id)
        if not due:  # as many runs are open as may be: looked at again when one ends
            following = replace(upcoming, create_after=None)
        step.tx.dags.set_next(spec.dag_id, following)
        step.dags.add(spec.dag_id)

    def resume(self, step: Step, dag_ids: Iterable[str]) -> None:
        """A plugin has answered about these DAGs: what waited for it goes on."""
        for dag_id in dag_ids:
            upcoming = self._held.pop(dag_id, None)
            loaded = self.specs.load(step.tx, dag_id) if dag_id else None
            if loaded is None:
                continue
            if upcoming is not None and loaded.is_active and not loaded.is_paused:
                self._create_for(step, loaded, upcoming)
                step.wants_runs = True  # the run after it may be due as well
            step.dags.add(dag_id)

    def _run_id(self, spec: DagSpec, timetable: Timetable, upcoming: NextRun) -> str | None:
        """The id that a plugin's timetable gives the run; None: the usual one, also when it cannot say."""
        start, end = upcoming.data_interval_start, upcoming.data_interval_end
        if upcoming.logical_date is None or start is None or end is None or not is_custom(spec.timetable):
            return None
        try:
            return timetable.generate_run_id(
                run_type=RunType.SCHEDULED,
                logical_date=upcoming.logical_date,
                data_interval=TimetableInterval(start, end),
            )
        except PluginFailed as problem:
            log.warning("timetable.failed", dag_id=spec.dag_id, reason=str(problem))
            return None

    def timetable_of(self, spec: DagSpec) -> Timetable | None:
        """The DAG's timetable; None for one that cannot be built."""
        try:
            return self.timetables.build(spec.timetable, spec.dag_id)
        except AirflowTimetableInvalid as problem:
            log.warning("timetable.unknown", dag_id=spec.dag_id, reason=str(problem))
            return None

    def create(
        self,
        step: Step,
        loaded: Loaded,
        wanted: CreateRun,
        run_type: RunType = RunType.SCHEDULED,
        run_id: str | None = None,
    ) -> DagRun | None:
        """Store a run with its task instances; None when the DAG has one of this date or id."""
        new: NewRun = run_creation.new_run(
            loaded.spec,
            wanted,
            now=step.now,
            run_type=run_type,
            id=run_id,
            version_id=loaded.version_id,
            job_id=self.job_id,
        )
        try:
            run = step.tx.runs.create(new)
        except AlreadyExists as problem:
            log.warning("run.exists", dag_id=new.dag_id, run_id=new.run_id, reason=str(problem))
            return None
        rows = run_creation.task_instances_for(loaded.graph, run_id=run.run_id, logical_date=run.logical_date)
        step.tx.task_instances.add(run, rows)
        return run


def next_of(row: DagRow) -> NextRun:
    """The DAG row's ``next_dagrun*`` columns."""
    return NextRun(
        logical_date=row.next_dagrun,
        data_interval_start=row.next_dagrun_data_interval_start,
        data_interval_end=row.next_dagrun_data_interval_end,
        create_after=row.next_dagrun_create_after,
    )
