"""Waits between tries: plain and exponential, as Airflow computes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.engine.specs import a_task

from tradewind.engine.retries import wait

GOLDEN = Path(__file__).parents[2] / "golden" / "retry_waits.json"
DATE = datetime(2024, 3, 4, 5, tzinfo=UTC)


def waits(base: float, cap: float | None, task_id: str, tries: int = 6, dag_id: str = "bo") -> list[float]:
    """Seconds after each of the first tries."""
    task = a_task(task_id, retry_delay=base, retry_exponential_backoff=True, max_retry_delay=cap)
    numbers = range(1, tries + 1)
    return [wait(task, dag_id=dag_id, logical_date=DATE, try_number=n).total_seconds() for n in numbers]


@pytest.mark.parametrize(
    ("base", "cap", "recorded"),
    [
        (1, 5, [1, 2, 5, 5, 5, 5]),
        (2, 5, [2, 5, 5, 5, 5, 5]),
        (4, 3, [3, 3, 3, 3, 3, 3]),
        (0.3, None, [1, 1, 3, 3, 8, 11]),
        (100, None, [192, 269, 460, 1552, 1713, 4433]),
    ],
    ids=str,
)
def test_the_same_task_and_date_wait_as_recorded_from_airflow(
    base: float, cap: float | None, recorded: list[float]
) -> None:
    assert waits(base, cap, f"t{int(base)}") == recorded


def test_all_recorded_waits() -> None:
    """delay, cap, DAG, task, logical date, then seconds after tries 1, 2, 3, 5, 8 and 30, as Airflow computed them."""
    for delay, cap, dag_id, task_id, date, recorded in json.loads(GOLDEN.read_text()):
        task = a_task(task_id, retry_delay=delay, retry_exponential_backoff=True, max_retry_delay=cap)
        at = datetime.fromisoformat(date)
        found = [wait(task, dag_id=dag_id, logical_date=at, try_number=n).total_seconds() for n in (1, 2, 3, 5, 8, 30)]
        assert found == recorded, (delay, cap, dag_id, task_id, date)


@pytest.mark.parametrize(("base", "cap", "sequence"), [(1, 5, [1, 3, 5]), (2, 5, [3, 5, 5]), (4, 3, [3, 3, 3])])
def test_the_sequences_of_the_behaviour_document_come_out(base: float, cap: float, sequence: list[float]) -> None:
    assert any(waits(base, cap, f"t{n}", 3) == sequence for n in range(50))


def test_without_back_off_the_wait_is_the_delay_exactly() -> None:
    task = a_task("t", retry_delay=0.5)
    assert wait(task, dag_id="d", logical_date=DATE, try_number=3).total_seconds() == 0.5


@given(base=st.floats(0, 10**7), cap=st.none() | st.integers(1, 10**6), task_id=st.text(max_size=5))
def test_waits_are_whole_seconds_and_bounded(base: float, cap: int | None, task_id: str) -> None:
    found = waits(base, cap, task_id, 80)
    assert all(seconds == int(seconds) for seconds in found)
    assert all(1 <= seconds <= min(cap or 86400, 86400) for seconds in found)
