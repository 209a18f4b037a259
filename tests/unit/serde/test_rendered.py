"""Rendered template fields, as Airflow 2.10.5 shows them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tradewind.serde.rendered import rendered


class Named:
    def __repr__(self) -> str:
        return "Named()"


class Mute:
    def __str__(self) -> str:
        raise ValueError("no words")


CASES = {
    "None": (None, None),
    "a number": (1.5, 1.5),
    "a large number": (2**80, 2**80),
    "an empty tuple": ((), []),
    "a tuple": ((1, ("a",)), [1, ["a"]]),
    "number keys": ({1: 2}, {"1": 2}),
    "a set": ({1}, "{1}"),
    "an empty set": (set(), "set()"),
    "a date and time": (dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "2024-01-01 00:00:00+00:00"),
    "a duration": (dt.timedelta(1), "1 day, 0:00:00"),
    "bytes": (b"x", "b'x'"),
    "a path": (Path("/a/b"), "/a/b"),
    "a tuple with an object": ((Named(),), "(Named(),)"),
    "a mapping with a date": ({"d": dt.date(2024, 1, 1)}, "{'d': datetime.date(2024, 1, 1)}"),
    "no number": (float("nan"), "nan"),
    "an object that refuses": (Mute(), "<Mute>"),
}


@pytest.mark.parametrize(("value", "expected"), CASES.values(), ids=CASES.keys())
def test_a_field_is_shown_as_airflow_shows_it(value: Any, expected: Any) -> None:
    assert rendered(value) == expected


def test_long_values_are_cut_with_a_word_about_it() -> None:
    text = rendered("x" * 5000)
    assert text.startswith("Truncated. You can change this behaviour in [core]max_templated_field_length. 'xxx")
    assert text.endswith("x'... ")
    assert len(text) == 4101
    assert rendered(list(range(3000))).startswith("Truncated. ")
