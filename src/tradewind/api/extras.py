"""The ``extra`` of a connection as others may see it, and back again."""

from __future__ import annotations

import json
from typing import Any

from tradewind.observability.masking import MASK, redact


def masked_extra(extra: str | None) -> str | None:
    """Secrets masked by the names of their keys; a text that is no JSON is shown as it is."""
    if not extra:
        return extra
    try:
        value = json.loads(extra)
    except ValueError:
        return extra
    return json.dumps(redact(value))


def unmasked_extra(given: str, stored: str | None) -> str:
    """What was sent back masked means what is stored: who changes one key of an ``extra`` that was shown masked does
    not overwrite the secrets in it."""
    if MASK not in given or not stored:
        return given
    try:
        new, old = json.loads(given), json.loads(stored)
    except ValueError:
        return given
    return json.dumps(_restored(new, old, redact(old)))


def _restored(new: Any, old: Any, masked: Any) -> Any:
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: _restored(value, old[key], masked[key]) if key in old else value for key, value in new.items()}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [_restored(*three) for three in zip(new, old, masked, strict=True)]
    return old if new == masked and new != old else new
