"""Roles to permissions to yes or no, as Airflow's FAB manager decides: actions on resources, and permissions on DAGs.

Pure. A grant is (action, resource), e.g. ("can_read", "DAGs") or ("can_edit", "DAG:etl").
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

Grant = tuple[str, str]
Grants = AbstractSet[Grant]

ACTIONS = {"GET": "can_read", "POST": "can_create", "PUT": "can_edit", "DELETE": "can_delete", "MENU": "menu_access"}
DAGS = "DAGs"
DAG_PREFIX = "DAG:"
RUN_PREFIX = "DAG Run:"

ENTITIES: dict[str, tuple[str, ...]] = {
    "RUN": ("DAG Runs",),
    "TASK": ("Task Instances",),
    "TASK_INSTANCE": ("DAG Runs", "Task Instances"),
    "TASK_LOGS": ("Task Logs",),
    "XCOM": ("XComs",),
    "CODE": ("DAG Code",),
    "AUDIT_LOG": ("Audit Logs",),
    "WARNING": ("DAG Warnings",),
    "DEPENDENCIES": ("DAG Dependencies",),
}
"""What belongs to a DAG, and the resources on which one needs the action to touch it."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an operation needs. ``kind`` "dag": of the DAG in the path (or of any), and of ``entity``'s resources;
    "resource": the method's action on ``name``."""

    kind: str
    method: str
    name: str = ""


def on_dag(method: str, entity: str = "") -> Access:
    """Access to a DAG, or to one of its entities."""
    return Access("dag", method, entity)


def on(method: str, resource: str) -> Access:
    """Access to a resource."""
    return Access("resource", method, resource)


def allowed(grants: Grants, method: str, resource: str) -> bool:
    """Whether the method's action on the resource is granted."""
    return (ACTIONS[method], resource) in grants


def allowed_on_dag(grants: Grants, method: str, dag_id: str) -> bool:
    """The action on all DAGs, or on this one."""
    action = ACTIONS[method]
    return (action, DAGS) in grants or (action, DAG_PREFIX + dag_id) in grants


def permitted_dags(grants: Grants, method: str) -> frozenset[str] | None:
    """The DAGs on which the action is granted one by one; None means all DAGs."""
    action = ACTIONS[method]
    if (action, DAGS) in grants:
        return None
    return frozenset(
        resource.removeprefix(DAG_PREFIX)
        for granted, resource in grants
        if granted == action and resource.startswith(DAG_PREFIX)
    )


def _dag_access(grants: Grants, access: Access, dag_id: str | None) -> bool:
    if not access.name:
        if dag_id is not None:
            return allowed_on_dag(grants, access.method, dag_id)
        permitted = permitted_dags(grants, access.method)
        return permitted is None or bool(permitted)
    if dag_id is not None:
        if not allowed_on_dag(grants, "GET" if access.method == "GET" else "PUT", dag_id):
            return False
        if access.name == "RUN" and (ACTIONS[access.method], RUN_PREFIX + dag_id) in grants:
            return True
    return all(allowed(grants, access.method, resource) for resource in ENTITIES[access.name])


def permits(grants: Grants, access: Access, dag_id: str | None) -> bool:
    """Whether these grants satisfy what an operation needs; ``dag_id`` None or "~": no particular DAG."""
    if access.kind == "dag":
        return _dag_access(grants, access, None if dag_id == "~" else dag_id)
    return allowed(grants, access.method, access.name)
