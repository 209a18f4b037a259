"""ObjectStoragePath: what a path is, as recorded from Airflow 2.10.5."""

from __future__ import annotations

import copy
import json
import os
import pickle

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tradewind.plugins import lineage
from tradewind.plugins.lineage import HookLineageCollector
from tradewind.sdk import file_systems
from tradewind.sdk.file_systems import attach, has_fs
from tradewind.sdk.object_storage import ObjectStoragePath
from tradewind.sdk.templating import Templater
from tradewind.serde.values import dumps, loads

BY_CONNECTION = ObjectStoragePath("s3://conn@bucket/a/b.txt")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (BY_CONNECTION, "s3://conn@bucket/a/b.txt"),
        (ObjectStoragePath("s3://bucket/a", conn_id="c"), "s3://c@bucket/a"),
        (ObjectStoragePath("file:///tmp/x"), "file:///tmp/x"),
        (ObjectStoragePath("/tmp/x"), "/tmp/x"),
        (ObjectStoragePath("s3://b"), "s3://b/"),
        (ObjectStoragePath("s3://b") / "k", "s3://b/k"),
        (BY_CONNECTION / "x" / "y", "s3://conn@bucket/a/b.txt/x/y"),
        (BY_CONNECTION.parent, "s3://conn@bucket/a"),
        (BY_CONNECTION.with_name("z"), "s3://conn@bucket/a/z"),
        (BY_CONNECTION.with_suffix(".q"), "s3://conn@bucket/a/b.q"),
        (BY_CONNECTION.relative_to(ObjectStoragePath("s3://conn@bucket/a")), "s3://conn@bucket/a/b.txt"),
        (ObjectStoragePath("s3://c@bucket/a").parent, "s3://c@bucket/"),
        (ObjectStoragePath("file:///tmp/x").parent, "file:///tmp"),
        (ObjectStoragePath("s3://b/k") / "/x", "s3://b/k//x"),
        (ObjectStoragePath("s3://b/k", "l", "m"), "s3://b/k/l/m"),
        (ObjectStoragePath("s3://b/k/./l"), "s3://b/k/l"),
        (ObjectStoragePath("s3://b/k//l"), "s3://b/k//l"),
        (ObjectStoragePath("s3://b/k/"), "s3://b/k"),
        (ObjectStoragePath("/tmp") / "/x", "/x"),
        (ObjectStoragePath("a/b"), "/a/b"),
        (ObjectStoragePath(""), "."),
        (ObjectStoragePath("b/c", protocol="s3"), "s3://b/c"),
        (ObjectStoragePath("memory://bk/x"), "memory:///bk/x"),
        (ObjectStoragePath("nope://c@h/k").parent, "nope://c@/h"),
        (ObjectStoragePath("hdfs://machine/k"), "hdfs:///k"),
        (ObjectStoragePath("abfs://c@b/k") / "z", "abfs://c@b/k/z"),
        ((ObjectStoragePath("s3://b/k/l") / ".." / "m").resolve(), "s3://b/k/m"),
    ],
    ids=str,
)
def test_a_path_is_its_url(path: ObjectStoragePath, expected: str) -> None:
    assert str(path) == expected


def test_its_parts_are_those_of_airflow() -> None:
    path = BY_CONNECTION
    assert (path.path, path.bucket, path.key) == ("bucket/a/b.txt", "conn@bucket", "a/b.txt")
    assert (path.namespace, path.protocol, path.drive) == ("s3://conn@bucket", "s3", "bucket")
    assert path.parts == ("bucket/", "a", "b.txt")
    assert (path.name, path.stem, path.suffix) == ("b.txt", "b", ".txt")
    assert dict(path.storage_options) == {"conn_id": "conn"}


def test_a_path_by_another_connection_is_another_one() -> None:
    assert ObjectStoragePath("s3://bucket/a/b.txt") != BY_CONNECTION
    assert not BY_CONNECTION.samestore(ObjectStoragePath("s3://bucket/a"))
    assert not BY_CONNECTION.is_relative_to(ObjectStoragePath("s3://bucket/a"))


def test_it_survives_an_xcom_under_its_name_in_airflow() -> None:
    path = ObjectStoragePath("s3://bucket/a/b.txt", conn_id="conn", anon=True)
    text = dumps([path])
    assert json.loads(text) == [
        {
            "__classname__": "airflow.io.path.ObjectStoragePath",
            "__version__": 1,
            "__data__": {"path": "s3://conn@bucket/a/b.txt", "conn_id": "conn", "kwargs": {"anon": True}},
        }
    ]
    (back,) = loads(text)
    assert (type(back), back, dict(back.storage_options)) == (
        ObjectStoragePath,
        path,
        {"conn_id": "conn", "anon": True},
    )


def test_it_is_the_same_after_pickling_and_copying() -> None:
    for again in (pickle.loads(pickle.dumps(BY_CONNECTION)), copy.deepcopy(BY_CONNECTION)):
        assert (again, hash(again), again.conn_id) == (BY_CONNECTION, hash(BY_CONNECTION), "conn")


def test_one_of_this_machine_is_opened_by_name_and_others_go_by_their_url() -> None:
    assert os.fspath(ObjectStoragePath("file:///tmp/x")) == "/tmp/x"
    assert os.fspath(BY_CONNECTION) == "s3://conn@bucket/a/b.txt"


def test_a_template_in_a_field_is_rendered_and_the_connection_stays() -> None:
    path = ObjectStoragePath("s3://bucket/{{ ds }}/x", conn_id="c")
    found = Templater().render_template({"deep": [path]}, {"ds": "2024-01-01"})["deep"][0]
    assert (str(found), found.conn_id, str(path)) == ("s3://c@bucket/2024-01-01/x", "c", "s3://c@bucket/{{ ds }}/x")


def test_an_unknown_scheme_is_told_when_it_is_used() -> None:
    with pytest.raises(ValueError, match=r"^No filesystem registered for scheme nope$"):
        ObjectStoragePath("nope://x/y").exists()
    with pytest.raises(ValueError, match=r"No filesystem registered for scheme s3.*-amazon"):
        ObjectStoragePath("s3://x/y").exists()


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_systems, "STORES", {})


@pytest.mark.usefixtures("stores")
def test_a_store_is_known_by_its_alias() -> None:
    store = attach("fake", "c9", fs=MemoryFileSystem())
    assert (str(store), store.protocol, store.conn_id) == ("fake-c9", "fake", "c9")
    assert attach("fake", "c9") is store is attach(alias="fake-c9")
    assert attach("memory", alias="mine") is attach(alias="mine")
    assert store.serialize() == {
        "protocol": "fake",
        "conn_id": "c9",
        "filesystem": "fsspec.implementations.memory.MemoryFileSystem",
        "storage_options": None,
    }
    with pytest.raises(ValueError, match="No registered store with alias: other"):
        attach(alias="other")
    with pytest.raises(ValueError, match="No protocol specified and no alias provided"):
        attach()


@pytest.mark.usefixtures("stores")
def test_a_store_is_made_again_where_nobody_has_attached_it() -> None:
    text = dumps(attach("fake", "c9", fs=MemoryFileSystem()))
    file_systems.STORES.clear()
    store = loads(text)
    assert (str(store), type(store.fs)) == ("fake-c9", MemoryFileSystem)


@pytest.mark.usefixtures("stores")
def test_an_attached_file_system_serves_its_connection_alone() -> None:
    attach("fake", "c9", fs=MemoryFileSystem())
    path = ObjectStoragePath("fake://c9@shelf/x.txt")
    path.write_text("1")
    assert (path.read_text(), path.path) == ("1", "/shelf/x.txt")
    with pytest.raises(ValueError, match="No filesystem registered for scheme fake"):
        ObjectStoragePath("fake://c8@shelf/x.txt").exists()
    assert (has_fs("file"), has_fs("fake")) == (True, False)


@pytest.mark.usefixtures("stores")
def test_what_is_read_and_written_is_told_to_readers_of_lineage(monkeypatch: pytest.MonkeyPatch) -> None:
    collector = HookLineageCollector()
    monkeypatch.setattr(lineage, "_COLLECTOR", [collector])
    one, other = ObjectStoragePath("memory://shelf/one"), ObjectStoragePath("memory://shelf/other")
    one.write_text("x")
    assert list(one.open()) == ["x"]
    one.copy(other)
    assert other.read_text() == "x"
    found = collector.collected_datasets
    told = [("memory:/shelf/one", one), ("memory:/shelf/other", other)]
    assert [(info.dataset.uri, info.context) for info in found.outputs] == told
    assert [(info.dataset.uri, info.context) for info in found.inputs] == told
