"""Wording and order of schema failures, against what Airflow 2.10.5 answered when recorded."""

import pytest

from tradewind.api import schemas, table
from tradewind.api.problems import Problem
from tradewind.api.validation import Parameter, check_body, read_query
from tradewind.model.times import is_date_time

BODIES = [
    (schemas.DAG, {"is_paused": "yes please"}, "'yes please' is not of type 'boolean' - 'is_paused'"),
    (schemas.DAG, {"is_paused": 1}, "1 is not of type 'boolean' - 'is_paused'"),
    (schemas.DAG, {"is_paused": False, "description": "x"}, "Property is read-only - 'description'"),
    (schemas.DAG, [], "[] is not of type 'object'"),
    (schemas.LIST_DAG_RUNS, {"page_limit": 0}, "0 is less than the minimum of 1 - 'page_limit'"),
    (schemas.LIST_DAG_RUNS, {"page_limit": "many"}, "'many' is not of type 'integer' - 'page_limit'"),
    (schemas.LIST_DAG_RUNS, {"dag_ids": "x"}, "'x' is not of type 'array' - 'dag_ids'"),
    (
        schemas.LIST_DAG_RUNS,
        {"execution_date_gte": "2020-01-02T00:00:00"},
        "'2020-01-02T00:00:00' is not a 'date-time' - 'execution_date_gte'",
    ),
    (
        schemas.UPDATE_RUN_STATE,
        {"state": "running"},
        "'running' is not one of ['success', 'failed', 'queued'] - 'state'",
    ),
    (schemas.UPDATE_RUN_STATE, {"state": None}, "None is not of type 'string' - 'state'"),
    (schemas.TASK_NOTE, {"zzz": "y"}, "'note' is a required property"),
    (schemas.RUN_NOTE, {"note": None}, "None is not of type 'string' - 'note'"),
    (schemas.CLEAR_TASK_INSTANCES, {"task_ids": []}, "[] should be non-empty - 'task_ids'"),
    (schemas.POOL, {"slots": 1.5}, "1.5 is not of type 'integer' - 'slots'"),
    (schemas.POOL, {"slots": "7"}, "'7' is not of type 'integer' - 'slots'"),
    (schemas.USER, {"username": ""}, "'' should be non-empty - 'username'"),
    (schemas.CONNECTION, {"extra": {"a": 1}}, "{'a': 1} is not of type 'string' - 'extra'"),
    (schemas.DATASET_EVENT, {}, "'dataset_uri' is a required property"),
]


@pytest.mark.parametrize(("schema", "body", "detail"), BODIES, ids=[detail for _, _, detail in BODIES])
def test_a_wrong_body_is_told_in_the_words_of_airflow(schema, body, detail):
    with pytest.raises(Problem) as caught:
        check_body(schema, body)
    assert (caught.value.status, caught.value.detail) == (400, detail)


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        (schemas.DAG, {"is_paused": None}),
        (schemas.POOL, {"slots": 3.0}),
        (schemas.DAG_RUN, {"logical_date": None, "conf": {}}),
        (schemas.LIST_TASK_INSTANCES, {"state": [None, "none", "success"]}),
        (schemas.CONNECTION, {"extra": None, "port": None}),
    ],
)
def test_a_right_body_passes(schema, body):
    check_body(schema, body)


QUERIES = [
    ((table.LIMIT,), [("limit", "abc")], "Wrong type, expected 'integer' for query parameter 'limit'"),
    ((table.LIMIT,), [("limit", "")], "Wrong type, expected 'integer' for query parameter 'limit'"),
    ((table.PAUSED,), [("paused", "1")], "Wrong type, expected 'boolean' for query parameter 'paused'"),
    (table.DURATION, [("duration_gte", "x")], "Wrong type, expected 'number' for query parameter 'duration_gte'"),
    (
        (table.OFFSET,),
        [("offset", "-1")],
        "-1 is less than the minimum of 0\n\nFailed validating 'minimum' in schema:\n"
        "    {'type': 'integer', 'minimum': 0}\n\nOn instance:\n    -1",
    ),
    (
        (table.BEFORE,),
        [("before", "junk")],
        "'junk' is not a 'date-time'\n\nFailed validating 'format' in schema:\n"
        "    {'type': 'string', 'format': 'date-time'}\n\nOn instance:\n    'junk'",
    ),
    ((table.LIMIT,), [("b", "1"), ("a", "1")], "Extra query parameter(s) a, b not in spec"),
    ((Parameter("dag_ids", {"type": "string"}, required=True),), [], "Missing query parameter 'dag_ids'"),
]


@pytest.mark.parametrize(("parameters", "pairs", "detail"), QUERIES)
def test_a_wrong_query_is_told_in_the_words_of_airflow(parameters, pairs, detail):
    with pytest.raises(Problem) as caught:
        read_query(parameters, pairs)
    assert (caught.value.status, caught.value.detail) == (400, detail)


def test_an_unknown_parameter_has_no_title():
    with pytest.raises(Problem) as caught:
        read_query((), [("x", "1")])
    assert caught.value.title is None


def test_lists_are_repeated_or_joined_and_single_values_take_the_last():
    query = read_query(
        (table.TAGS, table.UPDATE_MASK, table.LIMIT, table.PAUSED),
        [("tags", "a,b"), ("tags", "c"), ("update_mask", "x"), ("update_mask", "y,z"), ("limit", "1"), ("limit", "2")],
    )
    assert query == {"tags": ["a", "b", "c"], "update_mask": ["y", "z"], "limit": 2}


@pytest.mark.parametrize(
    ("text", "is_whole"),
    [
        ("2024-01-02T03:04:05Z", True),
        ("2024-01-02T03:04:05.123456+02:00", True),
        ("2024-01-02t03:04:05z", True),
        ("2024-01-02T03:04:05", False),
        ("2024-01-02T03:04:05 00:00", False),
        ("2024-02-30T00:00:00Z", False),
        ("2024-13-01T00:00:00Z", False),
        ("2024-01-02", False),
        ("", False),
    ],
)
def test_date_times_are_whole_rfc_3339(text, is_whole):
    assert is_date_time(text) is is_whole
