"""Providers' own Python operators call functions by these names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tradewind.sdk.assets import Dataset, Metadata
from tradewind.standard.callable_runner import ExecutionCallableRunner, context_get_outlet_events


def test_a_generator_gives_its_value_and_its_metadata_to_the_events() -> None:
    def work(number: int) -> Iterator[Metadata]:
        yield Metadata(Dataset("s3://a/b"), {"rows": number})
        return number * 2

    events = context_get_outlet_events({})
    assert ExecutionCallableRunner(work, events).run(3) == 6
    assert events["s3://a/b"].extra == {"rows": 3}


def test_the_events_of_the_context_are_taken() -> None:
    events = context_get_outlet_events({})
    assert context_get_outlet_events({"outlet_events": events}) is events


def test_what_yields_anything_else_is_refused() -> None:
    def work() -> Iterator[int]:
        yield 1

    with pytest.raises(TypeError, match="must yield Metadata"):
        ExecutionCallableRunner(work, {}).run()
