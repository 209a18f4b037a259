"""What packages ask of Airflow's serialised DAGs: whether something is one, and its plain form.

tradewind's stored form is its own (serde); these classes give packages the checks and the few functions they use."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .operator import BaseOperator


class BaseSerialization:
    """Values as plain ones and back."""

    @classmethod
    def serialize(cls, var: Any, **_: Any) -> Any:
        """A value as JSON-able."""
        import json  # used here only

        return json.loads(import_module("tradewind.serde.values").dumps(var))

    @classmethod
    def deserialize(cls, encoded_var: Any, **_: Any) -> Any:
        """The value of what :meth:`serialize` made."""
        import json  # used here only

        return import_module("tradewind.serde.values").loads(json.dumps(encoded_var))

    @classmethod
    def to_dict(cls, var: Any) -> dict[str, Any]:
        """As :meth:`serialize`."""
        found: dict[str, Any] = cls.serialize(var)
        return found


class SerializedBaseOperator(BaseOperator):
    """An operator read from the stored form. Packages check for it; user code always has real operators."""


class SerializedDAG(BaseSerialization):
    """A DAG's stored form."""

    @classmethod
    def to_dict(cls, var: Any) -> dict[str, Any]:
        """A DAG as plain values, in tradewind's form."""
        import json  # used here only

        found: dict[str, Any] = json.loads(import_module("tradewind.serde.encode").encode(var))
        return found


LazyDeserializedDAG = SerializedDAG


def encode_timezone(zone: Any) -> str | int:
    """A time zone as its name, or its offset in seconds."""
    name = getattr(zone, "name", None) or getattr(zone, "key", None)
    if name:
        return str(name)
    offset = zone.utcoffset(None)
    if offset is not None:
        return int(offset.total_seconds())
    raise ValueError(f"DAG timezone should be a pendulum.tz.Timezone, not {zone!r}.")


def decode_timezone(text: str | int) -> Any:
    """The time zone of a name or an offset."""
    from .timezone import parse_timezone  # pendulum only where it is wanted

    return parse_timezone(text)
