"""What roles do before they serve: go into the background (``--daemon``), write their pid file, send output to files.

A pid file counts as long as a process holds a lock on it, not as long as some process has that number: what a killed
role left behind is taken over, whoever has its number now. The lock is one of those that a fork does not inherit, so
that children who outlive the role do not keep it.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tradewind.config.settings import Settings

from .session import CommandFailed

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a role writes; None: where the process that called us does, or nowhere."""

    pid: Path | None
    out: Path | None
    err: Path | None
    log: Path | None

    @classmethod
    def of(cls, args: argparse.Namespace, settings: Settings, name: str) -> Place:
        """As the command line says. In the background all have names in the home, as Airflow gives them."""

        def chosen(text: str | None, suffix: str) -> Path | None:
            if text:
                return Path(text).absolute()
            return settings.home / f"airflow-{name}.{suffix}" if args.daemon else None

        return cls(
            pid=chosen(args.pid, "pid"),
            out=chosen(args.stdout, "out"),
            err=chosen(args.stderr, "err"),
            log=chosen(args.log_file, "log"),
        )


def settle(args: argparse.Namespace, session: Session, settings: Settings, name: str) -> Path | None:
    """Makes this process the one that serves, in the background when asked; the file for its log, when there is one.

    With ``--daemon`` the calling process ends here, with 0 once the pid file is written. Raises CommandFailed when the
    role runs already or a file cannot be written; nothing has happened then."""
    place = Place.of(args, settings, name)
    _check_writable(place)
    if place.pid is not None:
        os.close(_locked(place.pid, name))
    if args.daemon:
        session.out.flush()
        ready = _fork_away()
        _detach(int(settings.text("core", "daemon_umask", "0o077"), 8))
    if place.pid is not None:
        _write_pid(session, place.pid, name)
    _redirect(place)
    if args.daemon:
        os.write(ready, b"1")
        os.close(ready)
    return place.log


def _check_writable(place: Place) -> None:
    for path in (place.pid, place.out, place.err, place.log):
        if path is None:
            continue
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
        except OSError as problem:
            raise CommandFailed(f"cannot write {path}: {problem.strerror}") from problem


def _locked(path: Path, name: str) -> int:
    """A descriptor of the pid file, locked for this process. Raises CommandFailed when another one has it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        said = os.read(descriptor, 32).decode(errors="replace").strip()
        os.close(descriptor)
        if problem.errno not in (errno.EACCES, errno.EAGAIN):
            raise CommandFailed(f"cannot lock {path}: {problem.strerror}") from problem
        raise CommandFailed(f"The {name} is already running under PID {said}.") from None
    return descriptor


def _write_pid(session: Session, path: Path, name: str) -> None:
    # Kept open until this process ends: closing it would give the lock away.
    descriptor = _locked(path, name)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            path.unlink(missing_ok=True)

    session.at_end(remove)


def _fork_away() -> int:
    """Two forks: the process that returns has no terminal and can never get one. The end of a pipe into which it says
    that it is ready."""
    read, write = os.pipe2(os.O_CLOEXEC)
    if child := os.fork():
        os.close(write)
        is_ready = os.read(read, 1) == b"1"
        os.waitpid(child, 0)
        _end(0 if is_ready else 1)
    os.close(read)
    os.setsid()
    if os.fork():
        _end(0)
    return write


def _end(code: int) -> NoReturn:
    """Without what an interpreter does at its end: all of that is the other process's now."""
    os._exit(code)


def _detach(umask: int) -> None:
    # Names that are relative now would mean something else in the new folder, here and in processes we start.
    sys.path[:] = [os.path.abspath(path) for path in sys.path]
    if given := os.environ.get("PYTHONPATH"):  # noqa: TID251  for the processes that this one starts
        os.environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in given.split(os.pathsep))  # noqa: TID251  for the processes that this one starts
    os.chdir("/")
    os.umask(umask)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _redirect(place: Place) -> None:
    for path, number in ((place.out, 1), (place.err, 2)):
        if path is not None:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
            os.dup2(file, number)
            os.close(file)
