"""Partition mappers and windows; expectations are what a real Airflow 3.3.2 answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tradewind.timetables.partition_mappers import (
    AllowedKeyMapper,
    ChainMapper,
    DayWindow,
    FanOutMapper,
    FixedKeyMapper,
    IdentityMapper,
    MinimumCount,
    MonthWindow,
    PartitionMapper,
    ProductMapper,
    QuarterWindow,
    RollupMapper,
    SegmentWindow,
    StartOfDayMapper,
    StartOfHourMapper,
    StartOfMonthMapper,
    StartOfQuarterMapper,
    StartOfWeekMapper,
    StartOfYearMapper,
    WeekWindow,
    Window,
    YearWindow,
    decode,
    encode,
)

KEY = "2024-03-15T13:45:10"
WEEK = [f"2024-03-{day}" for day in range(11, 18)]
DAYS = [f"2024-03-{day:02}" for day in range(1, 32)]
MAPPERS: list[tuple[PartitionMapper, str, Any]] = [
    (IdentityMapper(), "x", "x"),
    (FixedKeyMapper("all"), "x", "all"),
    (AllowedKeyMapper(["a"]), "a", "a"),
    (StartOfHourMapper(), KEY, "2024-03-15T13"),
    (StartOfDayMapper(), KEY, "2024-03-15"),
    (StartOfDayMapper(timezone="Europe/Berlin"), KEY, "2024-03-15"),
    (StartOfDayMapper(output_format="%Y_%m_%d"), KEY, "2024_03_15"),
    (StartOfWeekMapper(), KEY, "2024-03-11 (W11)"),
    (StartOfMonthMapper(), KEY, "2024-03"),
    (StartOfMonthMapper(input_format="%Y-%m-%d"), "2024-03-31", "2024-03"),
    (StartOfQuarterMapper(), KEY, "2024-Q1"),
    (StartOfYearMapper(), KEY, "2024"),
    (ProductMapper(IdentityMapper(), StartOfDayMapper()), f"us|{KEY}", "us|2024-03-15"),
    (ChainMapper(StartOfHourMapper(), StartOfDayMapper(input_format="%Y-%m-%dT%H")), KEY, "2024-03-15"),
    (RollupMapper(upstream_mapper=StartOfDayMapper(), window=DayWindow()), KEY, "2024-03-15"),
    (FanOutMapper(upstream_mapper=StartOfWeekMapper(), window=WeekWindow()), KEY, WEEK),
    (FanOutMapper(upstream_mapper=StartOfMonthMapper(), window=MonthWindow()), KEY, DAYS),
]
IDS = [f"{number}-{type(mapper).__name__}" for number, (mapper, _, _) in enumerate(MAPPERS)]


@pytest.mark.parametrize(("mapper", "key", "expected"), MAPPERS, ids=IDS)
def test_a_key_becomes_airflows(mapper: PartitionMapper, key: str, expected: Any) -> None:
    wanted = (expected,) if isinstance(expected, str) else tuple(expected)
    assert mapper.downstream_keys(key) == wanted
    assert decode(encode(mapper)).downstream_keys(key) == wanted
    assert encode(decode(encode(mapper))) == encode(mapper)


@pytest.mark.parametrize(
    ("mapper", "key", "text"),
    [
        (AllowedKeyMapper(["a"]), "b", "Key 'b' not in allowed keys"),
        (ProductMapper(IdentityMapper(), IdentityMapper()), "us", "Expected 2 segments in key, got 1"),
        (StartOfDayMapper(), "x", "does not match format"),
        (FanOutMapper(upstream_mapper=StartOfMonthMapper(), window=MonthWindow(), max_downstream_keys=9), KEY, "31"),
    ],
)
def test_a_key_that_cannot_be_read_is_refused(mapper: PartitionMapper, key: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        mapper.downstream_keys(key)


MARCH = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "start", "first", "last", "count"),
    [
        (DayWindow(), MARCH, "2024-03-01T00", "2024-03-01T23", 24),
        (DayWindow(direction=Window.Direction.BACKWARD), MARCH, "2024-02-29T01", "2024-03-01T00", 24),
        (WeekWindow(), MARCH, "2024-03-01T00", "2024-03-07T00", 7),
        (MonthWindow(), MARCH, "2024-03-01T00", "2024-03-31T00", 31),
        (QuarterWindow(), MARCH, "2024-03-01T00", "2024-05-01T00", 3),
        (YearWindow(), MARCH, "2024-03-01T00", "2025-02-01T00", 12),
    ],
)
def test_a_window_has_these_parts(window: Window, start: datetime, first: str, last: str, count: int) -> None:
    parts = [f"{part:%Y-%m-%dT%H}" for part in window.to_upstream(start)]
    assert (parts[0], parts[-1], len(parts)) == (first, last, count)


@pytest.mark.parametrize("window", [MonthWindow(), QuarterWindow(), YearWindow()])
def test_months_begin_on_their_first_day(window: Window) -> None:
    with pytest.raises(ValueError, match="expects a period start on day 1"):
        window.to_upstream(MARCH.replace(day=15))


@pytest.mark.parametrize(
    ("mapper", "key", "count"),
    [
        (StartOfWeekMapper(), "2024-03-11 (W11)", 7),
        (StartOfQuarterMapper(), "2024-Q1", 3),
        (StartOfMonthMapper(), "2024-02", 29),
    ],
)
def test_a_rollup_reads_its_own_keys_back(mapper: PartitionMapper, key: str, count: int) -> None:
    windows = {7: WeekWindow(), 3: QuarterWindow(), 29: MonthWindow()}
    rollup = RollupMapper(upstream_mapper=mapper, window=windows[count])
    upstream = rollup.to_upstream(key)
    assert len(upstream) == count
    assert {rollup.to_downstream(each) for each in upstream} == {key}


@pytest.mark.parametrize(
    ("count", "enough"), [(2, [False, True, True]), (-1, [False, True, True]), (3, [False] * 2 + [True])]
)
def test_a_minimum_count_is_of_parts_of_the_window(count: int, enough: list[bool]) -> None:
    rollup = RollupMapper(
        upstream_mapper=FixedKeyMapper("all"), window=SegmentWindow("abc"), wait_policy=MinimumCount(count)
    )
    assert [rollup.is_complete("all", frozenset("abc"[:number])) for number in (1, 2, 3)] == enough
    assert not rollup.is_complete("all", frozenset("xyz"))


def test_what_cannot_be_kept_with_a_dag_is_refused() -> None:
    class Own(IdentityMapper):
        """A third party's."""

    with pytest.raises(ValueError, match="only built-in"):
        encode(Own())
    with pytest.raises(ValueError, match="needs a downstream_mapper"):
        FanOutMapper(upstream_mapper=IdentityMapper(), window=SegmentWindow("ab"))
    with pytest.raises(ValueError, match="other than 0"):
        MinimumCount(0)
