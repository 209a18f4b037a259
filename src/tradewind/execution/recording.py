"""A Runtime that remembers which variables and connections were read, with a digest of each value."""

from __future__ import annotations

from typing import Any

import msgspec

from tradewind.sdk.runtime import NoRuntime, Runtime
from tradewind.wire.messages import ConnectionReply

from .import_watch import digest

_ENCODER = msgspec.json.Encoder(order="sorted")


def slots_digest(slots: int | None) -> str:
    """Fingerprint of a pool's size; "" for none."""
    return "" if slots is None else digest(str(slots))


def connection_digest(connection: ConnectionReply | None) -> str:
    """Fingerprint of a connection with all its fields; "" for none."""
    return "" if connection is None else digest(_ENCODER.encode(connection))


class RecordingRuntime:
    """Passes everything on to ``inner`` and keeps what was asked in ``lookups``: (kind, name, digest)."""

    def __init__(self, inner: Runtime | None) -> None:
        self.inner = inner
        self.lookups: set[tuple[str, str, str]] = set()

    def get_variable(self, key: str) -> str | None:
        """As Runtime."""
        value = self._inner().get_variable(key)
        self.lookups.add(("variable", key, digest(value)))
        return value

    def get_connection(self, conn_id: str) -> ConnectionReply | None:
        """As Runtime."""
        found = self._inner().get_connection(conn_id)
        self.lookups.add(("connection", conn_id, connection_digest(found)))
        return found

    def get_pool_slots(self, name: str) -> int | None:
        """How many slots a pool has, where the inner Runtime can say it; else None."""
        ask = getattr(self._inner(), "get_pool_slots", None)
        slots = None if ask is None else ask(name)
        self.lookups.add(("pool", name, slots_digest(slots)))
        return slots

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner(), name)

    def _inner(self) -> Runtime:
        if self.inner is None:
            raise NoRuntime("nobody answers here: there is no running task and no parse")
        return self.inner
