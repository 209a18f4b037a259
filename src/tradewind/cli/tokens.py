"""``tokens``: personal access tokens of any user."""

from __future__ import annotations

from argparse import Namespace
from datetime import timedelta
from typing import TYPE_CHECKING

from tradewind.actions import tokens as actions

from .inputs import duration
from .session import CommandFailed, Session

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction
    from tradewind.storage.rows import UserRow


def create(args: Namespace, session: Session) -> int:
    """Makes one; its secret is shown this one time, alone on standard output."""
    lifetime: timedelta | None = None if args.expires_in is None else duration(args.expires_in, "--expires-in")
    with session.database.begin() as tx:
        user = _user(tx, args.username)
        row, secret = actions.create_token(
            tx,
            user.id,
            args.name,
            scopes=args.scope,
            expires_at=None if lifetime is None else tx.now + lifetime,
        )
    session.complain(f"Token {row.id} of {user.username}; it is shown this once:")
    session.say(secret)
    return 0


def list_tokens(args: Namespace, session: Session) -> int:
    """Tokens of one user, or of all."""
    with session.database.read() as tx:
        users = [_user(tx, args.username)] if args.username else list(tx.users.list())
        rows = [
            {
                "id": token.id,
                "username": user.username,
                "name": token.name,
                "scopes": "all" if token.scopes is None else ", ".join(token.scopes),
                "created_at": token.created_at,
                "expires_at": token.expires_at,
                "last_used_at": token.last_used_at,
            }
            for user in users
            for token in tx.users.tokens(user.id)
        ]
    session.show(rows, args.output)
    return 0


def revoke(args: Namespace, session: Session) -> int:
    """Ends one."""
    with session.database.begin() as tx:
        if not tx.users.delete_token(args.token_id):
            raise CommandFailed(f"there is no token {args.token_id}; see tradewind tokens list")
    session.say(f"Token {args.token_id} revoked")
    return 0


def _user(tx: Transaction, username: str) -> UserRow:
    user = tx.users.get(username)
    if user is None:
        raise CommandFailed(f'User "{username}" does not exist')
    return user
