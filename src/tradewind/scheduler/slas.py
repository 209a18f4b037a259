"""Notices missed service level agreements of DAGs that have runs, and has somebody told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from tradewind.engine import slas
from tradewind.model.errors import TradewindError
from tradewind.model.records import RunKey
from tradewind.storage import sla_misses
from tradewind.timetables.base import DataInterval, Timetable

from .runs import RunKeeper
from .specs import Loaded
from .step import Step

log = structlog.get_logger(__name__)

KIND = "dag_sla_miss"


class SlaKeeper:
    """Looks at the DAGs whose runs were examined since the last look, and at those with open runs."""

    def __init__(self, keeper: RunKeeper, *, is_on: bool) -> None:
        self._keeper = keeper
        self._is_on = is_on

    def check(self, step: Step) -> None:
        """Note what was missed by now; a callback tells of it, unless one is under way."""
        examined, self._keeper.examined_slas = self._keeper.examined_slas, {}
        if not self._is_on:
            return
        runs = examined | {key.dag_id: key for key in self._keeper.revisions()}
        for dag_id, run in sorted(runs.items()):
            loaded = self._keeper.specs.load(step.tx, dag_id)
            if loaded is None or not loaded.has_slas or not loaded.spec.timetable.periodic:
                continue
            try:
                self._check_dag(step, loaded, run)
            except TradewindError as problem:  # a plugin's timetable that does not answer
                log.warning("sla.unchecked", dag_id=dag_id, reason=str(problem))

    def _check_dag(self, step: Step, loaded: Loaded, run: RunKey) -> None:
        dag_id = run.dag_id
        timetable = self._keeper.timetable_of(loaded.spec)
        if timetable is None:
            return
        self._note(step, loaded, timetable)
        untold = sla_misses.untold(step.tx, dag_id)
        is_under_way = any(owed.kind == KIND and owed.run.dag_id == dag_id for owed in step.tx.callbacks.pending())
        has_reader = loaded.spec.has_sla_miss_callback or any(task.email for task in loaded.spec.tasks)
        if untold and has_reader and not is_under_way:
            payload = payload_of(untold, sla_misses.blocking(step.tx, dag_id))
            step.callback_ids.add(step.tx.callbacks.add(KIND, run, None, payload))

    def _note(self, step: Step, loaded: Loaded, timetable: Timetable) -> None:
        spec = loaded.spec
        known = sla_misses.known(step.tx, spec.dag_id)
        done = sla_misses.last_done(step.tx, spec.dag_id)
        by_run: dict[Any, tuple[datetime, ...]] = {}  # most tasks were last done in the same run
        for task in spec.tasks:
            if task.sla is None or task.task_id not in done:
                continue
            last = done[task.task_id]
            if last not in by_run:
                interval = DataInterval(*sla_misses.interval_at(step.tx, spec.dag_id, last))
                by_run[last] = slas.dates_after(timetable, interval, step.now)
            noted = {at for task_id, at in known if task_id == task.task_id}
            found = slas.over(by_run[last], task.sla, now=step.now, known=noted)
            sla_misses.add(step.tx, spec.dag_id, task.task_id, found)


def payload_of(
    untold: list[tuple[str, datetime, datetime]], blocking: list[tuple[str, str, int, str | None, datetime]]
) -> dict[str, Any]:
    """What the callback is told, as JSON-able data."""
    return {
        "slas": [[task_id, at.isoformat(), noticed.isoformat()] for task_id, at, noticed in untold],
        "blocking": [
            [task_id, run_id, map_index, state, at.isoformat()] for task_id, run_id, map_index, state, at in blocking
        ],
    }
