"""The five roles that Airflow comes with, and keeping them in the database.

Facts dumped from Airflow 2.10.5 after ``sync-perm``: each role has what the one before it has, and more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tradewind.model.errors import InvalidInput

from .permissions import DAG_PREFIX, RUN_PREFIX, Grant

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


RUN_ACTIONS = ("can_create", "can_read", "can_delete", "menu_access")
_OF_A_DAG = {"DAGs": (DAG_PREFIX, DAG_ACTIONS), "DAG Runs": (RUN_PREFIX, RUN_ACTIONS)}
"""What ``access_control`` may name: resource → the prefix of a DAG's own one, and its actions."""


def dag_grants(dag_id: str, access_control: Mapping[str, Any]) -> dict[str, frozenset[Grant]]:
    """Role → what it is granted on one DAG. A role's rights are actions on the DAG, or actions by resource.

    Raises InvalidInput for actions and resources that there are not.
    """
    return {role: _dag_grants(dag_id, rights) for role, rights in access_control.items()}


def _dag_grants(dag_id: str, rights: Any) -> frozenset[Grant]:
    by_resource = rights if isinstance(rights, Mapping) else {"DAGs": rights}
    found: set[Grant] = set()
    for resource, actions in by_resource.items():
        if resource not in _OF_A_DAG:
            raise InvalidInput(
                f"The access_control map for DAG '{dag_id}' includes the following invalid resource name: "
                f"'{resource}'; The set of valid resource names is: {list(_OF_A_DAG)}"
            )
        prefix, known = _OF_A_DAG[resource]
        invalid = sorted(set(actions) - set(known))
        if invalid:
            raise InvalidInput(
                f"The access_control map for DAG '{prefix}{dag_id}' includes the following invalid permissions: "
                f"{invalid}; The set of valid permissions is: {sorted(known)}"
            )
        found |= {(action, prefix + dag_id) for action in actions}
    return frozenset(found)


def sync_dag_access(tx: Transaction, dag_id: str, access_control: Mapping[str, Any] | None) -> None:
    """Makes the permissions on one DAG those of its ``access_control``; None leaves them as they are.

    Raises InvalidInput for a role, action or resource that does not exist; then nothing has changed.
    """
    if access_control is None:
        return
    wanted = dag_grants(dag_id, access_control)
    roles = {role.name: role for role in tx.users.roles()}
    for name in wanted:
        if name not in roles:
            raise InvalidInput(
                f"The access_control mapping for DAG '{dag_id}' includes a role named '{name}', "
                "but that role does not exist"
            )
    own = {prefix + dag_id for prefix, _ in _OF_A_DAG.values()}
    for name, role in roles.items():
        present = {grant for grant in role.grants if grant[1] in own}
        asked = wanted.get(name, frozenset())
        if stale := present - asked:
            tx.users.revoke(name, sorted(stale))
        if new := asked - present:
            tx.users.grant(name, sorted(new))
