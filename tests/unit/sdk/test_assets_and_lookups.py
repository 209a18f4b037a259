"""Datasets, connections, variables; normal forms and texts as recorded from Airflow 2.10.5."""

from __future__ import annotations

import pytest

from tradewind.observability.masking import PROCESS_MASKER
from tradewind.sdk.assets import Dataset, DatasetAlias, DatasetAll, DatasetAny, Metadata
from tradewind.sdk.connection import Connection
from tradewind.sdk.dataset_events import InletEventsAccessors, OutletEventAccessors
from tradewind.sdk.exceptions import AirflowException, AirflowNotFoundException, RemovedInAirflow3Warning
from tradewind.sdk.lookups import BaseHook, Variable
from tradewind.wire.messages import ConnectionReply


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("", "Dataset URI cannot be empty"),
        ("  ", "Dataset URI cannot be just whitespace"),
        ("airflow://x", "Dataset scheme 'airflow' is reserved"),
        ("ü", "Dataset URI must only consist of ASCII characters"),
        ("x" * 3001, "Length of 'uri' must be <= 3000: 3001"),
    ],
)
def test_uris_that_are_refused(uri, text):
    with pytest.raises(ValueError) as caught:
        Dataset(uri)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("uri", "normal"),
    [
        ("s3://b/k?b=1&a=2#f", "s3://b/k?a=2&b=1"),
        ("foo://h//d/?z=1&a=2#q", "foo://h//d?a=2&z=1"),
        ("file:///a/b", "file:///a/b"),
        ("file://a/b", "file://a/b"),
        ("postgres://h/d", "postgres://h/d"),
        ("plain", "plain"),
    ],
)
def test_uris_have_one_spelling(uri, normal):
    assert Dataset(uri).uri == normal


def test_credentials_are_dropped_with_a_warning():
    with pytest.warns(UserWarning, match="should not contain auth info"):
        assert Dataset("S3://u:p@H/k/").uri == "s3://H/k"


def test_expressions():
    a, b, c = Dataset("a"), Dataset("b"), Dataset("c")
    either = a & b | c
    assert repr(either) == (
        "DatasetAny(DatasetAll(Dataset(uri='a', extra=None), Dataset(uri='b', extra=None)), "
        "Dataset(uri='c', extra=None))"
    )
    assert either.as_expression() == {"any": [{"all": ["a", "b"]}, "c"]}
    assert either.evaluate({"c": True})
    assert not either.evaluate({"a": True})
    assert [uri for uri, _ in (either | DatasetAlias("x")).iter_datasets()] == ["a", "b", "c"]
    with pytest.raises(TypeError, match="unsupported operand"):
        a | 3


def test_datasets_make_a_schedule(new_dag):
    a, b = Dataset("a"), Dataset("b")
    assert new_dag(schedule=[a, b]).dataset_triggers == DatasetAll(a, b)
    d = new_dag(schedule=a | b)
    assert d.dataset_triggers == DatasetAny(a, b)
    assert (d.schedule_interval, d.timetable.summary) == ("Dataset", "Dataset")


def test_what_a_task_says_about_its_outlets():
    events = OutletEventAccessors()
    events[Dataset("s3://b/k")].extra["rows"] = 3
    assert events["s3://b/k"].extra == {"rows": 3}
    events[DatasetAlias("al")].add(Dataset("s3://b/q"), extra={"x": 1})
    assert events["al"].dataset_alias_events == [
        {"source_alias_name": "al", "dest_dataset_uri": "s3://b/q", "extra": {"x": 1}}
    ]
    assert Metadata(Dataset("s3://b/k"), {"a": 1}).uri == "s3://b/k"
    with pytest.raises(KeyError):
        InletEventsAccessors([])[Dataset("s3://b/k")]


@pytest.mark.parametrize(
    ("uri", "fields", "back"),
    [
        (
            "postgres://u:p%40@h:5432/db?a=1&b=x",
            ("postgres", "h", "u", "p@", "db", 5432, '{"a": "1", "b": "x"}'),
            "postgres://u:p%40@h:5432/db?a=1&b=x",
        ),
        (
            "http://https%3A%2F%2Fx.com",
            ("http", "https://x.com", None, None, "", None, None),
            "http://https://x.com",
        ),
        ("x-y://h", ("x_y", "h", None, None, "", None, None), "x-y://h"),
        (
            "aws://?__extra__=%7B%22a%22%3A%7B%7D%7D",
            ("aws", "", None, None, "", None, '{"a":{}}'),
            "aws:///?__extra__=%7B%22a%22%3A%7B%7D%7D",
        ),
        ("https://a:b@h:80/p/q", ("https", "h", "a", "b", "p/q", 80, None), "https://a:b@h:80/p%2Fq"),
        ("mysql://u@", ("mysql", "", "u", None, "", None, None), "mysql://u@"),
        ("generic:///sch", ("generic", "", None, None, "sch", None, None), "generic:///sch"),
        ("http://https://x.com/s", ("http", "https://x.com", None, None, "s", None, None), "http://https://x.com/s"),
    ],
)
def test_connections_as_uris(uri, fields, back):
    c = Connection(uri=uri)
    assert (c.conn_type, c.host, c.login, c.password, c.schema, c.port, c.extra) == fields
    assert c.get_uri() == back


def test_connections_to_uris():
    nested = Connection(
        conn_id="q",
        conn_type="http",
        host="https://x.com",
        login="a b",
        password="p/",
        schema="s",
        port=3,
        extra={"a": {"b": 1}},
    )
    assert nested.get_uri() == ("http://https://a%20b:p%2F@x.com:3/s?__extra__=%7B%22a%22%3A+%7B%22b%22%3A+1%7D%7D")
    assert Connection(conn_type="http", host="x", extra='{"a":"1","b":"2"}').get_uri() == "http://x/?a=1&b=2"


def test_connections_as_json():
    c = Connection.from_json('{"conn_type":"x","port":"3","extra":{"a":1}}', conn_id="q")
    assert c.as_json() == '{"conn_type": "x", "port": 3, "extra": {"a": 1}}'
    assert c.extra_dejson == {"a": 1}
    assert Connection(conn_id="a", conn_type="x", extra='{"a":1}').to_dict(prune_empty=True) == {
        "conn_id": "a",
        "conn_type": "x",
        "extra": {"a": 1},
    }


def test_wrong_connections(caplog):
    with pytest.raises(AirflowException, match="You can't mix these two ways"):
        Connection(conn_id="q", uri="x", host="y")
    with pytest.warns(RemovedInAirflow3Warning, match="Encountered non-JSON in `extra` field"):
        c = Connection(conn_id="q", extra="notjson")
    assert c.extra_dejson == {}
    with pytest.raises(AirflowNotFoundException, match="The conn_id `nope` isn't defined"):
        BaseHook.get_connection("nope")


def test_the_environment_comes_before_the_runtime(runtime, monkeypatch):
    runtime.connections["db"] = ConnectionReply(conn_id="db", conn_type="mysql", host="far")
    runtime.variables["v"] = "far"
    assert (BaseHook.get_connection("db").host, Variable.get("v")) == ("far", "far")
    monkeypatch.setenv("AIRFLOW_CONN_DB", "postgres://near")
    monkeypatch.setenv("AIRFLOW_VAR_V", "near")
    assert (BaseHook.get_connection("db").host, Variable.get("v")) == ("near", "near")
    monkeypatch.setenv("AIRFLOW_CONN_DB", '{"conn_type": "http", "host": "json"}')
    assert BaseHook.get_connection("db").host == "json"


def test_variables(runtime):
    Variable.set("a", {"k": 1}, serialize_json=True)
    assert Variable.get("a", deserialize_json=True) == {"k": 1}
    with pytest.raises(KeyError, match="Variable b does not exist"):
        Variable.get("b")
    assert Variable.get("b", default_var=None) is None
    assert Variable.setdefault("b", [1], deserialize_json=True) == [1]
    assert Variable.get("b", deserialize_json=True) == [1]
    Variable.update("b", "x")
    assert Variable.delete("b") == 1
    with pytest.raises(KeyError):
        Variable.update("b", "x")


def test_secrets_are_hidden_from_logs(runtime):
    runtime.connections["db"] = ConnectionReply(conn_id="db", password="hunter-two", extra='{"token": "tok-en-1"}')
    runtime.variables.update(api_key="very-secret", plain="readable")
    BaseHook.get_connection("db")
    Variable.get("api_key")
    Variable.get("plain")
    assert PROCESS_MASKER.mask("hunter-two tok-en-1 very-secret readable") == "*** *** *** readable"
