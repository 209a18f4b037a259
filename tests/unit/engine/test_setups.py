"""Setup and teardown, as section 2 of the behaviour document has it."""

from __future__ import annotations

import pytest
from unit.engine.simulator import Failed, Plan, Simulator, Skipped
from unit.engine.specs import a_dag, a_task

from tradewind.model.outcomes import Outcome
from tradewind.model.spec import DagSpec

TEARDOWN = "all_done_setup_success"


def scope(**teardown: bool) -> DagSpec:
    """setup → work → teardown → after."""
    return a_dag(
        a_task("setup", is_setup=True),
        a_task("work"),
        a_task("teardown", TEARDOWN, is_teardown=True, **teardown),
        a_task("after"),
        edges="setup>work>teardown>after, setup>teardown",
    )


def ends(spec: DagSpec, **outcomes: Outcome) -> tuple[str, dict[str, str]]:
    """The run's and tasks' states when these tasks end so."""
    simulator = Simulator(spec, Plan({(task_id, -1): [outcome] for task_id, outcome in outcomes.items()}))
    return str(simulator.run()), simulator.states()


@pytest.mark.parametrize(
    ("outcomes", "run", "states"),
    [
        ({"setup": Failed()}, "failed", "failed upstream_failed upstream_failed upstream_failed"),
        ({"setup": Skipped()}, "success", "skipped skipped skipped skipped"),
        ({"work": Failed()}, "failed", "success failed success success"),
        ({"work": Skipped()}, "success", "success skipped success success"),
        ({"teardown": Failed()}, "failed", "success success failed upstream_failed"),
        ({}, "success", "success success success success"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_scope_becomes(outcomes: dict[str, Outcome], run: str, states: str) -> None:
    state, found = ends(scope(), **outcomes)
    assert (state, [found[id] for id in ("setup", "work", "teardown", "after")]) == (run, states.split())


@pytest.mark.parametrize(("fails", "run"), [(False, "success"), (True, "failed")])
def test_a_failed_teardown_at_the_end_fails_the_run_only_when_it_is_told_to(fails: bool, run: str) -> None:
    spec = a_dag(
        a_task("setup", is_setup=True),
        a_task("work"),
        a_task("teardown", TEARDOWN, is_teardown=True, on_failure_fail_dagrun=fails),
        edges="setup>work>teardown, setup>teardown",
    )
    assert ends(spec, teardown=Failed())[0] == run


def test_the_second_of_two_setups_fails() -> None:
    spec = a_dag(
        *(a_task(name, is_setup=True) for name in ("s1", "s2")),
        a_task("work"),
        *(a_task(name, TEARDOWN, is_teardown=True) for name in ("t1", "t2")),
        edges="s1>work>t1, s1>t1, s2>work>t2, s2>t2",
    )
    states = ends(spec, s2=Failed())[1]
    assert (states["work"], states["t1"], states["t2"]) == ("upstream_failed", "success", "upstream_failed")


def test_one_teardown_runs_when_one_of_its_setups_succeeded() -> None:
    spec = a_dag(
        *(a_task(name, is_setup=True) for name in ("s1", "s2")),
        a_task("work"),
        a_task("teardown", TEARDOWN, is_teardown=True),
        edges="s1>work>teardown, s1>teardown, s2>work, s2>teardown",
    )
    run, states = ends(spec, s1=Skipped())
    assert (run, states["work"], states["teardown"]) == ("success", "skipped", "success")


def test_a_setup_that_is_not_direct_still_holds_its_work() -> None:
    spec = a_dag(
        a_task("setup", is_setup=True),
        a_task("one"),
        a_task("two", "all_done"),
        a_task("teardown", TEARDOWN, is_teardown=True),
        edges="setup>one>two>teardown, setup>teardown",
    )
    states = ends(spec, setup=Failed())[1]
    assert (states["one"], states["two"], states["teardown"]) == ("upstream_failed",) * 3


def test_a_teardown_without_setup_runs_after_failed_work() -> None:
    spec = a_dag(a_task("work"), a_task("teardown", TEARDOWN, is_teardown=True), edges="work>teardown")
    assert ends(spec, work=Failed()) == ("failed", {"work": "failed", "teardown": "success"})
