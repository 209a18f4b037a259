"""How many statements a request costs does not depend on how much there is: asked for three rows and for three
hundred, on each operation that answers with more than one thing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from support.api_server import ApiServer, api_in_process
from support.many_rows import fill

from tradewind.api import experimental
from tradewind.api.operations import ALL

ONE = "/dags/etl/dagRuns/one"
TASK = f"{ONE}/taskInstances/extract"
LISTS: dict[str, str] = {
    "get_dags": "/dags",
    "get_tasks": "/dags/etl/tasks",
    "get_dag_stats": "/dagStats?dag_ids={dag_ids}",
    "get_dag_warnings": "/dagWarnings",
    "get_dag_runs": "/dags/~/dagRuns?order_by=-start_date",
    "get_dag_runs_batch": "/dags/~/dagRuns/list",
    "get_upstream_dataset_events": f"{ONE}/upstreamDatasetEvents",
    "get_task_instances": "/dags/~/dagRuns/~/taskInstances",
    "get_task_instances_batch": "/dags/~/dagRuns/~/taskInstances/list",
    "get_mapped_task_instances": f"{ONE}/taskInstances/fan/listMapped",
    "get_task_instance_dependencies": f"{TASK}/dependencies",
    "get_task_instance_tries": f"{TASK}/tries",
    "get_mapped_task_instance_tries": f"{ONE}/taskInstances/fan/1/tries",
    "get_xcom_entries": f"{TASK}/xcomEntries",
    "get_extra_links": f"{TASK}/links",
    "get_datasets": "/datasets",
    "get_dataset": "/datasets/s3%3A%2F%2Fd000",
    "get_dataset_events": "/datasets/events",
    "get_dag_dataset_queued_events": "/dags/etl/datasets/queuedEvent",
    "get_dataset_queued_events": "/datasets/queuedEvent/s3%3A%2F%2Fd000",
    "get_pools": "/pools",
    "get_variables": "/variables",
    "get_connections": "/connections",
    "get_users": "/users",
    "get_roles": "/roles",
    "get_permissions": "/permissions",
    "get_import_errors": "/importErrors",
    "get_event_logs": "/eventLogs",
    "get_tokens": "/tokens",
    "get_webhooks": "/webhooks",
    "list_backfills": "/backfills?dag_id=etl",
    "get_backfill_runs": "/backfills/1/dagRuns",
    "dag_runs": "/../experimental/dags/etl/dag_runs",
    "latest_runs": "/../experimental/latest_runs",
}
NO_LISTS = frozenset({"get_plugins", "get_providers", "get_config", "get_events", "get_log"})
"""Answers that no table is behind, or that have no end, or are a file."""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiServer, ApiServer]]:
    """One with little in it and one with much."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # What a user may do is read again every two seconds: not in the midst of counting.
        patch.setattr("tradewind.auth.login.GRANTS_SECONDS", 1e6)
        both = []
        for count in (3, 300):
            folder = tmp_path_factory.mktemp(f"with{count}")
            server = stack.enter_context(api_in_process(folder, has_experimental_api=True))
            fill(server, count)
            both.append(server)
        yield both[0], both[1]


def ask(server: ApiServer, path: str) -> tuple[int, Any]:
    """How many statements the request runs, counted by SQLite itself, and its answer."""
    counted: list[str] = []
    with server.database.read() as tx:
        driver = tx.connection.connection.driver_connection
    assert driver is not None
    driver.set_trace_callback(counted.append)
    try:
        is_batch = path.endswith("/list")
        answer = server.post(path, {}) if is_batch else server.get(path)
    finally:
        driver.set_trace_callback(None)
    assert answer.status_code == 200, answer.text
    return sum(text.lstrip().upper().startswith(("SELECT", "WITH")) for text in counted), answer.json()


@pytest.mark.parametrize("name", LISTS)
def test_the_number_of_statements_is_constant(servers: tuple[ApiServer, ApiServer], name: str) -> None:
    seen = []
    for server, count in zip(servers, (3, 300), strict=True):
        path = LISTS[name].format(dag_ids=",".join(f"dag{number:03}" for number in range(count)))
        ask(server, path)
        seen.append(ask(server, path))
    (few, less), (many, more) = seen
    assert few == many > 0
    assert len(str(more)) >= len(str(less))


def test_every_list_is_in_the_table() -> None:
    known = set(LISTS) | NO_LISTS
    for operation in (*ALL, *experimental.OPERATIONS):
        is_list = operation.path.endswith("/list") or (
            operation.method == "GET" and any(parameter.name == "limit" for parameter in operation.query)
        )
        if is_list:
            assert operation.id in known
