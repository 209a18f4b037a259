"""Edges between tasks: ``>>`` and ``<<``, ``chain``, ``chain_linear``, ``cross_downstream`` and ``Label``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Self

from .exceptions import AirflowException
from .types import NOTSET, ArgNotSet


class DependencyMixin:
    """What stands on one side of ``>>``: a task, a task group, an XComArg or a label."""

    @property
    def roots(self) -> Iterable[DependencyMixin]:
        """What an upstream neighbour is connected to."""
        raise NotImplementedError

    @property
    def leaves(self) -> Iterable[DependencyMixin]:
        """What a downstream neighbour is connected to."""
        raise NotImplementedError

    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """``other`` (one or a sequence) runs before this."""
        raise NotImplementedError

    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """``other`` (one or a sequence) runs after this."""
        raise NotImplementedError

    def as_setup(self) -> Self:
        """Mark as setup."""
        raise NotImplementedError

    def as_teardown(self, *, setups: Any = NOTSET, on_failure_fail_dagrun: bool | ArgNotSet = NOTSET) -> Self:
        """Mark as teardown."""
        raise NotImplementedError

    def update_relative(
        self, other: DependencyMixin, upstream: bool = True, edge_modifier: EdgeModifier | None = None
    ) -> None:
        """Hear that ``other`` becomes a neighbour, upstream or downstream; groups and labels keep a note of it."""

    def __lshift__(self, other: Any) -> Any:
        self.set_upstream(other)
        return other

    def __rshift__(self, other: Any) -> Any:
        self.set_downstream(other)
        return other

    def __rrshift__(self, other: Any) -> Self:
        self.__lshift__(other)
        return self

    def __rlshift__(self, other: Any) -> Self:
        self.__rshift__(other)
        return self


def flatten(items: Any) -> list[Any]:
    """One thing or a sequence of things (a set too) as a list."""
    if isinstance(items, (DependencyMixin, str)) or not isinstance(items, Iterable):
        return [items]
    return list(items)


class EdgeModifier(DependencyMixin):
    """Stands between tasks in ``a >> Label("x") >> b``: remembers both sides and connects them, with the label."""

    def __init__(self, label: str | None = None) -> None:
        self.label = label
        self._before: list[DependencyMixin] = []
        self._after: list[DependencyMixin] = []

    @property
    def roots(self) -> Iterable[DependencyMixin]:
        return self._after

    @property
    def leaves(self) -> Iterable[DependencyMixin]:
        return self._before

    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Connect ``other`` to what is known to come after."""
        for item in flatten(other):
            self._note(item, self._before)
            if self._after:
                item.set_downstream(list(self._after), edge_modifier=self)

    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        """Connect what is known to come before to ``other``."""
        for item in flatten(other):
            self._note(item, self._after)
            for before in list(self._before):
                before.set_downstream(item, edge_modifier=self)

    def update_relative(
        self, other: DependencyMixin, upstream: bool = True, edge_modifier: EdgeModifier | None = None
    ) -> None:
        """Take a neighbour that put itself beside the label."""
        self._note(other, self._before if upstream else self._after)

    @staticmethod
    def _note(item: DependencyMixin, side: list[DependencyMixin]) -> None:
        if not any(known is item for known in side):
            side.append(item)

    def add_edge_info(self, dag: Any, upstream_id: str, downstream_id: str) -> None:
        """Write the label to the DAG."""
        dag.set_edge_info(upstream_id, downstream_id, {"label": self.label})


def Label(label: str) -> EdgeModifier:
    """A label for the edge(s) it stands in."""
    return EdgeModifier(label=label)


def cross_downstream(from_tasks: Sequence[DependencyMixin], to_tasks: DependencyMixin | Sequence[Any]) -> None:
    """Put each of ``to_tasks`` downstream of each of ``from_tasks``."""
    for task in from_tasks:
        task.set_downstream(to_tasks)


def chain(*tasks: DependencyMixin | Sequence[DependencyMixin]) -> None:
    """Connect one after the other; two neighbouring sequences of equal length pairwise."""
    for first, second in pairwise(tasks):
        if isinstance(first, DependencyMixin):
            first.set_downstream(second)
        elif isinstance(second, DependencyMixin):
            second.set_upstream(first)
        elif not isinstance(first, Sequence) or not isinstance(second, Sequence):
            raise TypeError(f"Chain not supported between instances of {type(first)} and {type(second)}")
        elif len(first) != len(second):
            raise AirflowException(
                f"Chain not supported for different length Iterable. Got {len(first)} and {len(second)}."
            )
        else:
            for before, after in zip(first, second, strict=True):
                before.set_downstream(after)


def chain_linear(*elements: DependencyMixin | Sequence[DependencyMixin]) -> None:
    """Connect one after the other; of two neighbouring sequences each with each."""
    if not elements:
        raise ValueError("No tasks provided; nothing to do.")
    previous: list[DependencyMixin] | None = None
    connected = False
    for element in elements:
        current = list(_only_nodes(element))
        if not current:
            continue
        if previous is not None:
            for task in current:
                task.set_upstream(previous)
            connected = True
        previous = current
    if not connected and len(elements) == 1:
        raise ValueError("No dependencies were set. Did you forget to expand with `*`?")


def _only_nodes(element: Any) -> Iterator[DependencyMixin]:
    for item in flatten(element):
        if not isinstance(item, DependencyMixin):
            raise TypeError(f"Chain not supported for {type(item)}: expected a task, a task group or an XComArg")
        yield item
