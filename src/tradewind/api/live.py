"""Live changes as the user interface asks for them: topics, the short form of an event, and many changes of one thing
as its last. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.model.changes import Event

TYPES = {
    "task": "ti",
    "run": "run",
    "dag": "dag",
    "dataset": "asset",
    "import_error": "import_error",
    "pool": "pool",
    "backfill": "backfill",
}
"""The first word of an event's kind → what the interface calls it; other kinds are not for it."""
_OF_DAGS = frozenset({"dag", "run", "import_error"})
_WORDS = {
    "dags": _OF_DAGS,
    "tis": frozenset({"ti"}),
    "assets": frozenset({"asset"}),
    "pools": frozenset({"pool"}),
    "import_errors": frozenset({"import_error"}),
    "health": frozenset({"health"}),
    **{name: frozenset({name}) for name in TYPES.values()},
}


@dataclass(frozen=True, slots=True)
class LogTopic:
    """The log of one try; ``offset``: up to where the reader has it, None for from now on."""

    topic: str
    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Topics:
    """What somebody wants to hear of."""

    types: frozenset[str] = frozenset()
    dags: frozenset[str] = frozenset()
    runs: frozenset[tuple[str, str]] = frozenset()
    logs: tuple[LogTopic, ...] = ()

    @property
    def has_health(self) -> bool:
        """Whether the roles' health is among them."""
        return "health" in self.types

    def wants(self, event: Event) -> bool:
        """Whether an event is about one of them."""
        kind = TYPES.get(event.kind.partition(".")[0])
        if kind is None:
            return False
        return kind in self.types or event.dag_id in self.dags or (event.dag_id, event.run_id) in self.runs


def parse_topics(names: Iterable[str]) -> Topics:
    """The topics of a query. Raises ValueError with the one that is none."""
    types: set[str] = set()
    dags: set[str] = set()
    runs: set[tuple[str, str]] = set()
    logs: list[LogTopic] = []
    for name in names:
        word, colon, rest = name.partition(":")
        if not colon and word in _WORDS:
            types |= _WORDS[word]
        elif word == "dag" and rest:
            dags.add(rest)
        elif word == "run" and "/" in rest:
            dag_id, _, run_id = rest.partition("/")
            runs.add((dag_id, run_id))
        elif word == "log":
            logs.append(_log_topic(name, rest))
        else:
            raise ValueError(name)
    return Topics(frozenset(types), frozenset(dags), frozenset(runs), tuple(logs))


def _log_topic(topic: str, rest: str) -> LogTopic:
    place, at, offset = rest.partition("@")
    parts = place.split("/")
    if len(parts) != 5 or (at and not offset.isdecimal()):
        raise ValueError(topic)
    dag_id, run_id, task_id, map_index, try_number = parts
    if not map_index.removeprefix("-").isdecimal() or not try_number.isdecimal():
        raise ValueError(topic)
    return LogTopic(topic, dag_id, run_id, task_id, int(map_index), int(try_number), int(offset) if at else None)


def short_form(event: Event) -> dict[str, Any]:
    """An event in few bytes: d(ag), r(un), t(ask), m(ap index), s(tate), n (try), e(poch), k(ind)."""
    values = {
        "k": event.kind,
        "d": event.dag_id,
        "r": event.run_id,
        "t": event.task_id,
        "s": event.state,
        "n": event.try_number,
    }
    body: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    if event.task_id is not None:
        body["m"] = event.map_index
    if event.at is not None:
        body["e"] = round(event.at.timestamp(), 3)
    return body


class Gathered:
    """Changes that wait to be sent; of several of one thing the last remains."""

    def __init__(self, *, coalesces: bool) -> None:
        self._coalesces = coalesces
        self._bodies: dict[Any, tuple[str, dict[str, Any], int | None]] = {}
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._bodies)

    def add(self, event: Event) -> None:
        """One event of the outbox."""
        kind, body = TYPES[event.kind.partition(".")[0]], short_form(event)
        self._number += 1
        thing = (kind, event.dag_id, event.run_id, event.task_id, event.map_index)
        key: Any = thing if self._coalesces else self._number
        # What happened last comes last, also when the thing was noted before.
        before = self._bodies.pop(key, None)
        if before is not None and "s" not in body and "s" in before[1]:
            body["s"] = before[1]["s"]
        self._bodies[key] = (kind, body, event.id)

    def tell(self, kind: str, body: dict[str, Any], key: Any) -> None:
        """Something that is not in the outbox and carries no id."""
        self._bodies.pop((kind, key), None)
        self._bodies[kind, key] = (kind, body, None)

    def take(self) -> bytes:
        """All of them on the wire, and none is left."""
        parts = [frame(kind, body, number) for kind, body, number in self._bodies.values()]
        self._bodies.clear()
        return b"".join(parts)


def frame(kind: str, body: dict[str, Any], number: int | None) -> bytes:
    """One message of an event stream."""
    start = b"" if number is None else b"id: %d\n" % number
    return b"%sevent: %s\ndata: %s\n\n" % (start, kind.encode(), msgspec.json.encode(body))
