"""A whole server for the length of a test: API, a temporary database, and something that carries runs out.

``tasks="inline"``: runs are carried out in a thread of this process, one after the other, as ``dag.test()`` does; no
other process is started. ``tasks="worker"``: a scheduler and a DAG processor in threads, and a worker with a process
for each attempt, as in production. ``tasks="none"``: runs stay queued."""

from __future__ import annotations

import asyncio
import hashlib
import os
import select
import shutil
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from tradewind import app
from tradewind.api.server import ApiServer, make_server
from tradewind.api.services import Services
from tradewind.config.settings import Settings, ensure_keys, load_settings
from tradewind.inline import InlineOptions, InlineRun
from tradewind.model.changes import Event
from tradewind.model.decisions import NextRun
from tradewind.model.records import DagRun, RunKey
from tradewind.model.states import TERMINAL_RUN_STATES
from tradewind.model.times import SystemClock
from tradewind.processing.sync import spec_hash
from tradewind.serde.decode import decode
from tradewind.serde.encode import encode
from tradewind.storage.database import Database
from tradewind.web.static import Site

from .client import ApiClient
from .dag_files import DagFiles, files_of, load_dags

Tasks = Literal["inline", "worker", "none"]
PATIENCE = 60.0
"""Seconds after which a wait fails."""


@dataclass
class EphemeralServer:
    """A running server. ``api`` is a client of it; ``url``, ``username`` and ``password`` are for your own."""

    url: str
    home: Path
    database: Database
    api: ApiClient
    username: str = "admin"
    password: str = "admin"
    services: Services | None = None
    """What the API's handlers are given, for tests of tradewind itself."""
    dags: dict[str, Any] = field(default_factory=dict)
    """DAG objects whose runs are carried out inline."""

    def add(self, dag: Any) -> None:
        """Make a DAG object known, unpaused; its runs are carried out inline."""
        spec_json = encode(dag)
        spec = decode(spec_json)
        with self.database.begin() as tx:
            digest = spec_hash(spec_json)
            tx.dags.register(spec, spec_json, digest, fileloc=spec.fileloc, next=NextRun(), paused_default=False)
            tx.dags.set_paused([spec.dag_id], False)
        self.dags[spec.dag_id] = dag

    def wait_for_dag(self, dag_id: str, *, patience: float = PATIENCE) -> None:
        """Until a DAG is known, which a file's first parse makes it. Raises TimeoutError."""
        self._wait(lambda: self._knows(dag_id), f"DAG {dag_id}", patience)

    def wait_for_run(self, dag_id: str, run_id: str, *, patience: float = PATIENCE) -> DagRun:
        """Until a run has ended; the run. Raises TimeoutError."""
        key = RunKey(dag_id, run_id)
        run = self._wait(lambda: self._ended(key), f"run {run_id} of {dag_id}", patience)
        assert isinstance(run, DagRun)
        return run

    def _knows(self, dag_id: str) -> bool:
        with self.database.read() as tx:
            return tx.dags.get(dag_id) is not None

    def _ended(self, key: RunKey) -> DagRun | None:
        with self.database.read() as tx:
            run = tx.runs.get(key)
        return run if run is not None and run.state in TERMINAL_RUN_STATES else None

    def _wait(self, look: Callable[[], Any], what: str, patience: float) -> Any:
        deadline = time.monotonic() + patience
        with closing(self.database.listen()) as listener:
            while not (found := look()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{what}: not there after {patience} seconds")
                select.select([listener], [], [], left)
                listener.drain()
        return found


@contextmanager
def ephemeral(
    dags: DagFiles | None = None,
    *,
    tasks: Tasks = "inline",
    config: Mapping[tuple[str, str], Any] | None = None,
) -> Iterator[EphemeralServer]:
    """A server on a free port of this machine, gone with all it made at the end of the block. ``dags``: a folder, a
    file or files; ``config``: options by (section, key). The environment's AIRFLOW__… are not read."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(_folder()))
        settings = _settings(home, dags, config)
        if config is None or ("database", "sql_alchemy_conn") not in config:
            (home / "tradewind.db").write_bytes(_filled_database())
        else:
            _fill(settings)
        database = app.open_database(settings)
        stack.callback(database.close)
        clock = SystemClock()
        services = Services.build(stack.enter_context(closing(app.open_database(settings, clock))), clock, settings)
        url = f"http://127.0.0.1:{stack.enter_context(_api(services))}"
        api = ApiClient(url, "admin", "admin")
        stack.callback(api.close)
        server = EphemeralServer(url, home, database, api, services=services)
        if tasks == "inline":
            _add_all(server, dags)
            stack.enter_context(_inline(settings, server))
        elif tasks == "worker":
            stack.enter_context(_roles(settings))
        yield server


def _fill(settings: Settings) -> None:
    """Tables, roles, and the user admin."""
    app.migrate(settings)
    with closing(app.open_database(settings)) as database, database.begin() as tx:
        if tx.users.get("admin") is not None:
            return  # a database that a server before this one has filled
        tx.users.create(username="admin", email="admin@example.com", password=cheap_hash("admin"), roles=("Admin",))


def cheap_hash(password: str) -> str:
    """A password's hash of one round, in the form of imported users: no test waits for argon2."""
    return "pbkdf2:sha256:1$salt$" + hashlib.pbkdf2_hmac("sha256", password.encode(), b"salt", 1).hex()


@lru_cache(maxsize=1)
def _filled_database() -> bytes:
    """A SQLite file to begin with, made once in a process: copying it takes a millisecond."""
    with tempfile.TemporaryDirectory(prefix="tradewind-test-") as folder:
        _fill(load_settings({}, home=Path(folder)))
        return (Path(folder) / "tradewind.db").read_bytes()


@contextmanager
def _folder() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="tradewind-test-")
    try:
        yield folder
    finally:
        # A worker's last process may still be writing its log: what it leaves is in the system's temporary folder.
        shutil.rmtree(folder, ignore_errors=True)


def _settings(home: Path, dags: DagFiles | None, config: Mapping[tuple[str, str], Any] | None) -> Settings:
    folder = home / "dags"
    if dags is None:
        folder.mkdir()
    else:
        wanted, files = files_of(dags)
        if isinstance(dags, str | os.PathLike) and Path(dags).is_dir():
            folder = wanted
        else:
            folder.mkdir()
            for path in files:
                (folder / Path(path).name).symlink_to(path)
    settings = load_settings({}, home=home)
    for needed in (settings.run_folder, settings.base_log_folder):
        needed.mkdir(parents=True, exist_ok=True)
    return ensure_keys(settings).replace(
        {
            ("core", "dags_folder"): str(folder),
            ("core", "dags_are_paused_at_creation"): False,
            **(config or {}),
        }
    )


def _add_all(server: EphemeralServer, dags: DagFiles | None) -> None:
    bag = load_dags(dags) if dags is not None else None
    for dag in bag.dags.values() if bag is not None else ():
        server.add(dag)
    if bag is not None and bag.import_errors:
        with server.database.begin() as tx:
            for path, text in bag.import_errors.items():
                tx.dags.set_import_error(path, text)


class QuickServer(ApiServer):
    """A server that ends at once when told to: uvicorn looks ten times a second whether it should, and then waits for a
    tenth more."""

    _loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Until told to end."""
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Without the wait for requests that might still be on their way."""
        self.end_streams()
        for closing_one in (*self.servers, *(sockets or ())):
            closing_one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)
        await asyncio.wait_for(self._wait_tasks_to_complete(), PATIENCE)

    def stop(self) -> None:
        """To be called from another thread."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)


@contextmanager
def _api(services: Services) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(services, "127.0.0.1", 0, QuickServer, site=Site())
        # The socket listens already: a request that comes before the thread is there waits for it.
        with _thread("api", lambda: server.run(sockets=[listener])):
            try:
                yield listener.getsockname()[1]
            finally:
                server.stop()


@contextmanager
def _thread(name: str, work: Callable[[], object]) -> Iterator[None]:
    """A thread that the end of the block waits for; whoever is inside tells it to end."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:
            failures.append(problem)

    thread = threading.Thread(target=run, name=f"tradewind-{name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)
    if failures:
        raise RuntimeError(f"the thread {name} has failed") from failures[0]


# Inline -----------------------------------------------------------------------------------------------------------


@contextmanager
def _inline(settings: Settings, server: EphemeralServer) -> Iterator[None]:
    stop = threading.Event()
    # A Database of its own: the API's and the test's events are news to it, what it writes itself is none.
    with closing(app.open_database(settings)) as database, closing(database.listen()) as listener:
        options = InlineOptions(
            log_folder=settings.base_log_folder,
            config={section: settings.section(section) for section in settings.sections()},
        )

        def carry_out() -> None:
            cursor = 0
            while not stop.is_set():
                with database.read() as tx:
                    news = tx.outbox.foreign(cursor)
                if not news:
                    select.select([listener], [], [])
                    listener.drain()
                    continue
                cursor = news[-1].id
                for key in _open_runs(database, server):
                    run = InlineRun(database, server.dags[key.dag_id], options)
                    deque(run.carry_on(key), maxlen=0)

        with _thread("inline", carry_out):
            try:
                yield
            finally:
                stop.set()
                _ring(server.database)


def _open_runs(database: Database, server: EphemeralServer) -> list[RunKey]:
    with database.read() as tx:
        ready = [row.dag_id for row in tx.dags.many(list(server.dags)) if not row.is_paused]
        return [key for dag_id in ready for key in tx.runs.open_keys(dag_id=dag_id)]


def _ring(database: Database) -> None:
    """Wakes everybody who waits for events."""
    with database.begin() as tx:
        tx.emit(Event(kind="server.stopping"))


# Worker -----------------------------------------------------------------------------------------------------------


@contextmanager
def _roles(settings: Settings) -> Iterator[None]:
    from tradewind.execution.processes import TemplateStarter
    from tradewind.executors.local import LocalExecutor
    from tradewind.processing.manager import DagProcessor
    from tradewind.processing.next_runs import next_run_of
    from tradewind.scheduler.loop import Scheduler

    clock = SystemClock()
    stop = threading.Event()
    wake_up, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    executor = LocalExecutor(app.worker_options(settings))
    with ExitStack() as stack:
        stack.callback(os.close, wake_up)
        stack.callback(os.close, waker)
        stack.callback(executor.stop)
        databases = [stack.enter_context(closing(app.open_database(settings))) for _ in range(2)]
        scheduler = Scheduler(databases[0], clock, app.scheduler_options(settings), executor, new_token=app.new_token)
        starter = TemplateStarter(app.worker_options(settings), clock)
        processor = DagProcessor(
            databases[1], clock, app.processor_options(settings), starter.connect, next_run_of, beat=lambda: None
        )
        stack.enter_context(_thread("scheduler", scheduler.run))
        stack.enter_context(_thread("dag-processor", lambda: processor.run(stop, wake_up)))
        try:
            yield
        finally:
            stop.set()
            os.write(waker, b"x")
            scheduler.stop()
            _ring(databases[1])
