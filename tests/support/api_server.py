"""A server of ``tradewind.testing`` with DAGs registered from specs: what the API's integration tests stand on."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from starlette.applications import Starlette

from tradewind.api.app import create_app
from tradewind.api.services import ApiOptions, Services
from tradewind.auth.login import Authenticator
from tradewind.auth.roles import sync_roles
from tradewind.model.decisions import NextRun
from tradewind.model.spec import DagSpec, ExpandSpec, GroupSpec, LengthSpec, TaskSpec
from tradewind.model.times import SystemClock
from tradewind.storage.database import Database, DatabaseOptions, open_database
from tradewind.testing.server import cheap_hash, ephemeral

T = TypeVar("T")
START = datetime(2024, 1, 1, tzinfo=UTC)
USERS = {"admin": "Admin", "op": "Op", "user": "User", "viewer": "Viewer", "nobody": "Public"}
"""Each has its name as password."""
FERNET_KEY = "ZmRzYWZkc2FmZHNhZmRzYWZkc2FmZHNhZmRzYWZkc2E="


def a_dag(dag_id: str = "etl", **changes: Any) -> DagSpec:
    """Tasks extract, load and report in a row, and fan over three literals."""
    first = TaskSpec(
        task_id="extract", task_type="BashOperator", downstream_task_ids=("load",), retries=1, start_date=START
    )
    tasks = (
        first,
        TaskSpec(
            task_id="load",
            task_type="PythonOperator",
            upstream_task_ids=("extract",),
            downstream_task_ids=("report",),
            start_date=START,
        ),
        TaskSpec(task_id="report", task_type="EmptyOperator", upstream_task_ids=("load",), start_date=START),
        TaskSpec(
            task_id="fan",
            task_type="BashOperator",
            is_mapped=True,
            start_date=START,
            expand=ExpandSpec(kind="dict", arguments={"x": LengthSpec(kind="literal", length=3)}),
        ),
    )
    spec = DagSpec(
        dag_id=dag_id,
        fileloc=f"/dags/{dag_id}.py",
        start_date=START,
        tags=("b", "a"),
        owners=("ann",),
        tasks=tasks,
        groups=(GroupSpec(group_id=None, children=tuple((task.task_id, "task") for task in tasks)),),
    )
    return replace(spec, **changes)


@dataclass(slots=True)
class ApiServer:
    """An API. Requests are made as user admin unless said: over HTTP to a running server, or without any in this
    process (``client`` None)."""

    services: Services
    database: Database
    """By a connection of the test's own."""
    client: httpx.Client | None = None
    url: str = "http://api.test"
    _app: Starlette | None = None

    @property
    def app(self) -> Starlette:
        """The same application once more, for requests that need no network: streams, addresses outside of the API."""
        if self._app is None:
            self._app = create_app(self.services)
        return self._app

    @app.setter
    def app(self, app: Starlette) -> None:
        self._app = app

    def request(
        self, method: str, path: str, *, user: tuple[str, str] | None = ("admin", "admin"), **more: Any
    ) -> httpx.Response:
        """One request below /api/v1."""
        if self.client is None:
            return self.here(method, "/api/v1" + path, auth=user, **more)
        return self.client.request(method, "/api/v1" + path, auth=user, **more)

    def here(self, method: str, url: str, **more: Any) -> httpx.Response:
        """One request to ``app``, without a network, in this thread; ``url`` from its root."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
                return await client.request(method, url, **more)

        return run(ask())

    def get(self, path: str, **more: Any) -> httpx.Response:
        """GET."""
        return self.request("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """POST of a JSON body."""
        return self.request("POST", path, json=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """PATCH of a JSON body."""
        return self.request("PATCH", path, json=json, **more)

    def delete(self, path: str, **more: Any) -> httpx.Response:
        """DELETE."""
        return self.request("DELETE", path, **more)

    def register(self, *specs: DagSpec) -> None:
        """Makes DAGs known, unpaused."""
        register(self.database, *specs)


def register(database: Database, *specs: DagSpec) -> None:
    """Makes DAGs known, unpaused."""
    with database.begin() as tx:
        for spec in specs:
            data = msgspec.json.encode(spec)
            digest = hashlib.sha256(data).hexdigest()
            tx.dags.register(spec, data, digest, fileloc=spec.fileloc, next=NextRun(), paused_default=False)
            tx.dags.put_source(spec.fileloc, f"# {spec.dag_id}\n")


def run(awaitable: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine in a loop of its own, closed afterwards."""
    return asyncio.run(awaitable)


@contextmanager
def api_server(**config: Any) -> Iterator[ApiServer]:
    """An API over a fresh database with the stock roles, users admin, op, user, viewer, nobody, and DAG etl.

    ``config``: options as ``section__key``."""
    chosen = {"api__older_dialects": False, **config}
    options = {tuple(name.split("__", 1)): value for name, value in chosen.items()}
    with ephemeral(tasks="none", config=options) as running:  # type: ignore[arg-type]  # pairs they are
        assert running.services is not None
        with running.database.begin() as tx:
            for name, role in USERS.items():
                if name != "admin":
                    tx.users.create(username=name, email=f"{name}@example.com", password=cheap_hash(name), roles=[role])
        # Headers that the library would send by itself are a client's, not the API's.
        with httpx.Client(base_url=running.url, headers={"accept": "*/*"}, trust_env=False, timeout=60) as client:
            server = ApiServer(running.services, running.database, client, running.url)
            server.register(a_dag())
            yield server


@contextmanager
def api_in_process(folder: Path, database_url: str | None = None, **options: Any) -> Iterator[ApiServer]:
    """The same without a server: requests are answered in this thread, and the database's file is the test's.

    ``database_url``: of a migrated database; else a SQLite file is made in the folder."""
    url = database_url or f"sqlite:///{folder / 'api.db'}"
    with opened(folder, url, **options) as server:
        if database_url is None:
            server.database.migrate()
        with server.database.begin() as tx:
            sync_roles(tx)
            for name, role in USERS.items():
                tx.users.create(username=name, email=f"{name}@example.com", password=cheap_hash(name), roles=[role])
        server.register(a_dag())
        yield server


@contextmanager
def opened(folder: Path, url: str, **options: Any) -> Iterator[ApiServer]:
    """An API over a database as it is."""
    clock = SystemClock()
    settings = DatabaseOptions(synchronous="NORMAL", fernet_keys=(FERNET_KEY,))
    database = open_database(url, clock=clock, options=settings)
    chosen = ApiOptions(**{"secret_key": "key", "older_dialects": False, "log_folder": folder / "logs", **options})
    services = Services(database, clock, chosen, Authenticator(database, clock, chosen.auth_backends, chosen.session))
    try:
        yield ApiServer(services, database)
    finally:
        database.close()
