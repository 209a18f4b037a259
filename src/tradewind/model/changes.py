"""Changes of rows as data: what the scheduler and actions hand to storage. One change is one guarded update, one
event in the outbox, one step of the run's revision; a change whose guard fails changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .records import RunKey, TaskKey
from .spec import StartTrigger
from .states import RunState, RunType, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChange:
    """A task instance goes from ``old_states`` to ``values["state"]`` (or keeps its state when absent).

    ``values`` are columns by TaskInstance's field names. ``token`` not None: the row's token must be this one.
    ``event`` names the outbox event: task.scheduled, task.queued, task.running, task.success, task.failed, …
    ``save_history``: copy the row as it was (with its try_number) to task_instance_history first.
    """

    run: RunKey
    key: TaskKey
    old_states: frozenset[TaskState | None]
    values: Mapping[str, Any]
    event: str
    token: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    save_history: bool = False
    trigger: StartTrigger | None = None
    """What the row waits for from now on; whoever applies the change makes it, and names it in ``trigger_id``."""
    history: Mapping[str, Any] = field(default_factory=dict)
    """Columns that replace the row's in that copy: a retried try is kept as failed, with its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChange:
    """A DAG run goes from ``old_states`` to ``values["state"]``; values by DagRun's field names."""

    run: RunKey
    old_states: frozenset[RunState]
    values: Mapping[str, Any]
    event: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A DAG run to create, together with its task instances (``task_instances`` made by engine.run_creation)."""

    dag_id: str
    run_id: str
    run_type: RunType
    state: RunState
    logical_date: datetime
    data_interval_start: datetime | None = None
    data_interval_end: datetime | None = None
    queued_at: datetime | None = None
    start_date: datetime | None = None
    external_trigger: bool = False
    conf: Any = None
    note: str | None = None
    creating_job_id: int | None = None
    version_id: int | None = None
    request_key: str | None = None
    """Of a TriggerRun message; unique when given."""
    partition_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the outbox. ``id`` is 0 until stored; ids only grow."""

    kind: str
    dag_id: str | None = None
    run_id: str | None = None
    task_id: str | None = None
    map_index: int = -1
    try_number: int | None = None
    state: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    at: datetime | None = None
