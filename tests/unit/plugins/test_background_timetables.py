"""Asking plugins about timetables without waiting."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind.model.spec import TimetableSpec
from tradewind.plugins.background import KEEP_SECONDS, RETRY_SECONDS, BackgroundTimetables
from tradewind.timetables.base import DataInterval, TimeRestriction
from tradewind.wire.plugin_messages import (
    AnswerPending,
    Found,
    HostQuestion,
    IntervalFound,
    ManualInterval,
    NextRunInfo,
    PluginFailed,
)

DAY, NEXT = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
SPEC = TimetableSpec(kind="custom", args={"class": "p.T", "args": {}, "own_run_ids": True}, summary="T")
BOUNDS = TimeRestriction(earliest=DAY, latest=None, catchup=True)


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return DAY

    def monotonic(self) -> float:
        return self.seconds


class Host:
    """Answers as told, and counts."""

    def __init__(self) -> None:
        self.questions: list[HostQuestion] = []
        self.answer: Callable[[HostQuestion], Any] = lambda _: IntervalFound(start=DAY, end=NEXT, run_after=NEXT)

    def ask(self, question: HostQuestion, timeout: float = 5.0) -> Any:
        self.questions.append(question)
        return self.answer(question)


class Stage:
    def __init__(self) -> None:
        self.host, self.clock = Host(), SetClock()
        self.source = BackgroundTimetables(self.host, self.clock)

    def next_run(self, asker: str = "d") -> Any:
        timetable = self.source.build(SPEC, asker)
        return timetable.next_dagrun_info(last_automated_data_interval=None, restriction=BOUNDS)

    def answered(self) -> set[str]:
        assert select.select([self.source], [], [], 30)[0], "nobody answered"
        return self.source.drain()


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.source.close()


def test_a_question_is_pending_until_the_host_has_answered(stage: Stage) -> None:
    with pytest.raises(AnswerPending):
        stage.next_run()
    assert stage.answered() == {"d"}
    assert stage.next_run().data_interval == DataInterval(DAY, NEXT)
    assert [type(one) for one in stage.host.questions] == [NextRunInfo]


def test_an_answer_stands_for_a_moment_only_since_a_timetable_may_look_at_the_time(stage: Stage) -> None:
    with pytest.raises(AnswerPending):
        stage.next_run()
    stage.answered()
    stage.clock.seconds = KEEP_SECONDS + 1
    with pytest.raises(AnswerPending):
        stage.next_run()


def test_the_same_question_of_two_dags_is_asked_once_and_both_are_told(stage: Stage) -> None:
    may_answer = threading.Event()
    answer = stage.host.answer

    def held(question: HostQuestion) -> Any:
        assert may_answer.wait(30)
        return answer(question)

    stage.host.answer = held
    for asker in ("d", "e"):
        with pytest.raises(AnswerPending):
            stage.next_run(asker)
    may_answer.set()
    assert stage.answered() == {"d", "e"}
    assert len(stage.host.questions) == 1


def fails(question: HostQuestion) -> Any:
    raise PluginFailed("it hangs")


def test_a_timetable_that_fails_has_no_next_run_until_it_is_asked_again(stage: Stage) -> None:
    stage.host.answer = fails
    with pytest.raises(AnswerPending):
        stage.next_run()
    stage.answered()
    assert stage.next_run() is None
    assert stage.source.expired() == set()
    stage.clock.seconds = RETRY_SECONDS + 1
    assert stage.source.expired() == {"d"}
    with pytest.raises(AnswerPending):
        stage.next_run()


def test_a_manual_interval_that_fails_is_an_error(stage: Stage) -> None:
    stage.host.answer = fails
    timetable = stage.source.build(SPEC, "")
    with pytest.raises(AnswerPending):
        timetable.infer_manual_data_interval(run_after=DAY)
    assert stage.answered() == {""}
    assert isinstance(stage.host.questions[0], ManualInterval)
    with pytest.raises(PluginFailed, match="it hangs"):
        timetable.infer_manual_data_interval(run_after=DAY)


def test_a_defect_of_the_asking_is_an_answer_too(stage: Stage) -> None:
    stage.host.answer = lambda _: 1 / 0
    with pytest.raises(AnswerPending):
        stage.next_run()
    assert stage.answered() == {"d"}
    assert stage.next_run() is None


def test_timetables_of_the_house_are_never_asked_about(stage: Stage) -> None:
    once = stage.source.build(TimetableSpec(kind="once"), "d")
    assert once.next_dagrun_info(last_automated_data_interval=None, restriction=BOUNDS) is not None
    assert stage.host.questions == []


def test_only_a_timetable_with_run_ids_of_its_own_is_asked_for_one(stage: Stage) -> None:
    plain = TimetableSpec(kind="custom", args={"class": "p.T", "args": {}})
    timetable = stage.source.build(plain, "d")
    run_id = timetable.generate_run_id(run_type="manual", logical_date=DAY, data_interval=None)
    assert run_id == "manual__2024-01-01T00:00:00+00:00"
    stage.host.answer = lambda _: Found(value="mine")
    own = stage.source.build(SPEC, "d")
    with pytest.raises(AnswerPending):
        own.generate_run_id(run_type="manual", logical_date=DAY, data_interval=None)
    stage.answered()
    assert own.generate_run_id(run_type="manual", logical_date=DAY, data_interval=None) == "mine"
