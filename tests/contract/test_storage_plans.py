"""Hot statements walk the index that was made for them: never a whole table, never a sort of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from contract.storage_rows import a_dag, a_run, tasks

from tradewind.model.records import TaskInstance
from tradewind.model.states import RunState, TaskState
from tradewind.storage import callbacks, dags, jobs, outbox, run_queries, runs, task_instances, task_queries, xcoms
from tradewind.storage.database import Database
from tradewind.storage.statements import Prepared

HOT: dict[str, Prepared[Any]] = {
    "candidates": task_queries._CANDIDATES[True, False],
    "candidates without some": task_queries._CANDIDATES[True, True],
    "change a task instance": task_instances._update((("state",), TaskState.QUEUED, True)),
    "change a run": runs._update(("state",), RunState.RUNNING, True),
    "occupied": task_queries._OCCUPIED,
    "owned": task_queries._OWNED,
    "due task instances": task_queries._DUE,
    "next wake": task_queries._NEXT_WAKE,
    "by token": task_queries._BY_TOKEN,
    "one task instance": task_queries._GET,
    "a run's task instances": task_queries._OF_RUN,
    "one run": run_queries.GET,
    "run by date": run_queries.BY_DATE,
    "run before": run_queries._BEFORE,
    "latest run": run_queries._LATEST,
    "open runs": run_queries._ALL_OPEN,
    "queued runs of a dag": run_queries._QUEUED,
    "running counts": run_queries._RUNNING_COUNTS,
    "timed out runs": run_queries._TIMED_OUT,
    "next timeout": run_queries._NEXT_TIMEOUT,
    "lock a run": runs._LOCK,
    "due dags": dags._DUE_LOCKED,
    "next due": dags._NEXT_DUE,
    "spec": dags._SPEC,
    "outbox": outbox._AFTER,
    "lengths": xcoms._LENGTHS,
    "pull": xcoms._pull((True, False, False)),
    "pull any task": xcoms._pull((False, False, False)),
    "count xcoms": xcoms._count((True, True, False)),
    "branch choices": run_queries._TRACES,
    "callbacks of a token": callbacks._OF_TOKEN,
    "alive jobs": jobs._ALIVE,
}
OF_ONE_RUN = ("a run's task instances", "lengths", "pull", "pull any task", "count xcoms", "branch choices")
TABLES = "task_instance|dag_run|event_outbox|xcom|log|task_map|dag_version|dag"
GROWS = re.compile(rf"SCAN ({TABLES})\b(?! USING (COVERING )?INDEX (ti_|idx_dag_run_open|idx_dag_run_timeout))")


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_sqlite_walks_the_index(name: str, database: Database) -> None:
    compiled = HOT[name].compiled("sqlite")
    params = {each: "[]" for each in re.findall(r":(\w+)", compiled.sql)}
    with database.read() as tx:
        rows, _ = tx.link.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", params)
    plan = [row[3] for row in rows]
    assert not [line for line in plan if GROWS.search(line)], plan
    if name in OF_ONE_RUN:
        assert any("dag_id=? AND run_id=?" in line for line in plan), plan
    if name not in ("owned", "pull", "pull any task"):  # few rows, put into the order that is wanted
        assert not [line for line in plan if "TEMP B-TREE" in line], plan


@pytest.mark.parametrize("name", HOT)
def test_no_state_is_compared_with_a_parameter(name: str) -> None:
    """SQLite holds such a parameter's value against the conditions of the partial indexes, and to do so compiles the
    statement anew at every execution."""
    assert not re.search(r"state (=|!=|IN) \(?:", HOT[name].compiled("sqlite").sql)


def test_the_order_of_candidates_is_the_partial_indexs(database: Database, dialect: str) -> None:
    """Also with many rows around: the cost of queueing does not depend on how much history there is."""
    with database.begin() as tx:
        a_dag(tx)
        run = a_run(tx)
        tasks(tx, run, "wanted", state=TaskState.SCHEDULED)
        done = [
            TaskInstance(dag_id="dag", run_id="run0", task_id="t", map_index=index, state=TaskState.SUCCESS)
            for index in range(3000)
        ]
        tx.task_instances.add(run, done)
        for number in range(1, 300):
            a_run(tx, number, state=RunState.SUCCESS)
    if dialect == "postgresql":
        with database.begin() as tx:
            tx.link.execute("ANALYZE", {})
    for statement in (task_queries._CANDIDATES[False, False], task_queries._NEXT_WAKE, task_queries._OCCUPIED):
        compiled = statement.compiled(dialect)
        names = re.findall(r"%\((\w+)\)s|(?<!:):(\w+)", compiled.sql)
        empty: Any = "[]" if dialect == "sqlite" else []
        params = {one or other: 10 if (one or other) == "rows" else empty for one, other in names}
        explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
        with database.read() as tx:
            rows, _ = tx.link.execute(explain + compiled.sql, compiled.bind(params))
        plan = "\n".join(str(row[-1]) for row in rows)
        assert re.search("ti_candidates|ti_wake_at|ti_active", plan), plan
        assert "Seq Scan on task_instance" not in plan
