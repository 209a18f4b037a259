"""A sequence whose items lie elsewhere and are fetched page by page when they are looked at."""

from __future__ import annotations

import itertools
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, overload

PAGE = 100
"""Items fetched at a time."""


class LazySelectSequence(Sequence[Any]):
    """What values and dataset events are handed out as. Slices are lists; a step other than 1 and -1 is refused."""

    def __init__(self, *, first: Sequence[Any] = (), total: int | None = None) -> None:
        self._rows: dict[int, Any] = dict(enumerate(first))
        self._total = total

    @abstractmethod
    def _count(self) -> int:
        """How many there are."""

    @abstractmethod
    def _fetch(self, offset: int, limit: int) -> Sequence[Any]:
        """Rows from ``offset`` on, at most ``limit``."""

    def _item(self, row: Any) -> Any:
        """What a row is to the author."""
        return row

    def __len__(self) -> int:
        if self._total is None:
            self._total = self._count()
        return self._total

    def __bool__(self) -> bool:
        return len(self) > 0

    def _at(self, index: int) -> Any:
        # A page of very large rows is cut short: then the row comes first of the next one.
        for offset in (index - index % PAGE, index):
            if index not in self._rows:
                self._rows.update({offset + number: row for number, row in enumerate(self._fetch(offset, PAGE))})
        return self._item(self._rows[index])

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            if index.step not in (None, 1, -1):
                raise ValueError("non-trivial slice step not supported")
            return [self._at(number) for number in range(*index.indices(len(self)))]
        if not isinstance(index, int):
            raise TypeError(f"Sequence indices must be integers or slices, not {type(index).__name__}")
        number = index + len(self) if index < 0 else index
        if not 0 <= number < len(self):
            raise IndexError(index)
        return self._at(number)

    def __iter__(self) -> Iterator[Any]:
        return (self._at(number) for number in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, (str, bytes)):
            return NotImplemented
        marker = object()
        return all(a == b for a, b in itertools.zip_longest(iter(self), iter(other), fillvalue=marker))

    __hash__ = None  # type: ignore[assignment]  # compared by content

    def __str__(self) -> str:
        count = len(self)
        return f"LazySelectSequence([{count} item{'' if count == 1 else 's'}])"

    __repr__ = __str__

    def __reduce__(self) -> Any:
        return (list, (list(self),))
