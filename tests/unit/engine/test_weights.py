"""Effective priority weights, as section 11 of the behaviour document has them."""

from __future__ import annotations

import pytest
from unit.engine.specs import a_dag, a_task

from tradewind.engine.weights import Weighted, effective_weights, effective_weights_of
from tradewind.model.errors import InvalidInput


@pytest.mark.parametrize(
    ("rule", "weights"),
    [("downstream", [15, 11, 12, 9, 5]), ("upstream", [1, 3, 4, 10, 15]), ("absolute", [1, 2, 3, 4, 5])],
)
def test_each_task_counts_once(rule: str, weights: list[int]) -> None:
    tasks = [a_task(name, priority_weight=n, weight_rule=rule) for n, name in enumerate("abcde", 1)]
    spec = a_dag(*tasks, edges="a>b>d>e, a>c>d")
    assert [effective_weights_of(spec)[name] for name in "abcde"] == weights


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(InvalidInput, match=r"^Unknown priority strategy heavy$"):
        effective_weights({"a": Weighted(1, "heavy", (), ())})
