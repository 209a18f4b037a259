"""Which runs datasets make: whether what was updated is enough, for which moment the run is, which data it is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradewind.model.decisions import CreateRun

Aliases = Mapping[str, Collection[str]]
"""Name of an alias → URIs of the datasets that were written through it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEvent:
    """One update that a run is made of, and the data interval of the run that wrote it (none for one from outside)."""

    id: int
    timestamp: datetime
    interval_start: datetime | None = None
    interval_end: datetime | None = None


def is_met(condition: Any, updated: Collection[str], aliases: Aliases | None = None) -> bool:
    """Whether a dataset expression (as DagSpec keeps it) holds, given the URIs that were updated."""
    aliases = aliases or {}
    match condition:
        case str():
            return condition in updated
        case {"any": parts}:
            return any(is_met(part, updated, aliases) for part in parts)
        case {"all": parts}:
            return all(is_met(part, updated, aliases) for part in parts)
        case {"alias": name}:
            return any(uri in updated for uri in aliases.get(name, ()))
        case {"uri": uri}:
            return uri in updated
        case _:
            return False


def resolved(condition: Any, names: Mapping[str, str | None]) -> Any:
    """The expression with URIs in place of names; a name that no asset has yet stays, and never holds."""
    match condition:
        case {"asset_ref": {"name": name}}:
            return names.get(name) or condition
        case {"any": parts}:
            return {"any": [resolved(part, names) for part in parts]}
        case {"all": parts}:
            return {"all": [resolved(part, names) for part in parts]}
        case _:
            return condition


def due(
    condition: Any,
    queued: Mapping[str, datetime],
    *,
    open_runs: int,
    max_active_runs: int,
    aliases: Aliases | None = None,
) -> datetime | None:
    """The logical date of the run that what is queued (URI → since when) makes now: the last update's. None when the
    condition does not hold, or as many runs are open as may be; then the queue waits."""
    if not queued or open_runs >= max_active_runs or not is_met(condition, queued.keys(), aliases):
        return None
    return max(queued.values())


def run_for(logical_date: datetime, events: Sequence[SourceEvent]) -> CreateRun:
    """The run at a logical date. Its data interval spans those of the runs that wrote; an event from outside counts
    with its own moment."""
    starts = [event.interval_start or event.timestamp for event in events]
    ends = [event.interval_end or event.timestamp for event in events]
    return CreateRun(
        logical_date=logical_date,
        data_interval_start=min(starts, default=logical_date),
        data_interval_end=max(ends, default=logical_date),
        run_after=logical_date,
    )
