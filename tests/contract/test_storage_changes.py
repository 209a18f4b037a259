"""What holds for every guarded change, on both databases: guards, fencing, history, events, revisions, counters."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.storage_rows import FIRST, RUN, a_dag, a_run, change, tasks

from tradewind.model.changes import Event, RunChange
from tradewind.model.errors import AlreadyExists
from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.storage.database import Database

QUEUED, RUNNING, SUCCESS, SCHEDULED = TaskState.QUEUED, TaskState.RUNNING, TaskState.SUCCESS, TaskState.SCHEDULED


@pytest.fixture
def filled(database: Database) -> Database:
    """A DAG with a running run of three tasks without a state."""
    with database.begin() as tx:
        a_dag(tx)
        tasks(tx, a_run(tx), "a", "b", "c")
    return database


def test_a_change_gives_the_new_row_and_everything_that_belongs_to_it(filled: Database) -> None:
    with filled.begin() as tx:
        [row] = tx.task_instances.apply(
            [change("a", None, SCHEDULED, values={"try_number": 1, "next_kwargs": {"k": [1]}, "start_date": FIRST})]
        )
    assert row is not None
    assert (row.state, row.try_number, row.next_kwargs, row.start_date) == (SCHEDULED, 1, {"k": [1]}, FIRST)
    assert row.logical_date == FIRST
    with filled.read() as tx:
        assert tx.task_instances.get(RUN, TaskKey("a")) == row
        event = tx.outbox.after(0)[-1]
        assert (event.kind, event.task_id, event.state, event.try_number) == ("task.scheduled", "a", "scheduled", 1)


@pytest.mark.parametrize("olds", [{QUEUED}, {QUEUED, RUNNING}], ids=["one old state", "several"])
def test_a_wrong_old_state_changes_nothing(filled: Database, olds: set[TaskState]) -> None:
    with filled.begin() as tx:
        last = tx.outbox.last_id()
        assert tx.task_instances.apply([change("a", None, SUCCESS, old_states=frozenset(olds))]) == [None]
    assert tx.revisions == {}
    with filled.read() as tx:
        assert tx.outbox.last_id() == last
        assert tx.counters.by_state("task", ["dag"]) == {("dag", None): 3}
        assert tx.task_instances.history(RUN, TaskKey("a")) == []


@pytest.mark.parametrize("olds", [{QUEUED}, {QUEUED, RUNNING}], ids=["one old state", "several"])
def test_a_stale_token_is_fenced_off(filled: Database, olds: set[TaskState]) -> None:
    with filled.begin() as tx:
        tx.task_instances.apply([change("a", None, QUEUED, values={"token": "new"})])
        stale = change("a", QUEUED, RUNNING, old_states=frozenset(olds), token="old", save_history=True)
        right = change("a", QUEUED, RUNNING, old_states=frozenset(olds), token="new")
        assert tx.task_instances.apply([stale]) == [None]
        assert tx.task_instances.history(RUN, TaskKey("a")) == []
        assert tx.task_instances.apply([right])[0] is not None
        held = tx.task_instances.by_token("new")
        assert held is not None
        assert held.key == TaskKey("a")
        assert tx.task_instances.by_token("old") is None


def test_changes_of_one_call_are_applied_in_order_also_to_the_same_row(filled: Database) -> None:
    with filled.begin() as tx:
        rows = tx.task_instances.apply(
            [
                change("a", None, SCHEDULED),
                change("b", None, SCHEDULED),
                change("a", SCHEDULED, QUEUED),
                change("missing", None, SCHEDULED),
                change("a", SCHEDULED, RUNNING),
            ]
        )
    assert [row and row.state for row in rows] == [SCHEDULED, SCHEDULED, QUEUED, None, None]


def test_a_change_without_a_state_keeps_it(filled: Database) -> None:
    keep = change("a", None, None)
    with filled.begin() as tx:
        [row] = tx.task_instances.apply([keep.__class__(**{**_fields(keep), "values": {"pid": 7}})])
        assert row is not None
        assert (row.state, row.pid) == (None, 7)
        assert tx.counters.task_instances(state=None) == 3


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


def test_history_keeps_the_try_as_it_ended(filled: Database) -> None:
    with filled.begin() as tx:
        tx.task_instances.apply([change("a", None, RUNNING, values={"try_number": 1, "pid": 5})])
        retried = change(
            "a",
            RUNNING,
            TaskState.UP_FOR_RETRY,
            save_history=True,
            history={"state": TaskState.FAILED, "end_date": FIRST},
        )
        tx.task_instances.apply([retried])
        [kept] = tx.task_instances.history(RUN, TaskKey("a"))
        assert (kept.try_number, kept.state, kept.pid, kept.end_date) == (1, "failed", 5, FIRST)
        # The same try again (a second end of the same attempt) replaces the copy.
        tx.task_instances.apply([change("a", TaskState.UP_FOR_RETRY, None, save_history=True)])
        assert [each.state for each in tx.task_instances.history(RUN, TaskKey("a"))] == ["up_for_retry"]


def test_a_runs_revision_goes_up_once_a_transaction(filled: Database) -> None:
    with filled.begin() as tx:
        tx.task_instances.apply([change("a", None, SCHEDULED), change("b", None, SCHEDULED)])
        before = tx.runs.get(RUN)
        assert before is not None
        finished = tx.runs.apply(
            RunChange(
                run=RUN,
                old_states=frozenset({RunState.RUNNING, RunState.QUEUED}),
                values={"state": RunState.SUCCESS, "end_date": FIRST},
                event="run.success",
            )
        )
        tx.task_instances.apply([change("c", None, SCHEDULED)])
    assert finished is not None
    assert finished.revision == before.revision + 1
    assert tx.revisions == {RUN: before.revision + 1}
    with filled.read() as tx:
        after = tx.runs.get(RUN)
        assert after == finished
        assert tx.runs.revisions([RUN, RunKey("no", "run")]) == {RUN: finished.revision}


def test_a_run_change_with_a_wrong_old_state_changes_nothing(filled: Database) -> None:
    queued = RunChange(run=RUN, old_states=frozenset({RunState.QUEUED}), values={"state": RunState.FAILED}, event="x")
    with filled.begin() as tx:
        assert tx.runs.apply(queued) is None
    with filled.read() as tx:
        assert tx.counters.runs(state="running") == 1
        assert tx.counters.runs(state="failed") == 0


def test_an_exception_takes_everything_back(filled: Database) -> None:
    with filled.read() as tx:
        last = tx.outbox.last_id()
    with pytest.raises(ZeroDivisionError), filled.begin() as tx:
        tx.task_instances.apply([change("a", None, SCHEDULED)])
        tx.emit(Event(kind="never"))
        raise ZeroDivisionError
    with filled.begin() as tx:
        row = tx.task_instances.get(RUN, TaskKey("a"))
        assert row is not None
        assert row.state is None
        assert tx.counters.task_instances(state=None) == 3
        assert tx.outbox.last_id() == last


def test_the_same_date_or_id_of_a_run_is_taken(filled: Database) -> None:
    with filled.begin() as tx:
        with pytest.raises(AlreadyExists, match="logical date: '2024-01-01 00:00:00"):
            a_run(tx, 0)
        with pytest.raises(AlreadyExists, match="DAGRun ID: 'run0'"):
            a_run(tx, 0, logical_date=FIRST + timedelta(days=9))
        assert tx.counters.runs() == 1


def test_the_same_request_makes_one_run(filled: Database) -> None:
    with filled.begin() as tx:
        first = a_run(tx, 1, request_key="key", note="why", conf={"x": None})
        again = a_run(tx, 2, request_key="key")
    assert again == first
    assert (first.note, first.conf) == ("why", {"x": None})
    with filled.read() as tx:
        assert tx.counters.runs() == 2


def test_deleting_a_run_takes_all_that_hangs_on_it(filled: Database) -> None:
    with filled.begin() as tx:
        tx.xcoms.put(RUN, TaskKey("a"), "k", "1", 1)
        tx.rendered.put(RUN, TaskKey("a"), "{}")
        tx.runs.set_note(RUN, "note")
        tx.task_instances.apply([change("a", None, SCHEDULED, save_history=True)])
        assert tx.runs.delete(RUN)
        assert not tx.runs.delete(RUN)
    with filled.read() as tx:
        assert (tx.counters.task_instances(), tx.counters.runs()) == (0, 0)
        assert tx.task_instances.of_run(RUN) == []
        assert tx.xcoms.lengths(RUN) == {}
        assert tx.task_instances.history(RUN, TaskKey("a")) == []


def test_mapped_rows_are_added_and_deleted(filled: Database) -> None:
    with filled.begin() as tx:
        run = tx.runs.get(RUN)
        assert run is not None
        rows = [TaskInstance(dag_id="dag", run_id="run0", task_id="m", map_index=index) for index in range(12)]
        tx.task_instances.add(run, rows)
        assert tx.task_instances.delete(RUN, [TaskKey("m", 3), TaskKey("m", 99), TaskKey("a")]) == 2
        assert [row.map_index for row in tx.task_instances.of_task(RUN, "m")] == [0, 1, 2, *range(4, 12)]
        assert tx.counters.task_instances(dag_id="dag") == 13


def test_a_view_has_what_the_engine_looks_at(filled: Database) -> None:
    with filled.begin() as tx:
        later = a_run(tx, 1)
        tasks(tx, later, "a")
        key = RunKey("dag", "run1")
        run = tx.runs.get(key)
        assert run is not None
        tx.task_instances.add(run, [TaskInstance(dag_id="dag", run_id="run1", task_id="m", map_index=2)])
        tx.xcoms.put(key, TaskKey("a"), "return_value", "[1,2]", 2)
        tx.xcoms.put(key, TaskKey("a"), "skipmixin_key", '{"followed":["x"]}')
        tx.xcoms.put(key, TaskKey("m", 2), "return_value", "5")
        tx.task_instances.apply([change("b", None, SUCCESS)])
        view = tx.runs.view(key, with_past=True)
    assert view is not None
    assert view.run.run_type is RunType.SCHEDULED
    assert set(view.task_instances) == {TaskKey("a"), TaskKey("m", 2)}
    assert view.map_lengths == {("a", -1): 2}
    assert view.returned == {TaskKey("m", 2)}
    assert view.branch_skips == {TaskKey("a"): {"followed": ["x"]}}
    assert view.past is not None
    assert view.past.run_id == "run0"
    assert view.past.states == {TaskKey("a"): None, TaskKey("b"): SUCCESS, TaskKey("c"): None}
