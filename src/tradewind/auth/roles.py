"""The five roles that Airflow comes with, and keeping them in the database.

Facts dumped from Airflow 2.10.5 after ``sync-perm``: each role has what the one before it has, and more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .permissions import DAG_PREFIX, Grant

if TYPE_CHECKING:
    from tradewind.storage.database import Transaction

ADMIN, OP, USER, VIEWER, PUBLIC = "Admin", "Op", "User", "Viewer", "Public"


def _grants(table: Mapping[str, Iterable[str]]) -> frozenset[Grant]:
    return frozenset((action, resource) for action, resources in table.items() for resource in resources)


_VIEWER = _grants(
    {
        "can_edit": ("My Password", "My Profile"),
        "can_read": (
            "Cluster Activity",
            "DAG Code",
            "DAG Dependencies",
            "DAG Runs",
            "DAG Warnings",
            "DAGs",
            "Datasets",
            "ImportError",
            "Jobs",
            "My Password",
            "My Profile",
            "Pools",
            "SLA Misses",
            "Task Instances",
            "Task Logs",
            "Website",
            "XComs",
        ),
        "menu_access": (
            "Browse",
            "Cluster Activity",
            "DAG Dependencies",
            "DAG Runs",
            "DAGs",
            "Datasets",
            "Docs",
            "Documentation",
            "Jobs",
            "SLA Misses",
            "Task Instances",
        ),
    }
)
_USER = _VIEWER | _grants(
    {
        "can_create": ("DAG Runs", "Datasets", "Task Instances"),
        "can_delete": ("DAG Runs", "DAGs", "Task Instances"),
        "can_edit": ("DAG Runs", "DAGs", "Task Instances"),
    }
)
_OP = _USER | _grants(
    {
        "can_create": ("Connections", "Pools", "Variables"),
        "can_delete": ("Connections", "Datasets", "Pools", "Variables", "XComs"),
        "can_edit": ("Connections", "Pools", "Variables"),
        "can_read": ("Configurations", "Connections", "Plugins", "Providers", "Variables"),
        "menu_access": (
            "Admin",
            "Configurations",
            "Connections",
            "Plugins",
            "Pools",
            "Providers",
            "Variables",
            "XComs",
        ),
    }
)
_ADMIN = _OP | _grants(
    {
        "can_create": ("Roles", "Users"),
        "can_delete": ("Roles", "Users"),
        "can_edit": ("Passwords", "Roles", "Users"),
        "can_read": (
            "Audit Logs",
            "Passwords",
            "Permission Views",
            "Permissions",
            "Roles",
            "Task Reschedules",
            "Triggers",
            "User Stats Chart",
            "Users",
            "View Menus",
        ),
        "menu_access": (
            "Actions",
            "Audit Logs",
            "List Roles",
            "List Users",
            "Permission Pairs",
            "Resources",
            "Security",
            "Task Reschedules",
            "Triggers",
            "User's Statistics",
        ),
    }
)
STOCK_ROLES: dict[str, frozenset[Grant]] = {
    ADMIN: _ADMIN,
    PUBLIC: frozenset(),
    VIEWER: _VIEWER,
    USER: _USER,
    OP: _OP,
}
"""In the order in which Airflow makes them."""

DAG_ACTIONS = ("can_read", "can_edit", "can_delete")


def sync_roles(tx: Transaction) -> None:
    """Creates the stock roles and gives them what they lack; takes nothing away. Cheap when nothing is missing."""
    for name, grants in STOCK_ROLES.items():
        role = tx.users.get_role(name)
        if role is None:
            tx.users.create_role(name, sorted(grants))
            continue
        missing = grants - role.grants
        if missing:
            tx.users.grant(name, sorted(missing))


def sync_dag_access(tx: Transaction, dag_id: str, access_control: Mapping[str, Iterable[str]] | None) -> None:
    """Gives the roles named in a DAG's ``access_control`` its DAG-level permissions."""
    for role, actions in (access_control or {}).items():
        tx.users.grant(role, [(action, DAG_PREFIX + dag_id) for action in actions])
