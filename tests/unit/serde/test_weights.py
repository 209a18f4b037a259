"""Effective priority weights, as recorded from Airflow 2.10.5."""

from __future__ import annotations

import itertools

import pytest

from tradewind.model.weights import effective_weights

DIAMOND = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["e"], "e": []}
OWN = {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("downstream", [15, 11, 12, 9, 5]),
        ("upstream", [1, 3, 4, 10, 15]),
        ("absolute", [1, 2, 3, 4, 5]),
    ],
)
def test_each_related_task_counts_once(rule: str, expected: list[int]) -> None:
    assert list(effective_weights(OWN, dict.fromkeys(OWN, rule), DIAMOND).values()) == expected


def test_sums_stay_within_32_bits() -> None:
    weights = {"a": 2**31 - 1, "b": 5}
    assert effective_weights(weights, {}, {"a": ["b"]}) == {"a": 2**31 - 1, "b": 5}


def test_a_long_chain_needs_no_recursion() -> None:
    ids = [f"t{n}" for n in range(3000)]
    edges = {a: [b] for a, b in itertools.pairwise(ids)}
    assert effective_weights(dict.fromkeys(ids, 1), {}, edges)["t0"] == 3000
