"""``tradewind run FILE.py``: one run of a DAG file in a process tree of its own, over a temporary home that is gone
afterwards. Template, worker and scheduler are the ones of a server; tasks run side by side."""

from __future__ import annotations

import select
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind import app
from tradewind.actions import runs as run_actions
from tradewind.config.settings import Settings
from tradewind.execution.processes import TemplateStarter
from tradewind.model.errors import InvalidInput
from tradewind.model.progress import RunProgress
from tradewind.model.records import DagRun, RunKey, TaskInstance
from tradewind.model.spec import DagSpec
from tradewind.model.states import TERMINAL_RUN_STATES, TaskState
from tradewind.model.times import SystemClock
from tradewind.observability.log_names import log_name_in
from tradewind.observability.logging import configure_logging
from tradewind.processing.manager import DagProcessor
from tradewind.processing.next_runs import next_run_of
from tradewind.serde.decode import decode
from tradewind.storage.database import Database
from tradewind.supervision import Role, Supervisor, run_in_child

TAIL_LINES = 20


def looks(
    settings: Settings,
    path: Path,
    *,
    dag_id: str | None,
    conf: Mapping[str, Any] | None,
    logical_date: datetime | None,
) -> Iterator[RunProgress]:
    """Run the file's DAG (``dag_id`` says which when there are several) and look at it whenever something changes.

    Raises InvalidInput for a file that cannot be imported or holds no such DAG."""
    home = Path(tempfile.mkdtemp(prefix="tradewind-run-"))
    settings = temporary_settings(settings, home, path)
    supervisor = Supervisor(SystemClock())
    try:
        for folder in (settings.run_folder, settings.base_log_folder):
            folder.mkdir(parents=True, exist_ok=True)
        supervisor.start(Role("template", quiet("template", lambda: sys.exit(app.run_template(settings)))))
        supervisor.start(Role("worker", quiet("worker", lambda: sys.exit(app.run_worker(settings)))))
        if run_in_child(quiet("dag-processor", lambda: parse(settings, path))):
            raise InvalidInput(f"{path} could not be parsed")
        supervisor.start(Role("scheduler", quiet("scheduler", lambda: app.run_scheduler(settings))))
        db = app.open_database(settings)
        try:
            spec = chosen_dag(db, path, dag_id)
            yield from follow(db, settings, supervisor, spec, start(db, spec, conf, logical_date))
        finally:
            db.close()
    finally:
        supervisor.stop()
        shutil.rmtree(home, ignore_errors=True)


def quiet(name: str, run: Callable[[], None]) -> Callable[[], None]:
    """The role with nothing but warnings in its log: the terminal belongs to the run."""

    def begin() -> None:
        configure_logging(name, level="WARNING")
        run()

    return begin


def temporary_settings(settings: Settings, home: Path, path: Path) -> Settings:
    """The user's settings with everything that is written in a temporary home."""
    moved: dict[tuple[str, str], str | int | float | bool | None] = {
        ("core", "dags_folder"): str(path.parent),
        ("core", "load_examples"): False,
        # One run and no other: the DAG's own schedule, with all it would catch up on, is not this command's matter.
        ("scheduler", "use_job_schedule"): False,
        ("core", "dags_are_paused_at_creation"): False,
        ("database", "sql_alchemy_conn"): f"sqlite:///{home}/run.db",
        ("logging", "base_log_folder"): str(home / "logs"),
        ("tradewind", "run_folder"): str(home / "run"),
    }
    return replace(settings, home=home).replace(moved, source="tradewind run")


def parse(settings: Settings, path: Path) -> None:
    """Make the database and put the file's DAGs into it; runs in a child."""
    app.migrate(settings)
    clock = SystemClock()
    db = app.open_database(settings, clock)
    starter = TemplateStarter(app.worker_options(settings), clock)
    options = replace(app.processor_options(settings), dags_folder=str(path))
    DagProcessor(db, clock, options, starter.connect, next_run_of).sync_once()
    db.close()


def chosen_dag(db: Database, path: Path, dag_id: str | None) -> DagSpec:
    """The DAG to run. Raises InvalidInput with the file's import errors, or with the ids to choose from."""
    with db.read() as tx:
        errors = [row.stacktrace for row in tx.dags.import_errors() if row.filename == str(path)]
        if errors:
            raise InvalidInput(f"{path} cannot be imported:\n{errors[0]}")
        found = sorted(tx.dags.by_file(str(path)))
        if dag_id is None and len(found) > 1:
            raise InvalidInput(f"{path} has several DAGs: {', '.join(found)}; choose one with --dag-id")
        wanted = dag_id or (found[0] if found else None)
        stored = tx.dags.spec(wanted) if wanted in found and wanted is not None else None
    if stored is None:
        raise InvalidInput(f"{path} has no DAG{f' {dag_id!r}' if dag_id else ''}; it has: {', '.join(found) or 'none'}")
    return decode(stored[1])


def start(db: Database, spec: DagSpec, conf: Mapping[str, Any] | None, logical_date: datetime | None) -> RunKey:
    """Trigger the run."""
    with db.begin() as tx:
        run = run_actions.trigger(tx, spec, logical_date=logical_date or tx.now, conf=dict(conf or {}), now=tx.now)
    return RunKey(run.dag_id, run.run_id)


def follow(
    db: Database, settings: Settings, supervisor: Supervisor, spec: DagSpec, run: RunKey
) -> Iterator[RunProgress]:
    """A look at every change, the last one after the run's end. Raises KeyboardInterrupt when told to stop before."""
    listener = db.listen()
    try:
        while True:
            look = look_at(db, settings, spec, run)
            yield look
            if look.run.state in TERMINAL_RUN_STATES:
                return
            select.select([listener], [], [], 0.5)
            if supervisor.poll():
                raise KeyboardInterrupt
            listener.drain()
    finally:
        listener.close()


def look_at(db: Database, settings: Settings, spec: DagSpec, run: RunKey) -> RunProgress:
    """How the run stands now."""
    with db.read() as tx:
        row = tx.runs.get(run)
        instances = tuple(tx.task_instances.of_run(run))
    if row is None:
        raise InvalidInput(f"run {run.run_id} of {run.dag_id} is gone")
    paths = {one.key: log_of(settings, row, one) for one in instances if one.try_number}
    tails = {one.key: tail(paths[one.key]) for one in instances if one.state is TaskState.FAILED and one.key in paths}
    # No paths: the logs go with the home.
    return RunProgress(spec=spec, run=row, task_instances=instances, log_tails=tails)


def log_of(settings: Settings, run: DagRun, row: TaskInstance) -> Path:
    """The file of a task instance's present try."""
    return settings.base_log_folder / log_name_in(run, row.task_id, row.map_index, row.try_number)


def tail(path: Path) -> str:
    """The last lines of a log; empty for one that was never begun."""
    if not path.is_file():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-TAIL_LINES:])
