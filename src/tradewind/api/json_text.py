"""Answers as JSON text, also those with characters that UTF-8 has no form for."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(decimal_format="number").encode


def json_text(value: Any) -> bytes:
    """The value as JSON. Half a surrogate pair, which a task may have in its text, is written as its escape: what
    Python's own json gives, and reads."""
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value, str_keys=True), separators=(",", ":")).encode()
