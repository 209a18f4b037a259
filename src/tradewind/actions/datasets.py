"""What people and programs do to datasets: create an event by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.model.errors import NotFound
from tradewind.storage.database import Transaction


def create_event(tx: Transaction, uri: str, extra: Mapping[str, Any]) -> int:
    """An event of a known dataset, queued for its consumers; the event's id. Raises NotFound."""
    if tx.datasets.get(uri) is None:
        raise NotFound(f"Dataset with uri: '{uri}' not found")
    return tx.datasets.add_event(uri, dict(extra))
