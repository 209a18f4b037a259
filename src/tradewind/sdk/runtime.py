"""The Runtime: the only way in which authoring code reaches anything outside its process.

In a task process execution.runner provides one (by messages to the worker); in a parse child only variables and
connections are answered; in ``dag.test()`` it works in-process. Found through a ContextVar; none set: environment
variables only, anything else raises NoRuntime with a sentence.
Values are JSON text (see serde.values) where they are the user's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from tradewind.wire.messages import (
    AssetRequest,
    ConnectionReply,
    DatasetEventItem,
    DatasetEvents,
    RowChange,
    RunReply,
    XComItem,
    XComs,
)


class Runtime(Protocol):
    """Each method raises tradewind.model.errors.NotFound / AlreadyExists / InvalidInput for what was refused."""

    def skip_tasks(self, task_ids: Sequence[str]) -> None:
        """Branches and short circuits: these downstream tasks become skipped when this attempt ends (Finish.skip).

        Several calls add up. Nothing is sent before the attempt's end: a branch that fails skips nobody."""
        ...

    def get_variable(self, key: str) -> str | None: ...
    def put_variable(self, key: str, value: str, description: str | None) -> None: ...
    def delete_variable(self, key: str) -> int: ...
    def get_connection(self, conn_id: str) -> ConnectionReply | None: ...
    def put_xcom(self, item: XComItem, *, task_id: str | None = None, map_index: int | None = None) -> None: ...
    def get_xcoms(
        self,
        *,
        key: str,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None = None,
        map_indexes: Sequence[int] | None = None,
        include_prior_dates: bool = False,
        offset: int = 0,
        limit: int | None = None,
        count_only: bool = False,
    ) -> XComs: ...
    def trigger_run(
        self, *, dag_id: str, run_id: str | None, logical_date: datetime | None, conf: str | None, reset: bool
    ) -> RunReply: ...
    def run_subdag(self, *, dag_id: str, conf: str | None, resets: bool) -> RunReply:
        """The run of the task's SubDAG at the task's date; made when there is none."""
        ...

    def get_run(
        self, *, dag_id: str, run_id: str | None = None, logical_date: datetime | None = None
    ) -> RunReply | None: ...
    def get_previous_run(self, *, dag_id: str, logical_date: datetime, state: str | None) -> RunReply | None: ...
    def count_runs(
        self,
        *,
        dag_id: str,
        logical_dates: Sequence[datetime] = (),
        run_ids: Sequence[str] = (),
        states: Sequence[str] | None = None,
    ) -> int: ...
    def count_task_instances(
        self,
        *,
        dag_id: str,
        task_ids: Sequence[str] = (),
        task_group_id: str | None = None,
        logical_dates: Sequence[datetime] = (),
        run_ids: Sequence[str] = (),
        states: Sequence[str] | None = None,
    ) -> int: ...
    def get_task_states(
        self,
        *,
        dag_id: str,
        task_ids: Sequence[str] | None = None,
        run_ids: Sequence[str] = (),
        logical_dates: Sequence[datetime] = (),
    ) -> dict[str, Any]: ...
    def get_dag_info(self, dag_id: str) -> dict[str, Any] | None: ...
    def is_latest_run(self) -> bool: ...
    def change_rows(self, changes: Sequence[RowChange]) -> int:
        """Commit what an ORM session has gathered; the number of rows."""
        ...

    def get_dataset_events(
        self, *, uri: str, is_alias: bool = False, name: str = "", offset: int = 0, limit: int | None = None
    ) -> DatasetEvents: ...
    def ask_about_assets(self, request: AssetRequest) -> Any:
        """What is known of an asset, or kept for it or for this task instance: the value, None for what has none."""
        ...

    def get_triggering_events(self, *, dag_id: str, run_id: str) -> Sequence[DatasetEventItem]: ...
    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        """A configuration value, for ``conf.get`` in user code; the process that forked us passed the settings on."""
        ...


RUNTIME: ContextVar[Runtime | None] = ContextVar("tradewind_runtime", default=None)
"""Set by whoever runs user code; read through :func:`current`."""


class NoRuntime(RuntimeError):
    """Asked for something that only a running task, a parse or dag.test() can have."""


def current() -> Runtime:
    """The Runtime of this process. Raises NoRuntime outside one."""
    runtime = find()
    if runtime is None:
        raise NoRuntime("this needs a running task, a DAG file being parsed, or dag.test(); there is none here")
    return runtime


_INSTALLED: list[Runtime] = []


def install(runtime: Runtime | None) -> None:
    """Make a Runtime the one of the whole process (a task process has one task): threads that user code starts have
    an empty context, and ask for variables and XComs all the same. None takes it away again."""
    _INSTALLED[:] = [] if runtime is None else [runtime]
    RUNTIME.set(runtime)


def find() -> Runtime | None:
    """The Runtime of this context, else of this process, else None."""
    runtime = RUNTIME.get()
    if runtime is None and _INSTALLED:
        return _INSTALLED[0]
    return runtime


@contextmanager
def shared() -> Iterator[None]:
    """While it lasts, this context's Runtime is also that of threads, which begin with an empty context."""
    runtime = RUNTIME.get()
    if runtime is None or _INSTALLED:
        yield
        return
    _INSTALLED.append(runtime)
    try:
        yield
    finally:
        _INSTALLED.clear()
