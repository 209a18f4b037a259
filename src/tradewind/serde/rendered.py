"""A template field after rendering, as ``rendered_fields`` of a task instance shows it: JSON as it is, else text.

A field that holds one thing JSON does not know becomes text as a whole, as Airflow writes it.
"""

from __future__ import annotations

import json
from typing import Any

from .described import text_of

MAX_TEXT = 4096
"""Airflow's default of ``[core] max_templated_field_length``."""
_NOTICE = "Truncated. You can change this behaviour in [core]max_templated_field_length. "


def rendered(value: Any) -> Any:
    """``value`` as JSON-able data. Never raises: an author's object may refuse even to become text."""
    if value is None or value is True or value is False:
        return value
    try:
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        plain = None
    # Text that no encoding knows is no JSON of ours.
    text = text_of(value).encode("utf-8", "replace").decode()
    if len(text) > MAX_TEXT:
        return f"{_NOTICE}{text[: MAX_TEXT - len(_NOTICE) - 1]!r}... "
    return text if plain is None and value is not None else plain
