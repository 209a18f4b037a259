"""Kept counters equal a recount after any operations, on both databases, also those of transactions rolled back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contract.storage_rows import a_dag, a_run, change, tasks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tradewind.model.changes import RunChange
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import RunState, TaskState
from tradewind.storage.database import Database, Transaction
from tradewind.storage.tables_runs import DAG_RUN, TASK_INSTANCE

STATES = [None, TaskState.SCHEDULED, TaskState.RUNNING, TaskState.SUCCESS]
RUNS = st.integers(0, 2)
OPERATION = st.one_of(
    st.tuples(st.just("create"), RUNS),
    st.tuples(st.just("delete"), RUNS),
    st.tuples(st.just("run"), RUNS, st.sampled_from(list(RunState)), st.sampled_from(list(RunState))),
    st.tuples(st.just("task"), RUNS, st.sampled_from("ab"), st.sets(st.sampled_from(STATES)), st.sampled_from(STATES)),
    st.tuples(st.just("remove"), RUNS, st.sampled_from("ab")),
    st.tuples(st.just("fold")),
)


class Undo(Exception):
    """Rolls a transaction back."""


def operate(tx: Transaction, kind: str, *rest: Any) -> None:
    """One operation on run ``rest[0]``; whether it finds anything to do is left to chance."""
    if kind == "fold":
        tx.counters.fold()
        return
    key = RunKey("dag", f"run{rest[0]}")
    exists = tx.runs.get(key) is not None
    if kind == "create" and not exists:
        tasks(tx, a_run(tx, rest[0]), "a", "b")
    elif kind == "delete":
        tx.runs.delete(key)
    elif kind == "run":
        tx.runs.apply(RunChange(run=key, old_states=frozenset({rest[1]}), values={"state": rest[2]}, event="x"))
    elif kind == "task":
        tx.task_instances.apply([change(rest[1], None, rest[3], key, old_states=frozenset(rest[2]))])
    elif kind == "remove":
        tx.task_instances.delete(key, [TaskKey(rest[1])])


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(OPERATION, max_size=6), st.booleans()), max_size=5))
def test_counters_equal_a_recount(database: Database, transactions: list[tuple[list[Any], bool]]) -> None:
    with database.begin() as tx:
        a_dag(tx)
    for operations, undone in transactions:
        try:
            with database.begin() as tx:
                for operation in operations:
                    operate(tx, *operation)
                if undone:
                    raise Undo
        except Undo:
            pass
    with database.read() as tx:
        for kind, table in (("task", TASK_INSTANCE), ("run", DAG_RUN)):
            rows = tx.connection.execute(select(table.c.dag_id, table.c.state)).all()
            assert tx.counters.by_state(kind, ["dag"]) == Counter((row.dag_id, row.state) for row in rows)
        assert tx.counters.runs() == tx.counters.runs("dag", list(RunState))
        assert tx.counters.task_instances() == tx.counters.task_instances(dag_ids=["dag"])


def test_recount_mends_counters_that_somebody_broke(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        tasks(tx, a_run(tx), "a", "b")
        tx.count("task", "dag", "success", 7)
    with database.begin() as tx:
        assert tx.counters.task_instances() == 9
        tx.counters.recount()
        assert tx.counters.task_instances() == 2
        assert tx.counters.runs(state="running") == 1
