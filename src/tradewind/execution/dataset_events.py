"""Dataset events of a task that has succeeded: one per dataset among its outlets, and what its aliases were given."""

from __future__ import annotations

import json
from typing import Any

from tradewind.sdk.assets import Dataset, DatasetAlias


def events_of(task: Any, context: Any) -> tuple[tuple[str, str], ...]:
    """(URI, extra as JSON text) for each event. TypeError for an extra that is no JSON."""
    events: list[tuple[str, str]] = []
    outlets = task.get_outlet_defs()
    if not outlets:
        return ()
    accessors = context["outlet_events"]
    for outlet in outlets:
        if isinstance(outlet, Dataset):
            events.append((outlet.uri, json.dumps(accessors[outlet].extra or {})))
        elif isinstance(outlet, DatasetAlias):
            events += _events_of_alias(accessors[outlet])
    return tuple(events)


def _events_of_alias(accessor: Any) -> list[tuple[str, str]]:
    return [
        (str(event["dest_dataset_uri"]), json.dumps(event.get("extra") or {}))
        for event in accessor.dataset_alias_events
    ]
