"""From request headers to an Identity: the authentication back ends by Airflow's names, and personal access tokens.

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
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from tradewind.model.times import Clock

from . import access_tokens
from .admission import Admission, Profile, admit
from .backends import BackendRequest, CustomBackend, load_backend
from .identity import Identity, Means
from .kerberos import CHALLENGE, Negotiator, parse_negotiate
from .ldap import Directory
from .oauth import Provider
from .passwords import verify_password
from .permissions import Grants
from .roles import ADMIN, PUBLIC, STOCK_ROLES
from .sessions import SessionOptions, Sessions
from .throttle import Throttle

if TYPE_CHECKING:
    from tradewind.storage.database import Database, Transaction
    from tradewind.storage.rows import TokenRow, UserRow

_log = structlog.get_logger(__name__)
REMEMBERED_SECONDS = 300.0
GRANTS_SECONDS = 2.0
BEARER_SECONDS = 60.0
"""For so long an access token of the provider is believed without looking at it again."""
TOKEN_USE_SECONDS = 60.0
"""The use of a token is noted at most this often."""
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

    def __init__(
        self,
        database: Database,
        clock: Clock,
        backends: Sequence[str],
        session: SessionOptions | None = None,
        *,
        provider: Provider | None = None,
        directory: Directory | None = None,
        negotiator: Negotiator | None = None,
    ) -> None:
        self.provider = provider
        self._directory = directory
        self._negotiator = negotiator
        self._database = database
        self._clock = clock
        self.backends = tuple(load_backend(name) for name in backends)
        self.sessions = Sessions(session or SessionOptions())
        self.throttle = Throttle(clock.monotonic)
        self._denies_all = bool(self.backends) and all(backend == "deny_all" for backend in self.backends)
        self.challenge = CHALLENGE if "kerberos_auth" in self.backends else ""
        """What WWW-Authenticate says to whom nobody vouched for; empty: there is no such header."""
        self._asks_others = any(isinstance(backend, CustomBackend) for backend in self.backends)
        self._key = secrets.token_bytes(32)
        self._remembered: dict[bytes, _Remembered] = {}
        self._grants: dict[int, tuple[Grants, float]] = {}
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def is_quick(self, headers: Mapping[str, str]) -> bool:
        """Whether authenticating hashes no password, writes nothing and runs nobody else's code, so that it may be
        done on the event loop."""
        header = headers.get("authorization")
        secret = access_tokens.parse_bearer(header) if header else None
        if secret is not None:
            return self._recall(header or "") is not None or self._is_noted(access_tokens.digest_of(secret))
        if self._asks_others or (header and self.challenge and parse_negotiate(header)):
            return False
        if not header or "basic_auth" not in self.backends:
            return True
        return self._recall(header) is not None

    def authenticate(
        self, tx: Transaction, headers: Mapping[str, str], *, method: str = "GET", address: str = ""
    ) -> Identity | None:
        """The user, or None when nobody vouches for the request. Raises TooManyFailures, and Forbidden for a request
        of a browser's session that lacks the CSRF token."""
        header = headers.get("authorization", "")
        secret = access_tokens.parse_bearer(header) if header else None
        if secret is not None and secret.startswith(access_tokens.PREFIX):
            return None if self._denies_all else self._token(tx, secret)
        if secret is not None and self.provider is not None and not self._denies_all:
            vouched = self._bearer(tx, self.provider, header, secret)
            if vouched is not None:
                return vouched
        for backend in self.backends:
            identity: Identity | None = None
            match backend:
                case "default":
                    return Identity("anonymous", None, (ADMIN,), STOCK_ROLES[ADMIN])
                case "basic_auth":
                    identity = self._basic(tx, header, address)
                case "session":
                    identity = self._session(tx, method, headers)
                case "kerberos_auth":
                    identity = self._kerberos(tx, header)
                case CustomBackend():
                    request = BackendRequest(method=method, headers=headers, remote_addr=address)
                    identity = self._custom(tx, backend, request)
            if identity is not None:
                return identity
        return None

    def again(self, tx: Transaction, identity: Identity, headers: Mapping[str, str], address: str) -> Identity | None:
        """Somebody who was let in some time ago and is still there, by the same headers; None: not any more."""
        if identity.means is not Means.KERBEROS:
            return self.authenticate(tx, headers, address=address)
        # A ticket is good for one request only: the second time it would look like a replay.
        user = tx.users.get(identity.username)
        return None if user is None or not user.active else self._identity(tx, user, Means.KERBEROS)

    def check_password(self, tx: Transaction, username: str, password: str, address: str = "") -> UserRow | None:
        """The active user with this name and password, or None. Counts, and raises TooManyFailures."""
        self.throttle.check(username, address)
        user = tx.users.get(username)
        if self._directory is not None and (user is None or not user.password):
            return self._check_elsewhere(self._directory, username, password, address)
        # Users imported from a directory's Airflow carry the hash of an empty password.
        is_right = verify_password(user.password if user else None, password) and bool(password)
        is_admitted = is_right and user is not None and user.active
        if self._directory is not None and not is_right and self._directory.options.admission.adopts_local_users:
            return self._check_elsewhere(self._directory, username, password, address)
        if user is not None:
            self._count_login(user, is_right=is_admitted)
        if not is_admitted:
            self.throttle.failed(username, address)
            return None
        self.throttle.passed(username, address)
        return user

    def identity_of(self, tx: Transaction, user: UserRow, means: Means) -> Identity:
        """A user with what the roles grant now."""
        return self._identity(tx, user, means)

    def forget(self) -> None:
        """Drops everything remembered: a user, role or permission was changed."""
        with self._lock:
            self._remembered.clear()
            self._grants.clear()

    # Back ends ----------------------------------------------------------------------------------------------------

    def _token(self, tx: Transaction, secret: str) -> Identity | None:
        digest = access_tokens.digest_of(secret)
        row = tx.users.token(digest)
        if row is None or (row.expires_at is not None and row.expires_at <= tx.now):
            return None
        user = tx.users.by_id(row.user_id)
        if user is None or not user.active:
            return None
        if not self._is_noted(digest):
            self._note_use(row)
        identity = self._identity(tx, user, Means.TOKEN)
        return replace(identity, grants=access_tokens.narrowed(identity.grants, row.scopes))

    def _is_noted(self, digest: str) -> bool:
        return self._used.get(digest, -TOKEN_USE_SECONDS) > self._clock.monotonic() - TOKEN_USE_SECONDS

    def _note_use(self, row: TokenRow) -> None:
        with self._lock:
            if len(self._used) >= _LARGEST:
                self._used.clear()
            self._used[row.digest] = self._clock.monotonic()
        with self._database.begin() as tx:
            tx.users.use_token(row.id)

    def _session(self, tx: Transaction, method: str, headers: Mapping[str, str]) -> Identity | None:
        user = self.sessions.user_of(tx, headers) if "cookie" in headers else None
        if user is None:
            return None
        self.sessions.check_csrf(method, headers)
        return self._identity(tx, user, Means.SESSION)

    def _custom(self, tx: Transaction, backend: CustomBackend, request: BackendRequest) -> Identity | None:
        is_vouched, username = backend.vouch(request)
        if not is_vouched:
            return None
        if username is None:
            role = tx.users.get_role(PUBLIC)
            return Identity("anonymous", None, (PUBLIC,), role.grants if role else frozenset(), Means.CUSTOM)
        user = tx.users.get(username)
        return self._identity(tx, user, Means.CUSTOM) if user is not None and user.active else None

    def _kerberos(self, tx: Transaction, header: str) -> Identity | None:
        token = parse_negotiate(header) if self._negotiator is not None else None
        ticket = None if token is None or self._negotiator is None else self._negotiator.check(token)
        if ticket is None:
            return None
        user = tx.users.get(ticket.principal)
        if user is None or not user.active:
            _log.warning("kerberos.unknown_user", principal=ticket.principal)
            return None
        return replace(self._identity(tx, user, Means.KERBEROS), proof=ticket.answer)

    def _digest(self, header: str) -> bytes:
        return hmac.digest(self._key, header.encode(errors="surrogatepass"), hashlib.sha256)

    def _basic(self, tx: Transaction, header: str, address: str) -> Identity | None:
        user = self._recalled_user(tx, header)
        if user is not None:
            return self._identity(tx, user, Means.PASSWORD)
        pair = parse_basic(header)
        user = None if pair is None else self.check_password(tx, *pair, address)
        if user is None:
            return None
        # Another password at the directory does not show in our row.
        elsewhere = REMEMBERED_SECONDS if self._directory is None else self._directory.options.remembered_seconds
        self._remember(header, user, min(REMEMBERED_SECONDS, elsewhere))
        return self._identity(tx, user, Means.PASSWORD)

    def _recall(self, header: str) -> _Remembered | None:
        entry = self._remembered.get(self._digest(header))
        return entry if entry is not None and entry.until > self._clock.monotonic() else None

    def _recalled_user(self, tx: Transaction, header: str) -> UserRow | None:
        entry = self._recall(header)
        user = None if entry is None else tx.users.get(entry.username)
        is_same = user is not None and entry is not None and (user.password or "") == entry.stored_hash
        return user if user is not None and user.active and is_same else None

    def _remember(self, header: str, user: UserRow, seconds: float) -> None:
        with self._lock:
            if len(self._remembered) >= _LARGEST:
                self._remembered.clear()
            until = self._clock.monotonic() + seconds
            self._remembered[self._digest(header)] = _Remembered(user.username, user.password or "", until)

    # Whom others vouch for -----------------------------------------------------------------------------------------

    def _bearer(self, tx: Transaction, provider: Provider, header: str, secret: str) -> Identity | None:
        user = self._recalled_user(tx, header)
        if user is None:
            found = provider.bearer(secret)
            if found is None:
                return None
            profile, until = found
            user = self._admit(profile, provider.options.admission, Means.TOKEN, is_login=False)
            if user is None:
                return None
            left = until - self._clock.now().timestamp()
            self._remember(header, user, min(BEARER_SECONDS, left))
        return self._identity(tx, user, Means.TOKEN)

    def _check_elsewhere(self, directory: Directory, username: str, password: str, address: str) -> UserRow | None:
        profile = directory.check(username, password)
        user = None
        if profile is not None:
            user = self._admit(profile, directory.options.admission, Means.PASSWORD, is_login=True)
        if user is None:
            self.throttle.failed(username, address)
        else:
            self.throttle.passed(username, address)
        return user

    def _admit(self, profile: Profile, rules: Admission, means: Means, *, is_login: bool) -> UserRow | None:
        """The person's row. What the roles grant is remembered here, because the request's own transaction may have
        begun before the row was written."""
        with self._database.begin() as tx:
            user = admit(tx, profile, rules)
            if user is not None:
                if is_login:
                    tx.users.count_login(user.id, is_right=True)
                with self._lock:
                    self._grants.pop(user.id, None)
                self._identity(tx, user, means)
        return user

    def _count_login(self, user: UserRow, *, is_right: bool) -> None:
        """Keeps last_login and the counters; a transaction of its own, because the request's may only read."""
        with self._database.begin() as tx:
            tx.users.count_login(user.id, is_right=is_right)

    def _identity(self, tx: Transaction, user: UserRow, means: Means) -> Identity:
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
        return Identity(user.username, user.id, user.roles, grants, means)
