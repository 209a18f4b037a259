"""The DAG run that ``dag.test()`` hands back: its questions are answered from what is kept of the run, as its database
is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .dag_run import DagRun
from .dates import as_pendulum
from .runtime import RUNTIME, NoRuntime
from .task_instance import TaskInstance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tradewind.wire.messages import XComRow, XComs


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """What is kept: rows of task instances, and XComs by their key, in order of the tasks."""

    run_id: str
    dag_id: str
    instances: tuple[Any, ...]
    xcoms: Mapping[str, tuple[XComRow, ...]]


class KeptRuntime:
    """The Runtime of a finished run: XComs of the run, and nothing else."""

    def __init__(self, kept: KeptRun, answer: Callable[[Sequence[XComRow]], XComs]) -> None:
        self._kept = kept
        self._answer = answer

    def get_xcoms(
        self,
        *,
        key: str,
        dag_id: str,
        run_id: str,
        task_ids: Sequence[str] | None = None,
        map_indexes: Sequence[int] | None = None,
        **_: Any,
    ) -> XComs:
        """As Runtime, without pages: all that there is."""
        is_own = (dag_id, run_id) == (self._kept.dag_id, self._kept.run_id)
        rows = [
            row
            for row in (self._kept.xcoms.get(key, ()) if is_own else ())
            if (task_ids is None or row.task_id in task_ids) and (map_indexes is None or row.map_index in map_indexes)
        ]
        if task_ids is not None:
            rows.sort(key=lambda row: (task_ids.index(row.task_id), row.map_index))
        return self._answer(rows)

    def get_config(self, section: str, key: str, fallback: Any = None) -> Any:
        """As Runtime; the process's own settings hold."""
        return fallback

    def __getattr__(self, name: str) -> Any:
        raise NoRuntime(f"{name}: the run of dag.test() is over; only its state and its XComs are kept")

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While it lasts, it is the Runtime."""
        token = RUNTIME.set(self)
        try:
            yield
        finally:
            RUNTIME.reset(token)


class FinishedRun(DagRun):
    """A run that is over."""

    kept: KeptRuntime
    instances: list[TaskInstance]

    def get_task_instances(self, state: Any = None, session: Any = None) -> list[Any]:
        """The run's task instances as they ended; optionally those in one of some states."""
        wanted = [state] if state is None or isinstance(state, str) else list(state)
        return [ti for ti in self.instances if state is None or ti.state in wanted]


class FinishedTaskInstance(TaskInstance):
    """A task instance of a run that is over."""

    def xcom_pull(self, task_ids: str | Iterable[str] | None = None, *args: Any, **kwargs: Any) -> Any:
        """As in a task."""
        assert isinstance(self.dag_run, FinishedRun)
        with self.dag_run.kept.answering():
            return super().xcom_pull(task_ids, *args, **kwargs)

    def current_state(self, session: Any = None) -> Any:
        """The state in which it ended."""
        return self.state


def finished_run(reply: Any, dag: Any, kept: KeptRun, answer: Callable[[Sequence[XComRow]], XComs]) -> FinishedRun:
    """The run that a gateway would describe by ``reply``."""
    run = FinishedRun.from_reply(reply, dag)
    assert isinstance(run, FinishedRun)
    run.kept = KeptRuntime(kept, answer)
    run.instances = [_instance(run, row) for row in kept.instances]
    return run


def _instance(run: FinishedRun, row: Any) -> TaskInstance:
    made = FinishedTaskInstance.of(run, row.task_id, row.map_index, row.state)
    for name in ("try_number", "max_tries", "duration", "hostname", "unixname", "pool", "queue", "operator", "pid"):
        setattr(made, name, getattr(row, name))
    made.start_date, made.end_date = as_pendulum(row.start_date), as_pendulum(row.end_date)
    return made
