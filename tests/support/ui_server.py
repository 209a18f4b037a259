"""The API's /ui/v1 over a given database, with users, DAGs, runs and task instances: for tests of its reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event, update
from starlette.applications import Starlette
from support.api_server import a_dag, cheap_hash, register

from tradewind.api.app import create_app
from tradewind.api.services import ApiOptions, Services
from tradewind.auth.login import Authenticator
from tradewind.auth.roles import sync_roles
from tradewind.model.changes import NewRun
from tradewind.model.records import DagRun, TaskInstance
from tradewind.model.spec import DagSpec, GroupSpec, TaskSpec
from tradewind.model.states import RunState, RunType, TaskState
from tradewind.storage.database import Database, Transaction
from tradewind.storage.postgres import PostgresLink
from tradewind.storage.sqlite import SqliteLink
from tradewind.storage.tables_runs import DAG_RUN

FIRST = datetime(2024, 4, 1, tzinfo=UTC)
GRANTS_OF_ONE = [
    ("can_read", "DAG:mine"),
    *(("can_read", name) for name in ("DAG Runs", "Task Instances", "Task Logs", "XComs", "DAG Code", "Website")),
]
"""A role that sees DAG ``mine`` and no other."""


@dataclass
class UiServer:
    """Requests below /ui/v1, and the statements that they ran."""

    app: Starlette
    services: Services
    database: Database
    statements: list[str] = field(default_factory=list)

    def ask(self, path: str, *, user: str | None = "admin", **more: Any) -> httpx.Response:
        """GET as a user; None: as nobody."""

        async def request() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://ui.test") as client:
                return await client.get("/ui/v1" + path, auth=(user, user) if user else None, **more)

        self.statements.clear()
        return asyncio.run(request())

    def get(self, path: str, *, user: str = "admin") -> Any:
        """The body of a GET that succeeds."""
        answer = self.ask(path, user=user)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def cost(self, path: str) -> int:
        """How many statements a GET runs, once its user is known."""
        self.get(path)
        with counting(self.statements):
            self.get(path)
        return len(self.statements)

    def register(self, *specs: DagSpec) -> None:
        """Makes DAGs known."""
        register(self.database, *specs)


@contextmanager
def counting(statements: list[str]) -> Iterator[None]:
    """Notes every statement, whichever way it goes to the driver."""

    def noted(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        statements.append(sql)

    links: tuple[Any, ...] = (SqliteLink, PostgresLink)
    originals = [(link, name, getattr(link, name)) for link in links for name in ("execute", "execute_batch")]

    def spied(original: Any) -> Any:
        def run(self: Any, sql: Any, *more: Any) -> Any:
            statements.extend([sql] if isinstance(sql, str) else [text for text, _ in sql])
            return original(self, sql, *more)

        return run

    event.listen(Engine, "before_cursor_execute", noted)
    try:
        for link, name, original in originals:
            setattr(link, name, spied(original))
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", noted)
        for link, name, original in originals:
            setattr(link, name, original)


def ui_server(database: Database, folder: Path, **options: Any) -> UiServer:
    """Users admin, viewer, and one who may read DAG ``mine`` only."""
    given = {"secret_key": "key", "log_folder": folder / "logs", "dags_folder": "/dags", **options}
    chosen = ApiOptions(**given)
    services = Services(
        database, database.clock, chosen, Authenticator(database, database.clock, ("basic_auth", "session"))
    )
    with database.begin() as tx:
        sync_roles(tx)
        tx.users.create_role("OneDag", GRANTS_OF_ONE)
        for name, role in (("admin", "Admin"), ("viewer", "Viewer"), ("one", "OneDag")):
            tx.users.create(username=name, email=f"{name}@example.com", password=cheap_hash(name), roles=[role])
    made = UiServer(create_app(services), services, database)
    made.register(a_dag("etl"), a_dag("mine"))
    return made


def a_wide_dag(dag_id: str, tasks: int) -> DagSpec:
    """Tasks t0 … in a row, the later half in a group."""
    names = [f"t{number}" if number < tasks // 2 else f"g.t{number}" for number in range(tasks)]
    specs = tuple(
        TaskSpec(
            task_id=name,
            task_type="BashOperator",
            group_id="g" if name.startswith("g.") else None,
            upstream_task_ids=tuple(names[number - 1 : number] if number else ()),
            downstream_task_ids=tuple(names[number + 1 : number + 2]),
        )
        for number, name in enumerate(names)
    )
    inside = tuple((name, "task") for name in names if name.startswith("g."))
    outside = tuple((name, "task") for name in names if not name.startswith("g."))
    groups = (
        GroupSpec(group_id=None, children=(*outside, ("g", "group"))),
        GroupSpec(group_id="g", parent_id=None, label="g", children=inside),
    )
    return DagSpec(dag_id=dag_id, fileloc=f"/dags/{dag_id}.py", tasks=specs, groups=groups)


def a_run(
    tx: Transaction,
    dag_id: str,
    number: int = 0,
    *,
    state: RunState = RunState.SUCCESS,
    tasks: Mapping[str, TaskState | None] | None = None,
    **values: Any,
) -> DagRun:
    """Run ``r<number>`` on day ``number``, with task instances."""
    at = FIRST + timedelta(days=number)
    end = at + timedelta(minutes=5)
    is_over = state in (RunState.SUCCESS, RunState.FAILED)
    new: dict[str, Any] = {
        "dag_id": dag_id,
        "run_id": f"r{number}",
        "run_type": RunType.SCHEDULED,
        "state": state,
        "logical_date": at,
        "data_interval_start": at,
        "data_interval_end": at,
        "queued_at": at,
        "start_date": at,
        "version_id": tx.dags.version_id(dag_id),
    }
    run = tx.runs.create(NewRun(**(new | values)))
    if is_over:
        finish(tx, run, end)
    rows = [
        a_task(run, name, None if task is None else TaskState(task), start_date=at, end_date=end)
        for name, task in (tasks or {}).items()
    ]
    tx.task_instances.add(run, rows)
    return run


def a_task(run: DagRun, task_id: str, state: TaskState | None, **values: Any) -> TaskInstance:
    """A task instance in a state, tried once."""
    tried = {"try_number": 1, "max_tries": 1} if state is not None else {}
    given: dict[str, Any] = {"dag_id": run.dag_id, "run_id": run.run_id, "task_id": task_id, "state": state, **tried}
    return TaskInstance(**(given | values))


def finish(tx: Transaction, run: DagRun, end: datetime) -> None:
    """The run's end."""
    tx.connection.execute(update(DAG_RUN).where(DAG_RUN.c.id == run.id).values(end_date=end))
