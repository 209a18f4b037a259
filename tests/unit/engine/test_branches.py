"""Branches and short circuits, as section 1 of the behaviour document has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.engine.simulator import START, Failed, Plan, Simulator
from unit.engine.specs import a_dag, a_task, over_literal

from tradewind.engine import clearing
from tradewind.engine.skipping import BranchSkip, skips_of_branch, skips_of_short_circuit
from tradewind.model.errors import InvalidInput
from tradewind.model.records import TaskKey
from tradewind.model.spec import DagSpec, GroupSpec
from tradewind.model.states import RunState


def diamond(join_rule: str = "none_failed_min_one_success") -> DagSpec:
    """branch → a, b → join."""
    return a_dag(
        a_task("branch"), a_task("a"), a_task("b"), a_task("join", join_rule), edges="branch>a>join, branch>b>join"
    )


def test_a_branch_skips_what_it_does_not_follow() -> None:
    simulator = Simulator(diamond(), Plan(followed={"branch": ["a"]}))
    assert simulator.run() is RunState.SUCCESS
    assert simulator.states() == {"branch": "success", "a": "success", "b": "skipped", "join": "success"}
    assert simulator.state("b") == "skipped 0/0"


def test_a_branch_that_follows_nothing_skips_all_direct_downstream_tasks() -> None:
    simulator = Simulator(diamond("all_success"), Plan(followed={"branch": []}))
    simulator.run()
    assert simulator.states() == {"branch": "success", "a": "skipped", "b": "skipped", "join": "skipped"}


def test_a_task_that_a_followed_one_leads_to_is_not_skipped() -> None:
    spec = a_dag(a_task("branch"), a_task("a"), a_task("b"), edges="branch>a>b, branch>b")
    assert skips_of_branch(spec, "branch", ["a"]) == BranchSkip(("a", "b"), ())
    assert skips_of_branch(spec, "branch", ["b"]).skip == ("a",)


def test_a_branch_may_follow_the_join_directly() -> None:
    spec = a_dag(
        a_task("branch"),
        a_task("between"),
        a_task("join", "none_failed_min_one_success"),
        edges="branch>between>join, branch>join",
    )
    simulator = Simulator(spec, Plan(followed={"branch": ["join"]}))
    simulator.run()
    assert simulator.states() == {"branch": "success", "between": "skipped", "join": "success"}


def test_a_task_further_down_is_not_followed() -> None:
    branch = skips_of_branch(diamond(), "branch", ["join"])
    assert (branch.followed, branch.skip) == ((), ("a", "b"))


def test_a_branch_into_a_group_follows_its_first_tasks() -> None:
    spec = a_dag(
        a_task("branch"),
        a_task("g.a", group_id="g"),
        a_task("g.b", group_id="g"),
        a_task("g.c", group_id="g"),
        a_task("other"),
        edges="branch>g.a>g.b, branch>g.c, branch>other",
        groups=(
            GroupSpec(group_id=None, children=(("branch", "task"), ("g", "group"), ("other", "task"))),
            GroupSpec(group_id="g", children=(("g.a", "task"), ("g.b", "task"), ("g.c", "task"))),
        ),
    )
    branch = skips_of_branch(spec, "branch", ["g"])
    assert (branch.followed, branch.skip) == (("g.a", "g.c"), ("other",))


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="nope"):
        skips_of_branch(diamond(), "branch", ["nope"])


def test_a_mapped_branch_skips_nothing() -> None:
    spec = a_dag(
        a_task("branch", is_mapped=True, expand=over_literal(2)), a_task("a"), a_task("b"), edges="branch>a, branch>b"
    )
    simulator = Simulator(spec, Plan(followed={"branch": ["a"]}))
    simulator.run()
    assert {simulator.states()[id] for id in ("a", "b")} == {"success"}


def test_a_branch_leaves_a_task_alone_that_is_mapped_already_and_a_short_circuit_does_not() -> None:
    """As Airflow does: a branch skips instances of its own index, a short circuit all."""
    spec = a_dag(
        a_task("first"),
        a_task("each", is_mapped=True, expand=over_literal(2)),
        a_task("other"),
        edges="first>each, first>other",
    )
    branch = Simulator(spec, Plan(followed={"first": ["other"]}))
    branch.run()
    assert branch.states() == {"first": "success", "each[0]": "success", "each[1]": "success", "other": "success"}
    short_circuit = Simulator(spec, Plan(short_circuits={"first": True}))
    short_circuit.run()
    assert set(short_circuit.states().values()) == {"success", "skipped"}
    assert short_circuit.states()["each[1]"] == "skipped"


def test_a_branch_in_a_mapped_group_skips_at_its_index_only() -> None:
    grouped = {"mapped_groups": ("g",), "is_mapped": True, "group_id": "g"}
    spec = a_dag(
        a_task("g.branch", **grouped),
        a_task("g.a", **grouped),
        a_task("g.b", **grouped),
        edges="g.branch>g.a, g.branch>g.b",
        groups=(GroupSpec(group_id=None), GroupSpec(group_id="g", expand=over_literal(2))),
    )
    simulator = Simulator(spec, Plan({("g.branch", 1): [Failed()]}, followed={"g.branch": ["g.a"]}))
    simulator.run()
    assert simulator.states() == {
        "g.branch[0]": "success",
        "g.a[0]": "success",
        "g.b[0]": "skipped",
        "g.branch[1]": "failed",
        "g.a[1]": "upstream_failed",
        "g.b[1]": "upstream_failed",
    }


def test_a_short_circuit_skips_everything_downstream_whatever_the_rules() -> None:
    spec = a_dag(a_task("stop"), a_task("a", "all_done"), a_task("b", "all_done"), edges="stop>a>b")
    simulator = Simulator(spec, Plan(short_circuits={"stop": True}))
    simulator.run()
    assert simulator.states() == {"stop": "success", "a": "skipped", "b": "skipped"}


def test_a_short_circuit_may_leave_further_tasks_to_their_rules() -> None:
    spec = a_dag(a_task("stop"), a_task("a", "all_done"), a_task("b", "all_done"), edges="stop>a>b")
    simulator = Simulator(spec, Plan(short_circuits={"stop": False}))
    simulator.run()
    assert simulator.states() == {"stop": "success", "a": "skipped", "b": "success"}


def test_an_empty_task_that_has_already_succeeded_is_skipped_all_the_same() -> None:
    spec = a_dag(a_task("stop"), a_task("early", "always", is_empty=True), edges="stop>early")
    simulator = Simulator(spec, Plan(short_circuits={"stop": True}))
    simulator.run()
    assert simulator.state("early") == "skipped 1/0"


def test_a_short_circuit_leaves_teardowns_alone() -> None:
    spec = a_dag(
        a_task("setup", is_setup=True),
        a_task("stop"),
        a_task("work"),
        a_task("teardown", "all_done_setup_success", is_teardown=True),
        edges="setup>stop>work>teardown, setup>teardown",
    )
    assert skips_of_short_circuit(spec, "stop", True) == ("work",)
    simulator = Simulator(spec, Plan(short_circuits={"stop": True}))
    simulator.run()
    assert simulator.states()["teardown"] == "success"


def test_a_cleared_task_that_the_branch_left_out_is_skipped_again() -> None:
    simulator = Simulator(diamond(), Plan(followed={"branch": ["a"]}))
    simulator.run()
    row = simulator.board.task_instances[TaskKey("b")]
    change = clearing.clear_change(simulator.key, row, simulator.graph.tasks["b"], START)
    simulator.board.update(run=replace(simulator.board.run, state=RunState.RUNNING))
    simulator.commit([change])
    assert simulator.run() is RunState.SUCCESS
    assert simulator.states()["b"] == "skipped"
    assert simulator.state("branch") == "success 1/0"
