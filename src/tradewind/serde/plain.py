"""``airflow.serialization.serde``: users' values as plain data (dicts, lists, texts, numbers) and back."""

from __future__ import annotations

from typing import Any

from tradewind.sdk.codec import allowed_classes

from .shown import shown_data
from .values import CLASSNAME, DATA, VERSION, from_plain, to_plain


def serialize(o: Any, depth: int = 0) -> Any:
    """``o`` as plain data; tuples keep their type. Raises TypeError for what cannot be kept."""
    return to_plain(o, keep_tuples=True)


def deserialize(o: Any, full: bool = True, type_hint: Any = None) -> Any:
    """The value of plain data; with ``full=False`` a text that describes each object. Raises ImportError for a class
    that the configuration does not allow."""
    return from_plain(o, allowed=allowed_classes()) if full else shown_data(o)


__all__ = ["CLASSNAME", "DATA", "VERSION", "deserialize", "serialize"]
