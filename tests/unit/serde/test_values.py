"""Values ↔ JSON text: the texts are those that a real Airflow 2.10.5 writes and shows."""

from __future__ import annotations

import collections
import datetime as dt
import enum
import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.sdk.assets import Dataset
from tradewind.serde.shown import shown, stringify
from tradewind.serde.values import AllowedClasses, dumps, loads

UTC = dt.UTC
MINE = AllowedClasses(globs=(f"{__name__}.*",))


@dataclass
class Point:
    x: int = 1
    y: Any = "a"


@attrs.define
class Size:
    width: int = 1


class Custom:
    __version__ = 3

    def __init__(self, inner: str) -> None:
        self.inner = inner

    def serialize(self) -> dict[str, Any]:
        return {"inner": self.inner}

    @staticmethod
    def deserialize(data: dict[str, Any], version: int) -> Custom:
        return Custom(data["inner"] + str(version))


class Colour(enum.StrEnum):
    RED = "red"


Pair = collections.namedtuple("Pair", "a b")

FIXED_UTC = {
    "__classname__": "builtins.tuple",
    "__version__": 1,
    "__data__": ["UTC", "pendulum.tz.timezone.FixedTimezone", 1, True],
}

RECORDED = [
    (dt.date(2024, 1, 2), {"__classname__": "datetime.date", "__version__": 2, "__data__": "2024-01-02"}),
    (
        dt.datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        {
            "__classname__": "datetime.datetime",
            "__version__": 2,
            "__data__": {"timestamp": 1704164645.000678, "tz": FIXED_UTC},
        },
    ),
    (dt.timedelta(days=1, seconds=2), {"__classname__": "datetime.timedelta", "__version__": 2, "__data__": 86402.0}),
    (Decimal("1.50"), {"__classname__": "decimal.Decimal", "__version__": 1, "__data__": 1.5}),
    (Decimal("15"), {"__classname__": "decimal.Decimal", "__version__": 1, "__data__": 15}),
    ({1}, {"__classname__": "builtins.set", "__version__": 1, "__data__": [1]}),
    ((1, 2), {"__classname__": "builtins.tuple", "__version__": 1, "__data__": [1, 2]}),
    (
        {(1, 2)},
        {
            "__classname__": "builtins.set",
            "__version__": 1,
            "__data__": [{"__classname__": "builtins.tuple", "__version__": 1, "__data__": [1, 2]}],
        },
    ),
    ({"t": (1, 2)}, {"t": [1, 2]}),
    ({1: "a", None: "b"}, {"1": "a", "null": "b"}),
    (Pair(1, 2), {"__classname__": "builtins.tuple", "__version__": 1, "__data__": [1, 2]}),
    (Colour.RED, "red"),
    (10**30, 10**30),
    (
        ZoneInfo("Europe/Amsterdam"),
        {"__classname__": "zoneinfo.ZoneInfo", "__version__": 1, "__data__": "Europe/Amsterdam"},
    ),
]


@pytest.mark.parametrize(("value", "data"), RECORDED, ids=repr)
def test_the_text_is_what_airflow_writes(value: Any, data: Any) -> None:
    assert json.loads(dumps(value)) == data


@pytest.mark.parametrize(
    "value",
    [
        dt.date(2024, 1, 2),
        dt.datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        dt.datetime(2024, 1, 2, 3, 4, 5),  # noqa: DTZ001
        dt.datetime(2024, 7, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
        dt.datetime(2024, 7, 2, 3, tzinfo=ZoneInfo("Europe/Amsterdam")),
        pendulum.datetime(2024, 7, 2, 3, tz="Europe/Amsterdam"),
        pendulum.parse("2024-01-02T03:04:05+01:00"),
        pendulum.timezone("Europe/Amsterdam"),
        dt.timedelta(days=1, microseconds=3),
        Decimal("1.5"),
        {1, 2},
        (1, (2, 3)),
        frozenset({2}),
        {"a": {dt.date(2024, 1, 2)}},
        [1, None, "x", {"k": True}],
    ],
    ids=repr,
)
def test_it_comes_back_with_its_type(value: Any) -> None:
    back = loads(dumps(value, keep_tuples=True))
    assert (type(back), back) == (type(value), value)


def test_tuples_and_frozensets_inside_come_back_as_lists() -> None:
    assert loads(dumps({"t": (1, 2), "f": frozenset([3])})) == {"t": [1, 2], "f": [3]}


@pytest.mark.parametrize(
    "value",
    [b"x", object(), (n for n in ()), {"f": print}, 1j, dt.time(1), range(3), Point],
    ids=lambda v: str(type(v)),
)
def test_what_cannot_be_kept_is_a_type_error_that_names_the_type(value: Any) -> None:
    with pytest.raises(TypeError, match="is not JSON serializable"):
        dumps(value)


def test_a_tuple_as_a_key_is_refused() -> None:
    with pytest.raises(TypeError, match="keys must be str, int, float, bool or None, not tuple"):
        dumps({(1, 2): 1})


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="Circular reference detected"):
        dumps(loop)
    with pytest.raises(RecursionError, match="contains itself"):
        dumps((loop,))


@pytest.mark.parametrize("depth", [300, 900])
def test_values_are_as_deep_as_airflow_lets_them_be(depth: int) -> None:
    """A real 2.10.5 keeps lists and dicts some 980 levels deep."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    assert dumps(value) == "[" * (depth + 1) + "]" * (depth + 1)


@pytest.mark.parametrize("value", [Point(3, (1, 2)), Size(4)], ids=repr)
def test_dataclasses_and_attrs_classes_need_the_allow_list(value: Any) -> None:
    text = dumps(value)
    with pytest.raises(ImportError, match="was not found in allow list for deserialization imports"):
        loads(text)
    back = loads(text, allowed=MINE)
    assert (type(back), back) == (type(value), value)
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    assert json.loads(text)["__classname__"] == name
    assert AllowedClasses(globs=(name,)).permits(name)
    assert AllowedClasses(globs=(), regexps=(r".*\.(Point|Size)$",)).permits(name)


def test_a_class_may_bring_its_own_two_ways() -> None:
    back = loads(dumps([Custom("x")]), allowed=MINE)
    assert back[0].inner == "x3"


def test_allowed_options_are_separated_by_blanks() -> None:
    allowed = AllowedClasses.from_options("airflow.* mine.models.*", "other")
    assert allowed.permits("mine.models.A")
    assert allowed.permits("other.B")
    assert not allowed.permits("os.system")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2024, 1, 2), "datetime.date@version=2(2024-01-02)"),
        (dt.timedelta(seconds=90), "datetime.timedelta@version=2(90.0)"),
        (Decimal("1.5"), "decimal.Decimal@version=1(1.5)"),
        (
            dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
            "datetime.datetime@version=2(timestamp=1704164645.0,tz=(UTC,pendulum.tz.timezone.FixedTimezone,1,True))",
        ),
        ((1, 2), "(1,2)"),
        (("k1", "v1"), "(k1,v1)"),
        ((1, {"a": (1,)}), "(1,{'a': '(1)'})"),
        ({7}, "(7)"),
    ],
    ids=repr,
)
def test_the_api_shows_the_notation(value: Any, text: str) -> None:
    assert shown(dumps(value)) == text


def test_plain_values_are_shown_as_they_are_and_stringified_as_python_texts() -> None:
    text = dumps({"k": {"nested": [True, None]}, "s": {1}, "t": (1, 2)})
    assert shown(text) == {"k": {"nested": [True, None]}, "s": "(1)", "t": [1, 2]}
    assert stringify(text) == "{'k': {'nested': [True, None]}, 's': '(1)', 't': [1, 2]}"
    assert stringify("null") == "None"


def test_a_dataset_is_kept_under_the_name_that_authors_know() -> None:
    text = dumps([Dataset("s3://bucket/key", extra={"a": 1})])
    assert json.loads(text)[0]["__classname__"] == "airflow.datasets.Dataset"
    [back] = loads(text)
    assert (back.uri, back.extra) == ("s3://bucket/key", {"a": 1})


def test_numbers_of_numpy_and_frames_round_trip_when_the_library_is_there() -> None:
    numpy = pytest.importorskip("numpy")
    assert json.loads(dumps(numpy.int64(3)))["__classname__"] == "numpy.int64"
    assert loads(dumps({"n": numpy.int64(3)}))["n"] == 3


def test_not_a_number_survives() -> None:
    assert math.isnan(loads(dumps(float("nan"))))


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text().filter(lambda k: not k.startswith("__")), inner),
    max_leaves=20,
)
typed = st.recursive(
    plain
    | st.dates()
    | st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=999))
    | st.datetimes(
        min_value=dt.datetime(1980, 1, 1),  # noqa: DTZ001
        max_value=dt.datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, ZoneInfo("Asia/Tokyo")]),
    ),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.just("k"), inner),
    max_leaves=10,
)


@given(plain)
def test_what_json_has_is_written_as_it_is(value: Any) -> None:
    assert loads(dumps(value)) == value
    assert shown(dumps(value)) == value


@given(typed)
def test_kwargs_of_any_shape_come_back(value: Any) -> None:
    assert loads(dumps(value, keep_tuples=True)) == value
