"""``kerberos``: keeps a ticket fresh, from a keytab, for tasks whose programs need one."""

from __future__ import annotations

import argparse
import shlex
import signal
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import structlog

from tradewind.config.settings import Settings

from .services import serving
from .session import CommandFailed

if TYPE_CHECKING:
    from .session import Session

_log = structlog.get_logger(__name__)


def kerberos(args: argparse.Namespace, session: Session) -> int:
    """A ticket now, and (unless --one-time) a new one every [kerberos] reinit_frequency seconds until SIGTERM."""
    keytab = args.keytab or session.settings.text("kerberos", "keytab")
    if not keytab:
        session.complain("warning: [kerberos] keytab is empty; there is nothing to renew")
        return 0
    settings = serving(args, session, "kerberos")
    command = kinit_command(settings, keytab, args.principal)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while True:
        code = renew(command, session)
        if code or args.one_time or stop.wait(settings.integer("kerberos", "reinit_frequency", 3600)):
            return code


def kinit_command(settings: Settings, keytab: str, principal: str | None) -> list[str]:
    """The call of kinit. ``_HOST`` in the configured principal is this machine's name."""

    def yes_or_no(key: str, yes: str, no: str) -> str:
        return yes if settings.boolean("kerberos", key, True) else no

    name = principal or settings.text("kerberos", "principal", "airflow").replace("_HOST", socket.getfqdn())
    # Airflow asks for as many minutes as it waits seconds: the ticket may be renewed long after it should have been.
    lifetime = f"{settings.integer('kerberos', 'reinit_frequency', 3600)}m"
    return [
        settings.text("kerberos", "kinit_path", "kinit"),
        yes_or_no("forwardable", "-f", "-F"),
        yes_or_no("include_ip", "-a", "-A"),
        *("-r", lifetime, "-k", "-t", keytab, "-c", settings.text("kerberos", "ccache"), name),
    ]


def renew(command: list[str], session: Session) -> int:
    """Calls kinit; its exit code. Raises CommandFailed when it cannot be started."""
    _log.info("kerberos.renewing", command=shlex.join(command))
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    except OSError as problem:
        raise CommandFailed(f"cannot start {command[0]}: {problem.strerror}; see [kerberos] kinit_path") from problem
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        session.complain(f"error: kinit ended with {done.returncode}: {said}")
    return done.returncode
