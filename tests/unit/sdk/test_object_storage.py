"""ObjectStoragePath: what a path is, as recorded from Airflow 2.10.5."""

from __future__ import annotations

import pytest

from tradewind.sdk.object_storage import ObjectStoragePath

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


def test_it_survives_an_xcom() -> None:
    data = BY_CONNECTION.serialize()
    assert data == {"path": "s3://conn@bucket/a/b.txt", "conn_id": "conn", "kwargs": {}}
    assert ObjectStoragePath.deserialize(data, 1) == BY_CONNECTION


def test_an_unknown_scheme_is_told_when_it_is_used() -> None:
    with pytest.raises(ValueError, match=r"nope"):
        ObjectStoragePath("nope://x/y").exists()
