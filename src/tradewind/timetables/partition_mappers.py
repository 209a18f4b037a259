"""From the partition key of an asset's event to the partition keys of the runs that it is for, and back.

Third parties subclass :class:`PartitionMapper` and :class:`Window`; only what is built in can be kept with a DAG.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from .partition_windows import (
    DayWindow,
    HourWindow,
    MinimumCount,
    MonthWindow,
    QuarterWindow,
    SegmentWindow,
    WaitForAll,
    WeekWindow,
    Window,
    YearWindow,
)
from .zones import parse_zone, zone_name

KEY_FORMAT = "%Y-%m-%dT%H:%M:%S"
"""How a cron partition's key is written, and what temporal mappers read."""


class PartitionMapper:
    """Says for which partitions a key counts. Raises ValueError for a key that it cannot read."""

    is_rollup: ClassVar[bool] = False

    def __init__(self, *, max_downstream_keys: int | None = None) -> None:
        self.max_downstream_keys = max_downstream_keys

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(type(self))

    def to_downstream(self, key: str) -> str | Iterable[str]:
        """The key, or keys, downstream."""
        raise NotImplementedError(f"{type(self).__name__} must define to_downstream()")

    def downstream_keys(self, key: str) -> tuple[str, ...]:
        """The same as a tuple. Raises ValueError for more keys than ``max_downstream_keys``."""
        found = self.to_downstream(key)
        keys = (found,) if isinstance(found, str) else tuple(dict.fromkeys(found))
        limit = self.max_downstream_keys
        if limit is not None and len(keys) > limit:
            raise ValueError(f"partition {key!r} is for {len(keys)} partitions; at most {limit} are allowed")
        return keys

    def decode_downstream(self, downstream_key: str) -> Any:
        """What a window is given for a downstream key."""
        return downstream_key

    def encode_upstream(self, decoded: Any) -> str:
        """The upstream key of what a window gives."""
        return str(decoded)

    def serialize(self) -> dict[str, Any]:
        """JSON-able arguments."""
        return {} if self.max_downstream_keys is None else {"max_downstream_keys": self.max_downstream_keys}


class IdentityMapper(PartitionMapper):
    """The same key."""

    def to_downstream(self, key: str) -> str:
        return key


class FixedKeyMapper(PartitionMapper):
    """One key for all."""

    def __init__(self, downstream_key: str, *, max_downstream_keys: int | None = None) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.downstream_key = downstream_key

    def to_downstream(self, key: str) -> str:
        return self.downstream_key

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "downstream_key": self.downstream_key}


class AllowedKeyMapper(PartitionMapper):
    """The same key, when it is one of a list."""

    def __init__(self, allowed_keys: list[str], *, max_downstream_keys: int | None = None) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.allowed_keys = list(allowed_keys)

    def to_downstream(self, key: str) -> str:
        if key not in self.allowed_keys:
            raise ValueError(f"Key {key!r} not in allowed keys {self.allowed_keys}")
        return key

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "allowed_keys": self.allowed_keys}


class _TemporalMapper(PartitionMapper):
    """The key of the period in which a moment lies."""

    default_output_format: ClassVar[str]

    def __init__(
        self,
        *,
        max_downstream_keys: int | None = None,
        timezone: Any = "UTC",
        input_format: str = KEY_FORMAT,
        output_format: str | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.timezone = zone_name(parse_zone(timezone))
        self.input_format = input_format
        self.output_format = output_format or self.default_output_format

    def to_downstream(self, key: str) -> str:
        return self.format(self.normalize(self._read(key, self.input_format)))

    def _read(self, text: str, form: str) -> datetime:
        found = datetime.strptime(text, form)  # noqa: DTZ007  a key has no zone, or its own
        if found.tzinfo is None:
            return found.replace(tzinfo=UTC)
        # Periods are counted in the mapper's zone; the result is written without one.
        return found.astimezone(parse_zone(self.timezone)).replace(tzinfo=UTC)

    def normalize(self, dt: datetime) -> datetime:
        """The start of the period."""
        raise NotImplementedError

    def format(self, dt: datetime) -> str:
        """The downstream key of a start."""
        return dt.strftime(self.output_format)

    def decode_downstream(self, downstream_key: str) -> datetime:
        return self.normalize(self._read(downstream_key, self.output_format))

    def encode_upstream(self, decoded: datetime) -> str:
        return decoded.strftime(self.input_format)

    def serialize(self) -> dict[str, Any]:
        names = ("timezone", "input_format", "output_format")
        return {**super().serialize(), **{name: getattr(self, name) for name in names}}


class StartOfHourMapper(_TemporalMapper):
    """Hours."""

    default_output_format = "%Y-%m-%dT%H"

    def normalize(self, dt: datetime) -> datetime:
        return dt.replace(minute=0, second=0, microsecond=0)


class StartOfDayMapper(_TemporalMapper):
    """Days."""

    default_output_format = "%Y-%m-%d"

    def normalize(self, dt: datetime) -> datetime:
        return dt.replace(hour=0, minute=0, second=0, microsecond=0)


class StartOfWeekMapper(StartOfDayMapper):
    """Weeks, from Monday on."""

    default_output_format = "%Y-%m-%d (W%V)"

    def normalize(self, dt: datetime) -> datetime:
        return super().normalize(dt) - timedelta(days=dt.weekday())

    def decode_downstream(self, downstream_key: str) -> datetime:
        # strptime takes no %V without a year of the same calendar; the date before it says all.
        form = re.sub(r"\s*\(W%V\)", "", self.output_format)
        return self.normalize(self._read(re.sub(r"\s*\(W\d\d\)", "", downstream_key), form))


class StartOfMonthMapper(StartOfDayMapper):
    """Months."""

    default_output_format = "%Y-%m"

    def normalize(self, dt: datetime) -> datetime:
        return super().normalize(dt).replace(day=1)


class StartOfQuarterMapper(StartOfDayMapper):
    """Quarters; ``{quarter}`` in the output format is its number."""

    default_output_format = "%Y-Q{quarter}"

    def normalize(self, dt: datetime) -> datetime:
        return super().normalize(dt).replace(day=1, month=dt.month - (dt.month - 1) % 3)

    def format(self, dt: datetime) -> str:
        return super().format(dt).replace("{quarter}", str((dt.month + 2) // 3))

    def decode_downstream(self, downstream_key: str) -> datetime:
        if "{quarter}" not in self.output_format:
            return super().decode_downstream(downstream_key)
        before, _, after = self.output_format.partition("{quarter}")
        found = re.fullmatch(r"(.*)([1-4])(.*)", downstream_key)
        if found is None:
            raise ValueError(f"{downstream_key!r} does not have the form {self.output_format!r}")
        year = self._read(found[1] + found[3], before + after)
        return self.normalize(year.replace(month=int(found[2]) * 3))


class StartOfYearMapper(StartOfDayMapper):
    """Years."""

    default_output_format = "%Y"

    def normalize(self, dt: datetime) -> datetime:
        return super().normalize(dt).replace(day=1, month=1)


class ProductMapper(PartitionMapper):
    """A mapper for each part of a composite key."""

    def __init__(
        self,
        mapper0: PartitionMapper,
        mapper1: PartitionMapper,
        /,
        *mappers: PartitionMapper,
        delimiter: str = "|",
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.mappers = [mapper0, mapper1, *mappers]
        self.delimiter = delimiter

    def to_downstream(self, key: str) -> str:
        parts = key.split(self.delimiter)
        if len(parts) != len(self.mappers):
            raise ValueError(f"Expected {len(self.mappers)} segments in key, got {len(parts)}")
        found = [mapper.to_downstream(part) for mapper, part in zip(self.mappers, parts, strict=True)]
        if not all(isinstance(part, str) for part in found):
            raise ValueError("a part of a composite key can only become one key")
        return self.delimiter.join(map(str, found))

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "mappers": [encode(one) for one in self.mappers], "delimiter": self.delimiter}


class ChainMapper(PartitionMapper):
    """One mapper after the other."""

    def __init__(
        self,
        mapper0: PartitionMapper,
        mapper1: PartitionMapper,
        /,
        *mappers: PartitionMapper,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.mappers = [mapper0, mapper1, *mappers]

    def to_downstream(self, key: str) -> str | Iterable[str]:
        keys: tuple[str, ...] = (key,)
        for mapper in self.mappers:
            keys = tuple(made for each in keys for made in mapper.downstream_keys(each))
        return keys[0] if len(keys) == 1 else keys

    def serialize(self) -> dict[str, Any]:
        return {**super().serialize(), "mappers": [encode(one) for one in self.mappers]}


class RollupMapper(PartitionMapper):
    """Many partitions make one: the run waits until the parts of its window have come."""

    is_rollup = True

    def __init__(
        self,
        *,
        upstream_mapper: PartitionMapper,
        window: Window,
        wait_policy: WaitForAll | None = None,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.upstream_mapper = upstream_mapper
        self.window = window
        self.wait_policy = wait_policy or WaitForAll()

    def to_downstream(self, key: str) -> str | Iterable[str]:
        return self.upstream_mapper.to_downstream(key)

    def to_upstream(self, downstream_key: str) -> frozenset[str]:
        """The keys that the partition waits for."""
        decoded = self.upstream_mapper.decode_downstream(downstream_key)
        return frozenset(self.upstream_mapper.encode_upstream(part) for part in self.window.to_upstream(decoded))

    def is_complete(self, downstream_key: str, seen: frozenset[str]) -> bool:
        """Whether what has come is enough for the partition."""
        expected = self.to_upstream(downstream_key)
        return self.wait_policy.is_satisfied(len(expected & seen), len(expected))

    def serialize(self) -> dict[str, Any]:
        parts = {name: encode(getattr(self, name)) for name in ("upstream_mapper", "window", "wait_policy")}
        return {**super().serialize(), **parts}


class FanOutMapper(PartitionMapper):
    """One partition makes many: a run for each part of the window."""

    def __init__(
        self,
        *,
        upstream_mapper: PartitionMapper,
        window: Window,
        downstream_mapper: PartitionMapper | None = None,
        max_downstream_keys: int | None = None,
    ) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        default = _FINER.get(type(window))
        if downstream_mapper is None and default is None:
            raise ValueError(f"FanOutMapper needs a downstream_mapper for {type(window).__name__}")
        self.upstream_mapper = upstream_mapper
        self.window = window
        self.downstream_mapper = downstream_mapper or (default or IdentityMapper)()

    def to_downstream(self, key: str) -> Iterable[str]:
        downstream = self.downstream_mapper
        for coarse in self.upstream_mapper.downstream_keys(key):
            decoded = self.upstream_mapper.decode_downstream(coarse)
            for part in self.window.to_upstream(decoded):
                yield downstream.format(part) if isinstance(downstream, _TemporalMapper) else str(part)

    def serialize(self) -> dict[str, Any]:
        parts = {name: encode(getattr(self, name)) for name in ("upstream_mapper", "window", "downstream_mapper")}
        return {**super().serialize(), **parts}


_FINER: Mapping[type[Window], type[PartitionMapper]] = {
    DayWindow: StartOfHourMapper,
    WeekWindow: StartOfDayMapper,
    MonthWindow: StartOfDayMapper,
    QuarterWindow: StartOfMonthMapper,
    YearWindow: StartOfMonthMapper,
}
_BUILT_IN: Mapping[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        *(IdentityMapper, FixedKeyMapper, AllowedKeyMapper, ProductMapper, ChainMapper, RollupMapper, FanOutMapper),
        *(StartOfHourMapper, StartOfDayMapper, StartOfWeekMapper, StartOfMonthMapper),
        *(StartOfQuarterMapper, StartOfYearMapper),
        *(HourWindow, DayWindow, WeekWindow, MonthWindow, QuarterWindow, YearWindow, SegmentWindow),
        *(WaitForAll, MinimumCount),
    )
}


def encode(value: Any) -> dict[str, Any]:
    """A mapper, window or wait policy as JSON. Raises ValueError for a third party's: no process could ask it."""
    cls = type(value)
    if _BUILT_IN.get(cls.__name__) is not cls:
        raise ValueError(
            f"{cls.__module__}.{cls.__qualname__}: only built-in partition mappers and windows can be used"
        )
    return {"kind": cls.__name__, **value.serialize()}


def decode(data: Mapping[str, Any]) -> Any:
    """What ``encode`` wrote."""
    arguments = {
        name: decode(item) if isinstance(item, Mapping) and "kind" in item else item
        for name, item in data.items()
        if name != "kind"
    }
    first = [decode(item) for item in arguments.pop("mappers", ())]
    return _BUILT_IN[data["kind"]](*first, **arguments)
