"""Why a task waits, in the words that Airflow 2.10.5 gave for the same situations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from unit.engine.simulator import START, Simulator
from unit.engine.specs import a_dag, a_task, over_xcom

from tradewind.engine.dependencies import Surroundings, explain
from tradewind.engine.queueing import ActiveCounts, PoolSlots
from tradewind.model.records import PastView, TaskKey
from tradewind.model.states import RunState, TaskState

POOLS = {"default_pool": PoolSlots(128, 128)}
NO_STATE = ("Task Instance State", "Task is in the 'None' state.")
NONE = (
    "_UpstreamTIStates(success=0, skipped=0, failed=0, upstream_failed=0, removed=0, done=0, "
    "success_setup=0, skipped_setup=0)"
)


def reasons(simulator: Simulator, task_id: str, **around: object) -> list[tuple[str, str]]:
    """(name, reason) of what fails."""
    values = {"pools": POOLS, **around}
    found = explain(simulator.board, TaskKey(task_id), simulator.now, Surroundings(**values))  # type: ignore[arg-type]
    return [(verdict.name, verdict.reason) for verdict in found]


def test_a_first_task_waits_for_nothing_but_its_state() -> None:
    assert reasons(Simulator(a_dag(a_task("t"))), "t") == [NO_STATE]


def test_a_scheduled_task_in_an_open_dag_may_be_queued() -> None:
    simulator = Simulator(a_dag(a_task("t")))
    row = simulator.board.task_instances[TaskKey("t")]
    simulator.board.update([replace(row, state=TaskState.SCHEDULED)])
    assert reasons(simulator, "t") == []


def test_paused_dag_queued_run_and_future_date() -> None:
    simulator = Simulator(a_dag(a_task("t")), logical_date=START + timedelta(days=9))
    simulator.board.update(run=replace(simulator.board.run, state=RunState.QUEUED))
    assert reasons(simulator, "t", is_paused=True) == [
        ("Dag Not Paused", "Task's DAG 'd' is paused."),
        ("Dagrun Running", "Task instance's dagrun was not in the 'running' state but in the state 'queued'."),
        (
            "Execution Date",
            "Execution date 2024-01-10T00:00:00+00:00 is in the future "
            "(the current date is 2024-01-02T00:00:00+00:00).",
        ),
        NO_STATE,
    ]


def test_the_trigger_rule_and_the_setups_in_scope() -> None:
    spec = a_dag(
        a_task("s", is_setup=True),
        a_task("w"),
        a_task("w2"),
        a_task("t", "all_done_setup_success", is_teardown=True),
        edges="s>w>w2>t, s>t",
    )
    assert reasons(Simulator(spec), "w2") == [
        NO_STATE,
        (
            "Trigger Rule",
            "All setup tasks must complete successfully. Relevant setups: {'s': <Task(PythonOperator): s>}: "
            f"upstream_states={NONE}, upstream_task_ids={{'w'}}",
        ),
        (
            "Trigger Rule",
            "Task's trigger rule 'all_success' requires all upstream tasks to have succeeded, but found 1 "
            f"non-success(es). upstream_states={NONE}, upstream_task_ids={{'w'}}",
        ),
    ]


def test_pools() -> None:
    simulator = Simulator(a_dag(a_task("a", pool="nope"), a_task("b", pool_slots=500)))
    assert ("Pool Slots Available", "Tasks using non-existent pool 'nope' will not be scheduled") in reasons(
        simulator, "a"
    )
    text = "Not scheduling since there are 128 open slots in pool default_pool and require 500 pool slots"
    assert ("Pool Slots Available", text) in reasons(simulator, "b")


def test_limits() -> None:
    simulator = Simulator(a_dag(a_task("t", max_active_tis_per_dag=1), max_active_tasks=1))
    active = ActiveCounts(by_dag={"d": 1}, by_task={("d", "t"): 1})
    assert reasons(simulator, "t", active=active)[:2] == [
        ("Task Concurrency", "The max task concurrency has been reached."),
        (
            "Task Instance Slots Available",
            "The maximum number of running tasks (1) for this task's DAG 'd' has been reached.",
        ),
    ]


@pytest.mark.parametrize(
    ("state", "name", "words"),
    [("up_for_retry", "Not In Retry Period", "retried"), ("up_for_reschedule", "Ready To Reschedule", "rescheduled")],
)
def test_waiting_for_a_moment(state: str, name: str, words: str) -> None:
    simulator = Simulator(a_dag(a_task("t")))
    row = simulator.board.task_instances[TaskKey("t")]
    later = simulator.now + timedelta(minutes=5)
    simulator.board.update([replace(row, state=TaskState(state), wake_at=later)])
    found = dict(reasons(simulator, "t"))
    assert found[name].endswith(f"task will be {words} at 2024-01-02T00:05:00+00:00.")
    assert found["Task Instance State"] == f"Task is in the '{state}' state."


def test_the_past() -> None:
    past = PastView(run_id="before", states={TaskKey("t"): TaskState.FAILED})
    found = dict(reasons(Simulator(a_dag(a_task("t", depends_on_past=True)), past=past), "t"))
    assert found["Previous Dagrun State"] == (
        "depends_on_past is true for this task, but 1 previous task instance(s) are not in a successful state."
    )


def test_a_mapped_task_whose_supplier_failed() -> None:
    spec = a_dag(a_task("a"), a_task("m", is_mapped=True, expand=over_xcom("a")), edges="a>m")
    simulator = Simulator(spec)
    assert dict(reasons(simulator, "m"))["Task has been mapped"] == "The task has yet to be mapped!"
    simulator.board.update([replace(simulator.board.task_instances[TaskKey("a")], state=TaskState.FAILED)])
    found = dict(reasons(simulator, "m"))
    assert found["Mapped dependencies have succeeded"] == (
        "At least one of task's mapped dependencies has not succeeded!"
    )


def test_what_a_branch_left_out() -> None:
    simulator = Simulator(a_dag(a_task("branch"), a_task("t"), edges="branch>t"))
    simulator.board.update([replace(simulator.board.task_instances[TaskKey("branch")], state=TaskState.SUCCESS)])
    simulator.board.branched(TaskKey("branch"), {"skipped": ["t"]})
    assert dict(reasons(simulator, "t"))["Not Previously Skipped"] == (
        "Skipping because of previous XCom result from parent task branch"
    )
