"""A Runtime and a task instance for operators: they record what they are told and answer what a test put in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tradewind.sdk import runtime
from tradewind.wire.messages import ConnectionReply, RunReply

DATE = datetime(2024, 1, 3, tzinfo=UTC)
"""A Wednesday."""


@dataclass
class FakeRuntime:
    """What operators ask for here; a method that is not here would be an AttributeError."""

    skipped: list[str] = field(default_factory=list)
    is_latest: bool = True
    config: dict[tuple[str, str], str] = field(default_factory=dict)
    connections: dict[str, ConnectionReply] = field(default_factory=dict)
    triggered: list[dict[str, Any]] = field(default_factory=list)
    refusal: Exception | None = None
    run_states: list[str] = field(default_factory=list)
    counts: dict[tuple[str, ...] | None, int] = field(default_factory=dict)
    questions: list[dict[str, Any]] = field(default_factory=list)
    dag_info: dict[str, Any] | None = None

    def skip_tasks(self, task_ids: Sequence[str]) -> None:
        self.skipped.extend(task_ids)

    def is_latest_run(self) -> bool:
        return self.is_latest

    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        return self.config.get((section, key), fallback)

    def get_connection(self, conn_id: str) -> ConnectionReply | None:
        return self.connections.get(conn_id)

    def trigger_run(self, **wanted: Any) -> RunReply:
        if self.refusal is not None:
            raise self.refusal
        self.triggered.append(wanted)
        return self._run(wanted["dag_id"], wanted["run_id"], "queued")

    def get_run(self, *, dag_id: str, run_id: str) -> RunReply | None:
        return self._run(dag_id, run_id, self.run_states.pop(0))

    def _run(self, dag_id: str, run_id: str, state: str) -> RunReply:
        return RunReply(dag_id=dag_id, run_id=run_id, run_type="manual", state=state, logical_date=DATE)

    def count_runs(self, **question: Any) -> int:
        return self._count(question)

    def count_task_instances(self, **question: Any) -> int:
        return self._count(question)

    def _count(self, question: dict[str, Any]) -> int:
        self.questions.append(question)
        return self.counts.get(question.get("states"), 0)

    def get_dag_info(self, dag_id: str) -> dict[str, Any] | None:
        return self.dag_info


@dataclass
class FakeTaskInstance:
    """The part of a task instance that operators here touch."""

    task: Any
    map_index: int = -1
    xcoms: dict[str, Any] = field(default_factory=dict)
    start_date: datetime | None = None

    @property
    def task_id(self) -> str:
        return str(self.task.task_id)

    @property
    def dag_id(self) -> str:
        return str(self.task.dag_id)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = value


@dataclass(frozen=True)
class FakeRun:
    """A DAG run in a context."""

    run_id: str = "manual__2024-01-03T00:00:00+00:00"
    external_trigger: bool = True
    logical_date: datetime = DATE


def context_of(task: Any, *, map_index: int = -1, **more: Any) -> dict[str, Any]:
    """A context for ``task.execute``."""
    ti = FakeTaskInstance(task, map_index)
    return {
        "ti": ti,
        "task_instance": ti,
        "task": task,
        "dag_run": FakeRun(),
        "logical_date": DATE,
        "data_interval_end": DATE,
        "outlet_events": {},
        "ds": "2024-01-03",
        **more,
    }


@contextmanager
def as_runtime(fake: FakeRuntime) -> Iterator[FakeRuntime]:
    """Make it the Runtime for the block."""
    token = runtime.RUNTIME.set(fake)  # type: ignore[arg-type]  # only what operators here ask for
    try:
        yield fake
    finally:
        runtime.RUNTIME.reset(token)
