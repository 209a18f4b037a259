"""Dataset events of a task that has succeeded: one per dataset among its outlets, and what its aliases were given."""

from __future__ import annotations

import json
from typing import Any

from tradewind.sdk.assets import Dataset, DatasetAlias
from tradewind.wire.messages import AliasEvent


def events_of(task: Any, context: Any) -> tuple[tuple[str, str], ...]:
    """(URI, extra as JSON text) for each dataset. TypeError for an extra that is no JSON."""
    outlets = [outlet for outlet in task.get_outlet_defs() or () if isinstance(outlet, Dataset)]
    if not outlets:
        return ()
    accessors = context["outlet_events"]
    return tuple(
        (outlet.uri, json.dumps(accessors[outlet].extra or {}))
        for outlet in outlets
        if not accessors[outlet].partition_keys
    )


def partition_events_of(task: Any, context: Any) -> tuple[AliasEvent, ...]:
    """One event for each partition that the task has named, in place of one for the dataset."""
    outlets = [outlet for outlet in task.get_outlet_defs() or () if isinstance(outlet, Dataset)]
    if not outlets:
        return ()
    accessors = context["outlet_events"]
    return tuple(
        AliasEvent(uri=outlet.uri, extra=json.dumps(accessors[outlet].extra or {}), partition_key=key)
        for outlet in outlets
        for key in accessors[outlet].partition_keys
    )


def alias_events_of(task: Any, context: Any) -> tuple[AliasEvent, ...]:
    """One event for each dataset and extra that was attached, with all aliases through which."""
    outlets = [outlet for outlet in task.get_outlet_defs() or () if isinstance(outlet, DatasetAlias)]
    if not outlets:
        return ()
    accessors = context["outlet_events"]
    through: dict[tuple[str, str], dict[str, None]] = {}
    for outlet in outlets:
        for event in accessors[outlet].dataset_alias_events:
            key = str(event["dest_dataset_uri"]), json.dumps(event.get("extra") or {}, sort_keys=True)
            through.setdefault(key, {})[str(event["source_alias_name"])] = None
    return tuple(AliasEvent(uri=uri, extra=extra, aliases=tuple(names)) for (uri, extra), names in through.items())
