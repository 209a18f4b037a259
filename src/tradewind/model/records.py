"""Frozen rows and keys. Columns keep Airflow 2.10's names where they mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from .states import RunState, RunType, TaskState


class RunKey(NamedTuple):
    """Identity of a DAG run."""

    dag_id: str
    run_id: str


class TaskKey(NamedTuple):
    """Identity of a task instance inside its run; ``map_index`` is -1 for one that is not mapped."""

    task_id: str
    map_index: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRun:
    """One run of a DAG. ``revision`` goes up with every committed change of the run or one of its task instances."""

    id: int
    dag_id: str
    run_id: str
    run_type: RunType
    state: RunState
    logical_date: datetime
    """Column execution_date."""
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    last_scheduling_decision: datetime | None = None
    external_trigger: bool = False
    conf: Any = None
    """JSON-able; None or a dict."""
    creating_job_id: int | None = None
    clear_number: int = 0
    note: str | None = None
    version_id: int | None = None
    """dag_version the run's task instances were made from."""
    revision: int = 0
    log_template: str | None = None
    """Of the names of its logs; None: the default."""
    partition_key: str | None = None
    """Of the partition that the run is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskInstance:
    """One task of one run (one index of it when mapped). ``token`` fences the current attempt."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    state: TaskState | None = None
    try_number: int = 0
    max_tries: int = 0
    start_date: datetime | None = None
    end_date: datetime | None = None
    duration: float | None = None
    hostname: str = ""
    unixname: str = ""
    pid: int | None = None
    pool: str = "default_pool"
    pool_slots: int = 1
    queue: str = "default"
    priority_weight: int = 1
    operator: str = ""
    custom_operator_name: str = ""
    executor: str | None = None
    queued_dttm: datetime | None = None
    queued_by_job_id: int | None = None
    """The worker that owns the attempt while it is queued or running."""
    wake_at: datetime | None = None
    """When a timer must look at it: end of the retry wait, next poke, timeout of a deferral."""
    next_method: str | None = None
    next_kwargs: Any = None
    trigger_id: int | None = None
    trigger_timeout: datetime | None = None
    rendered_map_index: str | None = None
    token: str | None = None
    """Random; new with each queueing. Messages of an attempt that carry another one are refused."""
    first_start_date: datetime | None = None
    """Start of the try's first poke: sensors measure their timeout from here over reschedules."""
    logical_date: datetime | None = None
    """The run's; filled in rows that storage gives."""

    @property
    def key(self) -> TaskKey:
        return TaskKey(self.task_id, self.map_index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool; ``slots`` -1 means unlimited. Used slots are counted when asked for."""

    name: str
    slots: int
    description: str | None = None
    include_deferred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PastView:
    """What ``depends_on_past`` and ``wait_for_downstream`` look at: the previous run of the DAG by logical date.

    ``run_id`` None: there is no earlier run. ``states`` has the previous run's task instances, by key.
    """

    run_id: str | None = None
    states: Mapping[TaskKey, TaskState | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """Everything the engine looks at about one run. Loaded once, then advanced by committed transitions.

    ``map_lengths``: (task_id, map_index, key) of a supplier → length of the list or dict it pushed (Airflow's
    task_map). A mapped supplier's total is the number of its instances that have a value: ``returned``.
    ``past`` is loaded only for DAGs with a task that looks back. ``is_paused`` is the DAG's.
    ``branch_skips``: task id or index of a branching task → what it recorded under ``skipmixin_key``.
    """

    run: DagRun
    task_instances: Mapping[TaskKey, TaskInstance]
    map_lengths: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """(supplier task_id, map_index) → length of its return_value."""
    past: PastView | None = None
    branch_skips: Mapping[TaskKey, Mapping[str, Any]] = field(default_factory=dict)
    """A finished branch/short-circuit instance → {"followed": […]} or {"skipped": […]}: a cleared task that it had
    left out is skipped again although the branch does not run again (Airflow's NotPreviouslySkippedDep)."""
    returned: frozenset[TaskKey] = frozenset()
    """Mapped instances (map_index 0 and up) that have a ``return_value`` XCom: their number is the length of a mapped
    supplier's result."""
