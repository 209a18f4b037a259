"""A run's conf against the DAG's params, in the words recorded from Airflow 2.10.5."""

from typing import Any

import pytest

from tradewind.actions.params import check_params
from tradewind.model.errors import InvalidInput
from tradewind.model.spec import DagSpec


def a_dag(**params: Any) -> DagSpec:
    return DagSpec(dag_id="d", fileloc="/d.py", params=params)


COUNT = {"value": 3, "schema": {"type": "integer", "minimum": 1, "maximum": 10, "title": "How many"}}
REFUSED = [
    (
        {"count": COUNT},
        {"count": 11},
        "Invalid input for param count: 11 is greater than the maximum of 10\n\n"
        "Failed validating 'maximum' in schema:\n"
        "    {'type': 'integer', 'minimum': 1, 'maximum': 10, 'title': 'How many'}\n\nOn instance:\n    11",
    ),
    (
        {"colour": {"value": "red", "schema": {"enum": ["red", "green"]}}},
        {"colour": "blue"},
        "Invalid input for param colour: 'blue' is not one of ['red', 'green']\n\nFailed validating 'enum' in schema:\n"
        "    {'enum': ['red', 'green']}\n\nOn instance:\n    'blue'",
    ),
    ({"must": {"schema": {}}}, None, "Invalid input for param must: No value passed and Param has no default value"),
]


@pytest.mark.parametrize(("params", "conf", "message"), REFUSED)
def test_a_refused_value_is_named_with_its_schema(params: dict[str, Any], conf: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_params(a_dag(**params), conf)
    assert str(caught.value) == message


@pytest.mark.parametrize("conf", [None, {}, {"count": 10}, {"unlisted": 1}])
def test_defaults_and_names_that_nobody_declared_pass(conf: Any) -> None:
    check_params(a_dag(count=COUNT, plain="text"), conf)
