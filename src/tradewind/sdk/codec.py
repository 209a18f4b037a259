"""Users' values as JSON text and back. The codecs themselves are serde's, one floor up; they are found by name, so that
authoring does not load (nor import) them before a value is really sent."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_CODECS = "tradewind.serde.values"


def encode(value: Any) -> str:
    """The value as text. Raises what serde raises for a value that cannot be stored."""
    text: str = import_module(_CODECS).dumps(value)
    return text


def decode(text: str) -> Any:
    """The value that was stored."""
    return import_module(_CODECS).loads(text)
