"""As many rows of each kind as wanted, written straight into the tables: what lists are asked for in tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Float, Integer, Table, insert, select

from tradewind.storage import tables_access as access
from tradewind.storage import tables_backfills as backfills
from tradewind.storage import tables_dags as dags
from tradewind.storage import tables_runs as runs
from tradewind.storage.columns import UtcTime
from tradewind.storage.database import Database

from .api_server import ApiServer, a_dag

AT = datetime(2024, 1, 1, tzinfo=UTC)
TASK = {"dag_id": "etl", "run_id": "one", "task_id": "fan"}


def fill(server: ApiServer, count: int) -> None:
    """``count`` rows of each kind beside DAG etl: with its run "one", whose task fan is mapped so many times and whose
    extract has pushed so many XComs and was tried so often."""
    server.register(*(a_dag(f"dag{number:03}") for number in range(count)))
    assert server.post("/dags/etl/dagRuns", {"dag_run_id": "one", "logical_date": "2023-01-01T00:00:00Z"}).is_success
    with server.database.begin() as tx:
        first = {**_required(runs.TASK_INSTANCE), **_task("extract"), "state": "success", "logical_date": AT}
        tx.connection.execute(insert(runs.TASK_INSTANCE).prefix_with("OR IGNORE"), [first])
    for table, make in ROWS:
        with server.database.begin() as tx:
            made = [{**_required(table), **make(number)} for number in range(count)]
            tx.connection.execute(insert(table), made)
    with server.database.begin() as tx:
        tx.counters.recount()
    _grant(server.database, count)


def _required(table: Table) -> dict[str, Any]:
    """Something for each column that must have a value."""
    columns = [each for each in table.columns if not each.nullable and each.server_default is None]
    return {each.name: _something(each.type) for each in columns if each.name != "id"}


def _something(kind: Any) -> Any:
    match kind:
        case Boolean():
            return True
        case Integer() | Float():
            return 0
        case UtcTime():
            return AT
    return ""


def _grant(database: Database, count: int) -> None:
    """Roles for the users, and what each role may."""
    with database.begin() as tx:
        permission = tx.connection.execute(select(access.AB_PERMISSION_VIEW.c.id).limit(1)).scalar_one()
        users = tx.connection.execute(
            select(access.AB_USER.c.id).where(access.AB_USER.c.username.like("u_%"))
        ).scalars()
        wanted = access.AB_ROLE.c.name.like("r_%")
        roles = tx.connection.execute(select(access.AB_ROLE.c.id).where(wanted)).scalars().all()
        tx.connection.execute(
            insert(access.AB_PERMISSION_VIEW_ROLE),
            [{"permission_view_id": permission, "role_id": role} for role in roles],
        )
        tx.connection.execute(
            insert(access.AB_USER_ROLE),
            [{"user_id": user, "role_id": role} for user, role in zip(users, roles, strict=False)],
        )


def _task(task_id: str, index: int = -1) -> dict[str, Any]:
    return {**TASK, "task_id": task_id, "map_index": index}


def _instance(number: int) -> dict[str, Any]:
    return {
        **_task("fan", number + 3),
        "state": "deferred" if number % 2 else "success",
        "trigger_id": number + 1 if number % 2 else None,
        "try_number": 1,
        "pool": "default_pool",
        "logical_date": AT,
        "start_date": AT + timedelta(seconds=number),
    }


ROWS: tuple[tuple[Any, Callable[[int], dict[str, Any]]], ...] = (
    (access.VARIABLE, lambda n: {"key": f"v{n:03}", "val": "x"}),
    (access.SLOT_POOL, lambda n: {"pool": f"p{n:03}", "slots": 1}),
    (access.CONNECTION, lambda n: {"conn_id": f"c{n:03}", "conn_type": "http"}),
    (access.LOG, lambda _: {"dttm": AT, "event": "x", "dag_id": "etl"}),
    (access.AB_ROLE, lambda n: {"name": f"r_{n:03}"}),
    (access.AB_USER, lambda n: {"first_name": "", "last_name": "", "username": f"u_{n:03}", "email": f"{n}@x"}),
    (access.ACCESS_TOKEN, lambda n: {"user_id": 1, "name": f"t{n}", "digest": f"d{n}", "created_at": AT}),
    (
        access.WEBHOOK,
        lambda n: {
            "name": f"w{n}",
            "url": "http://x",
            "secret": "s",
            "user_id": 1,
            "last_event_id": 0,
            "failures": 0,
            "due_at": AT,
            "created_at": AT,
        },
    ),
    (dags.IMPORT_ERROR, lambda n: {"timestamp": AT, "filename": f"/dags/f{n}.py", "stacktrace": "x"}),
    (
        dags.DAG_WARNING,
        lambda n: {"dag_id": f"dag{n:03}", "warning_type": "non-existent pool", "message": "x", "timestamp": AT},
    ),
    (dags.DATASET, lambda n: {"id": n + 1, "uri": f"s3://d{n:03}", "extra": {}, "created_at": AT, "updated_at": AT}),
    (
        dags.DAG_SCHEDULE_DATASET_REFERENCE,
        lambda n: {"dataset_id": 1, "dag_id": f"dag{n:03}", "created_at": AT, "updated_at": AT},
    ),
    (
        dags.DAG_SCHEDULE_DATASET_REFERENCE,
        lambda n: {"dataset_id": n + 1, "dag_id": "etl", "created_at": AT, "updated_at": AT},
    ),
    (
        dags.TASK_OUTLET_DATASET_REFERENCE,
        lambda n: {"dataset_id": n + 1, "dag_id": "etl", "task_id": "load", "created_at": AT, "updated_at": AT},
    ),
    (dags.DATASET_DAG_RUN_QUEUE, lambda n: {"dataset_id": n + 1, "target_dag_id": "etl", "created_at": AT}),
    (dags.DATASET_DAG_RUN_QUEUE, lambda n: {"dataset_id": 1, "target_dag_id": f"dag{n:03}", "created_at": AT}),
    (
        runs.DAG_RUN,
        lambda n: {
            "id": n + 10,
            "dag_id": "etl",
            "run_id": f"run{n:03}",
            "execution_date": AT + timedelta(hours=n),
            "state": "success",
            "run_type": "manual",
            "start_date": AT,
        },
    ),
    (runs.DAG_RUN_NOTE, lambda n: {"dag_run_id": n + 10, "content": "x", "created_at": AT, "updated_at": AT}),
    (runs.TRIGGER, lambda n: {"id": n + 1, "classpath": "a.B", "kwargs": "{}", "created_date": AT}),
    (runs.TASK_INSTANCE, _instance),
    (runs.TASK_INSTANCE_NOTE, lambda n: {**_task("fan", n + 3), "content": "x", "created_at": AT, "updated_at": AT}),
    (runs.RENDERED, lambda n: {**_task("fan", n + 3), "rendered_fields": "{}"}),
    (
        runs.XCOM,
        lambda n: {**_task("extract"), "dag_run_id": 1, "key": f"k{n:03}", "value": "1", "timestamp": AT},
    ),
    (
        runs.TASK_INSTANCE_HISTORY,
        lambda n: {**_task("extract"), "try_number": n + 1, "state": "failed"},
    ),
    (
        backfills.BACKFILL,
        lambda _: {
            "dag_id": "etl",
            "from_date": AT,
            "to_date": AT,
            "reprocess_behavior": "none",
            "created_at": AT,
            "completed_at": AT,
            "updated_at": AT,
        },
    ),
    (
        backfills.BACKFILL_DAG_RUN,
        lambda n: {"backfill_id": 1, "dag_run_id": n + 10, "logical_date": AT, "sort_ordinal": n},
    ),
    (
        dags.DATASET_EVENT,
        lambda _: {
            "dataset_id": 1,
            "extra": {},
            "source_dag_id": "etl",
            "source_task_id": "load",
            "source_run_id": "one",
            "timestamp": AT,
        },
    ),
)
