"""What people do to personal access tokens: make, list, revoke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tradewind.auth.access_tokens import check_scopes, digest_of, new_secret
from tradewind.model.errors import AlreadyExists, InvalidInput, NotFound
from tradewind.storage.database import Transaction
from tradewind.storage.rows import TokenRow

MOST_OF_A_USER = 100


def create_token(
    tx: Transaction,
    user_id: int,
    name: str,
    *,
    scopes: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[TokenRow, str]:
    """A new token: its row, and its secret, which nobody can see again. ``scopes`` None: all that the user may.

    Raises AlreadyExists for a name the user has given, InvalidInput for a scope, name or moment that makes no sense."""
    if not name.strip() or len(name) > 250:
        raise InvalidInput("A token's name has 1 to 250 characters")
    if scopes is not None:
        check_scopes(scopes)
    if expires_at is not None and expires_at <= tx.now:
        raise InvalidInput(f"A token cannot expire in the past ({expires_at.isoformat()})")
    present = tx.users.tokens(user_id)
    if any(token.name == name for token in present):
        raise AlreadyExists(f"You have a token named '{name}' already; revoke it, or choose another name")
    if len(present) >= MOST_OF_A_USER:
        raise InvalidInput(f"A user has at most {MOST_OF_A_USER} tokens; revoke one")
    secret = new_secret()
    wanted = None if scopes is None else list(scopes)
    tx.users.add_token(user_id, name, digest_of(secret), scopes=wanted, expires_at=expires_at)
    row = tx.users.token(digest_of(secret))
    assert row is not None
    return row, secret


def revoke_token(tx: Transaction, user_id: int, token_id: int) -> None:
    """A token stops working at once. Raises NotFound for one that is not this user's."""
    if all(token.id != token_id for token in tx.users.tokens(user_id)):
        raise NotFound(f"There is no token {token_id}")
    tx.users.delete_token(token_id)
