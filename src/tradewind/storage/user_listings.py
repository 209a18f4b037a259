"""Lists of users, roles and permissions, for the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from .pages import Order, Page, Rows, listing
from .tables_access import (
    AB_PERMISSION,
    AB_PERMISSION_VIEW,
    AB_PERMISSION_VIEW_ROLE,
    AB_ROLE,
    AB_USER,
    AB_USER_ROLE,
    AB_VIEW_MENU,
)

if TYPE_CHECKING:
    from .database import Transaction


def users(tx: Transaction, page: Page, order: Order) -> tuple[Rows, int]:
    """One page of users."""
    return listing(tx, AB_USER, (), page, order)


def user(tx: Transaction, username: str) -> Any | None:
    """One user; names are one whatever their case."""
    statement = select(AB_USER).where(func.lower(AB_USER.c.username) == username.lower())
    return tx.connection.execute(statement).one_or_none()


def user_by_email(tx: Transaction, email: str) -> Any | None:
    """The user with this address."""
    return tx.connection.execute(select(AB_USER).where(AB_USER.c.email == email)).one_or_none()


def roles_of(tx: Transaction, user_ids: Sequence[int]) -> dict[int, list[str]]:
    """Names of roles by user id."""
    statement = (
        select(AB_USER_ROLE.c.user_id, AB_ROLE.c.name)
        .join_from(AB_USER_ROLE, AB_ROLE, AB_ROLE.c.id == AB_USER_ROLE.c.role_id)
        .where(AB_USER_ROLE.c.user_id.in_(user_ids))
        .order_by(AB_ROLE.c.id)
    )
    found: dict[int, list[str]] = {}
    for user_id, name in tx.connection.execute(statement):
        found.setdefault(user_id, []).append(name)
    return found


def roles(tx: Transaction, page: Page, order: Order) -> tuple[Rows, int]:
    """One page of roles."""
    return listing(tx, AB_ROLE, (), page, order)


def role(tx: Transaction, name: str) -> Any | None:
    """One role."""
    return tx.connection.execute(select(AB_ROLE).where(AB_ROLE.c.name == name)).one_or_none()


def grants_of(tx: Transaction, role_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """(action, resource) pairs by role id."""
    statement = (
        select(AB_PERMISSION_VIEW_ROLE.c.role_id, AB_PERMISSION.c.name, AB_VIEW_MENU.c.name)
        .join_from(
            AB_PERMISSION_VIEW_ROLE,
            AB_PERMISSION_VIEW,
            AB_PERMISSION_VIEW.c.id == AB_PERMISSION_VIEW_ROLE.c.permission_view_id,
        )
        .join(AB_PERMISSION, AB_PERMISSION.c.id == AB_PERMISSION_VIEW.c.permission_id)
        .join(AB_VIEW_MENU, AB_VIEW_MENU.c.id == AB_PERMISSION_VIEW.c.view_menu_id)
        .where(AB_PERMISSION_VIEW_ROLE.c.role_id.in_(role_ids))
        .order_by(AB_PERMISSION_VIEW_ROLE.c.id)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for role_id, action, resource in tx.connection.execute(statement):
        found.setdefault(role_id, []).append((action, resource))
    return found


def known_names(tx: Transaction) -> tuple[set[str], set[str]]:
    """Names of all actions and of all resources."""
    return (
        set(tx.connection.execute(select(AB_PERMISSION.c.name)).scalars()),
        set(tx.connection.execute(select(AB_VIEW_MENU.c.name)).scalars()),
    )


def actions(tx: Transaction, page: Page) -> tuple[Rows, int]:
    """One page of actions."""
    return listing(tx, AB_PERMISSION, (), page, Order("id"))
