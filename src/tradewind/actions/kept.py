"""What tasks keep between tries (for themselves) and between runs (for an asset)."""

from __future__ import annotations

from tradewind.model.errors import InvalidInput, NotFound
from tradewind.model.records import RunKey, TaskKey
from tradewind.storage import kept_states
from tradewind.storage.database import Transaction
from tradewind.storage.kept_states import Owner
from tradewind.wire import messages as wire

from .datasets import described, found

MAX_BYTES = 65535
"""Of one value, as in Airflow 3: more belongs into an XCom or a file."""
MAX_KEY = 512


def answer(tx: Transaction, run: RunKey, key: TaskKey, request: wire.AssetRequest) -> wire.Ok | wire.Value:
    """Do what a task asks, and answer it."""
    if isinstance(request, wire.GetAsset):
        return wire.Value(value=described(tx, request.asset))
    owner = _owner_of(tx, run, key, request.asset)
    match request:
        case wire.GetKept():
            return wire.Value(value=kept_states.get(tx, owner, request.key))
        case wire.PutKept():
            _put(tx, owner, request)
        case wire.DeleteKept():
            kept_states.forget(tx, owner, request.key)
    return wire.Ok()


def _owner_of(tx: Transaction, run: RunKey, key: TaskKey, asset: wire.AssetKey | None) -> Owner:
    """Whose values are meant: the task instance's own without ``asset``. Raises NotFound for an unknown asset."""
    if asset is None:
        return run, key
    row = found(tx, asset)
    if row is None:
        raise NotFound(f"Asset {asset.name or asset.uri!r} is not known: no DAG uses it")
    return row.id


def _put(tx: Transaction, owner: Owner, request: wire.PutKept) -> None:
    """Keep a value. Raises InvalidInput for a key or value that is too long."""
    size = len(request.value.encode())
    if size > MAX_BYTES:
        raise InvalidInput(f"the value of {request.key!r} has {size} bytes; a state may have {MAX_BYTES}")
    if not 0 < len(request.key) <= MAX_KEY:
        raise InvalidInput(f"the key of a state must have 1 to {MAX_KEY} characters, not {len(request.key)}")
    kept_states.put(tx, owner, request.key, request.value, request.expires_at)
