"""Signed tokens for clients: file tokens of DAGs and continuation tokens of logs. Opaque to everybody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import msgspec


class BadSignature(ValueError):
    """The token was not made with our key."""


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(value: Any, key: str) -> str:
    """JSON-able value → token."""
    payload = msgspec.json.encode(value)
    return f"{_encode(payload)}.{_encode(hmac.digest(key.encode(), payload, hashlib.sha256))}"


def unsign(token: str, key: str) -> Any:
    """Token → value. Raises BadSignature."""
    head, _, tail = token.partition(".")
    try:
        payload, digest = _decode(head), _decode(tail)
        if not hmac.compare_digest(digest, hmac.digest(key.encode(), payload, hashlib.sha256)):
            raise BadSignature(token)
        return msgspec.json.decode(payload)
    except (ValueError, msgspec.DecodeError) as error:
        raise BadSignature(token) from error
