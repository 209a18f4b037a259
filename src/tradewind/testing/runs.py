"""One run of a DAG in the test's own process and thread, as ``dag.test()`` does, with what a test asks about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tradewind.inline import InlineOptions, InlineRun, temporary_database
from tradewind.model.records import DagRun, TaskKey
from tradewind.model.times import SystemClock
from tradewind.serde.values import loads


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """A run that has ended. ``states``: by task id, of a mapped task's instances by ``task_id[index]``."""

    __test__ = False  # it is no test class, whatever pytest makes of its name

    dag_run: DagRun
    states: Mapping[str, str | None]
    xcoms: Mapping[str, Any] = field(default_factory=dict)
    """Return values, by the same names."""

    @property
    def state(self) -> str:
        """Of the run: success or failed."""
        return str(self.dag_run.state)


def run_dag(
    dag: Any,
    *,
    conf: Mapping[str, Any] | None = None,
    logical_date: datetime | None = None,
    variables: Mapping[str, str] | None = None,
) -> TestRun:
    """Run a DAG to its end, over a database of its own that is gone afterwards."""
    with TemporaryDirectory(prefix="tradewind-test-") as folder, temporary_database(SystemClock()) as db:
        with db.begin() as tx:
            for name, value in (variables or {}).items():
                tx.vault.put_variable(name, value, None)
        run = InlineRun(db, dag, InlineOptions(log_folder=Path(folder), config={}), SystemClock())
        key = run.create(logical_date=logical_date, conf=conf)
        last = deque(run.looks(key), maxlen=1).pop()
        with db.read() as tx:
            found = {row.key: tx.xcoms.value(key, row.key) for row in last.task_instances}
        names = {row.key: _name(row.key) for row in last.task_instances}
        return TestRun(
            dag_run=last.run,
            states={names[row.key]: None if row.state is None else str(row.state) for row in last.task_instances},
            xcoms={names[task]: loads(text) for task, text in found.items() if text is not None},
        )


def _name(key: TaskKey) -> str:
    return key.task_id if key.map_index < 0 else f"{key.task_id}[{key.map_index}]"
