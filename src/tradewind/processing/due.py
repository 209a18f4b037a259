"""Which DAG files to parse now, and for what reason. Pure: the manager gathers the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

Stamp = tuple[int, int]
"""(mtime_ns, size) of a file."""


class Why(IntEnum):
    """Reason of a parse, the most urgent first."""

    ASKED = 0
    NEW = 1
    CHANGED = 2
    LOOKUP = 3
    INTERVAL = 4
    SLOW_ROUND = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What is known of a file's last parse."""

    depends_on: Mapping[str, Stamp] = field(default_factory=dict)
    """The file itself, modules, data files, folders: with their stamps when they were read."""
    lookups: tuple[tuple[str, str, str], ...] = ()
    is_volatile: bool = False
    has_errors: bool = False
    parsed_at: datetime
    dags: Mapping[str, str] = field(default_factory=dict)
    """dag id → content hash."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """File (inside an archive) → text."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """Path → digest of content, for what ``depends_on`` names: a touched file with the same content is not parsed."""
    blocked: tuple[str, ...] = ()
    """Ids of DAGs it defines that another file defined before."""
    failing_since: datetime | None = None
    """Start of the present series of parses with errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """``volatile``: ``[scheduler] min_file_process_interval``, for files whose import reads what cannot be watched;
    ``everything``: the slow round of all files."""

    volatile: timedelta = timedelta(seconds=30)
    everything: timedelta = timedelta(minutes=30)


def due_files(
    files: Mapping[str, Stamp],
    records: Mapping[str, FileRecord],
    stamps: Mapping[str, Stamp | None],
    lookups: Mapping[tuple[str, str], str],
    *,
    now: datetime,
    intervals: Intervals,
    asked: frozenset[str] = frozenset(),
) -> list[tuple[Why, str]]:
    """The files to parse, most urgent first, and of the same urgency the newest first.

    ``files``: what is in the folder; ``stamps``: the dependencies as they are now (None: gone); ``lookups``: present
    digests of (kind, name); one that is not in it has not been looked at and counts as unchanged.
    """
    due = []
    for path, stamp in files.items():
        record = records.get(path)
        if path in asked:
            why: Why | None = Why.ASKED
        elif record is None:
            why = Why.NEW
        else:
            why = _changed(record, stamps, lookups) or _too_old(record, now, intervals)
        if why is not None:
            due.append((why, -stamp[0], path))
    return [(why, path) for why, _, path in sorted(due)]


def _changed(
    record: FileRecord, stamps: Mapping[str, Stamp | None], lookups: Mapping[tuple[str, str], str]
) -> Why | None:
    if any(stamps.get(dependency) != stamp for dependency, stamp in record.depends_on.items()):
        return Why.CHANGED
    if any(lookups.get((kind, name), value) != value for kind, name, value in record.lookups):
        return Why.LOOKUP
    return None


def _too_old(record: FileRecord, now: datetime, intervals: Intervals) -> Why | None:
    age = now - record.parsed_at
    if (record.is_volatile or record.has_errors) and age >= intervals.volatile:
        return Why.INTERVAL
    return Why.SLOW_ROUND if age >= intervals.everything else None


def next_due_at(records: Mapping[str, FileRecord], intervals: Intervals) -> datetime | None:
    """When the first file becomes due by time alone; None without files."""
    return min(
        (
            record.parsed_at + (intervals.volatile if record.is_volatile or record.has_errors else intervals.everything)
            for record in records.values()
        ),
        default=None,
    )
