"""What a terminal does with DAG files: ``tradewind run``, ``dag.test()``, ``dags test``, ``tasks test|run|render``,
``dags reserialize``. User code runs in the caller's process or in a tree of its own, never in a server."""

from __future__ import annotations

import os
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.actions.replies import run_reply
from tradewind.app import checked_database, open_database, processor_options, worker_options
from tradewind.config.settings import Settings, load_settings
from tradewind.model.compat import level_of
from tradewind.model.errors import DatabaseRefused, DatabaseUnavailable, InvalidInput, NotFound
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.states import FAILED_TASK_STATES, TaskState
from tradewind.model.times import SystemClock, parse_utc
from tradewind.observability.hiding import hide_as
from tradewind.wire.messages import XComRow, XComs

if TYPE_CHECKING:
    from tradewind.inline import InlineOptions, InlineRun, Vault
    from tradewind.model.progress import RunProgress
    from tradewind.sdk.dag import DAG
    from tradewind.sdk.finished_run import FinishedRun
    from tradewind.storage.database import Database, Transaction


def run_file(
    path: Path,
    *,
    dag_id: str | None = None,
    conf: Mapping[str, Any] | None = None,
    logical_date: datetime | None = None,
) -> Iterator[RunProgress]:
    """Run a DAG file at once, without any set-up; looks at the run until it is over."""
    from tradewind.one_run import looks

    return looks(load_settings(), path, dag_id=dag_id, conf=conf, logical_date=logical_date)


def test_dag(  # noqa: PLR0917  DAG.test's own order of arguments
    dag: DAG,
    execution_date: datetime | None = None,
    run_conf: Mapping[str, Any] | None = None,
    conn_file_path: str | None = None,
    variable_file_path: str | None = None,
    use_executor: bool = False,
    mark_success_pattern: str | re.Pattern[str] | None = None,
) -> FinishedRun:
    """``dag.test()``: one run in this process; the run as it ended. Variables and connections come from the files when
    they are given, else from the environment and the configured database."""
    from tradewind.inline_sources import files_vault

    settings = load_settings()
    hide_as(settings.section("core"), ())
    vault = files_vault(conn_file_path, variable_file_path) or configured_vault(settings)
    with inline_run(settings, dag, pattern=mark_success_pattern, vault=vault) as (db, run):
        looks = run.looks(run.create(logical_date=execution_date, conf=run_conf))
        last = next(iter(deque(looks, maxlen=1)), None)
        if last is None:
            raise InvalidInput(f"DAG {dag.dag_id} gave no run")
        with db.read() as tx:
            return kept_run(tx, dag, last)


def inline_looks(
    settings: Settings,
    dag: DAG,
    *,
    logical_date: datetime | None,
    conf: Mapping[str, Any] | None,
    pattern: str | re.Pattern[str] | None = None,
    vault: Vault | None = None,
) -> Iterator[RunProgress]:
    """One run of a DAG in this process over a temporary database."""
    with inline_run(settings, dag, pattern=pattern, vault=vault) as (_, run):
        yield from run.looks(run.create(logical_date=logical_date, conf=conf))


@contextmanager
def inline_run(
    settings: Settings, dag: DAG, *, pattern: str | re.Pattern[str] | None, vault: Vault | None
) -> Iterator[tuple[Database, InlineRun]]:
    """What carries out a run in this process, over a temporary database."""
    from tradewind.inline import InlineOptions, InlineRun, temporary_database

    matcher = re.compile(pattern) if pattern is not None else None
    clock = SystemClock()
    with temporary_database(clock) as db:
        options = InlineOptions(
            log_folder=settings.base_log_folder,
            config={section: settings.section(section) for section in settings.sections()},
            vault=vault,
            mark_success=lambda task_id: matcher is not None and matcher.fullmatch(task_id) is not None,
        )
        yield db, InlineRun(db, dag, options, clock)


def kept_run(tx: Transaction, dag: DAG, last: RunProgress) -> FinishedRun:
    """The run as ``dag.test()`` hands it back: its database is gone a moment later."""
    from tradewind.sdk.finished_run import KeptRun, finished_run

    run = last.run
    key = RunKey(run.dag_id, run.run_id)
    xcoms: dict[str, list[XComRow]] = {}
    for row in sorted(last.task_instances, key=lambda one: one.key):
        for item in tx.xcoms.of_instance(key, row.key):
            found = XComRow(task_id=row.task_id, map_index=row.map_index, run_id=run.run_id, value=item.value)
            xcoms.setdefault(item.key, []).append(found)
    kept = KeptRun(
        run_id=run.run_id,
        dag_id=run.dag_id,
        instances=last.task_instances,
        xcoms={name: tuple(rows) for name, rows in xcoms.items()},
    )
    return finished_run(run_reply(run), dag, kept, lambda rows: XComs(rows=tuple(rows), total=len(rows)))


def configured_vault(settings: Settings) -> Vault | None:
    """Variables and connections of the configured database; None when there is none yet."""
    from tradewind.inline import database_vault

    db = open_database(settings)
    try:
        db.check()
    except (DatabaseRefused, DatabaseUnavailable):
        db.close()
        return None
    return database_vault(db)


def test_dag_of_folder(
    settings: Settings,
    dag_id: str,
    *,
    subdir: str | None = None,
    logical_date: datetime | None = None,
    conf: Mapping[str, Any] | None = None,
    mark_success_pattern: str | None = None,
) -> Iterator[RunProgress]:
    """``dags test``: like ``dag.test()`` for a DAG that is looked for in the DAG files."""
    log_to_terminal()
    dag = live_dag(settings, dag_id, subdir)
    vault = configured_vault(settings)
    return inline_looks(settings, dag, logical_date=logical_date, conf=conf, pattern=mark_success_pattern, vault=vault)


def log_to_terminal() -> None:
    """Tasks that run here write their log to the terminal, in the form of their log files."""
    import logging

    from tradewind.observability.task_logs import LINE_FORMAT

    logging.basicConfig(level=logging.INFO, format=LINE_FORMAT, stream=sys.stderr)


def live_dag(settings: Settings, dag_id: str, subdir: str | None = None) -> DAG:
    """Import the file that holds the DAG, in this process. Raises NotFound; InvalidInput for a file with an error."""
    from tradewind.processing.parse import parse_file_here

    for path in candidate_files(settings, dag_id, subdir):
        folder = str(settings.dags_folder)
        level = level_of(path, folder, settings.compat_level, settings.compat_level_of_folders)
        timeout = settings.dagbag_import_timeout
        parsed = parse_file_here(path, dags_folder=folder, timeout=timeout, compat_level=level)
        if dag_id in parsed.dags:
            return parsed.dags[dag_id]
        if parsed.errors and subdir is not None:
            raise InvalidInput("\n".join(parsed.errors.values()))
    raise NotFound(
        f"Dag {dag_id!r} could not be found in {subdir or settings.dags_folder}; "
        "either it does not exist or it failed to parse."
    )


def candidate_files(settings: Settings, dag_id: str, subdir: str | None) -> list[str]:
    """Where to look: the file that the database names, else all files of the folder."""
    from tradewind.execution.bundles import LocalFolder

    if subdir is None and (known := known_file(settings, dag_id)) is not None:
        return [known]
    root = Path(subdir).expanduser() if subdir else settings.dags_folder
    return list(LocalFolder(root, ignore_syntax=settings.text("core", "dag_ignore_file_syntax", "regexp")).files())


def known_file(settings: Settings, dag_id: str) -> str | None:
    """The file of a DAG that the configured database knows."""
    db = open_database(settings)
    try:
        db.check()
        with db.read() as tx:
            row = tx.dags.get(dag_id)
    except (DatabaseRefused, DatabaseUnavailable):
        return None
    finally:
        db.close()
    return row.fileloc if row is not None and row.fileloc and Path(row.fileloc).exists() else None


def reserialize(settings: Settings, *, subdir: str | None = None, clear_only: bool = False) -> None:
    """``dags reserialize``: parse all DAG files again."""
    from tradewind.execution.processes import TemplateStarter
    from tradewind.processing.manager import DagProcessor
    from tradewind.processing.next_runs import next_run_of

    clock = SystemClock()
    db = checked_database(settings)
    options = processor_options(settings)
    if subdir is not None:
        options = replace(options, dags_folder=str(Path(subdir).expanduser()), more_folders=())
    starter = TemplateStarter(worker_options(settings), clock)
    if not clear_only:
        DagProcessor(db, clock, options, starter.connect, next_run_of).sync_once(everything=True)
    db.close()


def inline_options(settings: Settings, vault: Vault | None) -> InlineOptions:
    """What a run in this process is told."""
    from tradewind.inline import InlineOptions

    return InlineOptions(
        log_folder=settings.base_log_folder,
        config={section: settings.section(section) for section in settings.sections()},
        vault=vault,
    )


def test_task(
    settings: Settings,
    dag_id: str,
    task_id: str,
    *,
    run: str | None,
    logical_date: datetime | None,
    map_index: int,
    subdir: str | None,
    params: Mapping[str, Any] | None,
    environment: Mapping[str, Any] | None,
    dry_run: bool,
    post_mortem: bool,
) -> int:
    """``tasks test``: one task in this process, whatever it depends on; nothing is stored. The exit code."""
    from tradewind.inline import InlineRun, temporary_database

    log_to_terminal()
    os.environ.update({name: str(value) for name, value in (environment or {}).items()})  # noqa: TID251  for the code of users in this process
    dag = live_dag(settings, dag_id, subdir)
    task = known_task(dag, task_id)
    task.params.update(params or {})
    clock = SystemClock()
    with temporary_database(clock) as db:
        inline = InlineRun(db, dag, inline_options(settings, configured_vault(settings)), clock)
        name = run if run is not None and logical_date is None else None
        key = inline.create(logical_date=logical_date, conf={}, name=name)
        if dry_run:
            print_rendered(inline.rendered(key, TaskKey(task_id, map_index)))
            return 0
        state = inline.run_single(key, TaskKey(task_id, map_index), is_test=True, is_post_mortem=post_mortem)
    return 0 if state not in FAILED_TASK_STATES | {TaskState.UP_FOR_RETRY} else 1


def known_task(dag: DAG, task_id: str) -> Any:
    """The DAG's task. Raises NotFound with its task ids."""
    if not dag.has_task(task_id):
        raise NotFound(f"DAG {dag.dag_id!r} has no task {task_id!r}; it has: {', '.join(sorted(dag.task_ids))}")
    return dag.get_task(task_id)


def print_rendered(fields: Mapping[str, Any]) -> None:
    """Rendered template fields, as ``tasks render`` shows them."""
    rule = "# " + "-" * 58
    for name, value in fields.items():
        print(f"{rule}\n# property: {name}\n{rule}\n{value}\n")


def run_task(settings: Settings, args: Any) -> int:
    """``tasks run``: one task instance of a stored run in this process, its state kept in the database."""
    from tradewind.inline import InlineRun

    log_to_terminal()
    dag = live_dag(settings, args.dag_id, args.subdir)
    known_task(dag, args.task_id)
    db = checked_database(settings)
    try:
        inline = InlineRun(db, dag, inline_options(settings, None), SystemClock())
        key = inline.adopt(stored_run(db, settings, args.dag_id, args.execution_date_or_run_id))
        state = inline.run_single(key, TaskKey(args.task_id, args.map_index), is_test=False)
    finally:
        db.close()
    return 0 if state not in FAILED_TASK_STATES | {TaskState.UP_FOR_RETRY, None} else 1


def render_task(settings: Settings, dag_id: str, task_id: str, run_id: str, map_index: int) -> int:
    """``tasks render`` of a task instance that has not run: rendered by its own code, in this process."""
    from tradewind.inline import InlineRun

    dag = live_dag(settings, dag_id)
    known_task(dag, task_id)
    db = checked_database(settings)
    try:
        inline = InlineRun(db, dag, inline_options(settings, None), SystemClock())
        print_rendered(inline.rendered(RunKey(dag_id, run_id), TaskKey(task_id, map_index)))
    finally:
        db.close()
    return 0


def stored_run(db: Database, settings: Settings, dag_id: str, text: str) -> RunKey:
    """The run that a command line names, by id or by logical date. Raises NotFound."""
    with db.read() as tx:
        run = tx.runs.get(RunKey(dag_id, text))
        if run is None:
            try:
                run = tx.runs.by_date(dag_id, parse_utc(text))
            except ValueError:
                run = None
    if run is None:
        raise NotFound(f"DAG {dag_id!r} has no run {text!r}, neither by id nor by logical date")
    return RunKey(run.dag_id, run.run_id)


def dag_cli(dag: DAG) -> None:
    """``dag.cli()``: the command line for one DAG, which is added to the words; ends the process."""
    from tradewind.cli.main import main

    words = sys.argv[1:]
    if len(words) >= 2:
        words = [*words[:2], dag.dag_id, *words[2:], "--subdir", str(dag.fileloc)]
    raise SystemExit(main(words))
