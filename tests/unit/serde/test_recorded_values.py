"""Values of many kinds are stored, refused and brought back as Airflow 2.10.5 did it (golden/xcom_values.json)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from support import xcom_samples

from tradewind.serde.values import AllowedClasses, dumps, loads

GOLDEN = Path(__file__).parents[2] / "golden" / "xcom_values.json"
RECORDED: dict[str, list[str]] = json.loads(GOLDEN.read_text())
ALLOWED = AllowedClasses(globs=("support.xcom_samples.*",))


@pytest.mark.parametrize("expression", RECORDED)
def test_a_value_is_kept_as_airflow_keeps_it(expression: str) -> None:
    """Each entry: the text and what came back (type and text), or ``refused`` and the error."""
    recorded = RECORDED[expression]
    value = eval(expression, vars(xcom_samples))
    if recorded[0] == "refused":
        kind, _, message = recorded[1].partition(": ")
        with pytest.raises(Exception) as refused:
            dumps(value)
        assert (type(refused.value).__name__, str(refused.value)) == (kind, message)
        return
    text, how, shown = recorded
    assert json.loads(dumps(value)) == json.loads(text) or "NaN" in text
    if how == "unread":
        with pytest.raises(Exception) as unread:
            loads(text, allowed=ALLOWED)
        assert f"{type(unread.value).__name__}: {unread.value}" == shown
        return
    back = loads(text, allowed=ALLOWED)
    assert type(back).__name__ == how
    assert shown in {"obj", str(back)}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ([(1,)], [{"__classname__": "builtins.tuple", "__version__": 1, "__data__": [1]}]),
        ({"a": {1}}, {"a": {"__classname__": "builtins.set", "__version__": 1, "__data__": [1]}}),
        (dt.date(2024, 1, 1), {"__classname__": "datetime.date", "__version__": 2, "__data__": "2024-01-01"}),
    ],
)
def test_values_as_plain_data(value: object, plain: object) -> None:
    """``airflow.serialization.serde``, unlike XComs, keeps tuples everywhere (recorded)."""
    from airflow.serialization.serde import deserialize, serialize

    assert serialize(value) == plain
    assert deserialize(plain) == value
