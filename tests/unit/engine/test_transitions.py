"""The table of state changes, and that the documentation shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.engine import transitions
from tradewind.engine.transitions import RunEvent, TaskEvent, next_run_state, next_task_state
from tradewind.model.errors import IllegalTransition
from tradewind.model.states import TERMINAL_TASK_STATES, RunState, TaskState

DOCUMENT = Path(__file__).parents[3] / "docs" / "concepts" / "states.md"
BY_USERS = {TaskEvent.CLEAR, TaskEvent.MARK_FAILED, TaskEvent.MARK_SKIPPED, TaskEvent.MARK_SUCCESS}


def test_the_document_shows_the_tables_as_they_are() -> None:
    chart = transitions.chart()
    assert chart in DOCUMENT.read_text(), f"put this into {DOCUMENT.name}:\n{chart}"


def test_the_life_of_a_task() -> None:
    state: TaskState | None = None
    for event in ("schedule", "queue", "start", "defer", "resume", "queue", "start", "retry", "schedule", "queue"):
        state = next_task_state(state, TaskEvent(event))
    assert next_task_state(next_task_state(state, TaskEvent.START), TaskEvent.SUCCEED) is TaskState.SUCCESS


@pytest.mark.parametrize("state", sorted(TERMINAL_TASK_STATES))
def test_only_users_branches_and_a_changed_dag_move_a_finished_task(state: TaskState) -> None:
    moving = {event for (old, event) in transitions.TASK_TABLE if old is state}
    assert moving <= BY_USERS | {TaskEvent.SKIP, TaskEvent.REMOVE, TaskEvent.RESTORE}


@pytest.mark.parametrize(
    ("state", "event"), [(None, "start"), ("success", "fail"), ("queued", "succeed"), ("running", "schedule")]
)
def test_what_the_table_does_not_have_is_refused(state: str | None, event: str) -> None:
    with pytest.raises(IllegalTransition):
        next_task_state(TaskState(state) if state else None, TaskEvent(event))


def test_every_state_can_be_reached_and_left() -> None:
    reached = set(transitions.TASK_TABLE.values())
    left = {old for old, _ in transitions.TASK_TABLE}
    assert reached == left == {None, *TaskState}


def test_runs() -> None:
    assert next_run_state(RunState.QUEUED, RunEvent.START) is RunState.RUNNING
    with pytest.raises(IllegalTransition):
        next_run_state(RunState.SUCCESS, RunEvent.START)
