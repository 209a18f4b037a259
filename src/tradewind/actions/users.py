"""What people and programs do to users and roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tradewind.auth.passwords import hash_password
from tradewind.auth.permissions import Grant
from tradewind.model.errors import NotFound
from tradewind.storage.database import Transaction
from tradewind.storage.rows import UserRow


def create_user(
    tx: Transaction,
    *,
    username: str,
    email: str,
    password: str,
    roles: Sequence[str],
    first_name: str = "",
    last_name: str = "",
) -> UserRow:
    """A new user; the password is stored as a hash. Raises AlreadyExists, NotFound for a role."""
    return tx.users.create(
        username=username,
        email=email,
        first_name=first_name,
        last_name=last_name,
        password=hash_password(password),
        roles=roles,
    )


def change_user(tx: Transaction, username: str, changes: Mapping[str, Any]) -> UserRow:
    """Changes parts of a user by UserRow's names; ``password`` is the plain one. Raises NotFound, AlreadyExists."""
    row = tx.users.get(username)
    if row is None:
        raise NotFound(f"The User with username `{username}` was not found")
    values = dict(changes)
    if "password" in values:
        values["password"] = hash_password(values["password"])
    if "roles" in values:
        values["roles"] = tuple(values["roles"])
    return tx.users.update(replace(row, **values))


def delete_user(tx: Transaction, username: str) -> None:
    """Deletes a user. Raises NotFound."""
    if not tx.users.delete(username):
        raise NotFound(f"The User with username `{username}` was not found")


def create_role(tx: Transaction, name: str, grants: Sequence[Grant]) -> None:
    """A new role. Raises AlreadyExists."""
    tx.users.create_role(name, grants)


def change_role(tx: Transaction, name: str, *, new_name: str, grants: Sequence[Grant]) -> None:
    """Adds permissions to a role and gives it a name. Raises NotFound, AlreadyExists."""
    tx.users.grant(name, grants)
    if new_name != name:
        tx.users.rename_role(name, new_name)


def delete_role(tx: Transaction, name: str) -> None:
    """Deletes a role. Raises NotFound."""
    if not tx.users.delete_role(name):
        raise NotFound(f"Role with name '{name}' was not found")
