"""Log-in by browser: a signed cookie that names a row, and the token that proves a request was meant.

The cookie holds a random id with our signature; the database holds the id's digest. A log-out deletes the row, so that
a copied cookie is worthless at once and on every server; another password or a deactivated user ends it too. A request
that changes something must repeat the session's CSRF token in a header, which a foreign page cannot read."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from tradewind.model.errors import Forbidden
from tradewind.storage import login_sessions
from tradewind.storage.login_sessions import LoginSessionRow

from .signing import BadSignature, encode, mac, sign, unsign

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction
    from tradewind.storage.rows import UserRow

COOKIE = "tradewind_session"
CSRF_HEADERS = ("x-csrf-token", "x-csrftoken")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PURPOSE = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """``key`` signs; without one nobody can log in by browser."""

    key: str = ""
    lifetime: timedelta = timedelta(minutes=43200)
    is_secure: bool = False
    same_site: str = "Lax"
    is_partitioned: bool = False
    """One jar for each site in whose frame a page of ours is."""
    path: str = "/"


class Sessions:
    """Makes, checks and ends log-ins by browser."""

    def __init__(self, options: SessionOptions) -> None:
        self.options = options

    def open(self, tx: Transaction, user: UserRow) -> tuple[str, str]:
        """Log a user in: the value of Set-Cookie, and the CSRF token."""
        session_id = secrets.token_urlsafe(32)
        login_sessions.add(
            tx,
            LoginSessionRow(
                digest=_digest(session_id),
                user_id=user.id,
                password_mark=_mark(user),
                created_at=tx.now,
                expires_at=tx.now + self.options.lifetime,
            ),
        )
        value = sign(session_id, self.options.key, _PURPOSE)
        return self._cookie(value, int(self.options.lifetime.total_seconds())), self.csrf_token(session_id)

    def close(self, tx: Transaction, headers: Mapping[str, str]) -> str:
        """Log out: the value of Set-Cookie."""
        session_id = self.session_id(headers)
        if session_id is not None:
            login_sessions.remove(tx, _digest(session_id))
        return self._cookie("", 0)

    def user_of(self, tx: Transaction, headers: Mapping[str, str]) -> UserRow | None:
        """Who is logged in, or None."""
        session_id = self.session_id(headers)
        row = None if session_id is None else login_sessions.get(tx, _digest(session_id))
        if row is None or row.expires_at <= tx.now:
            return None
        user = tx.users.by_id(row.user_id)
        if user is None or not user.active or not hmac.compare_digest(_mark(user), row.password_mark):
            return None
        return user

    def check_csrf(self, method: str, headers: Mapping[str, str]) -> None:
        """Raises Forbidden for a request that changes something without the session's CSRF token."""
        if method in SAFE_METHODS:
            return
        session_id = self.session_id(headers)
        given = next((headers[name] for name in CSRF_HEADERS if name in headers), "")
        if session_id is None or not hmac.compare_digest(given.encode(), self.csrf_token(session_id).encode()):
            raise Forbidden("The CSRF token is missing or wrong; send the session's own in the header X-CSRF-Token.")

    def csrf_token(self, session_id: str) -> str:
        """The token of a session."""
        return encode(mac(session_id, self.options.key, "csrf"))

    def session_id(self, headers: Mapping[str, str]) -> str | None:
        """The id in a request's cookie, when we signed it."""
        value = cookies_of(headers).get(COOKIE)
        if not value or not self.options.key:
            return None
        try:
            found = unsign(value, self.options.key, _PURPOSE)
        except BadSignature:
            return None
        return found if isinstance(found, str) else None

    def _cookie(self, value: str, seconds: int) -> str:
        options = self.options
        parts = [f"{COOKIE}={value}", f"Path={options.path}", f"Max-Age={seconds}", "HttpOnly"]
        if options.same_site:
            parts.append(f"SameSite={options.same_site}")
        if options.is_secure:
            parts.append("Secure")
        if options.is_partitioned:
            parts.append("Partitioned")
        return "; ".join(parts)


def cookies_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies of a request; none when they cannot be read."""
    text = headers.get("cookie")
    if not text:
        return {}
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(text).items()}
    except CookieError:
        return {}


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def _mark(user: UserRow) -> str:
    return hashlib.sha256((user.password or "").encode()).hexdigest()
