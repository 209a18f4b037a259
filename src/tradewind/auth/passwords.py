"""Password hashes: argon2 for ours, and reading werkzeug's pbkdf2 and scrypt hashes of imported users."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # argon2 is slow to import and most processes never check a password
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    """An argon2id hash, with OWASP's parameters (19 MiB, 2 passes)."""
    return _hasher().hash(password)


def _werkzeug(stored: str, password: str) -> bool:
    method, salt, digest = stored.split("$", 2)
    name, *arguments = method.split(":")
    secret, salted = password.encode(), salt.encode()
    if name == "pbkdf2":
        algorithm = arguments[0] if arguments else "sha256"
        rounds = int(arguments[1]) if len(arguments) > 1 else 600_000
        found = hashlib.pbkdf2_hmac(algorithm, secret, salted, rounds)
    elif name == "scrypt":
        n, r, p = (int(part) for part in arguments) if arguments else (32768, 8, 1)
        found = hashlib.scrypt(secret, salt=salted, n=n, r=r, p=p, maxmem=132 * n * r * p)
    else:
        return False
    return hmac.compare_digest(found.hex(), digest)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. A missing hash costs as much as a wrong password, so that nobody can
    tell by the clock which users exist."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if stored and not stored.startswith("$argon2"):
        try:
            return _werkzeug(stored, password)
        except (ValueError, IndexError):
            return False
    try:
        return _hasher().verify(stored or _nobody(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hash_password("the password of a user that does not exist")
