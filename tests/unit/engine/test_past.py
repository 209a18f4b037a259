"""depends_on_past, wait_for_downstream and waiting before a skip, as section 3 of the behaviour document."""

from __future__ import annotations

import pytest
from unit.engine.simulator import Plan, Simulator
from unit.engine.specs import a_dag, a_task

from tradewind.model.records import PastView, TaskKey
from tradewind.model.spec import DagSpec
from tradewind.model.states import RunState, TaskState


def past(**states: str | None) -> PastView:
    """The previous run."""
    found = {TaskKey(id): TaskState(state) if state else None for id, state in states.items()}
    return PastView(run_id="before", states=found)


def waiting_dag(**values: bool) -> DagSpec:
    """look (which looks back) → after, and a free task."""
    return a_dag(a_task("look", **values), a_task("after"), a_task("free"), edges="look>after")


@pytest.mark.parametrize("state", ["failed", "upstream_failed", None, "running"])
def test_after_a_failed_instance_the_task_and_the_run_stay_open(state: str | None) -> None:
    simulator = Simulator(waiting_dag(depends_on_past=True), past=past(look=state, after=None, free="success"))
    assert simulator.run() is RunState.RUNNING
    assert simulator.states() == {"look": "null", "after": "null", "free": "success"}


@pytest.mark.parametrize("state", ["success", "skipped"])
def test_a_successful_or_skipped_instance_lets_it_go(state: str) -> None:
    simulator = Simulator(waiting_dag(depends_on_past=True), past=past(look=state, after="failed"))
    assert simulator.run() is RunState.SUCCESS


@pytest.mark.parametrize(
    "before", [None, PastView(), past(other="failed")], ids=["not loaded", "first run", "new task"]
)
def test_the_first_instance_goes_ahead(before: PastView | None) -> None:
    assert Simulator(waiting_dag(depends_on_past=True), past=before).run() is RunState.SUCCESS


def test_wait_for_downstream_looks_at_what_followed_the_instance() -> None:
    spec = waiting_dag(wait_for_downstream=True, depends_on_past=True)
    assert Simulator(spec, past=past(look="success", after="failed")).run() is RunState.RUNNING
    assert Simulator(spec, past=past(look="success", after="success")).run() is RunState.SUCCESS


def test_a_skip_waits_for_the_past_when_it_is_told_to() -> None:
    spec = a_dag(
        a_task("first"),
        a_task("look", "all_failed", depends_on_past=True, wait_for_past_depends_before_skipping=True),
        edges="first>look",
    )
    assert Simulator(spec, Plan(), past=past(first="success", look="failed")).run() is RunState.RUNNING
    simulator = Simulator(spec, Plan(), past=past(first="success", look="skipped"))
    assert simulator.run() is RunState.SUCCESS
    assert simulator.states()["look"] == "skipped"
