"""``outlet_events``, ``inlet_events`` and ``triggering_dataset_events`` of the context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .assets import Dataset, DatasetAlias, extract_event_key


@dataclass
class OutletEventAccessor:
    """What the task says about one of its outlets; ``extra`` goes with the event."""

    raw_key: Any
    extra: dict[str, Any] = field(default_factory=dict)
    dataset_alias_events: list[dict[str, Any]] = field(default_factory=list)

    def add(self, dataset: Dataset | str, extra: dict[str, Any] | None = None) -> None:
        """For an alias: attach a dataset, and make an event of it."""
        if isinstance(self.raw_key, str):
            alias_name = self.raw_key
        elif isinstance(self.raw_key, DatasetAlias):
            alias_name = self.raw_key.name
        else:
            return
        uri = extract_event_key(dataset)
        self.dataset_alias_events.append(
            {"source_alias_name": alias_name, "dest_dataset_uri": uri, "extra": dict(extra or {})}
        )


class OutletEventAccessors(Mapping[Any, OutletEventAccessor]):
    """Accessors by dataset, alias or URI; made when they are first asked for."""

    def __init__(self) -> None:
        self._accessors: dict[str, OutletEventAccessor] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._accessors)

    def __len__(self) -> int:
        return len(self._accessors)

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: Any) -> OutletEventAccessor:
        name = key if isinstance(key, str) and ":" not in key else extract_event_key(key)
        if name not in self._accessors:
            self._accessors[name] = OutletEventAccessor(raw_key=key)
        return self._accessors[name]


class InletEventsAccessors(Mapping[Any, Any]):
    """Events of the task's inlets, by dataset or position, oldest first."""

    def __init__(self, inlets: list[Any]) -> None:
        self._inlets = inlets

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inlets)

    def __len__(self) -> int:
        return len(self._inlets)

    def __getitem__(self, key: Any) -> list[Any]:
        wanted = self._inlets[key] if isinstance(key, int) else key
        known = {extract_event_key(inlet) for inlet in self._inlets if isinstance(inlet, (Dataset, DatasetAlias))}
        name = extract_event_key(wanted)
        if name not in known:
            raise KeyError(wanted)
        return _ask("get_dataset_events", uri=name)


def triggering_events(run: Any) -> dict[str, list[Any]]:
    """Events that made the run, by URI; empty for a run that no datasets triggered."""
    if run is None:
        return {}
    found: dict[str, list[Any]] = {}
    for event in _ask("get_triggering_events", dag_id=run.dag_id, run_id=run.run_id):
        found.setdefault(event.uri, []).append(event)
    return found


def _ask(name: str, **question: Any) -> list[Any]:
    """Ask the Runtime, where it can answer; dataset events are not part of every Runtime."""
    from .runtime import find  # pulls in the wire messages

    answer = getattr(find(), name, None)
    return [] if answer is None else list(answer(**question))
