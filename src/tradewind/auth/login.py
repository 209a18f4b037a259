"""From request headers to an Identity: the authentication back ends by Airflow's names.

A Basic password that was just verified is remembered for a short time as a keyed hash in memory, bound to the stored
hash it was verified against: a changed password, a deactivated or deleted user are refused at once, because the user's
row is read on every request.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradewind.model.times import Clock

from .identity import Identity
from .passwords import verify_password
from .permissions import Grants
from .roles import ADMIN, STOCK_ROLES

if TYPE_CHECKING:
    from tradewind.storage.database import Database, Transaction
    from tradewind.storage.rows import UserRow

REMEMBERED_SECONDS = 300.0
GRANTS_SECONDS = 2.0
_LARGEST = 4096
"""Entries kept in each cache; when full it is emptied, which only costs time."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    username: str
    stored_hash: str
    until: float


def parse_basic(header: str) -> tuple[str, str] | None:
    """User name and password of a Basic Authorization header, or None."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (username, password) if colon else None


class Authenticator:
    """Asks the configured back ends in order. Thread-safe."""

    def __init__(self, database: Database, clock: Clock, backends: Sequence[str]) -> None:
        self._database = database
        self._clock = clock
        self.backends = tuple(_short_name(name) for name in backends)
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, _Remembered] = {}
        self._grants: dict[int, tuple[Grants, float]] = {}
        self._lock = threading.Lock()

    def is_quick(self, headers: Mapping[str, str]) -> bool:
        """Whether authenticating needs no password hashing, so that it may be done on the event loop."""
        header = headers.get("authorization")
        if not header or "basic_auth" not in self.backends:
            return True
        entry = self._remembered.get(self._digest(header))
        return entry is not None and entry.until > self._clock.monotonic()

    def authenticate(self, tx: Transaction, headers: Mapping[str, str]) -> Identity | None:
        """The user, or None when nobody vouches for the request."""
        for backend in self.backends:
            match backend:
                case "default":
                    return Identity("anonymous", None, (ADMIN,), STOCK_ROLES[ADMIN])
                case "basic_auth":
                    identity = self._basic(tx, headers.get("authorization", ""))
                    if identity is not None:
                        return identity
        return None

    def forget(self) -> None:
        """Drops everything remembered: a user, role or permission was changed."""
        with self._lock:
            self._remembered.clear()
            self._grants.clear()

    def _digest(self, header: str) -> bytes:
        return hmac.digest(self._key, header.encode(errors="surrogatepass"), hashlib.sha256)

    def _basic(self, tx: Transaction, header: str) -> Identity | None:
        digest = self._digest(header)
        entry = self._remembered.get(digest)
        if entry is not None and entry.until > self._clock.monotonic():
            user = tx.users.get(entry.username)
            if user is not None and user.active and user.password == entry.stored_hash:
                return self._identity(tx, user)
        pair = parse_basic(header)
        if pair is None:
            return None
        return self._verify(tx, digest, *pair)

    def _verify(self, tx: Transaction, digest: bytes, username: str, password: str) -> Identity | None:
        user = tx.users.get(username)
        is_right = verify_password(user.password if user else None, password)
        if user is None:
            return None
        self._count_login(user, is_right=is_right and user.active)
        if not is_right or not user.active or user.password is None:
            return None
        with self._lock:
            if len(self._remembered) >= _LARGEST:
                self._remembered.clear()
            until = self._clock.monotonic() + REMEMBERED_SECONDS
            self._remembered[digest] = _Remembered(username, user.password, until)
        return self._identity(tx, user)

    def _count_login(self, user: UserRow, *, is_right: bool) -> None:
        """Keeps last_login and the counters; a transaction of its own, because the request's may only read."""
        with self._database.begin() as tx:
            tx.users.count_login(user.id, is_right=is_right)

    def _identity(self, tx: Transaction, user: UserRow) -> Identity:
        now = self._clock.monotonic()
        kept = self._grants.get(user.id)
        if kept is None or kept[1] <= now:
            grants = frozenset(tx.users.permissions_of(user.id))
            with self._lock:
                if len(self._grants) >= _LARGEST:
                    self._grants.clear()
                self._grants[user.id] = (grants, now + GRANTS_SECONDS)
        else:
            grants = frozenset(kept[0])
        return Identity(user.username, user.id, user.roles, grants)


def _short_name(dotted: str) -> str:
    """Airflow's module path, or an older spelling of it, to the name of the back end."""
    return dotted.strip().removesuffix(".auth_current_user").rsplit(".", 1)[-1]
