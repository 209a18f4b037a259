"""Thousands of random DAGs, outcomes and crashes: every run ends, within its pools, with no state left hanging."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.engine.random_dags import random_case
from unit.engine.simulator import Simulator

from tradewind.engine.ready import EVERYTHING
from tradewind.model.states import OPEN_RUN_STATES, TERMINAL_TASK_STATES, TaskState


def run_case(seed: int, order: int) -> Simulator:
    """One random DAG to its end. The simulator itself asserts guards, pools, legal moves and idempotent decisions."""
    spec, plan = random_case(seed)
    rng = random.Random(order)
    simulator = Simulator(spec, plan, rng=rng, crash=rng.choice([0, 0, 0.1, 0.3]), pools={"default_pool": 4})
    simulator.run()
    return simulator


@pytest.mark.parametrize("block", range(10))
def test_every_run_ends_with_every_task_ended(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        simulator = run_case(seed, seed)
        assert simulator.board.run.state not in OPEN_RUN_STATES, f"seed {seed}: {simulator.states()}"
        states = {row.state for row in simulator.board.task_instances.values()}
        assert states <= TERMINAL_TASK_STATES, f"seed {seed}: {simulator.states()}"


@pytest.mark.slow
@pytest.mark.parametrize("block", range(100))
def test_many_more_runs_end(block: int) -> None:
    for seed in range(10_000 + block * 100, 10_000 + block * 100 + 100):
        assert run_case(seed, seed + 1).board.run.state not in OPEN_RUN_STATES


@given(seed=st.integers(0, 10**9), order=st.integers(0, 10**6))
@settings(max_examples=60, derandomize=True)
def test_any_order_of_events_ends_every_run(seed: int, order: int) -> None:
    simulator = run_case(seed, order)
    assert simulator.board.run.state not in OPEN_RUN_STATES


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, derandomize=True)
def test_only_a_branch_moves_a_task_that_has_ended(seed: int) -> None:
    simulator = run_case(seed, 1)
    last: dict[object, TaskState | None] = {}
    for key, state in simulator.history:
        if last.get(key) in TERMINAL_TASK_STATES:
            assert state in (TaskState.SKIPPED, TaskState.REMOVED), f"{key} went from {last[key]} to {state}"
        last[key] = state


@given(seed=st.integers(0, 10**9), steps=st.integers(0, 30))
@settings(max_examples=60, derandomize=True)
def test_a_look_at_everything_finds_nothing_that_events_missed(seed: int, steps: int) -> None:
    spec, plan = random_case(seed)
    simulator = Simulator(spec, plan, rng=random.Random(seed), pools={"default_pool": 4})
    simulator.look(EVERYTHING)
    for _ in range(steps):
        if simulator.board.run.state not in OPEN_RUN_STATES or not simulator.step():
            break
    rows = simulator.board.task_instances.values()
    simulator.look(frozenset(row.key for row in rows if row.wake_at is not None and row.wake_at <= simulator.now))
    assert simulator.board.decide(EVERYTHING, simulator.now) == ()


def test_deciding_leaves_no_trace_on_the_board() -> None:
    spec, plan = random_case(3)
    simulator = Simulator(spec, plan)
    before = simulator.board.view()
    assert simulator.board.decide(EVERYTHING, simulator.now)
    assert simulator.board.view() == before
    assert simulator.board.decide(EVERYTHING, simulator.now) == simulator.board.decide(EVERYTHING, simulator.now)
