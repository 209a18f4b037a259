"""XCom back ends: what they are given, and that what they give can be stored."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from tradewind.sdk.xcom_backends import XComPlace, backend, decoded, encoded, purge, purges

PLACE = XComPlace("k", "d", "r", "t", 2)


class Whole:
    """Takes all that Airflow 2.10 gives."""

    @staticmethod
    def serialize_value(value: Any, *, key: str, task_id: str, dag_id: str, run_id: str, map_index: int) -> bytes:
        return f"{dag_id}/{run_id}/{task_id}/{map_index}/{key}={value}".encode()

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        return [result.key, result.value]


class Old:
    """Of a time in which the value came alone."""

    @staticmethod
    def serialize_value(value: Any) -> str:
        return f"old:{value}"

    @staticmethod
    def deserialize_value(result: Any) -> Any:
        return result.value


class Bytes(Old):
    @staticmethod
    def serialize_value(value: Any) -> Any:
        return f"{value}".encode("utf-16")


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Any:
    found = SimpleNamespace(Whole=Whole, Old=Old, Bytes=Bytes)
    monkeypatch.setitem(sys.modules, "backends_of_this_test", found)  # type: ignore[arg-type,unused-ignore]

    def chosen(name: str) -> None:
        monkeypatch.setenv("AIRFLOW__CORE__XCOM_BACKEND", name)

    return chosen


def test_a_back_end_is_told_whose_value_it_is(choose: Any) -> None:
    choose("backends_of_this_test.Whole")
    assert encoded(7, PLACE) == "d/r/t/2/k=7"
    assert decoded("text", PLACE) == ["k", b"text"]


def test_an_older_one_gets_the_value_alone(choose: Any) -> None:
    choose("backends_of_this_test.Old")
    assert encoded(7, PLACE) == "old:7"


def test_bytes_that_are_no_text_cannot_be_stored(choose: Any) -> None:
    choose("backends_of_this_test.Bytes")
    with pytest.raises(TypeError, match="must give text"):
        encoded(7, PLACE)


@pytest.mark.parametrize("name", ["", "airflow.models.xcom.BaseXCom"])
def test_without_one_values_are_json(choose: Any, name: str) -> None:
    choose(name)
    assert backend() is None
    assert (encoded([1, "a"], PLACE), decoded("[1, 2]", PLACE)) == ('[1, "a"]', [1, 2])


class Elsewhere(Whole):
    """Keeps values elsewhere and deletes them there."""

    gone: list[tuple[str, bytes]] = []

    @staticmethod
    def purge(xcom: Any, _session: Any) -> None:
        Elsewhere.gone.append((xcom.key, xcom.value))


def test_a_back_end_that_purges_is_told_what_is_deleted(choose: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choose("backends_of_this_test.Whole")
    assert not purges()
    monkeypatch.setattr(sys.modules["backends_of_this_test"], "Elsewhere", Elsewhere, raising=False)
    choose("backends_of_this_test.Elsewhere")
    assert purges()
    purge("text", PLACE)
    assert Elsewhere.gone == [("k", b"text")]
