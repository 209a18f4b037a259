"""``task_state_store`` and ``asset_state_store`` of the context: small values kept for the next try, or the next run.

The methods that begin with ``a`` are for ``async`` code; they ask in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from .assets import AssetNameRef, BaseDataset, Dataset
from .exceptions import AirflowException

NEVER_EXPIRE = timedelta.max
"""``retention`` of what stays as long as its task instance."""
DEFAULT_RETENTION_DAYS = 30


class StateStore:
    """Values by key; of the running task instance, or of an asset."""

    def __init__(self, asset: BaseDataset | None = None) -> None:
        self._asset = asset

    def get(self, key: str, default: Any = None) -> Any:
        """The value; ``default`` when there is none."""
        text = self._ask("GetKept", key=key)
        return default if text is None else json.loads(text)

    def delete(self, key: str) -> None:
        """Forget one value."""
        self._ask("DeleteKept", key=key)

    def clear(self) -> None:
        """Forget all."""
        self._ask("DeleteKept")

    async def aget(self, key: str, default: Any = None) -> Any:
        """As :meth:`get`."""
        return self.get(key, default)

    async def adelete(self, key: str) -> None:
        """As :meth:`delete`."""
        self.delete(key)

    async def aclear(self) -> None:
        """As :meth:`clear`."""
        self.clear()

    def _put(self, key: str, value: Any, **more: Any) -> None:
        if value is None:
            raise ValueError("a state cannot be None; delete it instead")
        try:
            text = json.dumps(value)
        except TypeError as error:
            raise TypeError(f"the value of {key!r} must be JSON: {error}") from error
        self._ask("PutKept", key=key, value=text, **more)

    def _ask(self, kind: str, **fields: Any) -> Any:
        from tradewind.wire import messages  # not for authoring alone

        from .runtime import current  # the same

        request = getattr(messages, kind)(asset=_key(self._asset), **fields)
        return current().ask_about_assets(request)


class TaskStateStore(StateStore):
    """What the running task instance keeps for its next try."""

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        """Keep a JSON value; for ``[state_store] default_retention_days`` unless ``retention`` says how long."""
        from .timezone import utcnow  # pendulum, which authoring alone need not load

        if retention is None:
            from .settings import config_int  # few tasks keep anything

            days = config_int("state_store", "default_retention_days", DEFAULT_RETENTION_DAYS)
            retention = timedelta(days=days) if days > 0 else NEVER_EXPIRE
        expires_at = None if retention == NEVER_EXPIRE else utcnow() + retention
        self._put(key, value, expires_at=expires_at)

    async def aset(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        """As :meth:`set`."""
        self.set(key, value, retention=retention)


class AssetStateStore(StateStore):
    """What tasks keep for an asset."""

    def set(self, key: str, value: Any) -> None:
        """Keep a JSON value."""
        self._put(key, value)

    async def aset(self, key: str, value: Any) -> None:
        """As :meth:`set`."""
        self.set(key, value)


class AssetStateStores(AssetStateStore):
    """A store for each of the task's inlets and outlets; with a single asset it is that one's store itself."""

    def __init__(self, assets: Sequence[Any]) -> None:
        super().__init__()
        self._assets = list(dict.fromkeys(item for item in assets if isinstance(item, Dataset | AssetNameRef)))

    def __getitem__(self, asset: Dataset | AssetNameRef) -> AssetStateStore:
        if asset not in self._assets:
            raise KeyError(f"{asset!r} is neither an inlet nor an outlet of the task")
        return AssetStateStore(asset)

    def _ask(self, kind: str, **fields: Any) -> Any:
        if len(self._assets) != 1:
            raise AirflowException(
                f"the task has {len(self._assets)} assets: say which one's state is meant, as asset_state_store[asset]"
            )
        return AssetStateStore(self._assets[0])._ask(kind, **fields)


def _key(asset: BaseDataset | None) -> Any:
    from tradewind.wire.messages import AssetKey  # not for authoring alone

    if asset is None:
        return None
    return (
        AssetKey(name=asset.name) if isinstance(asset, AssetNameRef) else AssetKey(uri=str(getattr(asset, "uri", "")))
    )


def known_asset(*, name: str = "", uri: str = "") -> Dataset:
    """An asset by its name or URI, as some DAG defines it. Raises AirflowException for one that none does."""
    from tradewind.wire.messages import AssetKey, GetAsset  # not for authoring alone

    from .runtime import current  # the same

    found = current().ask_about_assets(GetAsset(asset=AssetKey(name=name, uri=uri)))
    if found is None:
        raise AirflowException(f"no DAG defines an asset {name or uri!r}")
    return Dataset(found["name"], found["uri"], group=found["group"], extra=found["extra"])
