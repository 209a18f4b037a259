"""Which DAG files are parsed, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tradewind.processing.due import FileRecord, Intervals, Why, due_files, next_due_at

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
INTERVALS = Intervals(volatile=timedelta(seconds=30), everything=timedelta(minutes=30))


def a_record(age: float = 0, **changes: Any) -> FileRecord:
    values: dict[str, Any] = {
        "depends_on": {"/dags/a.py": (100, 7), "/dags/helper.py": (50, 3)},
        "parsed_at": NOW - timedelta(seconds=age),
    }
    return FileRecord(**{**values, **changes})


STAMPS = {"/dags/a.py": (100, 7), "/dags/helper.py": (50, 3)}


def due_of(record: FileRecord | None, **changes: Any) -> list[tuple[Why, str]]:
    facts: dict[str, Any] = {"stamps": STAMPS, "lookups": {}, "asked": frozenset()}
    facts.update(changes)
    return due_files(
        {"/dags/a.py": (100, 7)},
        {"/dags/a.py": record} if record else {},
        facts["stamps"],
        facts["lookups"],
        now=NOW,
        intervals=INTERVALS,
        asked=facts["asked"],
    )


@pytest.mark.parametrize(
    ("record", "changes", "why"),
    [
        (None, {}, Why.NEW),
        (a_record(), {}, None),
        (a_record(), {"asked": frozenset({"/dags/a.py"})}, Why.ASKED),
        (a_record(), {"stamps": {**STAMPS, "/dags/a.py": (101, 7)}}, Why.CHANGED),
        (a_record(), {"stamps": {**STAMPS, "/dags/a.py": (100, 8)}}, Why.CHANGED),
        (a_record(), {"stamps": {**STAMPS, "/dags/helper.py": (51, 3)}}, Why.CHANGED),
        (a_record(), {"stamps": {**STAMPS, "/dags/helper.py": None}}, Why.CHANGED),
        (a_record(29, is_volatile=True), {}, None),
        (a_record(30, is_volatile=True), {}, Why.INTERVAL),
        (a_record(30, has_errors=True), {}, Why.INTERVAL),
        (a_record(1799), {}, None),
        (a_record(1800), {}, Why.SLOW_ROUND),
        (a_record(lookups=(("variable", "v", "x"),)), {"lookups": {("variable", "v"): "x"}}, None),
        (a_record(lookups=(("variable", "v", "x"),)), {"lookups": {("variable", "v"): "y"}}, Why.LOOKUP),
        (a_record(lookups=(("env", "V", "x"),)), {}, None),
    ],
)
def test_a_file_is_due_for_one_reason(record: FileRecord | None, changes: dict[str, Any], why: Why | None) -> None:
    assert due_of(record, **changes) == ([] if why is None else [(why, "/dags/a.py")])


def test_the_most_urgent_come_first_and_then_the_newest() -> None:
    files = {"/d/old.py": (1, 1), "/d/new.py": (9, 1), "/d/volatile.py": (99, 1), "/d/asked.py": (0, 1)}
    records = {
        "/d/volatile.py": a_record(60, depends_on={"/d/volatile.py": (99, 1)}, is_volatile=True),
    }
    due = due_files(files, records, dict(files), {}, now=NOW, intervals=INTERVALS, asked=frozenset({"/d/asked.py"}))
    assert [path for _, path in due] == ["/d/asked.py", "/d/new.py", "/d/old.py", "/d/volatile.py"]


def test_the_next_look_is_when_the_first_file_gets_too_old() -> None:
    records = {"a": a_record(10), "b": a_record(10, is_volatile=True)}
    assert next_due_at(records, INTERVALS) == NOW + timedelta(seconds=20)
    assert next_due_at({}, INTERVALS) is None
