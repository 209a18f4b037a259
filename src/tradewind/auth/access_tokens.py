"""Personal access tokens: what they look like, what is kept of them, and what a scope leaves of a user's grants.

Pure but for making a secret. A token is shown once; the database keeps its SHA-256 (the secret has 256 random bits, so
a slow hash would protect nothing)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence

from tradewind.model.errors import InvalidInput

from .permissions import ACTIONS, DAG_PREFIX, DAGS, Grant, Grants

PREFIX = "twp_"
"""So that scanners for leaked secrets, and people, recognise one."""

SHORTHANDS: dict[str, tuple[str, ...]] = {
    "read": ("can_read", "menu_access"),
    "write": tuple(ACTIONS.values()),
}


def new_secret() -> str:
    """A token."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def parse_bearer(header: str) -> str | None:
    """The token of a Bearer Authorization header, or None."""
    scheme, _, rest = header.partition(" ")
    return rest.strip() if scheme.lower() == "bearer" and rest.strip() else None


def check_scopes(scopes: Sequence[str]) -> None:
    """Raises InvalidInput for a scope that means nothing."""
    for scope in scopes:
        action, colon, resource = scope.partition(":")
        is_shorthand = scope in SHORTHANDS
        if not is_shorthand and not (colon and resource and (action == "*" or action in ACTIONS.values())):
            raise InvalidInput(
                f"Scope {scope!r} is not known; use 'read', 'write', or an action and a resource such as "
                f"'can_read:DAGs', 'can_create:DAG Runs' or 'can_read:DAG:my_dag'; "
                f"actions: {', '.join(ACTIONS.values())}"
            )


def narrowed(grants: Grants, scopes: Iterable[str] | None) -> frozenset[Grant]:
    """What a token may: the user's grants as far as one of its scopes covers them; None: all of them."""
    if scopes is None:
        return frozenset(grants)
    found: set[Grant] = set()
    for scope in scopes:
        found |= _covered(grants, scope)
    return frozenset(found)


def _covered(grants: Grants, scope: str) -> set[Grant]:
    if scope in SHORTHANDS:
        return {grant for grant in grants if grant[0] in SHORTHANDS[scope]}
    action, _, resource = scope.partition(":")
    found = {grant for grant in grants if action in ("*", grant[0]) and resource in ("*", grant[1])}
    if resource.startswith(DAG_PREFIX):
        # Who may something on all DAGs may give a token the same on one.
        found |= {(granted, resource) for granted, on in grants if on == DAGS and action in ("*", granted)}
    return found
