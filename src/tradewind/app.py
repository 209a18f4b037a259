"""The composition root: from Settings to running roles. The only module that knows everyone; every import of a role is
inside the function that runs it, so that a process carries what its role needs and no more."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tradewind.config.settings import Settings
from tradewind.model.errors import DatabaseUnavailable
from tradewind.model.times import Clock, SystemClock
from tradewind.observability.structured import structlog

if TYPE_CHECKING:
    from tradewind.execution.options import WorkerOptions
    from tradewind.plugins.in_process import InProcessHost
    from tradewind.processing.manager import ProcessorOptions
    from tradewind.scheduler.loop import SchedulerOptions
    from tradewind.storage.database import Database
    from tradewind.wire.plugin_messages import PluginHost

log = structlog.get_logger(__name__)

ADMIN_PASSWORD_FILE = "standalone_admin_password.txt"
LISTENERS_PATIENCE = 5.0
"""Seconds that listeners have to take what they are being told when a scheduler ends."""
OUR_EXECUTORS = frozenset({"LocalExecutor", "SequentialExecutor", "DebugExecutor"})
"""Airflow's names of executors that run attempts on this machine, as we do."""
EXAMPLES = Path(__file__).parent / "examples"


def open_database(settings: Settings, clock: Clock | None = None) -> Database:
    """The configured database, not yet checked or migrated."""
    from tradewind.storage.database import DatabaseOptions, open_database

    options = DatabaseOptions(
        fernet_keys=settings.fernet_keys, default_pool_slots=settings.default_pool_task_slot_count
    )
    return open_database(settings.sql_alchemy_conn, clock=clock or SystemClock(), options=options)


def checked_database(settings: Settings) -> Database:
    """The configured database; raises DatabaseRefused when it is not migrated or not ours."""
    db = open_database(settings)
    db.check()
    return db


def migrate(settings: Settings) -> None:
    """Bring the configured database to this version's schema, with the stock roles in it."""
    from tradewind.auth.roles import sync_roles

    db = open_database(settings)
    db.migrate()
    with db.begin() as tx:
        sync_roles(tx)
    use_log_template(settings, db)
    db.close()


def use_log_template(settings: Settings, db: Database) -> None:
    """Have new runs name their logs as ``[logging] log_filename_template`` says now. Raises ConfigError for one that
    cannot be used."""
    from tradewind.observability.log_names import DEFAULT_TEMPLATE, check_template
    from tradewind.storage import log_templates

    template = settings.text("logging", "log_filename_template") or DEFAULT_TEMPLATE
    if template != DEFAULT_TEMPLATE:
        check_template(template)
    log_templates.use(db, template, default=DEFAULT_TEMPLATE)


def worker_options(settings: Settings) -> WorkerOptions:
    """What a worker and its template are told."""
    from tradewind.execution.options import WorkerOptions
    from tradewind.observability.hiding import configured_secrets

    return WorkerOptions(
        home=str(settings.home),
        dags_folder=str(settings.dags_folder),
        log_folder=str(settings.base_log_folder),
        plugins_folder=str(settings.plugins_folder),
        parallelism=settings.parallelism,
        killed_task_cleanup_time=settings.killed_task_cleanup_time,
        scheduler_zombie_task_threshold=settings.scheduler_zombie_task_threshold,
        dagbag_import_timeout=settings.dagbag_import_timeout,
        compat_level=settings.compat_level,
        compat_level_of_folders=settings.compat_level_of_folders,
        hostname=hostname(),
        masked=configured_secrets(settings),
        config={section: settings.section(section) for section in settings.sections()},
    )


def hostname() -> str:
    """The name under which attempts and jobs of this machine are shown."""
    return socket.gethostname()


def user_name() -> str:
    """The operating system's name of this user; its number when it has none."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def run_template(settings: Settings) -> int:
    """Serve as this home's template; returns its exit code."""
    from tradewind.execution import template

    return template.main(worker_options(settings))


def become_template(settings: Settings, code_when_done: int) -> NoReturn:
    """Make this process the home's template; it ends with ``code_when_done`` instead of 0."""
    from tradewind.execution.processes import become_role

    level = settings.text("logging", "logging_level", "INFO")
    become_role("template", worker_options(settings), code_when_done=code_when_done, log_level=level)


def run_worker(settings: Settings) -> int:
    """Serve as this home's worker; returns its exit code."""
    from tradewind.execution import worker

    return worker.main(worker_options(settings))


def run_triggerer(settings: Settings, capacity: int | None = None) -> int:
    """Serve as a triggerer of this home, beside the one that its scheduler starts; returns its exit code."""
    from tradewind.triggerer import loop

    return loop.main(worker_options(settings), capacity=capacity)


def run_scheduler(settings: Settings) -> None:
    """Serve as a scheduler until SIGTERM or SIGINT; starts the home's worker and template unless they run."""
    from tradewind.executors.local import LocalExecutor
    from tradewind.plugins.background import BackgroundTimetables
    from tradewind.scheduler.loop import Scheduler

    db = checked_database(settings)
    use_log_template(settings, db)
    if not db.lay_out_log():
        log.warning("database.log_not_laid_out", reason="no room on its disk")
    clock = SystemClock()
    executor = LocalExecutor(worker_options(settings))
    if others := [name for name in settings.items("core", "executor") if name not in OUR_EXECUTORS]:
        log.warning("scheduler.executor_not_offered", configured=others, used="LocalExecutor")
    timetables = BackgroundTimetables(plugin_host(settings, db, clock), clock)
    scheduler = Scheduler(db, clock, scheduler_options(settings), executor, new_token=new_token, timetables=timetables)
    scheduler.install_signal_handlers()
    with listeners_fed(settings, db, clock):
        scheduler.run()
    db.close()


@contextlib.contextmanager
def listeners_fed(settings: Settings, db: Database, clock: Clock) -> Iterator[None]:
    """While it lasts, listeners of plugins hear of runs, datasets and DAG files."""
    from tradewind.plugins import catalogue
    from tradewind.scheduler.listeners import ListenerFeed, ListenerHosts

    folder = str(settings.plugins_folder)
    hosts = ListenerHosts(
        describe=plugin_host(settings, db, clock),
        tell=plugin_host(settings, db, clock, is_lasting=True),
        exist=lambda: catalogue.exist(folder),
    )
    stop = threading.Event()
    feed = ListenerFeed(db, hosts, clock, f"{hostname()[:30]}:{os.getpid()}")
    thread = threading.Thread(target=feed.run, args=(stop,), name="listeners", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LISTENERS_PATIENCE)


def plugin_host(settings: Settings, db: Database, clock: Clock, *, is_lasting: bool = False) -> PluginHost:
    """Who asks the home's plugin host, which is started when it is first asked; it looks things up in ``db``.
    ``is_lasting``: asks the host's process that keeps the listeners' state."""
    from tradewind.actions.lookups import looked_up
    from tradewind.execution.plugin_host import connect_to_host
    from tradewind.execution.processes import TemplateStarter
    from tradewind.plugins.client import HostClient, LastingClient

    options = worker_options(settings)
    connect = connect_to_host(options, clock, TemplateStarter(options, clock))
    client = LastingClient if is_lasting else HostClient
    return client(connect, clock, lambda question: looked_up(db, question))


def plugin_host_here(settings: Settings, database: Callable[[], Database]) -> InProcessHost:
    """Asks plugins in this very process: for commands, and runs without a server. ``database`` opens it when a plugin
    looks something up."""
    from tradewind.actions.lookups import looked_up
    from tradewind.plugins.in_process import InProcessHost

    options = worker_options(settings)
    for folder in (options.dags_folder, str(settings.home / "config"), options.plugins_folder):
        if folder and folder not in sys.path:
            sys.path.append(folder)
    return InProcessHost(lambda question: looked_up(database(), question), options.config)


def scheduler_options(settings: Settings) -> SchedulerOptions:
    """What the scheduler's loop is told."""
    from tradewind.scheduler.loop import SchedulerOptions
    from tradewind.scheduler.retention import RetentionOptions

    log_days = settings.number("tradewind", "log_retention_days", 0.0)
    return SchedulerOptions(
        socket_path=settings.run_folder / f"scheduler-{os.getpid()}.sock",
        log_folder=settings.base_log_folder,
        hostname=hostname(),
        unixname=user_name(),
        parallelism=settings.parallelism,
        max_runs_created_per_loop=settings.integer("scheduler", "max_dagruns_to_create_per_loop", 10),
        heartbeat=settings.number("scheduler", "scheduler_heartbeat_sec", 5.0),
        zombie_threshold=settings.scheduler_zombie_task_threshold,
        triggerer_lease=settings.number("triggerer", "triggerer_health_check_threshold", 30.0),
        use_job_schedule=settings.boolean("scheduler", "use_job_schedule", True),
        check_slas=settings.boolean("core", "check_slas", True),
        failure_limit=settings.integer("core", "max_consecutive_failed_dag_runs_per_dag", 0),
        retention=RetentionOptions(
            outbox=timedelta(seconds=settings.number("tradewind", "outbox_retention_seconds", 86400.0)),
            log=timedelta(days=log_days) if log_days else None,
        ),
    )


def run_processor(settings: Settings) -> None:
    """Serve as the DAG processor until SIGTERM or SIGINT."""
    import signal
    import threading

    from tradewind.execution.processes import TemplateStarter
    from tradewind.processing.manager import DagProcessor
    from tradewind.processing.next_runs import next_run_of

    clock = SystemClock()
    db = checked_database(settings)
    with db.begin() as tx:
        job_id = tx.jobs.create("DagProcessorJob", hostname=hostname(), unixname=user_name())
    stop = threading.Event()
    wake_up, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def beat() -> None:
        with db.begin() as tx:
            tx.jobs.beat(job_id, tx.now)

    starter = TemplateStarter(worker_options(settings), clock)
    options = processor_options(settings)
    while not stop.is_set():
        try:
            DagProcessor(db, clock, options, starter.connect, next_run_of, beat=beat).run(stop, wake_up)
        except DatabaseUnavailable as problem:
            log.error("database.unavailable", reason=str(problem))
            stop.wait(0.5)
    with db.begin() as tx:
        tx.jobs.finish(job_id, "success")
    db.close()


def processor_options(settings: Settings) -> ProcessorOptions:
    """What the DAG processor is told."""
    from tradewind.processing.manager import ProcessorOptions

    memory = settings.integer("tradewind", "parse_memory_limit_mib", 2048)
    return ProcessorOptions(
        dags_folder=str(settings.dags_folder),
        more_folders=(str(EXAMPLES),) if settings.load_examples else (),
        plugins_folder=str(settings.plugins_folder),
        safe_mode=settings.boolean("core", "dag_discovery_safe_mode", True),
        ignore_syntax=settings.text("core", "dag_ignore_file_syntax", "regexp"),
        import_timeout=settings.dagbag_import_timeout,
        hard_timeout=settings.dag_file_processor_timeout,
        memory_limit_mib=memory or None,
        parsing_processes=settings.parsing_processes,
        min_file_process_interval=settings.min_file_process_interval,
        dag_dir_list_interval=settings.dag_dir_list_interval,
        stale_after=settings.number("scheduler", "stale_dag_threshold", 50.0),
        compat_level=settings.compat_level,
        compat_level_of_folders=settings.compat_level_of_folders,
        paused_default=settings.dags_are_paused_at_creation,
        with_traceback=settings.boolean("core", "dagbag_import_error_tracebacks", True),
    )


def new_token() -> str:
    """A token for one attempt: not to be guessed, short in a row."""
    return secrets.token_urlsafe(12)


def run_api(settings: Settings, host: str, port: int, listener: socket.socket | None = None) -> None:
    """Serve HTTP until SIGTERM or SIGINT; on ``listener`` when the socket is bound already."""
    from tradewind.api.server import serve
    from tradewind.api.services import Services
    from tradewind.api.webhooks import WebhookSender
    from tradewind.plugins.hosted import builder
    from tradewind.web.static import Site

    clock = SystemClock()
    db = open_database(settings, clock)
    db.check()
    plugins = plugin_host(settings, db, clock)
    services = Services.build(db, clock, settings, plugins=plugins, timetables=builder(plugins.ask))
    stop = threading.Event()
    threading.Thread(target=WebhookSender(services).run, args=(stop,), name="webhooks", daemon=True).start()
    sockets = None if listener is None else [listener]
    serve(services, host, port, site=Site(), sockets=sockets, **tls_files(settings))


def tls_files(settings: Settings) -> dict[str, str]:
    """Certificate and key for the server; empty: plain HTTP."""
    cert, key = (settings.text("webserver", f"web_server_ssl_{kind}") for kind in ("cert", "key"))
    return {"ssl_certfile": cert, "ssl_keyfile": key} if cert and key else {}


def ensure_admin(settings: Settings) -> None:
    """Make the user ``admin`` when nobody exists, with a password that is kept in a file of the home."""
    from tradewind.actions.users import create_user

    path = settings.home / ADMIN_PASSWORD_FILE
    db = checked_database(settings)
    try:
        with db.begin() as tx:
            if tx.users.list():
                return
            password = secrets.token_urlsafe(12)
            write_secret(path, password)
            create_user(
                tx,
                username="admin",
                password=password,
                email="admin@example.com",
                first_name="Admin",
                last_name="User",
                roles=("Admin",),
            )
    finally:
        db.close()


def write_secret(path: Path, text: str) -> None:
    """A file that only this user reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{text}\n")
