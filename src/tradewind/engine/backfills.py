"""Backfills as values: the dates of a range, what becomes of each, and what a run of one is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from tradewind.model.decisions import CreateRun
from tradewind.model.errors import InvalidInput
from tradewind.model.records import TaskInstance
from tradewind.model.spec import DagSpec
from tradewind.model.states import TERMINAL_RUN_STATES, ReprocessBehavior, RunState, TaskState
from tradewind.timetables.base import Timetable

from . import run_creation
from .graph import Graph, graph_of

MOST_RUNS = 10_000
"""Dates that one backfill may have."""
MOST_ACTIVE_RUNS = 1_000

IN_FLIGHT = "in flight"
ALREADY_EXISTS = "already exists"
CANCELLED = "cancelled"
"""Why a date gets no run; the first two are Airflow 3's words."""

Action = Literal["create", "rerun", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillWish:
    """What somebody wants to be run again. Both dates are included."""

    from_date: datetime
    to_date: datetime
    reprocess_behavior: ReprocessBehavior = ReprocessBehavior.NONE
    run_backwards: bool = False
    max_active_runs: int = 10
    may_leave_past: bool = False
    """Airflow 2's command line leaves runs as they are also where tasks depend on the past."""


class ExistingRun(NamedTuple):
    """A run that the DAG has at a date of the range."""

    run_id: str
    state: RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One date of a backfill. ``existing``: the run that is there already. ``reason``: why nothing is done."""

    run: CreateRun
    existing: ExistingRun | None = None
    reason: str | None = None

    @property
    def action(self) -> Action:
        """What starting it does."""
        if self.reason is not None:
            return "skip"
        return "create" if self.existing is None else "rerun"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What Airflow 2's command line can say of the runs that a backfill makes."""

    task_ids: tuple[str, ...] | None = None
    """Only these tasks; what follows them is skipped, what they follow counts as done."""
    pool: str | None = None
    mark_success: bool = False
    disable_retry: bool = False
    only_failed: bool = False
    """Of a run that is there, only failed tasks run again."""


def check(spec: DagSpec, timetable: Timetable, wish: BackfillWish, now: datetime) -> None:
    """Raises InvalidInput for a backfill that cannot be meant."""
    if not timetable.can_be_scheduled or (timetable.active_runs_limit == 1 and not timetable.periodic):
        raise InvalidInput(f"DAG '{spec.dag_id}' has no schedule with dates, so there is nothing to backfill")
    if wish.to_date < wish.from_date:
        raise InvalidInput("to_date must not be before from_date")
    if wish.from_date > now:
        raise InvalidInput("A backfill cannot be of future dates: from_date is later than now")
    if not 1 <= wish.max_active_runs <= MOST_ACTIVE_RUNS:
        raise InvalidInput(f"max_active_runs must be between 1 and {MOST_ACTIVE_RUNS}")
    if any(task.depends_on_past for task in spec.tasks):
        _check_past(wish)


def _check_past(wish: BackfillWish) -> None:
    if wish.run_backwards:
        raise InvalidInput("A DAG with tasks that have depends_on_past=True cannot be backfilled backwards")
    if wish.reprocess_behavior is ReprocessBehavior.NONE and not wish.may_leave_past:
        raise InvalidInput(
            "The DAG has tasks with depends_on_past=True: a run that is left as it is would hold up those after it. "
            "Choose reprocess_behavior failed or completed"
        )


def plan(
    spec: DagSpec,
    timetable: Timetable,
    wish: BackfillWish,
    existing: Mapping[datetime, ExistingRun],
    now: datetime,
) -> tuple[PlannedRun, ...]:
    """Every date of the range that has come by ``now``, in the order in which the runs start. ``existing`` by logical
    date in UTC. Raises InvalidInput for more dates than a backfill may have."""
    runs = run_creation.backfill(spec, timetable, wish.from_date, wish.to_date, now=now, most=MOST_RUNS + 1)
    if len(runs) > MOST_RUNS:
        raise InvalidInput(f"A backfill has at most {MOST_RUNS} runs; choose a shorter range")
    planned = [_planned(run, existing.get(run.logical_date), wish) for run in runs if run.run_after <= now]
    return tuple(reversed(planned) if wish.run_backwards else planned)


def _planned(run: CreateRun, there: ExistingRun | None, wish: BackfillWish) -> PlannedRun:
    reason = None if there is None else no_run_reason(there.state, wish.reprocess_behavior)
    return PlannedRun(run=run, existing=there, reason=reason)


def no_run_reason(state: RunState, behavior: ReprocessBehavior) -> str | None:
    """Why the run that a date has already is left alone; None when it is to run again."""
    if state not in TERMINAL_RUN_STATES:
        return IN_FLIGHT
    match behavior:
        case ReprocessBehavior.COMPLETED:
            return None
        case ReprocessBehavior.FAILED:
            return None if state is RunState.FAILED else ALREADY_EXISTS
        case ReprocessBehavior.NONE:
            return ALREADY_EXISTS


def adjusted(
    spec: DagSpec | Graph, rows: Iterable[TaskInstance], options: RunOptions, now: datetime
) -> tuple[TaskInstance, ...]:
    """A new run's task instances as the options want them."""
    graph = graph_of(spec)
    wanted = None if options.task_ids is None else set(options.task_ids)
    above = set().union(*(graph.ancestors(name) for name in wanted if name in graph)) if wanted else set()
    return tuple(_adjusted(row, options, wanted, above, now) for row in rows)


def _adjusted(
    row: TaskInstance, options: RunOptions, wanted: set[str] | None, above: set[str], now: datetime
) -> TaskInstance:
    row = replace(
        row,
        pool=options.pool or row.pool,
        max_tries=0 if options.disable_retry else row.max_tries,
    )
    if wanted is not None and row.task_id not in wanted:
        return _ended(row, TaskState.SUCCESS if row.task_id in above else TaskState.SKIPPED, now)
    return _ended(row, TaskState.SUCCESS, now) if options.mark_success else row


def _ended(row: TaskInstance, state: TaskState, now: datetime) -> TaskInstance:
    return replace(row, state=state, start_date=now, end_date=now, duration=0.0)


def matching_tasks(spec: DagSpec | Graph, names: Iterable[str], *, with_upstream: bool) -> tuple[str, ...]:
    """The tasks named, and unless told not to all that they follow; in topological order."""
    graph = graph_of(spec)
    named = [name for name in names if name in graph]
    chosen = set(named)
    if with_upstream:
        chosen |= set().union(*(graph.ancestors(name) for name in named))
    return tuple(task.task_id for task in graph.spec.tasks if task.task_id in chosen)
