"""A list never shows what a get would refuse, and hides nothing that a get would give: for each resource that has both,
each stock role, and somebody who may read one DAG only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert, update
from support.api_server import USERS, ApiServer, api_in_process
from support.many_rows import AT, fill

from tradewind.model.records import RunKey, TaskInstance
from tradewind.storage.database import Transaction
from tradewind.storage.tables_access import LOG
from tradewind.storage.tables_dags import DAG, IMPORT_ERROR
from tradewind.storage.tables_runs import XCOM

Row = dict[str, Any]


def instance_path(row: Row) -> str:
    index = "" if row.get("map_index", -1) < 0 else f"/{row['map_index']}"
    return f"/dags/{row['dag_id']}/dagRuns/{row['dag_run_id']}/taskInstances/{row['task_id']}{index}"


def xcom_path(row: Row) -> str:
    where = f"/dags/{row['dag_id']}/dagRuns/one/taskInstances/{row['task_id']}"
    return f"{where}/xcomEntries/{row['key']}?map_index={row['map_index']}"


RESOURCES: dict[str, tuple[str, str, Callable[[Row], str]]] = {
    "DAGs": ("/dags", "dags", lambda row: f"/dags/{row['dag_id']}"),
    "runs": ("/dags/~/dagRuns", "dag_runs", lambda row: f"/dags/{row['dag_id']}/dagRuns/{row['dag_run_id']}"),
    "runs, batch": (
        "/dags/~/dagRuns/list",
        "dag_runs",
        lambda row: f"/dags/{row['dag_id']}/dagRuns/{row['dag_run_id']}",
    ),
    "task instances": ("/dags/~/dagRuns/~/taskInstances", "task_instances", instance_path),
    "task instances, batch": ("/dags/~/dagRuns/~/taskInstances/list", "task_instances", instance_path),
    "XComs": ("/dags/~/dagRuns/~/taskInstances/~/xcomEntries", "xcom_entries", xcom_path),
    "warnings": ("/dagWarnings", "dag_warnings", lambda row: f"/dags/{row['dag_id']}"),
    "import errors": ("/importErrors", "import_errors", lambda row: f"/importErrors/{row['import_error_id']}"),
    "event logs": ("/eventLogs", "event_logs", lambda row: f"/eventLogs/{row['event_log_id']}"),
    "backfills": ("/backfills", "backfills", lambda row: f"/backfills/{row['id']}"),
    "datasets": ("/datasets", "datasets", lambda row: f"/datasets/{quote(row['uri'], safe='')}"),
    "pools": ("/pools", "pools", lambda row: f"/pools/{row['name']}"),
    "variables": ("/variables", "variables", lambda row: f"/variables/{row['key']}"),
    "connections": ("/connections", "connections", lambda row: f"/connections/{row['connection_id']}"),
    "users": ("/users", "users", lambda row: f"/users/{row['username']}"),
    "roles": ("/roles", "roles", lambda row: f"/roles/{row['name']}"),
}
BROKEN = ("etl", "dag000")
ALL_READS = (
    "DAG Runs",
    "Task Instances",
    "XComs",
    "DAG Warnings",
    "ImportError",
    "Audit Logs",
    "Datasets",
    "Task Logs",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Three DAGs beside etl, all with runs, task instances and XComs; and user guest, who may read etl only."""
    with pytest.MonkeyPatch.context() as patch, api_in_process(tmp_path_factory.mktemp("rows")) as server:
        patch.setattr("tradewind.auth.login.GRANTS_SECONDS", 1e6)
        fill(server, 3)
        for number in range(3):
            body = {"dag_run_id": "one", "logical_date": "2024-01-01T00:00:00Z"}
            assert server.post(f"/dags/dag{number:03}/dagRuns", body).is_success
        with server.database.begin() as tx:
            for number in range(3):
                add_task_with_xcom(tx, f"dag{number:03}")
            errors = [
                {"timestamp": AT, "filename": f"/dags/{name}.py", "stacktrace": "x"} for name in ("etl", "dag000")
            ]
            tx.connection.execute(insert(IMPORT_ERROR), errors)
            tx.connection.execute(insert(LOG), [{"dttm": AT, "event": "x", "dag_id": "dag000"}])
            grants = [("can_read", "DAG:etl"), *(("can_read", name) for name in ALL_READS)]
            tx.users.create_role("OneDag", grants)
            guest = tx.users.get("nobody")
            assert guest is not None
            tx.users.set_roles(guest.id, ["OneDag"])
        yield server


def add_task_with_xcom(tx: Transaction, dag_id: str) -> None:
    run = tx.runs.get(RunKey(dag_id, "one"))
    assert run is not None
    tx.task_instances.add(run, [TaskInstance(dag_id=dag_id, run_id="one", task_id="t", map_index=-1)])
    row = {
        "dag_run_id": 1,
        "dag_id": dag_id,
        "run_id": "one",
        "task_id": "t",
        "key": "k",
        "value": "1",
        "timestamp": AT,
    }
    tx.connection.execute(insert(XCOM), [row])


def ask(server: ApiServer, name: str, user: str) -> tuple[int, dict[str, Row]]:
    """Status of the list, and its rows by the address of each."""
    path, key, address = RESOURCES[name]
    who = (user, user)
    answer = server.post(path, {}, user=who) if path.endswith("/list") else server.get(path, user=who)
    rows = answer.json()[key] if answer.status_code == 200 else []
    return answer.status_code, {address(row): row for row in rows}


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", RESOURCES)
def test_a_list_shows_what_get_would_give(server: ApiServer, name: str, user: str) -> None:
    _, everything = ask(server, name, "admin")
    status, shown = ask(server, name, user)
    assert everything
    assert set(shown) <= set(everything)
    for path in everything:
        alone = server.get(path, user=(user, user)).status_code
        assert alone == (200 if path in shown else 403), (path, status)


def test_the_stack_trace_of_a_file_with_somebody_elses_dag_is_hidden(server: ApiServer) -> None:
    """As a real Airflow 2.10.5 answers: shown when any of the file's DAGs may be read, whole when all may be."""
    guest = ("nobody", "nobody")
    shown = server.get("/importErrors", user=guest).json()["import_errors"]
    assert [error["stack_trace"] for error in shown] == ["x"]
    with server.database.begin() as tx:
        tx.connection.execute(update(DAG).where(DAG.c.dag_id == "dag001").values(fileloc="/dags/etl.py"))
    hidden = "REDACTED - you do not have read permission on all DAGs in the file"
    (error,) = server.get("/importErrors", user=guest).json()["import_errors"]
    assert error["stack_trace"] == hidden
    assert server.get(f"/importErrors/{error['import_error_id']}", user=guest).json()["stack_trace"] == hidden
