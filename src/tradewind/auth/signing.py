"""Values signed with the installation's secret key, as short texts for clients: opaque to them, checked by us.

``purpose`` parts the uses: what was signed for one is worthless for another."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec


class BadSignature(ValueError):
    """The text was not made with our key."""


def mac(text: str, key: str, purpose: str = "") -> bytes:
    """The keyed hash of a text."""
    secret = hmac.digest(key.encode(), purpose.encode(), hashlib.sha256) if purpose else key.encode()
    return hmac.digest(secret, text.encode(), hashlib.sha256)


def encode(raw: bytes) -> str:
    """Bytes as text that needs no quoting in URLs, headers and cookies."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of such a text. Raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(value: Any, key: str, purpose: str = "") -> str:
    """JSON-able value → signed text."""
    payload = encode(msgspec.json.encode(value))
    return f"{payload}.{encode(mac(payload, key, purpose))}"


def unsign(text: str, key: str, purpose: str = "") -> Any:
    """Signed text → value. Raises BadSignature."""
    payload, _, tail = text.partition(".")
    try:
        if not hmac.compare_digest(decode(tail), mac(payload, key, purpose)):
            raise BadSignature(text)
        return msgspec.json.decode(decode(payload))
    except (ValueError, msgspec.DecodeError) as error:
        raise BadSignature(text) from error
