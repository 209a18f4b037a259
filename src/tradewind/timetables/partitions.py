"""Timetables of partitioned DAGs: by the clock, by assets' partitions, or with keys that tasks say while they run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .base import DagRunInfo, DataInterval, TimeRestriction
from .cron import CronTriggerTimetable, decode_immediately
from .datasets import DatasetTriggeredTimetable
from .deltas import Delta, decode_delta, encode_delta
from .partition_mappers import KEY_FORMAT, IdentityMapper, PartitionMapper, decode, encode
from .simple import NullTimetable


class CronPartitionTimetable(CronTriggerTimetable):
    """A run at each tick, for the partition of that tick (moved by ``run_offset``: ticks, or a time)."""

    def __init__(
        self,
        cron: str,
        *,
        timezone: Any,
        run_offset: int | Delta | None = None,
        run_immediately: bool | timedelta | None = False,
        key_format: str = KEY_FORMAT,
    ) -> None:
        super().__init__(cron, timezone=timezone, run_immediately=run_immediately)
        self._run_offset = run_offset or 0
        self._key_format = key_format

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> CronPartitionTimetable:
        offset = data["run_offset"]
        return cls(
            data["expression"],
            timezone=data["timezone"],
            run_offset=offset if isinstance(offset, int) else decode_delta(offset),
            run_immediately=decode_immediately(data.get("run_immediately")),
            key_format=data["key_format"],
        )

    def serialize(self) -> dict[str, Any]:
        offset = self._run_offset if isinstance(self._run_offset, int) else encode_delta(self._run_offset)
        return {**super().serialize(), "run_offset": offset, "key_format": self._key_format}

    def partition_key(self, tick: datetime) -> str:
        """The key of the run of a tick, in the timetable's zone."""
        moment = tick
        if isinstance(self._run_offset, int):
            for _ in range(abs(self._run_offset)):
                moment = self._schedule.after(moment) if self._run_offset > 0 else self._schedule.before(moment)
        else:
            moment = tick + self._run_offset
        return moment.astimezone(self._timezone).strftime(self._key_format)


class PartitionedAssetTimetable(DatasetTriggeredTimetable):
    """A run for each partition key for which the assets' events have come, by their mappers."""

    def __init__(
        self,
        assets: Any = None,
        partition_mapper_config: Mapping[Any, PartitionMapper] | None = None,
        default_partition_mapper: PartitionMapper | None = None,
    ) -> None:
        super().__init__(assets)
        self.partition_mapper_config = dict(partition_mapper_config or {})
        self.default_partition_mapper = default_partition_mapper or IdentityMapper()

    @property
    def summary(self) -> str:
        return "Partitioned Asset"

    def serialize(self) -> dict[str, Any]:
        by_asset = {
            getattr(asset, "uri", "") or f"name:{asset.name}": encode(mapper)
            for asset, mapper in self.partition_mapper_config.items()
        }
        return {"default": encode(self.default_partition_mapper), "mappers": by_asset}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> PartitionedAssetTimetable:
        made = cls(default_partition_mapper=decode(data["default"]))
        made._by_key = {key: decode(mapper) for key, mapper in data["mappers"].items()}
        return made

    _by_key: Mapping[str, PartitionMapper] = {}

    def mapper_of(self, uri: str, names: tuple[str, ...] = ()) -> PartitionMapper:
        """The mapper of an asset, by its URI or one of its names; of a timetable that was read back."""
        for key in (uri, *(f"name:{name}" for name in (*names, uri))):
            if key in self._by_key:
                return self._by_key[key]
        return self.default_partition_mapper


class PartitionedAtRuntime(NullTimetable):
    """Never by itself; what its runs write has partition keys that their tasks say."""

    partitioned_at_runtime = True

    @property
    def summary(self) -> str:
        return "Partitioned at runtime"

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        return None
