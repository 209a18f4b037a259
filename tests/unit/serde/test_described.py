"""Values of authors as data for people: the same at each parse."""

from __future__ import annotations

import datetime as dt
import functools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.serde.described import MAX_TEXT, described


class Plain:
    pass


class Templated:
    template_fields = ("query",)

    def __init__(self) -> None:
        self.query = "select {{ ds }}"
        self.secret = object()


class Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")


def named() -> None: ...


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({3, 1, 2}, [1, 2, 3]),
        ({"b", 1}, ["b", 1]),
        (("a", 1), ["a", 1]),
        ({1: named}, {"1": f"<callable {__name__}.named>"}),
        (functools.partial(named), f"<callable partial({__name__}.named)>"),
        (dt.datetime(2024, 1, 2, tzinfo=dt.UTC), "2024-01-02T00:00:00+00:00"),
        (dt.timedelta(minutes=1), 60.0),
        (float("nan"), "nan"),
        (10**30, "1" + "0" * 30),
        (b"abc", "<3 bytes>"),
        (Plain(), f"<{__name__}.Plain object>"),
        (Templated(), {"query": "select {{ ds }}"}),
        (Rude(), "<Rude>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain_data_without_addresses(value: Any, expected: Any) -> None:
    assert described(value) == expected


def test_long_texts_are_shortened() -> None:
    assert described("x" * (MAX_TEXT + 5)) == "x" * MAX_TEXT + f"… ({MAX_TEXT + 5} characters)"


def test_a_value_that_contains_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "…" in json.dumps(described(loop), ensure_ascii=False)


values = st.recursive(
    st.none() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.timedeltas(),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner) | st.frozensets(st.text())
    ),
    max_leaves=10,
)


@given(values)
def test_whatever_it_is_the_result_is_json(value: Any) -> None:
    assert described(value) == described(value)
    json.dumps(described(value), allow_nan=False)
