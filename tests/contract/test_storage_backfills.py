"""Backfills, stars, error lines and selections, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from contract.storage_rows import FIRST, RUN, a_dag, a_run, change, tasks

from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import ReprocessBehavior, RunState, RunType, TaskState
from tradewind.model.times import Clock
from tradewind.storage import backfills, failures, selections, stars
from tradewind.storage.database import Database, Transaction, open_database
from tradewind.storage.pages import Order, Page, Span
from tradewind.storage.selections import DagSelection, RunSelection, TaskSelection

VALUES: dict[str, Any] = {
    "dag_id": "dag",
    "from_date": FIRST,
    "to_date": FIRST + timedelta(days=3),
    "dag_run_conf": {"x": [1]},
    "is_paused": False,
    "reprocess_behavior": ReprocessBehavior.FAILED,
    "max_active_runs": 2,
    "run_backwards": True,
}


def a_backfill(tx: Transaction, days: int = 3, **values: Any) -> int | None:
    dates = [(FIRST + timedelta(days=n), FIRST + timedelta(days=n), FIRST + timedelta(days=n + 1)) for n in range(days)]
    return backfills.add(
        tx, VALUES | values, [(*date, "in flight" if n == 1 else None) for n, date in enumerate(dates)]
    )


def test_a_backfill_is_kept_with_its_dates(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        made = a_backfill(tx)
        assert made is not None
    with database.read() as tx:
        row = backfills.get(tx, made)
        assert row is not None
        assert (row.dag_run_conf, row.reprocess_behavior, row.completed_at, row.run_backwards, row.options) == (
            {"x": [1]},
            ReprocessBehavior.FAILED,
            None,
            True,
            None,
        )
        assert [date.logical_date for date in backfills.waiting(tx, made, 10)] == [FIRST, FIRST + timedelta(days=2)]
        assert backfills.progress(tx, [made])[made] == {
            "waiting": 2, "queued": 0, "running": 0, "success": 0, "failed": 0, "skipped": 1, "deleted": 0
        }  # fmt: skip
        reached = backfills.reaches(tx)["dag"]
        assert (reached.start, reached.end) == (FIRST + timedelta(days=2), FIRST + timedelta(days=3))


def test_a_dag_has_one_open_backfill(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        first = a_backfill(tx)
        assert first is not None
        assert a_backfill(tx) is None
        backfills.change(tx, first, completed_at=tx.now)
        assert backfills.open_dags(tx) == set()
        second = a_backfill(tx, triggering_user_name="ann")
        assert second is not None
        assert backfills.open_dags(tx) == {"dag"}
        rows, total = backfills.listing(tx, dag_ids=None, is_open=False, page=Page(), order=Order("id"))
    assert ([row.id for row in rows], total, second > first) == ([first], 1, True)


def test_queued_runs_of_an_open_backfill_are_nobody_elses_to_start(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        made = a_backfill(tx)
        assert made is not None
        run = a_run(tx, 0, run_type=RunType.BACKFILL, state=RunState.QUEUED)
        orphan = a_run(tx, 1, run_type=RunType.BACKFILL, state=RunState.QUEUED)
        date = backfills.waiting(tx, made, 1)[0]
        backfills.note_start(tx, date.id, run.id)
        assert [each.run_id for each in backfills.active_runs(tx, made)] == ["run0"]
        assert [each.run_id for each in tx.runs.queued("dag", 10)] == [orphan.run_id]
        backfills.change(tx, made, completed_at=tx.now)
        assert [each.run_id for each in tx.runs.queued("dag", 10)] == ["run0", "run1"]


def test_runs_of_backfills_do_not_count_for_the_dags_limit(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        a_run(tx, 0, run_type=RunType.BACKFILL)
        a_run(tx, 1)
        assert tx.runs.running_counts(["dag"]) == {"dag": 1}


def test_a_date_whose_run_is_deleted_does_not_wait_again(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        made = a_backfill(tx, days=1)
        assert made is not None
        run = a_run(tx, 0, run_type=RunType.BACKFILL)
        backfills.note_start(tx, backfills.waiting(tx, made, 1)[0].id, run.id)
        tx.runs.delete(RUN)
        assert backfills.waiting(tx, made, 1) == []
        [row], _ = backfills.dates(tx, made, Page())
        assert (str(row.standing), row.run_id) == ("deleted", None)


def test_stars_are_kept_once_and_go_with_dag_or_user(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        a_dag(tx, "other")
        ann = tx.users.create(username="ann", email="a@example.com", password="x", roles=[])
        for dag_id in ("dag", "dag", "other"):
            stars.put(tx, ann.id, dag_id)
        assert stars.of_user(tx, ann.id) == ["dag", "other"]
        stars.remove(tx, ann.id, "other")
        tx.dags.delete("dag")
        assert stars.of_user(tx, ann.id) == []


def test_the_last_error_line_of_a_try_counts(database: Database) -> None:
    with database.begin() as tx:
        a_dag(tx)
        tasks(tx, a_run(tx), "t", try_number=2)
        [row] = tx.task_instances.of_run(RUN)
        failures.note_failure(tx, row, "first", ended_at=tx.now)
        failures.note_failure(tx, row, "second", ended_at=tx.now)
        assert failures.errors_of(tx, RUN, TaskKey("t")) == {2: "second"}
        tx.runs.delete(RUN)
        assert failures.errors_of(tx, RUN, TaskKey("t")) == {}


@pytest.fixture
def filled(database: Database) -> Database:
    """Two DAGs with two runs each; task a has failed in the first of them, b has no state."""
    with database.begin() as tx:
        for dag_id in ("dag", "other"):
            a_dag(tx, dag_id, tags=("x", dag_id), owners=("ann", dag_id))
            for number in (0, 1):
                run = a_run(tx, number, dag_id, run_type=RunType.MANUAL if number else RunType.SCHEDULED)
                tasks(tx, run, "a", "b", pool="p" if number else "default_pool")
            tx.task_instances.apply([change("a", None, TaskState.FAILED, RunKey(dag_id, "run0"))])
    return database


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (TaskSelection(), 8),
        (TaskSelection(states=["failed"]), 2),
        (TaskSelection(states=[None]), 6),
        (TaskSelection(states=["failed", None], task_ids=["a"]), 4),
        (TaskSelection(states=[]), 0),
        (TaskSelection(dags=DagSelection(dag_ids=["dag"]), pools=["p"]), 2),
        (TaskSelection(dags=DagSelection(tags=["other"])), 4),
        (TaskSelection(dags=DagSelection(owners=["dag"], permitted=["other"])), 0),
        (TaskSelection(dags=DagSelection(pattern="%O%")), 4),
        (TaskSelection(logical_date=Span(FIRST + timedelta(days=1), None)), 4),
        (TaskSelection(keys=[("dag", "run0", "a", -1), ("dag", "run1", "b", -1)]), 2),
        (TaskSelection(keys=[]), 0),
        (TaskSelection(task_ids=["a"], left_out=[("dag", "run0", "a", -1)]), 3),
    ],
)
def test_task_instances_that_a_selection_finds(filled: Database, wanted: TaskSelection, count: int) -> None:
    with filled.read() as tx:
        found = selections.task_instances(tx, wanted, most=100)
    assert isinstance(found, list)
    assert len(found) == count
    assert all(ref.logical_date.tzinfo is not None for ref in found)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (RunSelection(), 4),
        (RunSelection(run_types=["manual"]), 2),
        (RunSelection(states=["running"], run_ids=["run0"]), 2),
        (RunSelection(keys=[("dag", "run0")]), 1),
        (RunSelection(left_out=[("dag", "run0")], dags=DagSelection(is_paused=False)), 3),
    ],
)
def test_runs_that_a_selection_finds(filled: Database, wanted: RunSelection, count: int) -> None:
    with filled.read() as tx:
        found = selections.runs(tx, wanted, most=100)
    assert isinstance(found, list)
    assert len(found) == count


def test_what_is_too_much_is_only_counted(filled: Database) -> None:
    with filled.read() as tx:
        assert selections.task_instances(tx, TaskSelection(), most=7) == 8
        assert selections.runs(tx, RunSelection(), most=3) == 4
        assert [ref.dag_id for ref in selections.dags(tx, DagSelection())] == ["dag", "other"]


@pytest.mark.postgres
def test_of_two_schedulers_one_advances_a_backfill(
    new_postgres_url: Callable[..., str], postgres_template: str, clock: Clock
) -> None:
    database = open_database(new_postgres_url(postgres_template), clock=clock)
    with database.begin() as tx:
        a_dag(tx)
        made = a_backfill(tx)
    with database.begin() as one, database.begin() as other:
        found = backfills.open_of(one, "dag")
        assert found is not None
        assert (found.id, backfills.open_of(other, "dag")) == (made, None)
    with database.begin() as tx:
        assert backfills.open_of(tx, "dag") is not None
    database.close()
