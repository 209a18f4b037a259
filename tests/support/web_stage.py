"""The stage of the browser tests: a server with made data, a browser, and the list of all pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser

from tradewind.testing.server import EphemeralServer, cheap_hash, ephemeral

from .browser import Visit, chromium, visit
from .measuring import Budget
from .ui_data import House, house


@dataclass(frozen=True)
class View:
    """A page: its address, where ``{}`` names parts of the made data."""

    address: str
    kilobytes: int = 60
    """More when a page shows a library's worth."""
    shift: float = 0.02
    """Layout shift; more where what stands for the data is not yet as high as the data."""

    @property
    def budget(self) -> Budget:
        """What it may cost."""
        return Budget(kb=self.kilobytes, cpu=400 if self.address == "/" else 300, cls=self.shift)

    def path(self, data: House) -> str:
        """The address in this house."""
        return self.address.format(
            dag=data.failed_dag,
            run=quote(data.failed_run, safe=""),
            task=data.failed_task,
            open_dag=data.open_dag,
            open_run=quote(data.open_run, safe=""),
            waiting=data.waiting_task,
        )


_TASK = "/dags/{dag}/runs/{run}/tasks/{task}"
PAGES = {
    "home": View("/"),
    "dags": View("/dags"),
    "dag": View("/dags/{dag}"),
    "dag-runs": View("/dags/{dag}/runs"),
    "dag-graph": View("/dags/{dag}/graph", 130, shift=0.1),
    "dag-gantt": View("/dags/{dag}/gantt"),
    "dag-calendar": View("/dags/{dag}/calendar"),
    "dag-durations": View("/dags/{dag}/durations"),
    "dag-tasks": View("/dags/{dag}/tasks"),
    "dag-backfills": View("/dags/{dag}/backfills"),
    "dag-events": View("/dags/{dag}/events"),
    "dag-code": View("/dags/{dag}/code", 200),
    "dag-details": View("/dags/{dag}/details"),
    "run": View("/dags/{dag}/runs/{run}"),
    "task": View(_TASK),
    "why": View("/dags/{open_dag}/runs/{open_run}/tasks/{waiting}"),
    "trigger": View("/dags/{dag}/trigger"),
    "compare": View("/dags/{dag}/compare?a={run}"),
    "runs": View("/dag_runs"),
    "task-instances": View("/task_instances"),
    "assets": View("/assets"),
    "asset": View("/assets/1", 130),
    "dependencies": View("/dependencies", 130),
    "timeline": View("/timeline"),
    "backfills": View("/backfills"),
    "events": View("/events"),
    "xcoms": View("/xcoms"),
    "jobs": View("/jobs", shift=0.05),
    "import-errors": View("/import_errors"),
    "connections": View("/connections"),
    "variables": View("/variables"),
    "pools": View("/pools"),
    "users": View("/users"),
    "roles": View("/roles"),
    "tokens": View("/tokens"),
    "configs": View("/configs"),
    "plugins": View("/plugins"),
    "providers": View("/providers"),
}
"""Every page, by a short name."""


@dataclass
class Stage:
    """A server over made data, and a browser."""

    server: EphemeralServer
    browser: Browser
    house: House

    @contextmanager
    def visit(self, **options: Any) -> Iterator[Visit]:
        """A page in a fresh profile, signed in."""
        with visit(self.browser, self.server.url, **options) as made:
            yield made

    def beat(self) -> None:
        """The roles' heartbeats: nothing beats here by itself."""
        with self.server.database.begin() as tx:
            for kind in ("SchedulerJob", "TriggererJob", "DagProcessorJob"):
                job = tx.jobs.latest(kind)
                if job is not None:
                    tx.jobs.beat(job.id, datetime.now(UTC))


@contextmanager
def stage(**config: Any) -> Iterator[Stage]:
    """A server (nothing runs the runs) with users admin and viewer over the house, and a browser."""
    options = {tuple(name.split("__", 1)): value for name, value in config.items()}
    with ephemeral(tasks="none", config=options) as server:  # type: ignore[arg-type]  # pairs they are
        with server.database.begin() as tx:
            for name, role in (("viewer", "Viewer"), ("op", "Op")):
                email = f"{name}@example.com"
                tx.users.create(username=name, email=email, password=cheap_hash(name), roles=[role])
        made = house(server.database, server.home / "logs", datetime.now(UTC))
        with chromium() as browser:
            yield Stage(server, browser, made)
