"""What is shown of a run that goes on."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tradewind.cli.run_view import branches, watch
from tradewind.model.progress import RunProgress
from tradewind.model.records import DagRun, TaskInstance, TaskKey
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState, RunType, TaskState

START = datetime(2024, 1, 1, tzinfo=UTC)


class Noon:
    def now(self) -> datetime:
        return START + timedelta(hours=12)

    def monotonic(self) -> float:
        return 0.0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


SPEC = DagSpec(
    dag_id="d",
    fileloc="d.py",
    tasks=(
        TaskSpec(task_id="a", task_type="T", downstream_task_ids=("b", "c")),
        TaskSpec(task_id="b", task_type="T", downstream_task_ids=("c",)),
        TaskSpec(task_id="c", task_type="T"),
    ),
)


def look(run_state: RunState, *instances: tuple[str, TaskState | None]) -> RunProgress:
    ended = START + timedelta(seconds=1.5)
    run = DagRun(
        id=1,
        dag_id="d",
        run_id="r",
        run_type=RunType.MANUAL,
        state=run_state,
        logical_date=START,
        start_date=START,
        end_date=ended,
    )
    rows = tuple(
        TaskInstance(dag_id="d", run_id="r", task_id=name, state=state, start_date=START, end_date=ended, try_number=1)
        for name, state in instances
    )
    return RunProgress(spec=SPEC, run=run, task_instances=rows)


def test_each_task_stands_below_the_last_of_its_upstream_tasks() -> None:
    (root,) = branches(look(RunState.RUNNING))
    assert root.task_id == "a"
    assert [child.task_id for child in root.children] == ["b"]
    assert [child.task_id for child in root.children[0].children] == ["c"]


def test_without_a_terminal_each_change_is_one_line() -> None:
    stream = io.StringIO()
    looks = [
        look(RunState.RUNNING, ("a", TaskState.RUNNING), ("b", None)),
        look(RunState.RUNNING, ("a", TaskState.RUNNING), ("b", None)),
        look(RunState.SUCCESS, ("a", TaskState.SUCCESS), ("b", TaskState.SKIPPED)),
    ]
    assert watch(looks, stream, Noon())
    assert stream.getvalue().splitlines() == [
        "a: ▶ running  1.50 s",
        "a: ✓ success  1.50 s",
        "b: - skipped  1.50 s",
        "d r: success in 1.50 s",
    ]


def test_a_failure_shows_the_end_of_its_log() -> None:
    stream = io.StringIO()
    last = look(RunState.FAILED, ("a", TaskState.FAILED))
    assert not watch([replace(last, log_tails={TaskKey("a"): "line 1\nboom"})], stream, Noon())
    assert "--- a failed\n    line 1\n    boom\n" in stream.getvalue()


def test_on_a_terminal_the_tree_is_drawn() -> None:
    stream = Terminal()
    assert watch([look(RunState.SUCCESS, ("a", TaskState.SUCCESS), ("b", TaskState.SUCCESS))], stream, Noon())
    assert "└──" in stream.getvalue()


def test_a_run_that_was_never_seen_has_not_succeeded() -> None:
    assert not watch([], io.StringIO(), Noon())
