"""Commands that serve: standalone and the single roles."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from tradewind import app
from tradewind.config.settings import Settings, ensure_keys
from tradewind.execution.process_names import name_process
from tradewind.model.errors import TradewindError
from tradewind.model.times import SystemClock
from tradewind.observability.hiding import hide_as_configured
from tradewind.observability.logging import configure_logging
from tradewind.supervision import ALREADY_SERVED, Role, Supervisor, run_in_child

from .daemon import settle
from .session import CommandFailed

if TYPE_CHECKING:
    from .session import Session

_ROLES = {"webserver": "api"}
"""Roles that processes and logs call otherwise than the command line does."""


def standalone(args: argparse.Namespace, session: Session) -> int:
    """Everything in one supervised tree: migrates, makes a user when there is none, serves until SIGTERM or SIGINT."""
    settings = prepared(session.settings)
    host = args.host or settings.web_server_host
    port = int(args.port or settings.web_server_port)
    # The parent keeps the socket: while the API's process is restarted, requests wait instead of being refused.
    with contextlib.closing(bound(host, port)) as listener:
        tree = Tree(settings, listener, Supervisor(SystemClock()))
        tree.start_execution()
        import tradewind.storage.database  # noqa: F401  imported once, shared by the roles forked from here on

        # The collector would write into all that is shared, and so copy it into each role.
        gc.freeze()

        code = run_in_child(lambda: set_up(settings), meanwhile=import_shared)
        gc.freeze()
        if code:
            tree.supervisor.stop()
            return code
        tree.start("scheduler", lambda: app.run_scheduler(settings))
        tree.start("dag-processor", lambda: app.run_processor(settings))
        tree.start("api", lambda: app.run_api(settings, host, port, listener), keeps_listener=True)
        announce(session, settings, host, port)
        try:
            return tree.supervisor.run()
        finally:
            stop_execution(settings)


def import_shared() -> None:
    """What scheduler and API both need beside storage: imported once, while the database is looked at, not twice when
    everybody waits for them."""
    for name in ("tradewind.actions.nested", "tradewind.timetables.registry", "tradewind.serde.decode"):
        import_module(name)


@dataclass(frozen=True, slots=True)
class Tree:
    """The processes of ``standalone``."""

    settings: Settings
    listener: socket.socket
    supervisor: Supervisor

    def start(
        self, name: str, run: Callable[[], None], *, keeps_listener: bool = False, dies_with_parent: bool = True
    ) -> None:
        """Fork a role. Only the API keeps the listening socket: a role that outlives this tree would hold the port."""

        def begin() -> None:
            if not keeps_listener:
                self.listener.close()
            log_as(name, self.settings)
            run()

        self.supervisor.start(Role(name, begin, dies_with_parent=dies_with_parent))

    def start_execution(self) -> None:
        """Template and worker: forked first, while this process is small, for the price of every later fork depends on
        it. Another process may serve the home already (it outlived its parent): then it is adopted."""
        self.start("template", partial(app.become_template, self.settings, ALREADY_SERVED), dies_with_parent=False)
        self.start("worker", partial(serve, app.run_worker, self.settings), dies_with_parent=False)


def serve(run: Callable[[Settings], int], settings: Settings) -> None:
    """A role that answers with an exit code, as a role's process does: it ends with it."""
    sys.exit(served(run(settings)))


def log_as(name: str, settings: Settings, stream: TextIO | None = None) -> None:
    """Set up the log of this process."""
    hide_as_configured(settings)
    configure_logging(name, level=settings.text("logging", "logging_level", "INFO"), stream=stream)


def prepared(settings: Settings) -> Settings:
    """The home's folders and keys, made when they are missing."""
    for folder in (settings.home, settings.run_folder, settings.dags_folder, settings.base_log_folder):
        folder.mkdir(parents=True, exist_ok=True)
    return ensure_keys(settings)


def set_up(settings: Settings) -> None:
    """Migrate, and make the first user."""
    try:
        app.migrate(settings)
        app.ensure_admin(settings)
    except TradewindError as problem:
        print(f"tradewind: {problem}", file=sys.stderr)
        sys.exit(1)


def stop_execution(settings: Settings) -> None:
    """End a worker and a template that are not our children: a scheduler restarted them, or we adopted them."""
    from tradewind.executors.local import LocalExecutor  # only at the end of a tree

    LocalExecutor(app.worker_options(settings)).stop()


def served(code: int) -> int:
    """A role that another process serves already ends with 0: the supervisor tries again later."""
    return ALREADY_SERVED if code == 0 else code


def bound(host: str, port: int) -> socket.socket:
    """A listening socket, made before anything starts: an address in use is found out while nothing has happened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as problem:
        sock.close()
        raise TradewindError(
            f"cannot listen on {host}:{port}: {problem.strerror}; choose another port with --port"
        ) from problem
    sock.listen(2048)
    return sock


def announce(session: Session, settings: Settings, host: str, port: int) -> None:
    """Where it is, and how to get in."""
    shown = f"[{host}]" if ":" in host else host
    path = settings.home / app.ADMIN_PASSWORD_FILE
    scheme = "https" if settings.text("webserver", "web_server_ssl_cert") else "http"
    lines = [f"tradewind serves {scheme}://{shown}:{port}", f"home      {settings.home}"]
    if path.is_file():
        lines += ["user      admin", f"password  {path.read_text().strip()}   (kept in {path.name})"]
    for line in lines:
        session.say(line)
    session.out.flush()


def scheduler(args: argparse.Namespace, session: Session) -> int:
    """A scheduler; it starts the home's worker and template, and adopts those that run."""
    settings = serving(args, session, "scheduler")
    app.run_scheduler(settings)
    return 0


def webserver(args: argparse.Namespace, session: Session) -> int:
    """The API, any number over one database."""
    settings = with_tls(session.settings, args)
    host = args.hostname or settings.web_server_host
    port = int(args.port or settings.web_server_port)
    # Bound before going into the background: an address in use is told to whoever started it.
    with contextlib.closing(bound(host, port)) as listener:
        settings = serving(args, session, "webserver", settings)
        # The server ends in order and then sends itself the signal again, which would end us before our pid file.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        app.run_api(settings, host, port, listener)
    return 0


def with_tls(settings: Settings, args: argparse.Namespace) -> Settings:
    """The settings with the certificate and key of the command line. Raises CommandFailed when one cannot be used."""
    cert = args.ssl_cert or settings.text("webserver", "web_server_ssl_cert")
    key = args.ssl_key or settings.text("webserver", "web_server_ssl_key")
    if key and not cert:
        raise CommandFailed(f"An SSL certificate must also be provided for use with {key}")
    if cert and not key:
        raise CommandFailed(f"An SSL key must also be provided for use with {cert}")
    if not cert:
        return settings
    cert, key = os.path.abspath(cert), os.path.abspath(key)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as problem:
        raise CommandFailed(f"cannot use certificate {cert} with key {key}: {problem}") from problem
    return settings.replace({("webserver", "web_server_ssl_cert"): cert, ("webserver", "web_server_ssl_key"): key})


def dag_processor(args: argparse.Namespace, session: Session) -> int:
    """The DAG processor."""
    app.run_processor(serving(args, session, "dag-processor"))
    return 0


def worker(args: argparse.Namespace, session: Session) -> int:
    """The home's worker."""
    settings = serving(args, session, "worker")
    if args.concurrency:
        settings = settings.replace({("core", "parallelism"): args.concurrency})
    code = app.run_worker(settings)
    if code == 0 and worker_runs_elsewhere(settings):
        session.complain("another worker serves this home already")
    return code


def triggerer(args: argparse.Namespace, session: Session) -> int:
    """A triggerer, for a home whose own is not enough."""
    return app.run_triggerer(serving(args, session, "triggerer"), args.capacity)


def worker_runs_elsewhere(settings: Settings) -> bool:
    """Whether another process holds the home's worker lock."""
    from tradewind.execution.endpoints import holder

    pid = holder(settings.run_folder / "worker.lock")
    return pid is not None and pid != os.getpid()


def serving(args: argparse.Namespace, session: Session, name: str, settings: Settings | None = None) -> Settings:
    """What every role of its own does first: folders, keys, background, log, name."""
    settings = prepared(settings or session.settings)
    log_file = settle(args, session, settings, name)
    name_process(_ROLES.get(name, name))
    if log_file is None:
        log_as(_ROLES.get(name, name), settings)
        return settings
    # Opened until the process ends; line by line, so that whoever reads along sees each event.
    stream = log_file.open("a", buffering=1, encoding="utf-8", errors="backslashreplace")
    session.at_end(stream.close)
    log_as(_ROLES.get(name, name), settings, stream)
    return settings
