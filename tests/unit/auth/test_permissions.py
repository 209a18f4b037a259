"""Who may do what: Airflow's five roles, and permissions on single DAGs."""

import pytest

from tradewind.api.operations import V1
from tradewind.auth.permissions import on, on_dag, permits, permitted_dags
from tradewind.auth.roles import STOCK_ROLES

DAG_ONLY = frozenset(
    {
        ("can_read", "DAG:etl"),
        ("can_read", "DAG:still"),
        ("can_edit", "DAG:still"),
        ("can_read", "DAG Runs"),
        ("can_read", "Task Instances"),
    }
)


@pytest.mark.parametrize(
    ("access", "dag_id", "is_allowed"),
    [
        (on_dag("GET"), "etl", True),
        (on_dag("GET"), "other", False),
        (on_dag("PUT"), "etl", False),
        (on_dag("PUT"), "still", True),
        (on_dag("GET"), None, True),
        (on_dag("DELETE"), None, False),
        (on_dag("GET", "RUN"), "etl", True),
        (on_dag("GET", "RUN"), "~", True),
        (on_dag("GET", "RUN"), "other", False),
        (on_dag("DELETE", "RUN"), "still", False),
        (on_dag("PUT", "TASK_INSTANCE"), "still", False),
        (on_dag("GET", "CODE"), None, False),
        (on("GET", "Pools"), None, False),
    ],
)
def test_permissions_on_single_dags(access, dag_id, is_allowed):
    assert permits(DAG_ONLY, access, dag_id) is is_allowed


def test_a_list_shows_the_permitted_dags():
    assert permitted_dags(DAG_ONLY, "GET") == {"etl", "still"}
    assert permitted_dags(STOCK_ROLES["Viewer"], "GET") is None
    assert permitted_dags(STOCK_ROLES["Viewer"], "PUT") == frozenset()


REFUSED = {
    "Viewer": {
        "patch_dag",
        "post_dag_run",
        "get_variables",
        "get_plugins",
        "get_config",
        "get_event_logs",
        "get_users",
    },
    "User": {"get_variables", "post_pool", "get_providers", "delete_dataset_queued_events", "get_event_logs"},
    "Op": {"get_event_logs", "get_users", "get_roles", "get_permissions"},
    "Admin": set(),
}
ALLOWED = {
    "Viewer": {"get_dags", "get_dag_run", "get_log", "get_xcom_entry", "get_dag_source", "get_import_errors"},
    "User": {"patch_dag", "delete_dag", "post_dag_run", "post_clear_task_instances", "create_dataset_event"},
    "Op": {"get_variables", "post_connection", "delete_pool", "get_config", "delete_dataset_queued_events"},
    "Admin": {operation.id for operation in V1},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_what_the_stock_roles_may(role):
    grants = STOCK_ROLES[role]
    by_id = {operation.id: operation for operation in V1}
    for operation_id in ALLOWED[role]:
        assert all(permits(grants, access, "any") for access in by_id[operation_id].access), operation_id
    for operation_id in REFUSED[role]:
        assert not all(permits(grants, access, "any") for access in by_id[operation_id].access), operation_id


def test_the_public_may_only_see_health_and_version():
    open_to_all = {operation.id for operation in V1 if not operation.access}
    assert open_to_all == {"get_health", "get_version"}
    assert not any(
        operation.access and all(permits(frozenset(), access, "any") for access in operation.access) for operation in V1
    )
