"""When datasets make a run, and which run it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.engine import asset_runs
from tradewind.engine.asset_runs import SourceEvent

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
A, B, C = "s3://a", "s3://b", "urn:c"


@pytest.mark.parametrize(
    ("condition", "updated", "holds"),
    [
        (A, [A], True),
        (A, [B], False),
        ({"all": [A, B]}, [A], False),
        ({"all": [A, B]}, [A, B], True),
        ({"any": [A, B]}, [B], True),
        ({"any": [A, {"all": [B, C]}]}, [B], False),
        ({"any": [A, {"all": [B, C]}]}, [B, C], True),
        ({"any": [A, {"all": [B, C]}]}, [A], True),
        ({"all": []}, [], True),
        ({"any": []}, [A], False),
        ({"alias": "known"}, [B], True),
        ({"alias": "known"}, [A], False),
        ({"alias": "unknown"}, [A], False),
        ({"all": [A, {"alias": "known"}]}, [A, C], True),
        (None, [A], False),
    ],
)
def test_an_expression_over_what_was_updated(condition: Any, updated: list[str], holds: bool) -> None:
    assert asset_runs.is_met(condition, updated, {"known": [B, C]}) is holds


def test_the_run_is_dated_by_the_last_update() -> None:
    queued = {A: NOON, B: NOON + timedelta(minutes=5)}
    assert asset_runs.due({"all": [A, B]}, queued, open_runs=0, max_active_runs=1) == NOON + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("queued", "open_runs"),
    [({}, 0), ({A: NOON}, 0), ({A: NOON, B: NOON}, 2)],
    ids=["nothing queued", "not all", "as many runs as may be"],
)
def test_what_makes_no_run(queued: dict[str, datetime], open_runs: int) -> None:
    assert asset_runs.due({"all": [A, B]}, queued, open_runs=open_runs, max_active_runs=2) is None


def test_the_interval_spans_those_of_the_runs_that_wrote() -> None:
    day = timedelta(days=1)
    events = [
        SourceEvent(id=1, timestamp=NOON, interval_start=NOON - 3 * day, interval_end=NOON - 2 * day),
        SourceEvent(id=2, timestamp=NOON, interval_start=NOON - 2 * day, interval_end=NOON - day),
    ]
    run = asset_runs.run_for(NOON, events)
    assert (run.logical_date, run.data_interval_start, run.data_interval_end) == (NOON, NOON - 3 * day, NOON - day)


def test_an_event_from_outside_counts_with_its_own_moment() -> None:
    events = [SourceEvent(id=1, timestamp=NOON - timedelta(minutes=1)), SourceEvent(id=2, timestamp=NOON)]
    run = asset_runs.run_for(NOON, events)
    assert (run.data_interval_start, run.data_interval_end) == (NOON - timedelta(minutes=1), NOON)


def test_without_events_the_interval_is_the_moment() -> None:
    run = asset_runs.run_for(NOON, [])
    assert run.data_interval_start == run.data_interval_end == NOON
