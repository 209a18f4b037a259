"""Doorbells beside a SQLite database: each listener binds a datagram socket in ``<database>.bells/``; whoever commits
rings them all. A ring carries no news, the outbox does; a lost ring is found by the listener's slow sweep."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path

_GONE = frozenset({errno.ECONNREFUSED, errno.ENOENT, errno.ENOTSOCK})


def bells_of(database: Path) -> Path:
    """The folder with the sockets of a database's listeners."""
    return database.with_name(database.name + ".bells")


class Doorbell:
    """A listener's own bell: ``fileno()`` is readable when somebody rang."""

    def __init__(self, database: Path) -> None:
        folder = bells_of(database)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / self.name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        with _short_path(folder) as reachable:
            self._socket.bind(f"{reachable}/{self.name}")

    def fileno(self) -> int:
        """For select and its kin."""
        return self._socket.fileno()

    def drain(self) -> bool:
        """Take all rings; whether there was one."""
        rung = False
        try:
            while True:
                self._socket.recv(16)
                rung = True
        except BlockingIOError:
            return rung

    def close(self) -> None:
        """Stop listening; the socket's file goes."""
        self._socket.close()
        self._path.unlink(missing_ok=True)


class Bells:
    """What a writer rings. One a process and database; safe from several threads."""

    def __init__(self, database: Path) -> None:
        self._folder = bells_of(database)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def ring(self, except_for: str | None = None) -> None:
        """Ring all bells but one's own. Never blocks; a full bell has been rung already, a dead one is removed."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return
        if not names or names == [except_for]:
            return
        with _short_path(self._folder) as reachable:
            for name in names:
                if name != except_for:
                    self._ring_one(f"{reachable}/{name}")

    def _ring_one(self, address: str) -> None:
        try:
            self._socket.sendto(b"!", address)
        except BlockingIOError:
            pass
        except OSError as problem:
            if problem.errno not in _GONE:
                raise
            # Nobody has the socket open: its owner was killed.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(address)

    def close(self) -> None:
        """Close the sending socket."""
        self._socket.close()


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[str]:
    """A path to the folder that fits an address: those of Unix sockets end at 107 bytes."""
    if len(os.fsencode(folder)) < 80:
        yield str(folder)
        return
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)
