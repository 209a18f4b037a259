"""Idempotency-Key: a request that is sent again gets the answer of the first time, for 24 hours.

The answer is stored in the transaction that did what was asked, so there is no moment in which the one exists without
the other. What is stored is encrypted with a key made of the client's own: who reads the database learns nothing of
answers that hold secrets."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.storage import request_answers
from tradewind.storage.database import Transaction
from tradewind.storage.request_answers import RequestAnswerRow

from .call import Answer, Call
from .problems import Problem, bad_request

HEADER = "idempotency-key"
METHODS = frozenset({"POST", "PATCH", "PUT", "DELETE"})
KEPT_FOR = request_answers.KEPT
LONGEST_KEY = 255
_REPLAYED = "idempotency-replayed"


class KeyReused(Problem):
    """The key belongs to another request."""

    def __init__(self) -> None:
        super().__init__(422, "This Idempotency-Key was used for another request; use a new one.", blank=True)


@dataclass(frozen=True, slots=True)
class Once:
    """One request with a key, of one user."""

    digest: str
    request_digest: str
    secret: bytes

    def claim(self, tx: Transaction) -> Answer | None:
        """None when the request is the first with its key; else the first one's answer. Raises the 422 for a key that
        was used for another request."""
        row = request_answers.claim(tx, self.digest, self.request_digest, forget_before=tx.now - KEPT_FOR)
        return None if row is None else self._told(row)

    def earlier(self, tx: Transaction) -> Answer | None:
        """The first one's answer, if there is one by now. Raises as :meth:`claim` does."""
        row = request_answers.find(tx, self.digest, not_before=tx.now - KEPT_FOR)
        return None if row is None else self._told(row)

    def _told(self, row: RequestAnswerRow) -> Answer | None:
        if not hmac.compare_digest(row.request_digest, self.request_digest):
            raise KeyReused
        if not row.answer:  # of several transactions the last has not come: whoever asks again goes on with it
            return None
        stored = msgspec.json.decode(_fernet(self.secret).decrypt(row.answer.encode()))
        headers = {**stored["headers"], _REPLAYED: "true"}
        return Answer(base64.b64decode(stored["content"]), row.status, stored["media_type"], headers)

    def keep(self, tx: Transaction, answer: Answer) -> None:
        """Stores the answer."""
        content = answer.content if isinstance(answer.content, bytes) else msgspec.json.encode(answer.content)
        stored = {
            "content": base64.b64encode(content).decode(),
            "media_type": answer.media_type,
            "headers": {name: value for name, value in answer.headers.items() if name != "set-cookie"},
        }
        text = _fernet(self.secret).encrypt(msgspec.json.encode(stored)).decode()
        request_answers.keep(tx, self.digest, status=answer.status, answer=text)


def wants_once(method: str, headers: Any) -> bool:
    """Whether the request asks to be done once only."""
    return HEADER in headers and method in METHODS


def once_of(call: Call, target: str) -> Once | None:
    """The request's key with what it stands for; ``target`` is path and query. None without a key. Raises the 400 for
    a key that is empty or too long."""
    if not wants_once(call.method, call.headers):
        return None
    key = call.headers[HEADER]
    if not key.strip() or len(key) > LONGEST_KEY:
        raise bad_request(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters")
    secret = call.services.options.secret_key.encode()
    asked = msgspec.json.encode([call.method, target, call.body], order="deterministic")
    name = f"{call.user.user_id}\0{call.user.username}\0{key}".encode(errors="surrogatepass")
    return Once(
        digest=hmac.new(secret, b"name\0" + name, hashlib.sha256).hexdigest(),
        request_digest=hmac.new(secret, b"asked\0" + asked, hashlib.sha256).hexdigest(),
        secret=hmac.digest(secret, b"answer\0" + name, hashlib.sha256),
    )


def _fernet(secret: bytes) -> Any:
    # cryptography is heavy, and most requests have no key
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(secret))
