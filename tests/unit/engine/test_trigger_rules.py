"""Trigger rules against what Airflow 2.10.5 answered, and against the table of the behaviour document."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from unit.engine.simulator import START, Simulator
from unit.engine.specs import a_dag, a_task

from tradewind.engine.ready import EVERYTHING
from tradewind.engine.trigger_rules import UpstreamCounts, judge, unmet
from tradewind.model.decisions import Schedule, SetState
from tradewind.model.records import TaskInstance, TaskKey
from tradewind.model.states import TaskState, TriggerRule

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "trigger_rules.json").read_text())


def counts_of(states: list[str | None], *, last_is_setup: bool = False) -> UpstreamCounts:
    """Counts of upstream instances in these states."""
    counts = UpstreamCounts()
    for place, state in enumerate(states):
        is_setup = last_is_setup and place == len(states) - 1
        counts.total += 1
        counts.setups += is_setup
        counts.count(TaskState(state) if state else None, 1, is_setup=is_setup)
    return counts


@pytest.mark.parametrize("rule", sorted({row[0] for row in GOLDEN}))
def test_each_rule_judges_and_explains_as_recorded(rule: str) -> None:
    cases = [row for row in GOLDEN if row[0] == rule]
    assert cases
    for _, states, end, passed, reasons in cases:
        counts = counts_of(states, last_is_setup=rule == "all_done_setup_success")
        verdict = judge(TriggerRule(rule), counts)
        reason = unmet(TriggerRule(rule), counts)
        assert (verdict.state, reason == "") == (end, passed), states
        assert ([reason] if reason else []) == reasons, states


OK, SKIPPED, UPSTREAM_FAILED = None, "skipped", "upstream_failed"
TABLE = {
    # rule: end by upstream states S, K, F, SK, SF, KF, SKF; None = it runs
    "all_success": [OK, SKIPPED, UPSTREAM_FAILED, SKIPPED, UPSTREAM_FAILED, UPSTREAM_FAILED, UPSTREAM_FAILED],
    "all_failed": [SKIPPED, SKIPPED, OK, SKIPPED, SKIPPED, SKIPPED, SKIPPED],
    "all_done": [OK] * 7,
    "always": [OK] * 7,
    "one_success": [OK, SKIPPED, UPSTREAM_FAILED, OK, OK, UPSTREAM_FAILED, OK],
    "one_failed": [SKIPPED, SKIPPED, OK, SKIPPED, OK, OK, OK],
    "one_done": [OK, SKIPPED, OK, OK, OK, OK, OK],
    "none_failed": [OK, OK, UPSTREAM_FAILED, OK, UPSTREAM_FAILED, UPSTREAM_FAILED, UPSTREAM_FAILED],
    "none_failed_min_one_success": [
        OK,
        SKIPPED,
        UPSTREAM_FAILED,
        OK,
        UPSTREAM_FAILED,
        UPSTREAM_FAILED,
        UPSTREAM_FAILED,
    ],
    "none_skipped": [OK, SKIPPED, OK, SKIPPED, OK, SKIPPED, SKIPPED],
    "all_skipped": [SKIPPED, OK, SKIPPED, SKIPPED, SKIPPED, SKIPPED, SKIPPED],
}
LETTERS = {"S": "success", "K": "skipped", "F": "failed"}


@pytest.mark.parametrize("rule", TABLE)
def test_the_table_of_the_behaviour_document(rule: str) -> None:
    for letters, end in zip(["S", "K", "F", "SK", "SF", "KF", "SKF"], TABLE[rule], strict=True):
        verdict = judge(TriggerRule(rule), counts_of([LETTERS[letter] for letter in letters]))
        assert (verdict.state, verdict.runs) == (end, end is None), letters
    assert judge(TriggerRule(rule), UpstreamCounts()).runs, "a task without upstream runs"


@pytest.mark.parametrize(("first", "end"), [("skipped", "skipped"), ("failed", "upstream_failed")])
def test_all_success_takes_the_end_of_the_first_fact(first: str, end: str) -> None:
    spec = a_dag(a_task("a"), a_task("b"), a_task("c"), edges="a>c, b>c")
    simulator = Simulator(spec)
    row = simulator.board.task_instances[TaskKey("a")]
    simulator.board.update([_with_state(row, first)])
    decisions = simulator.board.decide([row.key], START)
    assert [decision.state for decision in decisions if isinstance(decision, SetState)] == [end]


def test_always_runs_before_its_upstream_tasks_are_done() -> None:
    spec = a_dag(a_task("a"), a_task("b", "always"), a_task("c", "dummy"), edges="a>b, a>c")
    decisions = Simulator(spec).board.decide(EVERYTHING, START)
    assert [decision.key.task_id for decision in decisions if isinstance(decision, Schedule)] == ["a", "b", "c"]


def _with_state(row: TaskInstance, state: str) -> TaskInstance:
    return replace(row, state=TaskState(state))
