"""Which DAG starts which by a dataset."""

from __future__ import annotations

from typing import NamedTuple


class DatasetEdge(NamedTuple):
    """A task of ``producer`` updates ``uri``, which ``consumer`` waits for."""

    producer: str
    consumer: str
    uri: str
