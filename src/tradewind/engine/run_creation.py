"""Which runs are due, what comes next, and what a new run consists of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from tradewind.model.changes import NewRun
from tradewind.model.decisions import CreateRun, NextRun
from tradewind.model.records import DagRun, RunKey, TaskInstance
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState, RunType
from tradewind.model.times import DataInterval
from tradewind.timetables.base import DagRunInfo, TimeRestriction, Timetable
from tradewind.timetables.base import DataInterval as TimetableInterval

from . import expansion
from .graph import Graph, graph_of


class Interval(Protocol):
    """Any data interval: model's, the timetables', or a run's own columns."""

    @property
    def start(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...


# When -------------------------------------------------------------------------------------------------------------


def run_id(run_type: RunType, logical_date: datetime) -> str:
    """The id that a run gets when nobody names one."""
    return f"{run_type.value}__{logical_date.astimezone(UTC).isoformat()}"


def allows(spec: DagSpec, run_type: RunType) -> bool:
    """Whether the DAG may have runs of a type (``allowed_run_types``)."""
    return spec.allowed_run_types is None or run_type.value in spec.allowed_run_types


def restriction(spec: DagSpec, now: datetime) -> TimeRestriction:
    """Bounds of the DAG's runs: the earliest start and the latest end of the DAG and its tasks."""
    starts = [date for date in (spec.start_date, *(task.start_date for task in spec.tasks)) if date is not None]
    ends = [date for date in (spec.end_date, *(task.end_date for task in spec.tasks)) if date is not None]
    return TimeRestriction(
        earliest=min(starts, default=None), latest=max(ends, default=None), catchup=spec.catchup, now=now
    )


def next_run(
    spec: DagSpec, timetable: Timetable, last: Interval | None, *, now: datetime, open_runs: int = 0
) -> NextRun:
    """What comes after the last scheduled run. With as many open runs as allowed the date stays at the last run's and
    ``create_after`` is None: nothing is made until one ends."""
    has_schedule = timetable.can_be_scheduled and spec.parent_dag_id is None
    if not has_schedule or not allows(spec, RunType.SCHEDULED):
        return NextRun()
    if last is not None and open_runs >= max_active_runs(spec, timetable):
        return NextRun(logical_date=last.start, data_interval_start=last.start, data_interval_end=last.end)
    previous = None if last is None else TimetableInterval(last.start, last.end)
    info = timetable.next_dagrun_info(last_automated_data_interval=previous, restriction=restriction(spec, now))
    return NextRun() if info is None else _next_of(info)


def due(
    spec: DagSpec, timetable: Timetable, upcoming: NextRun, *, open_runs: int, now: datetime, limit: int = 1
) -> tuple[tuple[CreateRun, ...], NextRun]:
    """The runs to create now (at most ``limit``, and no more open ones than allowed), and what comes after them."""
    created: list[CreateRun] = []
    allowed = max_active_runs(spec, timetable)
    while len(created) < limit and open_runs < allowed:
        run = _create(upcoming, now)
        if run is None:
            break
        created.append(_keyed(run, timetable))
        open_runs += 1
        interval = DataInterval(run.data_interval_start, run.data_interval_end)
        upcoming = next_run(spec, timetable, interval, now=now, open_runs=open_runs)
    return tuple(created), upcoming


def is_latest(timetable: Timetable, interval: Interval, now: datetime) -> bool:
    """Whether ``now`` lies in the interval after the run's, whatever the DAG's dates: no newer run is due
    (LatestOnlyOperator)."""
    unbounded = TimeRestriction(earliest=None, latest=None, catchup=True, now=now)
    last = TimetableInterval(interval.start, interval.end)
    info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=unbounded)
    if info is None:
        return True
    start, end = info.data_interval
    # Schedules of moments have empty intervals: there the time between two moments counts.
    return interval.end < now <= end if start == end else start < now <= end


def max_active_runs(spec: DagSpec, timetable: Timetable) -> int:
    """How many runs may be open at a time: the DAG's limit, bounded by the timetable's."""
    if timetable.active_runs_limit is None:
        return spec.max_active_runs
    return min(spec.max_active_runs, timetable.active_runs_limit)


def startable(queued: int, running: int, spec: DagSpec) -> int:
    """How many queued runs may start: as many as ``max_active_runs`` leaves room for."""
    return max(0, min(queued, spec.max_active_runs - running))


def may_start(run: DagRun, now: datetime, *, allow_future: bool = False) -> bool:
    """Whether a queued run's date has come; a run that was triggered for a future date stays queued until then."""
    return allow_future or run.logical_date <= now


def manual_interval(timetable: Timetable, logical_date: datetime) -> DataInterval:
    """The data interval of a run that is triggered at ``logical_date``."""
    interval = timetable.infer_manual_data_interval(run_after=logical_date)
    return DataInterval(interval.start.astimezone(UTC), interval.end.astimezone(UTC))


def backfill(
    spec: DagSpec, timetable: Timetable, start: datetime, end: datetime, *, now: datetime, most: int | None = None
) -> tuple[CreateRun, ...]:
    """The runs between two dates, both included, whether or not they exist; the first ``most`` of them."""
    bounds = restriction(spec, now)
    latest = end if bounds.latest is None else min(end, bounds.latest)
    return tuple(islice(_between(timetable, TimeRestriction(start, latest, True, now)), most))


def _between(timetable: Timetable, bounds: TimeRestriction) -> Iterator[CreateRun]:
    last: TimetableInterval | None = None
    earliest = bounds.earliest
    while True:
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=bounds)
        if info is None or (bounds.latest is not None and info.logical_date > bounds.latest):
            return
        if last is not None and info.data_interval.end <= last.end and info.logical_date <= last.start:
            # A timetable that does not move on would be asked for ever.
            return
        last = info.data_interval
        if earliest is None or info.logical_date >= earliest:
            # What follows is later in any case: a timetable need not look at the start again.
            bounds = bounds._replace(earliest=None)
            yield _keyed(_create_of(info), timetable)


def _keyed(run: CreateRun, timetable: Timetable) -> CreateRun:
    """The run with the key of its partition, when the timetable has partitions of its own."""
    key_of = getattr(timetable, "partition_key", None)
    return run if key_of is None else replace(run, partition_key=key_of(run.logical_date))


def _next_of(info: DagRunInfo) -> NextRun:
    return NextRun(
        logical_date=info.logical_date.astimezone(UTC),
        data_interval_start=info.data_interval.start.astimezone(UTC),
        data_interval_end=info.data_interval.end.astimezone(UTC),
        create_after=info.run_after.astimezone(UTC),
    )


def _create_of(info: DagRunInfo) -> CreateRun:
    return CreateRun(
        logical_date=info.logical_date.astimezone(UTC),
        data_interval_start=info.data_interval.start.astimezone(UTC),
        data_interval_end=info.data_interval.end.astimezone(UTC),
        run_after=info.run_after.astimezone(UTC),
    )


def _create(upcoming: NextRun, now: datetime) -> CreateRun | None:
    date, after = upcoming.logical_date, upcoming.create_after
    if date is None or after is None or after > now:
        return None
    start, end = upcoming.data_interval_start or date, upcoming.data_interval_end or date
    return CreateRun(logical_date=date, data_interval_start=start, data_interval_end=end, run_after=after)


# What -------------------------------------------------------------------------------------------------------------


def new_run(
    spec: DagSpec,
    create: CreateRun,
    *,
    now: datetime,
    run_type: RunType = RunType.SCHEDULED,
    id: str | None = None,
    conf: Any = None,
    version_id: int | None = None,
    job_id: int | None = None,
) -> NewRun:
    """A scheduled or backfill run to store, queued."""
    return NewRun(
        dag_id=spec.dag_id,
        run_id=id or run_id(run_type, create.logical_date),
        run_type=run_type,
        state=RunState.QUEUED,
        logical_date=create.logical_date,
        data_interval_start=create.data_interval_start,
        data_interval_end=create.data_interval_end,
        queued_at=now,
        conf={} if conf is None else conf,
        version_id=version_id,
        creating_job_id=job_id,
        partition_key=create.partition_key,
    )


def task_instances_for(
    spec: DagSpec | Graph, *, run_id: str, logical_date: datetime, dag_id: str | None = None
) -> tuple[TaskInstance, ...]:
    """A new run's task instances, stateless: all indices of tasks mapped over literals, a placeholder for other mapped
    tasks, none for tasks whose own dates exclude the logical date."""
    graph = graph_of(spec)
    run = RunKey(dag_id or graph.spec.dag_id, run_id)
    return tuple(
        task_instance(task, run, key.map_index)
        for task in graph.spec.tasks
        if is_within_dates(graph.spec, task, logical_date)
        for key in expansion.initial_keys(graph, task)
    )


def task_instance(task: TaskSpec, run: RunKey, map_index: int = -1) -> TaskInstance:
    """One fresh task instance."""
    return TaskInstance(
        dag_id=run.dag_id,
        run_id=run.run_id,
        task_id=task.task_id,
        map_index=map_index,
        max_tries=task.retries,
        pool=task.pool,
        pool_slots=task.pool_slots,
        queue=task.queue,
        priority_weight=task.effective_weight,
        operator=task.task_type,
        custom_operator_name=task.operator_name,
        executor=task.executor,
    )


def is_within_dates(spec: DagSpec, task: TaskSpec, logical_date: datetime) -> bool:
    """Whether a task takes part in runs of this date: between its own dates, or else the DAG's, both included."""
    start = task.start_date or spec.start_date
    end = task.end_date or spec.end_date
    return (start is None or logical_date >= start) and (end is None or logical_date <= end)
