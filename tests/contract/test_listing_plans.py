"""The API's large lists walk the index that was made for them, whatever the size of the table: no page is made by
sorting all there is, and no total by looking at each row where a counter or an index knows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from contract.storage_rows import a_dag, a_run
from sqlalchemy import event

from tradewind.model.records import TaskInstance
from tradewind.model.states import RunState, TaskState
from tradewind.storage import listings, task_listings
from tradewind.storage.database import Database, Transaction
from tradewind.storage.listings import RunFilter
from tradewind.storage.pages import Order, Page, Span
from tradewind.storage.task_listings import TaskFilter

SINCE = Span(datetime(2024, 1, 1, tzinfo=UTC), None)
PAGE = Page(100)
NEWEST = Order("start_date", True)


def runs(order: Order = NEWEST, **wanted: Any) -> Callable[[Transaction], Any]:
    return lambda tx: listings.runs(tx, RunFilter(**wanted), PAGE, order)


def tasks(**wanted: Any) -> Callable[[Transaction], Any]:
    return lambda tx: task_listings.task_instances(tx, TaskFilter(**wanted), PAGE)


IN_ORDER = {
    "all runs, newest first": (runs(), "idx_dag_run_start_date"),
    "all runs by end": (runs(Order("end_date", True)), "idx_dag_run_end_date"),
    "all runs by logical date": (runs(Order("execution_date", True)), "idx_dag_run_execution_date"),
    "a DAG's runs, newest first": (runs(dag_ids=["dag"]), "idx_dag_run_dag_start"),
    "runs of a state by id": (runs(Order("id"), states=["failed"]), "idx_dag_run_state"),
    "runs of a state, newest first": (runs(states=["failed"]), "idx_dag_run_state_start"),
    "runs since": (runs(Order("start_date"), start_date=SINCE), "idx_dag_run_start_date"),
    "all task instances": (tasks(), "task_instance_pkey"),
    "a DAG's task instances": (tasks(dag_ids=["dag"]), "task_instance_pkey"),
    "a run's task instances": (tasks(dag_ids=["dag"], run_ids=["run0"]), "task_instance_pkey"),
    "task instances of a state": (tasks(states=["failed"]), "ti_state"),
}
"""Lists whose pages come in order from an index: what they cost does not grow with the table."""
FOUND = {
    "a DAG's runs of a state": (runs(dag_ids=["dag"], states=["failed"]), "dag_id_state"),
    "task instances of a DAG and state": (tasks(dag_ids=["dag"], states=["failed"]), "ti_state"),
    "task instances of two states": (tasks(states=["failed", "skipped"]), "ti_state"),
    "task instances begun since": (tasks(start_date=SINCE), "ti_start_date"),
    "task instances ended since": (tasks(end_date=SINCE), "ti_end_date"),
    "task instances of dates since": (tasks(logical_date=SINCE), "ti_logical_date"),
    "task instances of a pool": (tasks(pools=["default_pool"]), "ti_pool"),
    "task instances of a queue": (tasks(queues=["default"]), "ti_queue"),
}
"""Lists whose few rows are found by an index and then sorted."""


@pytest.fixture
def filled(database: Database) -> Database:
    with database.begin() as tx:
        a_dag(tx)
        began = datetime(2024, 1, 2, tzinfo=UTC)
        rows = [
            TaskInstance(
                dag_id="dag",
                run_id="run0",
                task_id=task_id,
                map_index=index,
                state=TaskState.FAILED if index % 10 == 0 else TaskState.SUCCESS,
                start_date=began,
                end_date=began,
            )
            for task_id in "ab"
            for index in range(300)
        ]
        tx.task_instances.add(a_run(tx, state=RunState.SUCCESS), rows)
        for number in range(1, 100):
            a_run(tx, number, state=RunState.FAILED if number % 5 == 0 else RunState.SUCCESS)
    if database.dialect == "postgresql":
        with database.begin() as tx:
            tx.link.execute("ANALYZE", {})
    return database


def plans(database: Database, ask: Callable[[Transaction], Any]) -> list[str]:
    """The plan of each statement that the listing runs through SQLAlchemy."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    with database.read() as tx:
        event.listen(tx.connection, "before_cursor_execute", note)
        ask(tx)
        event.remove(tx.connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if tx.dialect == "sqlite" else "EXPLAIN "
        if tx.dialect == "postgresql":
            # The tables of a test are so small that reading all of them is the cheapest.
            tx.link.execute("SET LOCAL enable_seqscan = off", {})
            tx.link.execute("SET LOCAL enable_bitmapscan = off", {})
            tx.link.execute("SET LOCAL enable_sort = off", {})
        found = []
        for statement, parameters in seen:
            rows = tx.connection.exec_driver_sql(explain + statement, parameters).all()
            found.append("\n".join(str(row[-1]) for row in rows).replace("sqlite_autoindex_task_instance_1", PKEY))
    return found


PKEY = "task_instance_pkey"
WHOLE = re.compile(r"SCAN (task_instance|dag_run)(?! USING)|Seq Scan on (task_instance|dag_run)\b")


@pytest.mark.parametrize("name", IN_ORDER)
def test_pages_come_in_order_from_an_index(filled: Database, name: str) -> None:
    ask, index = IN_ORDER[name]
    *_, page = plans(filled, ask)
    assert index in page
    if filled.dialect == "sqlite":
        assert "TEMP B-TREE FOR ORDER BY" not in page
        assert not WHOLE.search(page)


@pytest.mark.parametrize("name", FOUND)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_few_rows_are_found_by_an_index(filled: Database, name: str) -> None:
    ask, index = FOUND[name]
    for plan in plans(filled, ask):
        assert index in plan
        assert not WHOLE.search(plan)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_many_rows_of_a_time_are_not_sorted(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_listings, "_MANY", 10)
    total, page = plans(filled, tasks(end_date=SINCE))
    assert "USING COVERING INDEX ti_end_date" in total
    assert PKEY in page
    assert "TEMP B-TREE" not in page


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("wanted", [{"pools": ["default_pool"]}, {"queues": ["default"]}])
def test_many_rows_of_a_pool_or_queue_are_not_sorted(
    filled: Database, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any]
) -> None:
    monkeypatch.setattr(task_listings, "_MANY", 10)
    total, page = plans(filled, tasks(**wanted))
    assert "USING COVERING INDEX ti_" in total
    assert PKEY in page
    assert "TEMP B-TREE" not in page


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_an_index_on_pools_leads_nobody_astray(filled: Database) -> None:
    for plan in plans(filled, tasks(dag_ids=["dag"], pools=["default_pool"])):
        assert "(dag_id=?" in plan
    for plan in plans(filled, tasks(states=["failed"], pools=["default_pool"], queues=["default"])):
        assert "ti_state" in plan


def test_of_several_states_the_first_rows_of_each_are_taken(filled: Database) -> None:
    (page,) = plans(filled, tasks(states=["failed", "skipped"]))
    assert page.count("ti_state") == 2


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_many_runs_of_a_dag_and_state_are_not_sorted(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "_FEW", 10)
    (page,) = plans(filled, runs(dag_ids=["dag"], states=["failed"]))
    assert "idx_dag_run_dag_start" in page
    assert "TEMP B-TREE FOR ORDER BY" not in page


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_kept_counters_spare_the_count(filled: Database) -> None:
    for ask in (tasks(), tasks(dag_ids=["dag"]), tasks(states=["failed", "skipped"]), runs(), runs(states=["failed"])):
        assert not [plan for plan in plans(filled, ask) if "COUNT" in plan.upper()]
        assert len(plans(filled, ask)) <= 1
