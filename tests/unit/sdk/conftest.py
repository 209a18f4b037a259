"""A Runtime in memory, and tasks and contexts to try authoring code with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind.sdk import codec
from tradewind.sdk.context import Context, build_context
from tradewind.sdk.contexts import DagContext, SetupTeardownContext, TaskGroupContext
from tradewind.sdk.dag import DAG
from tradewind.sdk.runtime import install
from tradewind.wire.messages import Attempt, ConnectionReply, RunReply, XComItem, XComRow, XComs

DATE = datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)


class MemoryRuntime:
    """Keeps variables, connections and XComs of one run in dicts."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.connections: dict[str, ConnectionReply] = {}
        self.config: dict[tuple[str, str], Any] = {}
        self.xcoms: dict[tuple[str, int, str], str] = {}
        self.previous: RunReply | None = None
        self.task_states: dict[str, Any] = {}
        self.me = ("t", -1)

    def get_variable(self, key: str) -> str | None:
        return self.variables.get(key)

    def put_variable(self, key: str, value: str, description: str | None) -> None:
        self.variables[key] = value

    def delete_variable(self, key: str) -> int:
        return 0 if self.variables.pop(key, None) is None else 1

    def get_connection(self, conn_id: str) -> ConnectionReply | None:
        return self.connections.get(conn_id)

    def put_xcom(self, item: XComItem, *, task_id: str | None = None, map_index: int | None = None) -> None:
        place = (task_id or self.me[0], self.me[1] if map_index is None else map_index)
        self.xcoms[(*place, item.key)] = item.value

    def store(self, task_id: str, value: Any, map_index: int = -1, key: str = "return_value") -> None:
        self.xcoms[(task_id, map_index, key)] = codec.encode(value)

    def get_xcoms(
        self, *, key: str, dag_id: str, run_id: str, task_ids: Any = None, map_indexes: Any = None, **more: Any
    ) -> XComs:
        order = list(task_ids) if task_ids is not None else sorted({name for name, _, _ in self.xcoms})
        rows = [
            XComRow(task_id=name, map_index=index, run_id=run_id, value=value)
            for wanted in order
            for (name, index, stored), value in sorted(self.xcoms.items())
            if name == wanted and stored == key and (map_indexes is None or index in map_indexes) and dag_id == "d"
        ]
        offset, limit = more.get("offset", 0), more.get("limit")
        shown = rows[offset:] if limit is None else rows[offset : offset + limit]
        return XComs(rows=() if more.get("count_only") else tuple(shown), total=len(rows))

    def get_previous_run(self, *, dag_id: str, logical_date: datetime, state: str | None) -> RunReply | None:
        return self.previous

    def get_task_states(self, **_: Any) -> dict[str, Any]:
        return {"r": self.task_states}

    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        return self.config.get((section, key), fallback)


@pytest.fixture
def runtime() -> Iterator[MemoryRuntime]:
    memory = MemoryRuntime()
    install(memory)  # type: ignore[arg-type]
    yield memory
    install(None)


@pytest.fixture(autouse=True)
def closed_blocks() -> Iterator[None]:
    """A test that fails inside ``with DAG`` must not leave its block open for the next one."""
    yield
    DagContext._stack.clear()
    TaskGroupContext._stack.clear()
    SetupTeardownContext._stack.clear()


@pytest.fixture
def new_dag() -> Callable[..., DAG]:
    def make(**more: Any) -> DAG:
        return DAG(**{"dag_id": "d", "start_date": datetime(2024, 1, 1, tzinfo=UTC), "schedule": None, **more})

    return make


@pytest.fixture
def run_of() -> Callable[..., RunReply]:
    def make(**more: Any) -> RunReply:
        fields: dict[str, Any] = {
            "dag_id": "d",
            "run_id": "r",
            "run_type": "manual",
            "state": "running",
            "logical_date": DATE,
            "data_interval_start": datetime(2024, 3, 4, tzinfo=UTC),
            "data_interval_end": datetime(2024, 3, 5, tzinfo=UTC),
            "external_trigger": True,
        }
        return RunReply(**{**fields, **more})

    return make


@pytest.fixture
def context_for(run_of: Callable[..., RunReply]) -> Callable[..., Context]:
    """The context of a task's attempt; ``conf`` and other fields of the run, ``map_index`` of the attempt."""

    def make(task: Any, *, map_index: int = -1, map_lengths: Any = None, **run: Any) -> Context:
        attempt = Attempt(
            token="t",
            dag_id="d",
            run_id="r",
            task_id=task.task_id,
            map_index=map_index,
            map_lengths=map_lengths or {},
            run=run_of(**run),
        )
        return build_context(attempt, task=task.prepare_for_execution(), dag=task.dag, started_at=DATE)

    return make
