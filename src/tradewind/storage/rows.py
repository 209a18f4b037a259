"""Frozen rows that storage's users see and the engine does not: DAG rows, jobs, callbacks owed, users, variables …"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.model.decisions import NextRun
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class DagRow:
    """One row of ``dag``. ``next_dagrun*`` as in Airflow; ``version_id`` is the newest dag_version."""

    dag_id: str
    is_paused: bool
    is_active: bool
    fileloc: str | None = None
    owners: str | None = None
    dag_display_name: str | None = None
    description: str | None = None
    default_view: str | None = None
    schedule_interval: str | None = None
    """JSON text, as the API shows it."""
    timetable_description: str | None = None
    timetable_summary: str | None = None
    timetable_kind: str | None = None
    dataset_expression: Any = None
    max_active_tasks: int = 16
    max_active_runs: int | None = 16
    max_consecutive_failed_dag_runs: int = 0
    has_task_concurrency_limits: bool = False
    has_import_errors: bool = False
    last_parsed_time: datetime | None = None
    next_dagrun: datetime | None = None
    next_dagrun_data_interval_start: datetime | None = None
    next_dagrun_data_interval_end: datetime | None = None
    next_dagrun_create_after: datetime | None = None
    version_id: int | None = None

    @property
    def next(self) -> NextRun:
        """The four ``next_dagrun*`` columns as the engine says them."""
        return NextRun(
            self.next_dagrun,
            self.next_dagrun_data_interval_start,
            self.next_dagrun_data_interval_end,
            self.next_dagrun_create_after,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportErrorRow:
    """Why a file could not be imported."""

    id: int
    timestamp: datetime | None
    filename: str
    stacktrace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """What processing keeps of a DAG file between starts."""

    path: str
    digest: str
    state: Any
    parsed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUsage:
    """Slots taken in a pool, by state."""

    running: int = 0
    queued: int = 0
    scheduled: int = 0
    deferred: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupied:
    """How many task instances of a task in a run are in one pool and state, and the slots they take."""

    dag_id: str
    run_id: str
    task_id: str
    pool: str
    state: TaskState
    count: int
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCounts:
    """Task instances that are queued or running, counted for the concurrency limits."""

    by_dag: dict[str, int] = field(default_factory=dict)
    by_task: dict[tuple[str, str], int] = field(default_factory=dict)
    by_run: dict[tuple[str, str], int] = field(default_factory=dict)
    """(dag_id, run_id): what max_active_tasks counts in Airflow 2.10."""
    by_run_task: dict[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class XComValue:
    """One XCom; ``value`` is JSON text."""

    task_id: str
    map_index: int
    run_id: str
    value: str
    key: str = ""
    timestamp: datetime | None = None
    logical_date: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try of a task instance, as it ended (a row of task_instance_history)."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    state: str | None
    max_tries: int
    start_date: datetime | None
    end_date: datetime | None
    duration: float | None
    hostname: str
    unixname: str
    pool: str
    pool_slots: int
    queue: str
    priority_weight: int
    operator: str
    custom_operator_name: str
    queued_dttm: datetime | None
    pid: int | None
    executor: str | None
    rendered_map_index: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A long-running role, with its heartbeat."""

    id: int
    job_type: str
    state: str
    start_date: datetime | None
    end_date: datetime | None
    latest_heartbeat: datetime | None
    executor_class: str | None
    hostname: str
    unixname: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackOwed:
    """A callback that must run once; the row goes when it has."""

    id: int
    kind: str
    dag_id: str
    run_id: str
    task_id: str | None
    map_index: int
    payload: Any
    created_at: datetime
    claimed_by_job_id: int | None

    @property
    def run(self) -> RunKey:
        return RunKey(self.dag_id, self.run_id)

    @property
    def key(self) -> TaskKey | None:
        return None if self.task_id is None else TaskKey(self.task_id, self.map_index)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRow:
    """A trigger that somebody waits for."""

    id: int
    classpath: str
    kwargs: str
    """JSON text; encrypted at rest."""
    created_date: datetime
    triggerer_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableRow:
    """A variable, decrypted."""

    id: int
    key: str
    value: str | None
    description: str | None
    is_encrypted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A connection, decrypted."""

    conn_id: str
    conn_type: str
    description: str | None = None
    host: str | None = None
    login: str | None = None
    password: str | None = None
    schema: str | None = None
    port: int | None = None
    extra: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row of the audit log."""

    id: int
    dttm: datetime | None
    dag_id: str | None
    task_id: str | None
    map_index: int | None
    event: str | None
    execution_date: datetime | None
    run_id: str | None
    owner: str | None
    owner_display_name: str | None
    extra: str | None
    try_number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user; ``password`` is the hash. ``roles`` are names."""

    id: int
    username: str
    email: str
    first_name: str
    last_name: str
    password: str | None = None
    active: bool = True
    last_login: datetime | None = None
    login_count: int | None = None
    fail_login_count: int | None = None
    created_on: datetime | None = None
    changed_on: datetime | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """A dataset."""

    id: int
    uri: str
    extra: Any
    created_at: datetime
    updated_at: datetime
    is_orphaned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetEventRow:
    """One update of a dataset."""

    id: int
    dataset_id: int
    dataset_uri: str
    extra: Any
    source_task_id: str | None
    source_dag_id: str | None
    source_run_id: str | None
    source_map_index: int | None
    timestamp: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A personal access token, without its secret."""

    id: int
    user_id: int
    name: str
    digest: str
    scopes: Any
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
