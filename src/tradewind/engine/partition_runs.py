"""Which partitions have all that a run of theirs waits for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tradewind.timetables.partition_mappers import PartitionMapper, RollupMapper

from .asset_runs import is_met

MapperOf = Callable[[str], PartitionMapper]
"""The mapper of an asset, by URI."""


def is_complete(condition: Any, key: str, seen: Mapping[str, Iterable[str]], mapper_of: MapperOf) -> bool:
    """Whether the DAG's condition (with URIs for names) holds for a partition, given the keys of the events that have
    come by URI: an asset with a rollup counts when enough of its window have."""
    return is_met(condition, [uri for uri, keys in seen.items() if _is_enough(mapper_of(uri), key, keys)])


def _is_enough(mapper: PartitionMapper, key: str, seen: Iterable[str]) -> bool:
    return not isinstance(mapper, RollupMapper) or mapper.is_complete(key, frozenset(seen))
