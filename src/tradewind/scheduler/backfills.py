"""Backfills under way: start their dates as long as they have room, and end those that are done.

All that a backfill knows is in its rows: a scheduler that dies leaves nothing behind that the next one does not see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from tradewind.engine import backfills as rules
from tradewind.engine import clearing, run_creation
from tradewind.engine.backfills import RunOptions
from tradewind.model.changes import Event
from tradewind.model.decisions import CreateRun
from tradewind.model.errors import AlreadyExists
from tradewind.model.records import DagRun, RunKey
from tradewind.model.states import FAILED_TASK_STATES, RunState, RunType
from tradewind.storage import backfills
from tradewind.storage.backfills import BackfillRow, WaitingDate
from tradewind.storage.database import Transaction

from .runs import RunKeeper
from .specs import Loaded
from .step import Step

log = structlog.get_logger(__name__)

STARTED_AT_ONCE = 25
"""Dates that one step starts, so that its transaction stays short."""


class BackfillKeeper:
    """Knows which DAGs have an open backfill, so that the others cost nothing."""

    def __init__(self, keeper: RunKeeper) -> None:
        self._keeper = keeper
        self._dags: set[str] = set()
        self.unfinished: set[str] = set()
        """DAGs whose backfill has more to start than one step does."""

    def refresh(self, tx: Transaction) -> set[str]:
        """Read anew which DAGs have an open backfill; those. Called when one was made, changed or may have been."""
        self._dags = backfills.open_dags(tx)
        self._keeper.reserved = backfills.reaches(tx) if self._dags else {}
        return set(self._dags)

    def advance(self, step: Step, dags: set[str]) -> None:
        """Start what may start of these DAGs' backfills."""
        wanted = (dags | self.unfinished) & self._dags
        self.unfinished = set()
        for dag_id in sorted(wanted):
            loaded = self._keeper.specs.load(step.tx, dag_id)
            row = backfills.open_of(step.tx, dag_id)
            if row is None or loaded is None:
                continue
            active = backfills.active_runs(step.tx, row.id)
            started = 0
            if not (row.is_paused or loaded.is_paused or not loaded.is_active):
                started = self._start(step, loaded, row, active)
            if not active and not started and not backfills.waiting(step.tx, row.id, 1):
                self._complete(step, row)

    def _start(self, step: Step, loaded: Loaded, row: BackfillRow, active: list[DagRun]) -> int:
        """Fill the room that the backfill has; how many runs were started."""
        for run in active:
            if run.state is RunState.QUEUED:
                self._keeper.start(step, loaded, run)
        room = row.max_active_runs - len(active)
        started = 0
        while started < min(room, STARTED_AT_ONCE):
            dates = backfills.waiting(step.tx, row.id, min(room, STARTED_AT_ONCE) - started)
            if not dates:
                return started
            started += sum(self._start_date(step, loaded, row, date) for date in dates)
        if room > started:
            self.unfinished.add(row.dag_id)
        return started

    def _start_date(self, step: Step, loaded: Loaded, row: BackfillRow, date: WaitingDate) -> bool:
        """Whether the date has a run now; else it has a reason."""
        existing = step.tx.runs.by_date(row.dag_id, date.logical_date)
        reason = None if existing is None else rules.no_run_reason(existing.state, row.reprocess_behavior)
        run = None
        if reason is None and existing is not None:
            run = self._run_again(step, loaded, row, existing)
        elif reason is None:
            run = self._make(step, loaded, row, date)
        if run is None:
            backfills.note_reason(step.tx, date.id, reason or rules.ALREADY_EXISTS)
            return False
        backfills.note_start(step.tx, date.id, run.id)
        self._keeper.start(step, loaded, run)
        return True

    def _make(self, step: Step, loaded: Loaded, row: BackfillRow, date: WaitingDate) -> DagRun | None:
        wanted = CreateRun(
            logical_date=date.logical_date,
            data_interval_start=date.data_interval_start,
            data_interval_end=date.data_interval_end,
            run_after=step.now,
        )
        new = run_creation.new_run(
            loaded.spec,
            wanted,
            now=step.now,
            run_type=RunType.BACKFILL,
            conf=row.dag_run_conf,
            version_id=loaded.version_id,
            job_id=self._keeper.job_id,
        )
        try:
            run = step.tx.runs.create(new)
        except AlreadyExists as problem:  # on PostgreSQL somebody else's transaction was faster
            log.warning("run.exists", dag_id=new.dag_id, run_id=new.run_id, reason=str(problem))
            return None
        rows = run_creation.task_instances_for(loaded.graph, run_id=run.run_id, logical_date=run.logical_date)
        step.tx.task_instances.add(run, rules.adjusted(loaded.graph, rows, options_of(row), step.now))
        return run

    def _run_again(self, step: Step, loaded: Loaded, row: BackfillRow, run: DagRun) -> DagRun | None:
        """A finished run is cleared, and is the backfill's from now on."""
        key = RunKey(run.dag_id, run.run_id)
        only_failed = options_of(row).only_failed
        rows = [
            each for each in step.tx.task_instances.of_run(key) if not only_failed or each.state in FAILED_TASK_STATES
        ]
        tasks = loaded.graph.tasks
        step.tx.task_instances.apply(
            [clearing.clear_change(key, each, tasks.get(each.task_id), step.now) for each in rows]
        )
        change = clearing.requeue_run(run, step.now)
        values: dict[str, Any] = {**change.values, "run_type": RunType.BACKFILL}
        if row.dag_run_conf is not None:
            values["conf"] = row.dag_run_conf
        return step.tx.runs.apply(replace(change, values=values))

    def _complete(self, step: Step, row: BackfillRow) -> None:
        backfills.change(step.tx, row.id, completed_at=step.now)
        self._dags.discard(row.dag_id)
        step.tx.emit(Event(kind="backfill.completed", dag_id=row.dag_id, payload={"backfill_id": row.id}))
        log.info("backfill.completed", dag_id=row.dag_id, backfill_id=row.id)


def options_of(row: BackfillRow) -> RunOptions:
    """The options with which the backfill was made."""
    stored: Mapping[str, Any] = row.options or {}
    names = stored.get("task_ids")
    return RunOptions(**{**stored, "task_ids": None if names is None else tuple(names)})
