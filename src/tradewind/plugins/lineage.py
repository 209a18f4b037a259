"""Lineage that hooks report while they run (offered as ``airflow.lineage.hook``): collected when a plugin reads it
(``hook_lineage_readers``), else passed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tradewind.sdk.assets import Dataset
from tradewind.sdk.logging_mixin import LoggingMixin

from . import catalogue, discovery


@dataclass(frozen=True, slots=True)
class DatasetLineageInfo:
    """A dataset, how often it was reported, and by whom."""

    dataset: Dataset
    count: int
    context: Any


class HookLineage(NamedTuple):
    """All that was reported."""

    inputs: list[DatasetLineageInfo]
    outputs: list[DatasetLineageInfo]
    extra: Sequence[tuple[Any, str, Any]] = ()


class HookLineageCollector(LoggingMixin):
    """Keeps what hooks report, each dataset once for each hook."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self._inputs: dict[tuple[str, int], DatasetLineageInfo] = {}
        self._outputs: dict[tuple[str, int], DatasetLineageInfo] = {}
        self._extra: list[tuple[Any, str, Any]] = []

    def create_dataset(
        self,
        scheme: str | None = None,
        uri: str | None = None,
        dataset_kwargs: dict[str, Any] | None = None,
        dataset_extra: dict[str, Any] | None = None,
    ) -> Dataset | None:
        """The dataset of a URI, or of a scheme and what belongs to it; None when neither makes one."""
        if uri:
            return Dataset(uri=uri, extra=dataset_extra)
        if not scheme or dataset_kwargs is None:
            self.log.debug("Missing required parameters: either 'uri' or 'scheme' must be provided.")
            return None
        path = "/".join(str(part).strip("/") for part in dataset_kwargs.values())
        return Dataset(uri=f"{scheme}://{path}", extra=dataset_extra)

    def add_input_dataset(
        self,
        context: Any,
        scheme: str | None = None,
        uri: str | None = None,
        dataset_kwargs: dict[str, Any] | None = None,
        dataset_extra: dict[str, Any] | None = None,
    ) -> None:
        """A hook has read this."""
        self._add(self._inputs, context, self.create_dataset(scheme, uri, dataset_kwargs, dataset_extra))

    def add_output_dataset(
        self,
        context: Any,
        scheme: str | None = None,
        uri: str | None = None,
        dataset_kwargs: dict[str, Any] | None = None,
        dataset_extra: dict[str, Any] | None = None,
    ) -> None:
        """A hook has written this."""
        self._add(self._outputs, context, self.create_dataset(scheme, uri, dataset_kwargs, dataset_extra))

    def add_input_asset(
        self, context: Any, scheme: str | None = None, uri: str | None = None, asset_kwargs: Any = None, **more: Any
    ) -> None:
        """The newer name."""
        self.add_input_dataset(context, scheme, uri, asset_kwargs, more.get("asset_extra"))

    def add_output_asset(
        self, context: Any, scheme: str | None = None, uri: str | None = None, asset_kwargs: Any = None, **more: Any
    ) -> None:
        """The newer name."""
        self.add_output_dataset(context, scheme, uri, asset_kwargs, more.get("asset_extra"))

    def add_extra(self, context: Any, key: str, value: Any) -> None:
        """A hook reports something else, such as a statement."""
        self._extra.append((context, key, value))

    @property
    def collected_datasets(self) -> HookLineage:
        """All that was reported until now."""
        return HookLineage(list(self._inputs.values()), list(self._outputs.values()), list(self._extra))

    @property
    def has_collected(self) -> bool:
        """Whether anything was."""
        return bool(self._inputs or self._outputs or self._extra)

    def _add(self, into: dict[tuple[str, int], DatasetLineageInfo], context: Any, dataset: Dataset | None) -> None:
        if dataset is None:
            return
        key = dataset.uri, id(context)
        known = into.get(key)
        into[key] = DatasetLineageInfo(dataset, 1 if known is None else known.count + 1, context)


class NoOpCollector(HookLineageCollector):
    """Keeps nothing: nobody reads it."""

    def add_input_dataset(self, *args: Any, **kwargs: Any) -> None:
        """Passed over."""

    def add_output_dataset(self, *args: Any, **kwargs: Any) -> None:
        """Passed over."""

    def add_extra(self, *args: Any, **kwargs: Any) -> None:
        """Passed over."""


class HookLineageReader(LoggingMixin):
    """What a plugin lists under ``hook_lineage_readers`` to read what hooks report."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.lineage_collector = get_hook_lineage_collector()

    def retrieve_hook_lineage(self) -> HookLineage:
        """All that was reported until now."""
        return self.lineage_collector.collected_datasets


_COLLECTOR: list[HookLineageCollector] = []


def get_hook_lineage_collector() -> HookLineageCollector:
    """This process's collector; one that keeps nothing where no plugin reads it."""
    if not _COLLECTOR:
        folder = discovery.plugins_folder()
        is_read = catalogue.exist(folder) and bool(discovery.loaded().all_of("hook_lineage_readers"))
        _COLLECTOR.append(HookLineageCollector() if is_read else NoOpCollector())
    return _COLLECTOR[0]
