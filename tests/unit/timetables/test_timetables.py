"""Timetables against Airflow 2.10.5's answers, and section 10 of the behaviour document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest
from dateutil.relativedelta import MO, relativedelta

from tradewind.model.spec import TimetableSpec
from tradewind.timetables import registry
from tradewind.timetables.base import (
    AirflowTimetableInvalid,
    DagRunInfo,
    DataInterval,
    TimeRestriction,
    Timetable,
)
from tradewind.timetables.cron import CronDataIntervalTimetable, CronTriggerTimetable
from tradewind.timetables.datasets import DatasetOrTimeSchedule, DatasetTriggeredTimetable
from tradewind.timetables.events import EventsTimetable
from tradewind.timetables.interval import DeltaDataIntervalTimetable
from tradewind.timetables.simple import ContinuousTimetable, NullTimetable, OnceTimetable

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "timetables.json").read_text())
NOW = datetime.fromisoformat("2024-06-05T10:17:33.123456+00:00")
EVENTS = [datetime(2024, 6, day, tzinfo=UTC) for day in (1, 3, 3, 10, 12)]
TIMETABLES: dict[str, Timetable] = {
    "once": OnceTimetable(),
    "cont": ContinuousTimetable(),
    "delta": DeltaDataIntervalTimetable(timedelta(hours=6)),
    "rel": DeltaDataIntervalTimetable(relativedelta(months=1)),
    "cron": CronDataIntervalTimetable("0 6 * * *", "UTC"),
    "trig": CronTriggerTimetable("0 6 * * *", timezone="UTC"),
    "trigi": CronTriggerTimetable("0 6 * * *", timezone="UTC", interval=timedelta(days=2)),
    "ev": EventsTimetable(EVENTS),
    "evr": EventsTimetable(EVENTS, restrict_to_events=True),
}


def moment(text: str | None) -> datetime | None:
    """A recorded date."""
    return None if text in (None, "None") else datetime.fromisoformat(str(text))


def sequence(timetable: Timetable, start: datetime, end: datetime | None = None) -> Iterator[DagRunInfo]:
    """All runs from a start date on, with catchup."""
    last = None
    while True:
        bounds = TimeRestriction(start, end, True, NOW)
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=bounds)
        if info is None:
            return
        yield info
        last = info.data_interval


def starts(timetable: Timetable, start: datetime, count: int, end: datetime | None = None) -> list[str]:
    """Logical dates as text."""
    return [info.logical_date.isoformat() for info in islice(sequence(timetable, start, end), count)]


@pytest.mark.parametrize("kind", TIMETABLES)
def test_the_next_run_is_airflows(kind: str) -> None:
    cases = [case for case in GOLDEN["next"] if case[0] == kind]
    assert cases
    for _, catchup, earliest, latest, last, expected in cases:
        previous = None if last is None else DataInterval(*map(datetime.fromisoformat, last))
        bounds = TimeRestriction(moment(earliest), moment(latest), catchup, NOW)
        info = TIMETABLES[kind].next_dagrun_info(last_automated_data_interval=previous, restriction=bounds)
        found = info and [str(info.run_after), str(info.data_interval.start), str(info.data_interval.end)]
        assert found == expected, (catchup, earliest, latest, last)


@pytest.mark.parametrize("case", GOLDEN["cron"], ids=lambda case: " ".join(case[:3]))
def test_cron_in_any_zone_is_airflows(case: list[Any]) -> None:
    expression, zone, start, intervals, manual = case
    timetable = CronDataIntervalTimetable(expression, zone)
    found = islice(sequence(timetable, datetime.fromisoformat(start)), len(intervals))
    assert [[bound.isoformat() for bound in info.data_interval] for info in found] == intervals
    for at, *interval in manual:
        inferred = timetable.infer_manual_data_interval(run_after=datetime.fromisoformat(at))
        assert [bound.isoformat() for bound in inferred] == interval, at


def test_days_of_23_and_25_hours() -> None:
    timetable = CronDataIntervalTimetable("@daily", "Europe/Amsterdam")
    for day, hours in ((datetime(2024, 3, 31), 23), (datetime(2024, 10, 27), 25)):  # noqa: DTZ001 made aware below
        info = next(sequence(timetable, day.replace(tzinfo=UTC) - timedelta(hours=2)))
        assert info.data_interval.end - info.data_interval.start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "tick"),
    [
        ("2024-03-31T00:00:00+00:00", "2024-03-31T01:30:00+00:00"),
        ("2024-10-27T00:00:00+00:00", "2024-10-27T01:30:00+00:00"),
    ],
    ids=["missing hour", "double hour"],
)
def test_half_past_two_at_the_change_of_clocks(start: str, tick: str) -> None:
    timetable = CronTriggerTimetable("30 2 * * *", timezone="Europe/Amsterdam")
    assert starts(timetable, datetime.fromisoformat(start), 1) == [tick]


def test_months_from_the_previous_date() -> None:
    timetable = DeltaDataIntervalTimetable(relativedelta(months=1))
    found = starts(timetable, datetime(2024, 1, 31, tzinfo=UTC), 4)
    assert [text[:10] for text in found] == ["2024-01-31", "2024-02-29", "2024-03-29", "2024-04-29"]


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ("@weekly", "2024-01-07T00:00"),
        ("0 0 L * *", "2024-01-31T00:00"),
        ("0 0 * * 1#1", "2024-02-05T00:00"),
        ("0 0 13 * 5", "2024-01-05T00:00"),
        ("*/25 * * * *", "2024-01-02T00:00"),
    ],
)
def test_airflows_cron_dialect(expression: str, first: str) -> None:
    timetable = CronTriggerTimetable(expression, timezone="UTC")
    assert starts(timetable, datetime(2024, 1, 2, tzinfo=UTC), 1)[0].startswith(first)


def test_the_interval_of_a_cron_trigger_lies_before_its_tick() -> None:
    timetable = CronTriggerTimetable("@daily", timezone="UTC", interval=timedelta(days=1))
    info = next(sequence(timetable, datetime(2024, 1, 1, tzinfo=UTC)))
    assert (info.logical_date, info.run_after) == (datetime(2023, 12, 31, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))


def test_events_are_sorted_once_each_and_bounded() -> None:
    timetable = EventsTimetable([EVENTS[4], *EVENTS])
    found = starts(timetable, EVENTS[1], 9, end=EVENTS[3])
    assert found == [EVENTS[1].isoformat(), EVENTS[3].isoformat()]
    with pytest.raises(AirflowTimetableInvalid):
        EventsTimetable([])


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("nope", "Exactly 5, 6 or 7 columns has to be specified for iterator expression."),
        ("@foo", "Exactly 5, 6 or 7 columns has to be specified for iterator expression."),
        ("61 * * * *", "[61 * * * *] is not acceptable, out of range"),
    ],
)
def test_a_bad_cron_expression_is_refused_with_its_reason(expression: str, message: str) -> None:
    with pytest.raises(AirflowTimetableInvalid) as caught:
        CronDataIntervalTimetable(expression, "UTC")
    assert str(caught.value) == message
    assert isinstance(caught.value, ValueError)


def test_an_unknown_zone_and_a_period_that_does_not_go_on_are_refused() -> None:
    with pytest.raises(AirflowTimetableInvalid, match="Europe/Nowhere"):
        CronDataIntervalTimetable("@daily", "Europe/Nowhere")
    with pytest.raises(AirflowTimetableInvalid, match="must be positive"):
        DeltaDataIntervalTimetable(timedelta(days=-1)).validate()


@pytest.mark.parametrize(
    ("timetable", "description", "summary"),
    [
        (CronDataIntervalTimetable("@daily", "UTC"), "At 00:00", "0 0 * * *"),
        (CronDataIntervalTimetable("*/5 * * * *", "UTC"), "Every 5 minutes", "*/5 * * * *"),
        (CronDataIntervalTimetable("@hourly", "UTC"), "Every hour", "0 * * * *"),
        (
            CronDataIntervalTimetable("30 6,18 * * 1-5", "UTC"),
            "At 06:30 and 18:30, Monday through Friday",
            "30 6,18 * * 1-5",
        ),
        (
            CronDataIntervalTimetable("0 0 * * MON#1", "UTC"),
            "At 00:00, on the first Monday of the month",
            "0 0 * * MON#1",
        ),
        (CronDataIntervalTimetable("0 0 * * * *", "UTC"), "", "0 0 * * * *"),
        (DeltaDataIntervalTimetable(timedelta(days=1, seconds=5)), "", "1 day, 0:00:05"),
        (DeltaDataIntervalTimetable(relativedelta(months=1)), "", "relativedelta(months=+1)"),
        (OnceTimetable(), "Once, as soon as possible", "@once"),
        (ContinuousTimetable(), "As frequently as possible, but only one run at a time.", "@continuous"),
        (NullTimetable(), "Never, external triggers only", "None"),
        (DatasetTriggeredTimetable(), "Triggered by datasets", "Dataset"),
        (EventsTimetable(EVENTS[:1], description="xx"), "xx", "xx"),
        (
            EventsTimetable(EVENTS[:1]),
            "1 events between 2024-06-01 00:00:00+00:00 and 2024-06-01 00:00:00+00:00",
            "1 events",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_descriptions_and_summaries_are_airflows(timetable: Timetable, description: str, summary: str) -> None:
    assert (timetable.description, timetable.summary) == (description, summary)


@pytest.mark.parametrize(
    "timetable",
    [
        *TIMETABLES.values(),
        NullTimetable(),
        CronDataIntervalTimetable("0 5 * * *", "America/New_York"),
        CronTriggerTimetable("@daily", timezone=3600, interval=relativedelta(months=1, weekday=MO(2))),
        DeltaDataIntervalTimetable(relativedelta(months=1, day=31)),
        DatasetOrTimeSchedule(timetable=CronTriggerTimetable("@daily", timezone="UTC")),
    ],
    ids=lambda timetable: timetable.summary,
)
def test_a_timetable_survives_as_a_spec(timetable: Timetable) -> None:
    spec = registry.to_spec(timetable)
    stored = msgspec.json.decode(msgspec.json.encode(spec), type=TimetableSpec)
    again = registry.build(stored)
    assert type(again) is type(timetable)
    assert registry.to_spec(again) == spec
    start = datetime(2024, 1, 1, tzinfo=UTC)
    assert list(islice(sequence(again, start), 1)) == list(islice(sequence(timetable, start), 1))


def test_a_dataset_timetable_survives_as_a_spec_without_its_condition() -> None:
    assert registry.to_spec(registry.build(registry.to_spec(DatasetTriggeredTimetable(["x"])))).kind == "dataset"


class Fortnightly(DeltaDataIntervalTimetable):
    """A third party's, made from ours."""

    def __init__(self) -> None:
        super().__init__(timedelta(days=14))


def test_a_third_partys_timetable_is_custom_and_not_built_here() -> None:
    spec = registry.to_spec(Fortnightly())
    assert spec.kind == "custom"
    assert spec.args["class"].endswith("Fortnightly")
    with pytest.raises(AirflowTimetableInvalid, match="plugin host"):
        registry.build(spec)


def test_without_a_moment_the_system_is_asked() -> None:
    bounds = TimeRestriction(None, None, False)
    info = CronDataIntervalTimetable("@daily", "UTC").next_dagrun_info(
        last_automated_data_interval=None, restriction=bounds
    )
    assert info is not None
    assert info.run_after.tzinfo is UTC


def test_run_ids() -> None:
    date = datetime(2024, 1, 1, tzinfo=UTC)
    found = NullTimetable().generate_run_id(run_type="manual", logical_date=date, data_interval=None)
    assert found == "manual__2024-01-01T00:00:00+00:00"
