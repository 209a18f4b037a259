"""Running commands and ending process groups (offered as ``airflow.utils.process_utils``, ``…platform``, ``…net``)."""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil

log = logging.getLogger(__name__)

IS_WINDOWS = sys.platform == "win32"
DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM = 60


def reap_process_group(
    process_group_id: int, logger: Any, sig: int = signal.SIGTERM, timeout: float = DEFAULT_TIME_TO_WAIT_AFTER_SIGTERM
) -> dict[int, int | None]:
    """Signal a process group, wait up to ``timeout`` seconds, then SIGKILL what is left. → pid: return code."""
    import psutil  # every fork pays for what its template has imported; few need this

    codes: dict[int, int | None] = {}
    members = _group(process_group_id)
    if process_group_id == os.getpgid(0):
        raise RuntimeError("refusing to end my own process group")
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process_group_id, sig)
    logger.info("Sent %s to process group %s (%s processes)", signal.Signals(sig).name, process_group_id, len(members))
    gone, alive = psutil.wait_procs(members, timeout=timeout)
    if alive:
        logger.warning("Processes %s did not end in %s s; killing them", [p.pid for p in alive], timeout)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process_group_id, signal.SIGKILL)
        killed, _ = psutil.wait_procs(alive, timeout=timeout)
        gone += killed
    for process in gone:
        codes[process.pid] = getattr(process, "returncode", None)
    return codes


def _group(process_group_id: int) -> list[psutil.Process]:
    import psutil  # the same

    members = []
    for process in psutil.process_iter():
        with contextlib.suppress(OSError, psutil.Error):
            if os.getpgid(process.pid) == process_group_id and process.status() != psutil.STATUS_ZOMBIE:
                members.append(process)
    return members


def execute_in_subprocess(cmd: list[str], cwd: str | None = None, env: dict[str, str] | None = None) -> None:
    """Run a command, its output line by line into the log. Raises CalledProcessError when it fails."""
    execute_in_subprocess_with_kwargs(cmd, cwd=cwd, env=env)


def execute_in_subprocess_with_kwargs(cmd: list[str], **kwargs: Any) -> None:
    """The same, with keyword arguments for Popen."""
    log.info("Executing cmd: %s", " ".join(shlex.quote(part) for part in cmd))
    with subprocess.Popen(
        cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0, close_fds=True, **kwargs
    ) as process:
        assert process.stdout is not None
        for line in iter(process.stdout.readline, b""):
            log.info("%s", line.decode(errors="backslashreplace").rstrip())
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, cmd)


@contextlib.contextmanager
def patch_environ(new_env_variables: dict[str, str]) -> Iterator[None]:
    """Environment variables set for the block, put back after it."""
    before = {name: os.environ.get(name) for name in new_env_variables}  # noqa: TID251  it is about the environment of processes
    os.environ.update(new_env_variables)  # noqa: TID251  it is about the environment of processes
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)  # noqa: TID251  it is about the environment of processes
            else:
                os.environ[name] = value  # noqa: TID251  it is about the environment of processes


@cache
def getuser() -> str:
    """The name of the user whom this process runs as."""
    return getpass.getuser()


def getfqdn(name: str = "") -> str:
    """The full host name of ``name``, of this machine when empty; the plain one when a resolver does not know more."""
    wanted = name.strip()
    if not wanted or wanted in ("0.0.0.0", "::"):
        wanted = socket.gethostname()
    try:
        found = socket.getaddrinfo(wanted, None, 0, socket.SOCK_DGRAM, 0, socket.AI_CANONNAME)
    except OSError:
        return wanted
    return next((entry[3] for entry in found if entry[3]), wanted)


def get_hostname() -> str:
    """This machine's name, as states and logs show it."""
    return getfqdn()


def get_host_ip_address() -> str:
    """This machine's address, as its own name resolves."""
    return socket.gethostbyname(getfqdn())


def is_tty() -> bool:
    """Whether the standard streams are a terminal."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
