"""Priority weight rules: how a task's weight and its neighbours' make the weight by which it waits for slots."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import Any

from tradewind.model.states import WeightRule

from .exceptions import AirflowException


class PriorityWeightStrategy(ABC):
    """A rule of one's own: gives a task instance's weight."""

    @abstractmethod
    def get_weight(self, ti: Any) -> int:
        """The weight of this task instance; higher goes first."""

    def serialize(self) -> dict[str, Any]:
        """Arguments from which the rule can be made again."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> PriorityWeightStrategy:
        """The inverse of serialize."""
        return cls(**data)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, PriorityWeightStrategy) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(type(self))


def validate_weight_rule(rule: Any) -> Any:
    """A rule's name as the enum, a strategy as it is. Raises AirflowException for an unknown one."""
    if rule is None:
        return WeightRule.ABSOLUTE
    if isinstance(rule, type) and issubclass(rule, PriorityWeightStrategy):
        rule = rule()
    if isinstance(rule, PriorityWeightStrategy) or (isinstance(rule, str) and "." in rule and "WeightRule" not in rule):
        # Plugins are known one floor up.
        return importlib.import_module("tradewind.plugins.registered").weight_strategy(rule)
    try:
        return WeightRule(rule)
    except ValueError:
        raise AirflowException(f"Unknown priority strategy {rule}") from None


def total_weight(task: Any) -> int:
    """The effective weight: with ``downstream`` (``upstream``) plus those of all tasks after (before) it."""
    rule = task.weight_rule
    if isinstance(rule, PriorityWeightStrategy):
        weight: int = rule.get_weight(task)
        return weight
    if rule == WeightRule.ABSOLUTE or not task.has_dag():
        return int(task.priority_weight)
    upstream = rule == WeightRule.UPSTREAM
    ids = task.get_flat_relative_ids(upstream=upstream)
    return int(task.priority_weight) + sum(int(task.dag.task_dict[name].priority_weight) for name in ids)
