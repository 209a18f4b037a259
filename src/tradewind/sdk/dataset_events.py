"""``outlet_events``, ``inlet_events`` and ``triggering_dataset_events`` of the context."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tradewind.model.states import RunType

from .assets import AssetNameRef, BaseDataset, Dataset, DatasetAlias, extract_event_key
from .dag_run import DagRun
from .dates import as_pendulum
from .lazy_sequence import LazySelectSequence

if TYPE_CHECKING:
    from tradewind.wire.messages import DatasetEventItem


MAX_PARTITION_KEY = 250


@dataclass
class OutletEventAccessor:
    """What the task says about one of its outlets; ``extra`` goes with the event."""

    raw_key: Any
    extra: dict[str, Any] = field(default_factory=dict)
    dataset_alias_events: list[dict[str, Any]] = field(default_factory=list)
    # Airflow 3's: how Airflow 2 shows an accessor stays as it was.
    partition_keys: dict[str, None] = field(default_factory=dict, repr=False)

    def add_partitions(self, keys: str | Iterable[str]) -> None:
        """Make an event of the asset for each of these partitions, in place of the one for the run's own."""
        for key in [keys] if isinstance(keys, str) else keys:
            if not isinstance(key, str) or not 0 < len(key) <= MAX_PARTITION_KEY:
                raise ValueError(f"a partition key must be a text of 1 to {MAX_PARTITION_KEY} characters, not {key!r}")
            self.partition_keys[key] = None

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


class ForAsset:
    """Looking up by keyword, for templates: ``for_asset(uri=…)`` (or ``name=``), ``for_asset_alias(name=…)``."""

    def __getitem__(self, key: Any) -> Any:
        raise NotImplementedError

    def for_asset(self, *, name: str | None = None, uri: str | None = None) -> Any:
        """As ``[Asset]``."""
        if name and uri:
            return self[Dataset(name, uri)]
        return self[Dataset.ref(name=name or "", uri=uri or "")]

    def for_asset_alias(self, *, name: str) -> Any:
        """As ``[AssetAlias]``."""
        return self[DatasetAlias(name)]


class OutletEventAccessors(ForAsset, Mapping[Any, OutletEventAccessor]):
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


class InletEventsAccessors(ForAsset, Mapping[Any, Any]):
    """Events of the task's inlets, by dataset, alias or position, oldest first, fetched when they are looked at."""

    def __init__(self, inlets: list[Any]) -> None:
        self._inlets = inlets

    def __iter__(self) -> Iterator[Any]:
        return iter(self._inlets)

    def __len__(self) -> int:
        return len(self._inlets)

    def __getitem__(self, key: Any) -> LazyDatasetEventSelectSequence:
        wanted = self._inlets[key] if isinstance(key, int) else key
        if isinstance(wanted, AssetNameRef):
            return LazyDatasetEventSelectSequence(uri="", name=wanted.name)
        # A text is a URI, also when an alias is called so.
        is_alias = isinstance(wanted, DatasetAlias)
        kind = DatasetAlias if is_alias else Dataset
        # What stands among the inlets by name only is not told from others by a URI.
        has_names = any(isinstance(inlet, AssetNameRef) for inlet in self._inlets)
        uri = extract_event_key(wanted)
        known = {extract_event_key(inlet) for inlet in self._inlets if isinstance(inlet, kind)}
        if uri not in known and not has_names:
            raise KeyError(uri)
        return LazyDatasetEventSelectSequence(uri=uri, is_alias=is_alias)


class LazyDatasetEventSelectSequence(LazySelectSequence):
    """The events of one dataset, or those written through one alias."""

    def __init__(self, **whose: Any) -> None:
        super().__init__()
        self._whose = whose

    def _count(self) -> int:
        found = _ask("get_dataset_events", **self._whose, limit=0)
        return 0 if found is None else int(found.total)

    def _fetch(self, offset: int, limit: int) -> list[DatasetEvent]:
        found = _ask("get_dataset_events", **self._whose, offset=offset, limit=limit)
        return [DatasetEvent(item) for item in found.events]


class DatasetEvent:
    """One update of a dataset, with the task instance's run that made it."""

    def __init__(self, item: DatasetEventItem) -> None:
        self.id = item.id
        self.uri = item.uri
        self.dataset_id = item.dataset_id
        self.dataset = self.asset = Dataset(item.uri)
        self.extra: dict[str, Any] = json.loads(item.extra)
        self.timestamp = as_pendulum(item.timestamp)
        self.source_dag_id = item.source_dag_id
        self.source_task_id = item.source_task_id
        self.source_run_id = item.source_run_id
        self.source_map_index = item.source_map_index
        self.source_dag_run = None if item.source_run is None else DagRun.from_reply(item.source_run)

    @property
    def source_task_instance(self) -> Any:
        """The task instance that made it; None for an event from outside."""
        if self.source_dag_run is None or self.source_task_id is None:
            return None
        from .task_instance import TaskInstance  # it imports much, and few ask

        return TaskInstance.of(self.source_dag_run, self.source_task_id, self.source_map_index, None)

    def __repr__(self) -> str:
        return f"DatasetEvent(id={self.id!r}, uri={self.uri!r}, source_dag_id={self.source_dag_id!r})"


class TriggeringAssetEvents(ForAsset, Mapping[Any, list["DatasetEvent"]]):
    """Events that made the run, by asset (Airflow 3)."""

    def __init__(self, events: Mapping[str, list[DatasetEvent]]) -> None:
        self._events = {uri: list(found) for uri, found in events.items()}

    def __iter__(self) -> Iterator[Dataset]:
        return iter([Dataset(uri=uri) for uri in self._events])

    def __len__(self) -> int:
        return len(self._events)

    def __getitem__(self, key: BaseDataset | str) -> list[DatasetEvent]:
        if isinstance(key, AssetNameRef):
            from .kept_states import known_asset  # it imports this module's neighbours

            key = known_asset(name=key.name)
        return self._events[extract_event_key(key)]


def triggering_events(run: Any) -> dict[str, list[Any]]:
    """Events that made the run, by URI; empty for a run that no datasets triggered. Any URI may be asked for."""
    found: dict[str, list[Any]] = defaultdict(list)
    if run is not None and run.run_type == RunType.DATASET_TRIGGERED:
        for item in _ask("get_triggering_events", dag_id=run.dag_id, run_id=run.run_id) or ():
            event = DatasetEvent(item)
            found[event.uri].append(event)
    return found


def _ask(method: str, **question: Any) -> Any:
    """Ask the Runtime, where it can answer; dataset events are not part of every Runtime: None there."""
    from .runtime import find  # pulls in the wire messages

    answer = getattr(find(), method, None)
    return None if answer is None else answer(**question)
