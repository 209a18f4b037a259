"""Clearing and marking, as section 15 of the behaviour document has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.engine.simulator import START, Failed, Plan, Simulator
from unit.engine.specs import a_dag, a_task, over_literal

from tradewind.engine import clearing
from tradewind.engine.application import applied
from tradewind.model.errors import InvalidInput
from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.states import RunState, TaskState

RUN = RunKey("d", "r")
NOW = START + timedelta(days=3)


def a_row(state: str | None, tries: str, task_id: str = "t", **values: object) -> TaskInstance:
    """A row as the document writes it: state, and "try/max"."""
    number, most = map(int, tries.split("/"))
    row = TaskInstance(
        dag_id="d",
        run_id="r",
        task_id=task_id,
        state=TaskState(state) if state else None,
        try_number=number,
        max_tries=most,
    )
    return replace(row, **values)  # type: ignore[arg-type]


def finished(simulator: Simulator) -> Simulator:
    """A simulator whose run has ended."""
    simulator.run()
    return simulator


def again(simulator: Simulator, keys: tuple[TaskKey, ...]) -> str:
    """Clear these and run to the end: the run's state."""
    rows = [simulator.board.task_instances[key] for key in keys]
    changes = [clearing.clear_change(RUN, row, simulator.graph.tasks[row.task_id], NOW) for row in rows]
    simulator.board.update(run=replace(simulator.board.run, state=RunState.RUNNING))
    simulator.commit(changes)
    return str(simulator.run())


@pytest.mark.parametrize(
    ("row", "retries", "numbers"),
    [
        (a_row("success", "3/3"), 1, (3, 4)),
        (a_row("failed", "1/0"), 0, (1, 1)),
        (a_row("upstream_failed", "0/0"), 0, (0, 0)),
        (a_row(None, "3/4"), 1, (3, 4)),
        (a_row("deferred", "1/2"), 2, (1, 3)),
    ],
)
def test_a_cleared_instance_has_its_retries_on_top_of_its_tries(
    row: TaskInstance, retries: int, numbers: tuple[int, int]
) -> None:
    change = clearing.clear_change(RUN, row, a_task("t", retries=retries), NOW)
    cleared = applied(row, change)
    assert (cleared.state, cleared.try_number, cleared.max_tries) == (None, *numbers)
    assert change.save_history is (row.state is not None and row.try_number > 0)
    assert clearing.clear_change(RUN, cleared, a_task("t", retries=retries), NOW).values["max_tries"] == numbers[1]


def test_a_running_instance_is_restarted_and_keeps_its_owner_until_it_has_ended() -> None:
    row = a_row("running", "1/0", token="x", start_date=NOW - timedelta(seconds=5))
    change = clearing.clear_change(RUN, row, a_task("t"), NOW)
    assert applied(row, change).state is TaskState.RESTARTING
    assert applied(row, change).token == "x"
    assert applied(row, change).max_tries == 0
    assert change.history == {"state": TaskState.FAILED, "end_date": NOW, "duration": 5.0}


def test_only_failed_ones_run_again() -> None:
    spec = a_dag(a_task("a"), a_task("b"), a_task("c"), edges="a>b>c")
    simulator = finished(Simulator(spec, Plan({("b", -1): [Failed()]})))
    assert simulator.state("c") == "upstream_failed 0/0"
    keys = clearing.clear_keys(simulator.board.task_instances.values(), ["a", "b", "c"], only_failed=True)
    assert again(simulator, keys) == "success"
    assert [simulator.state(id) for id in "abc"] == ["success 1/0", "success 2/1", "success 1/0"]


def test_a_mapped_task_is_cleared_with_all_or_with_named_indices() -> None:
    rows = Simulator(a_dag(a_task("t", expand=over_literal(3), is_mapped=True))).board.task_instances.values()
    assert len(clearing.clear_keys(rows, ["t"])) == 3
    assert clearing.clear_keys(rows, ["t"], map_indexes={"t": [1]}) == (TaskKey("t", 1),)
    assert clearing.clear_keys(rows, ["t"], only_running=True) == ()


def test_upstream_and_downstream_are_taken_on_request() -> None:
    spec = a_dag(*(a_task(id) for id in "abcx"), edges="a>b>c, x")
    assert clearing.selected_tasks(spec, ["b", "nope"]) == ("b",)
    assert clearing.selected_tasks(spec, ["b"], upstream=True) == ("a", "b")
    assert clearing.selected_tasks(spec, ["b"], downstream=True) == ("b", "c")


@pytest.mark.parametrize(
    ("task_id", "alone", "with_upstream", "with_downstream"),
    [
        ("w", "s t w", "s t w", "aft s t w w2"),
        ("w2", "s t w2", "s t w w2", "aft s t w2"),
        ("s", "s t", "s t", "aft s t w w2"),
        ("t", "t", "s t w w2", "aft t"),
        ("aft", "aft", "aft s t w w2", "aft"),
        ("y", "s2 y", "s2 x y", "s2 y"),
        ("x", "x", "x", "s2 x y"),
        ("s2", "s2", "s2", "s2 y"),
    ],
)
def test_work_takes_its_setups_and_teardowns_along_as_recorded_from_airflow(
    task_id: str, alone: str, with_upstream: str, with_downstream: str
) -> None:
    spec = a_dag(
        a_task("s", is_setup=True),
        a_task("s2", is_setup=True),
        *(a_task(name) for name in ("w", "w2", "aft", "x", "y")),
        a_task("t", "all_done_setup_success", is_teardown=True),
        edges="s>w>w2>t>aft, s>t, x>y, s2>y",
    )
    assert sorted(clearing.selected_tasks(spec, [task_id])) == alone.split()
    assert sorted(clearing.selected_tasks(spec, [task_id], upstream=True)) == with_upstream.split()
    assert sorted(clearing.selected_tasks(spec, [task_id], downstream=True)) == with_downstream.split()


def test_a_finished_run_is_queued_again_and_an_open_one_goes_on() -> None:
    run = finished(Simulator(a_dag(a_task("t")))).board.run
    values = clearing.requeue_run(run, NOW).values
    assert (values["state"], values["end_date"], values["clear_number"]) == (RunState.QUEUED, None, 1)
    assert clearing.requeue_run(replace(run, state=RunState.RUNNING), NOW).values == {"state": RunState.RUNNING}


def test_marking_a_failed_task_success_runs_what_had_failed_below_it() -> None:
    spec = a_dag(a_task("a"), a_task("b"), a_task("other"), edges="a>b, other")
    simulator = finished(Simulator(spec, Plan({("a", -1): [Failed()], ("other", -1): [Failed()]})))
    plan = clearing.mark_tasks(spec, simulator.board.task_instances, [TaskKey("a")], TaskState.SUCCESS, NOW)
    assert [change.key.task_id for change in plan.clears] == ["b"]
    simulator.board.update(run=replace(simulator.board.run, state=RunState.RUNNING))
    simulator.commit([*plan.changes, *plan.clears])
    simulator.run()
    assert [simulator.state(id) for id in ("a", "b", "other")] == ["success 1/0", "success 1/0", "failed 1/0"]


def test_marking_takes_a_running_attempt_away() -> None:
    row = a_row("running", "1/0", token="x", start_date=START)
    plan = clearing.mark_tasks(a_dag(a_task("t")), {row.key: row}, [row.key], TaskState.FAILED, NOW)
    marked = applied(row, plan.changes[0])
    assert (marked.state, marked.token, marked.end_date, plan.killed) == (TaskState.FAILED, None, NOW, ("x",))
    same = clearing.mark_tasks(a_dag(a_task("t")), {row.key: marked}, [row.key], TaskState.FAILED, NOW)
    assert same.changes == ()


def test_a_state_that_cannot_be_set_is_refused() -> None:
    with pytest.raises(InvalidInput):
        clearing.mark_change(a_row(None, "0/0"), TaskState.RUNNING, NOW)


def test_a_running_run_set_to_failed() -> None:
    simulator = Simulator(a_dag(a_task("a"), a_task("b"), a_task("c"), a_task("d"), edges="a>b>c, d"))
    rows = [a_row("success", "1/0", "a"), a_row("running", "1/0", "b", token="x"), a_row(None, "0/0", "c")]
    rows.append(a_row("scheduled", "1/0", "d"))
    change, changes = clearing.mark_run(simulator.board.run, rows, RunState.FAILED, NOW)
    assert change.values["state"] is RunState.FAILED
    assert {c.key.task_id: c.values["state"].value for c in changes} == {"b": "failed", "c": "skipped", "d": "skipped"}


def test_a_run_set_to_success_makes_its_failed_tasks_success() -> None:
    simulator = finished(Simulator(a_dag(a_task("a"), a_task("b"), edges="a>b"), Plan({("a", -1): [Failed()]})))
    rows = simulator.board.task_instances.values()
    change, changes = clearing.mark_run(simulator.board.run, rows, RunState.SUCCESS, NOW)
    assert change.values["state"] is RunState.SUCCESS
    assert {c.key.task_id for c in changes} == {"a", "b"}
    assert all("try_number" not in c.values for c in changes)


@pytest.mark.parametrize("state", [RunState.SUCCESS, RunState.FAILED])
def test_a_run_set_by_hand_still_tears_down(state: RunState) -> None:
    spec = a_dag(
        a_task("setup", is_setup=True),
        a_task("work"),
        a_task("teardown", "all_done_setup_success", is_teardown=True),
        edges="setup>work>teardown, setup>teardown",
    )
    simulator = Simulator(spec)
    simulator.step()
    rows = [a_row("success", "1/0", "setup"), a_row("running", "1/0", "work"), a_row(None, "0/0", "teardown")]
    simulator.board.update(rows)
    change, changes = clearing.mark_run(simulator.board.run, rows, state, NOW, spec)
    assert change.values == {"state": RunState.RUNNING}
    assert [c.key.task_id for c in changes] == ["work"]
    simulator.commit(changes)
    assert simulator.run() is state
    assert simulator.states()["teardown"] == "success"


def test_a_run_set_to_queued_clears_nothing() -> None:
    run = finished(Simulator(a_dag(a_task("a")))).board.run
    change, changes = clearing.mark_run(run, [], RunState.QUEUED, NOW)
    assert (change.values["state"], changes) == (RunState.QUEUED, ())
    with pytest.raises(InvalidInput):
        clearing.mark_run(run, [], RunState.RUNNING, NOW)
