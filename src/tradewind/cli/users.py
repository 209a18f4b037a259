"""``users`` and ``roles``."""

from __future__ import annotations

import getpass
import secrets
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from tradewind.actions import users as actions
from tradewind.auth.roles import sync_roles

from .session import CommandFailed, Session

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction
    from tradewind.storage.rows import UserRow


def list_users(args: Namespace, session: Session) -> int:
    """All users with their roles."""
    with session.database.read() as tx:
        users = tx.users.list()
    rows = [
        {
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "roles": list(user.roles),
        }
        for user in users
    ]
    session.show(rows, args.output)
    return 0


def create(args: Namespace, session: Session) -> int:
    """Creates one; a name that is taken is no error, so that set-up scripts can be run again."""
    with session.database.begin() as tx:
        sync_roles(tx)
        check_role(tx, args.role)
        if tx.users.get(args.username) is not None:
            session.say(f"{args.username} already exist in the db")
            return 0
        if tx.users.by_email(args.email) is not None:
            raise CommandFailed(f"the address {args.email} belongs to another user")
        actions.create_user(
            tx,
            username=args.username,
            email=args.email,
            first_name=args.firstname,
            last_name=args.lastname,
            password=_password(args),
            roles=[args.role],
        )
    session.say(f'User "{args.username}" created with role "{args.role}"')
    return 0


def delete(args: Namespace, session: Session) -> int:
    """Deletes one, found by name or address."""
    with session.database.begin() as tx:
        user = _user(tx, args)
        actions.delete_user(tx, user.username)
    session.say(f'User "{user.username}" deleted')
    return 0


def reset_password(args: Namespace, session: Session) -> int:
    """Sets a new password."""
    with session.database.begin() as tx:
        user = _user(tx, args)
        actions.change_user(tx, user.username, {"password": _password(args)})
    session.say(f'User "{user.username}" password reset successfully')
    return 0


def add_role(args: Namespace, session: Session) -> int:
    """Gives a role."""
    with session.database.begin() as tx:
        user = _user(tx, args)
        check_role(tx, args.role)
        if args.role in user.roles:
            raise CommandFailed(f'User "{user.username}" is already a member of role "{args.role}"')
        actions.change_user(tx, user.username, {"roles": [*user.roles, args.role]})
    session.say(f'User "{user.username}" added to role "{args.role}"')
    return 0


def remove_role(args: Namespace, session: Session) -> int:
    """Takes a role away."""
    with session.database.begin() as tx:
        user = _user(tx, args)
        if args.role not in user.roles:
            raise CommandFailed(f'User "{user.username}" is not a member of role "{args.role}"')
        actions.change_user(tx, user.username, {"roles": [role for role in user.roles if role != args.role]})
    session.say(f'User "{user.username}" removed from role "{args.role}"')
    return 0


def list_roles(args: Namespace, session: Session) -> int:
    """All roles; with --permission a row for each resource."""
    with session.database.begin() as tx:
        sync_roles(tx)
        roles = tx.users.roles()
    if not args.permission:
        session.show([{"name": role.name} for role in roles], args.output)
        return 0
    rows = []
    for role in roles:
        actions_of: dict[str, list[str]] = {}
        for action, resource in sorted(role.grants):
            actions_of.setdefault(resource, []).append(action)
        rows += [{"name": role.name, "resource": name, "action": found} for name, found in sorted(actions_of.items())]
    session.show(rows, args.output)
    return 0


def _user(tx: Transaction, args: Namespace) -> UserRow:
    if bool(args.username) == bool(args.email):
        raise CommandFailed("Missing args: must supply one of --username or --email")
    user = tx.users.get(args.username) if args.username else tx.users.by_email(args.email)
    if user is None:
        raise CommandFailed(f'User "{args.username or args.email}" does not exist')
    return user


def check_role(tx: Transaction, name: str) -> None:
    """Raises CommandFailed for a role that there is not."""
    if tx.users.get_role(name) is None:
        known = ", ".join(role.name for role in tx.users.roles())
        raise CommandFailed(f"{name} is not a valid role. Valid roles are: [{known}]")


def _password(args: Namespace) -> str:
    if args.use_random_password:
        return secrets.token_urlsafe(16)
    if args.password:
        return str(args.password)
    if not sys.stdin.isatty():
        raise CommandFailed("nobody is there to type a password; give --password or --use-random-password")
    first, again = getpass.getpass("Password: "), getpass.getpass("Repeat for confirmation: ")
    if first != again:
        raise CommandFailed("Passwords did not match")
    return first
