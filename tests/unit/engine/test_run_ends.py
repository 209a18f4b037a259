"""How a run ends: leaves, deadlock, fail_stop, timeouts, failures in a row. Section 16 of the behaviour document."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.engine.simulator import START, Failed, Plan, Simulator, Skipped
from unit.engine.specs import a_dag, a_task

from tradewind.engine import run_ends, run_outcome
from tradewind.engine.ready import EVERYTHING, decide
from tradewind.model.decisions import AddInstances, FinishRun, SetState
from tradewind.model.outcomes import Outcome
from tradewind.model.records import TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, TaskState


def run_of(spec: DagSpec, **outcomes: Outcome) -> Simulator:
    """The run of a spec in which these tasks end so, at its end."""
    simulator = Simulator(spec, Plan({(task_id, -1): [outcome] for task_id, outcome in outcomes.items()}))
    simulator.run()
    return simulator


@pytest.mark.parametrize(
    ("last_rule", "outcomes", "state"),
    [
        ("all_success", {"a": Failed()}, "failed"),
        ("all_done", {"a": Failed()}, "success"),
        ("all_success", {"a": Skipped()}, "success"),
        ("all_success", {}, "success"),
    ],
    ids=str,
)
def test_leaves_decide(last_rule: str, outcomes: dict[str, Outcome], state: str) -> None:
    simulator = run_of(a_dag(a_task("a"), a_task("b", last_rule), edges="a>b"), **outcomes)
    assert simulator.board.run.state == state
    end = run_outcome.of(simulator.graph, simulator.board.view())
    assert end == FinishRun(RunState(state), "success" if state == "success" else "task_failure")


def test_one_good_leaf_does_not_save_a_run_with_a_bad_one() -> None:
    simulator = run_of(a_dag(a_task("a"), a_task("b"), a_task("c", "always"), edges="a>b, a>c"), b=Failed())
    assert simulator.board.run.state is RunState.FAILED


def test_a_run_without_instances_is_success() -> None:
    spec = a_dag(a_task("a", start_date=START + timedelta(days=1)))
    simulator = Simulator(spec)
    assert simulator.run() is RunState.SUCCESS
    assert simulator.board.task_instances == {}


def test_waiting_for_a_task_that_takes_no_part_in_the_run_is_a_deadlock() -> None:
    spec = a_dag(a_task("a", end_date=START - timedelta(days=1)), a_task("b"), a_task("c"), edges="a>b, c")
    simulator = Simulator(spec)
    assert simulator.run() is RunState.FAILED
    assert simulator.states() == {"b": "null", "c": "success"}


def test_a_task_waiting_for_a_pool_keeps_its_run_open() -> None:
    simulator = Simulator(a_dag(a_task("a", pool="small", pool_slots=2)), pools={"small": 1})
    assert simulator.run() is RunState.RUNNING
    assert simulator.state("a") == "scheduled 1/0"


def test_fail_stop_skips_all_that_is_not_finished() -> None:
    spec = a_dag(a_task("a"), a_task("b"), a_task("c"), a_task("long"), edges="a>b>c, long", fail_stop=True)
    simulator = Simulator(spec, Plan({("a", -1): [Failed()]}), slots=1)
    assert simulator.run() is RunState.SUCCESS
    assert [simulator.state(id) for id in ("a", "b", "c")] == ["failed 1/0", "skipped 0/0", "skipped 0/0"]


def test_fail_stop_takes_running_ones_and_leaves_teardowns() -> None:
    spec = a_dag(
        a_task("a"),
        a_task("busy"),
        a_task("teardown", "all_done_setup_success", is_teardown=True),
        edges="a>teardown, busy",
        fail_stop=True,
    )
    rows = Simulator(spec).board.task_instances
    running = replace(rows[TaskKey("busy")], state=TaskState.RUNNING)
    changes = run_ends.fail_stop_changes(spec, [running, rows[TaskKey("teardown")]], TaskKey("a"), START)
    assert [(change.key.task_id, change.old_states) for change in changes] == [("busy", {TaskState.RUNNING})]
    assert run_ends.fail_stop_changes(replace(spec, fail_stop=False), [running], TaskKey("a"), START) == ()


def test_a_run_over_its_timeout_fails_and_skips_what_has_begun() -> None:
    spec = a_dag(a_task("done"), a_task("busy"), a_task("later"), dagrun_timeout=60.0)
    simulator = Simulator(spec)
    run = simulator.board.run
    assert run.start_date is not None
    states = {"done": TaskState.SUCCESS, "busy": TaskState.RUNNING, "later": None}
    rows = [replace(row, state=states[row.task_id]) for row in simulator.board.task_instances.values()]
    limit = run.start_date + timedelta(seconds=60)
    assert run_ends.timed_out(spec, run, rows, limit - timedelta(seconds=1)) is None
    result = run_ends.timed_out(spec, run, rows, limit)
    assert result is not None
    change, changes = result
    assert (change.values["state"], change.payload["reason"]) == (RunState.FAILED, "timed_out")
    assert [(c.key.task_id, c.values["state"]) for c in changes] == [("busy", TaskState.SKIPPED)]
    assert run_ends.timeout_at(replace(spec, dagrun_timeout=None), run) is None


@pytest.mark.parametrize(
    ("limit", "newest_first", "paused"),
    [(2, "ff", True), (2, "fsf", False), (2, "f", False), (0, "fff", False), (1, "fs", True)],
)
def test_as_many_failures_in_a_row_as_allowed_pause_the_dag(limit: int, newest_first: str, paused: bool) -> None:
    states = [RunState.FAILED if letter == "f" else RunState.SUCCESS for letter in newest_first]
    spec = a_dag(a_task("t"), max_consecutive_failed_dag_runs=limit)
    assert run_ends.is_paused_by_failures(spec, states) is paused


def test_a_newer_version_of_the_dag_adds_and_removes_instances() -> None:
    old = Simulator(a_dag(a_task("a"), a_task("gone"), edges="a>gone"))
    spec = a_dag(a_task("a"), a_task("new"), edges="a>new")
    decisions = decide(spec, old.board.view(), EVERYTHING, old.now)
    assert AddInstances((TaskKey("new"),)) in decisions
    assert SetState(TaskKey("gone"), None, TaskState.REMOVED) in decisions


def test_a_run_that_is_not_running_gets_no_decisions() -> None:
    simulator = Simulator(a_dag(a_task("a")))
    simulator.board.update(run=replace(simulator.board.run, state=RunState.QUEUED))
    assert simulator.board.decide(EVERYTHING, simulator.now) == ()
