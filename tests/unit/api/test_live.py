"""Topics, short events, and many changes of one thing as its last."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tradewind.api.live import Gathered, LogTopic, Topics, parse_topics
from tradewind.model.changes import Event

AT = datetime(2024, 1, 1, tzinfo=UTC)


def a_change(number: int, state: str | None = "running", kind: str = "task.running", task: str | None = "t") -> Event:
    return Event(
        kind=kind, dag_id="d", run_id="r", task_id=task, try_number=1 if task else None, state=state, id=number, at=AT
    )


def sent(gathered: Gathered) -> list[dict[str, object]]:
    blocks = gathered.take().decode().split("\n\n")[:-1]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


def test_topics_are_read() -> None:
    topics = parse_topics(["dags", "health", "dag:d", "run:d/r", "log:d/r/g.t/-1/2", "log:d/r/t/3/1@55"])
    assert topics == Topics(
        types=frozenset({"dag", "run", "import_error", "health"}),
        dags=frozenset({"d"}),
        runs=frozenset({("d", "r")}),
        logs=(
            LogTopic("log:d/r/g.t/-1/2", "d", "r", "g.t", -1, 2),
            LogTopic("log:d/r/t/3/1@55", "d", "r", "t", 3, 1, 55),
        ),
    )


@pytest.mark.parametrize("topic", ["nonsense", "dag:", "run:d", "log:d/r/t", "log:d/r/t/x/1", "log:d/r/t/1/1@x", "x:y"])
def test_what_is_no_topic_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match=topic):
        parse_topics([topic])


@pytest.mark.parametrize(
    ("topic", "kind", "is_wanted"),
    [
        ("dags", "run.success", True),
        ("dags", "dag.paused", True),
        ("dags", "task.success", False),
        ("dag:d", "task.success", True),
        ("dag:other", "task.success", False),
        ("run:d/r", "task.success", True),
        ("run:d/other", "task.success", False),
        ("dag:d", "callback.owed", False),
        ("assets", "dataset.event", True),
        ("tis", "task.queued", True),
    ],
)
def test_a_topic_wants_what_it_is_about(topic: str, kind: str, is_wanted: bool) -> None:
    assert parse_topics([topic]).wants(a_change(1, kind=kind)) is is_wanted


def test_of_many_changes_of_a_thing_the_last_is_sent() -> None:
    gathered = Gathered(coalesces=True)
    for number, state in enumerate(("queued", "running", "success"), 1):
        gathered.add(a_change(number, state, f"task.{state}"))
    gathered.add(a_change(4, "running", "run.running", task=None))
    gathered.add(a_change(5, None, "task.note"))
    run, task = sent(gathered)
    assert (run["event"], run["id"]) == ("run", "4")
    assert (task["event"], task["id"]) == ("ti", "5")
    body = {"k": "task.note", "d": "d", "r": "r", "t": "t", "m": -1, "n": 1, "e": AT.timestamp(), "s": "success"}
    assert json.loads(str(task["data"])) == body
    assert not gathered


def test_without_coalescing_every_change_is_sent() -> None:
    gathered = Gathered(coalesces=False)
    for number in (1, 2):
        gathered.add(a_change(number))
    assert [each["id"] for each in sent(gathered)] == ["1", "2"]


def test_what_is_not_in_the_outbox_has_no_id() -> None:
    gathered = Gathered(coalesces=True)
    gathered.tell("log", {"x": "line\n"}, ("log", 0))
    assert sent(gathered) == [{"event": "log", "data": '{"x":"line\\n"}'}]
