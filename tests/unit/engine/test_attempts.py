"""What the end of an attempt makes of its task instance: states and tries as section 4 of the behaviour document."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.engine.simulator import START, Deferred, Failed, Plan, Rescheduled, Simulator, Skipped, Succeeded
from unit.engine.specs import a_dag, a_task

from tradewind.engine import attempts
from tradewind.engine.application import applied
from tradewind.engine.attempts import AttemptResult, after_attempt
from tradewind.model.errors import IllegalTransition
from tradewind.model.outcomes import NotStarted, Outcome
from tradewind.model.records import RunKey, TaskInstance
from tradewind.model.spec import TaskSpec
from tradewind.model.states import TaskState

RUN = RunKey("d", "r")
NOW = START + timedelta(seconds=30)
TASK = a_task(
    "t",
    retries=1,
    retry_delay=10.0,
    has_on_success_callback=True,
    has_on_failure_callback=True,
    has_on_retry_callback=True,
    has_on_skipped_callback=True,
)


def a_row(**values: object) -> TaskInstance:
    """A running first try."""
    row = TaskInstance(
        dag_id="d",
        run_id="r",
        task_id="t",
        state=TaskState.RUNNING,
        try_number=1,
        max_tries=1,
        start_date=START,
        first_start_date=START,
        token="x",
        queued_by_job_id=7,
    )
    return replace(row, **values)  # type: ignore[arg-type]


def judged(outcome: Outcome, row: TaskInstance | None = None, task: TaskSpec = TASK) -> AttemptResult:
    """What this outcome makes of a row."""
    return after_attempt(task, row or a_row(), outcome, NOW, logical_date=START)


@pytest.mark.parametrize(
    ("retries", "outcomes", "end"),
    [
        (2, [Failed()] * 3, "failed 3/2"),
        (3, [Failed()] * 2, "success 3/3"),
        (3, [Failed(retryable=False)], "failed 1/3"),
        (3, [Failed(), Skipped()], "skipped 2/3"),
        (0, [Failed()], "failed 1/0"),
        (1, [Failed(retryable=False)], "failed 1/1"),
        (1, [Failed(kind="timeout")] * 2, "failed 2/1"),
        (1, [Failed(kind="killed")], "success 2/1"),
        (0, [Rescheduled(at=START), Rescheduled(at=START)], "success 1/0"),
        (0, [Deferred(trigger_classpath="t", trigger_kwargs={}, next_method="m")] * 2, "success 1/0"),
    ],
    ids=str,
)
def test_tries_are_counted_as_airflow_counts(retries: int, outcomes: list[Outcome], end: str) -> None:
    simulator = Simulator(a_dag(a_task("t", retries=retries)), Plan({("t", -1): list(outcomes)}))
    simulator.run()
    assert simulator.state("t") == end


def test_an_empty_task_succeeds_in_its_first_try_without_an_attempt() -> None:
    simulator = Simulator(a_dag(a_task("t", is_empty=True)))
    simulator.run()
    row = simulator.board.task_instances[("t", -1)]  # type: ignore[index]
    assert simulator.state("t") == "success 1/0"
    assert row.start_date == row.end_date == simulator.now
    assert row.duration == 0


@pytest.mark.parametrize(
    ("outcome", "callbacks"),
    [
        (Succeeded(), ("success",)),
        (Skipped(), ("skipped", "success")),
        (Failed(), ("retry",)),
        (Failed(retryable=False), ("failure",)),
        (Rescheduled(at=NOW), ()),
    ],
    ids=str,
)
def test_callbacks_are_owed_in_order(outcome: Outcome, callbacks: tuple[str, ...]) -> None:
    assert judged(outcome).callbacks == callbacks
    assert judged(outcome, task=a_task("t", retries=1)).callbacks == ()


def test_a_retry_waits_its_delay_from_the_end_and_keeps_the_failed_try() -> None:
    result = judged(Failed(error="boom"))
    assert result.state is TaskState.UP_FOR_RETRY
    assert result.values["wake_at"] == NOW + timedelta(seconds=10)
    assert result.save_history
    assert result.history == {"state": TaskState.FAILED, "end_date": NOW, "duration": 30.0}
    assert not result.is_final_failure
    assert result.payload["error"] == "boom"


def test_a_change_is_guarded_by_state_and_token_and_the_token_stays_for_callbacks() -> None:
    change = judged(Succeeded()).change(RUN)
    assert (change.old_states, change.token) == ({TaskState.RUNNING}, "x")
    row = applied(a_row(), change)
    assert (row.state, row.end_date, row.duration, row.token) == (TaskState.SUCCESS, NOW, 30.0, "x")


def test_an_attempt_that_never_began_is_the_same_try_again() -> None:
    result = judged(NotStarted(), a_row(state=TaskState.QUEUED))
    row = applied(a_row(state=TaskState.QUEUED), result.change(RUN))
    assert (row.state, row.try_number, row.token) == (TaskState.SCHEDULED, 1, None)


def test_a_task_cleared_while_it_ran_is_tried_again_whatever_came_of_it() -> None:
    for outcome in (Succeeded(), Failed(retryable=False), Skipped()):
        result = judged(outcome, a_row(state=TaskState.RESTARTING, max_tries=1))
        assert result.state is TaskState.UP_FOR_RETRY
        assert not result.save_history


def test_a_deferral_keeps_its_start_and_wakes_at_its_timeout() -> None:
    outcome = Deferred(trigger_classpath="t", trigger_kwargs={}, next_method="m", next_kwargs={"a": 1}, timeout=60)
    row = applied(a_row(), judged(outcome).change(RUN))
    assert (row.state, row.next_method, row.next_kwargs) == (TaskState.DEFERRED, "m", {"a": 1})
    assert row.wake_at == row.trigger_timeout == NOW + timedelta(seconds=60)
    resumed = applied(row, attempts.resume_change(RUN, row, next_kwargs={"event": 1}))
    assert (resumed.state, resumed.wake_at, resumed.next_method) == (TaskState.SCHEDULED, None, "m")
    queued = applied(resumed, attempts.queue_change(RUN, resumed, token="y", job_id=1, now=NOW))
    started = attempts.start_change(RUN, queued, now=NOW, pid=1, hostname="h", unixname="u")
    assert applied(queued, started).start_date == START


def test_a_deferral_is_over_at_its_timeout_and_not_before() -> None:
    row = a_row(state=TaskState.DEFERRED, trigger_timeout=NOW)
    assert not attempts.is_deferral_over(row, START)
    assert attempts.is_deferral_over(row, NOW)
    assert not attempts.is_deferral_over(replace(row, trigger_timeout=None), NOW)
    assert not attempts.is_deferral_over(replace(row, state=TaskState.SCHEDULED), NOW)


def test_a_resumed_task_goes_on_only_while_the_deferred_attempt_is_the_row_s() -> None:
    row = a_row(state=TaskState.DEFERRED, next_method="m", trigger_id=3)
    change = attempts.resume_change(RUN, row, next_kwargs="{}", next_method="__fail__")
    assert change.token == row.token
    assert applied(row, change).next_method == "__fail__"
    assert applied(row, change).trigger_id is None


def test_an_end_that_the_state_does_not_know_is_refused() -> None:
    with pytest.raises(IllegalTransition):
        judged(Succeeded(), a_row(state=TaskState.SUCCESS))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("ValueError: no rows", "ValueError: no rows"),
        ("\n  OperationalError: gone\n  Is the server running?", "OperationalError: gone"),
        ("JobFailed:\n  step 3 of 4\n  more", "JobFailed: step 3 of 4"),
        ("Traceback (most recent call last):\n  File 'x'\nImportError: no module", "ImportError: no module"),
        ("", "The task failed without a message (exception)."),
        ("x" * 600, "x" * 499 + "…"),
    ],
    ids=["one line", "the first that says something", "a bare name", "a traceback", "nothing", "too long"],
)
def test_a_failure_is_known_by_one_line(error: str, line: str) -> None:
    assert attempts.error_line(Failed(error=error)) == line


@pytest.mark.parametrize(
    ("own", "allowed", "left"),
    [(None, None, None), (60.0, None, 60), (None, 30.0, 30), (60.0, 30.0, 30), (10.0, 30.0, 10)],
)
def test_a_trigger_has_no_longer_than_the_try_may_last(
    own: float | None, allowed: float | None, left: float | None
) -> None:
    task = replace(TASK, execution_timeout=allowed)
    outcome = Deferred(trigger_classpath="t", trigger_kwargs={}, next_method="m", timeout=own)
    result = judged(outcome, replace(a_row(), start_date=NOW), task)
    limit = None if left is None else NOW + timedelta(seconds=left)
    assert (result.values["trigger_timeout"], result.values["wake_at"]) == (limit, limit)
