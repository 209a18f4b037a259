"""Unix sockets and lock files in run/ of the home: listening, connecting, who holds a role."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from .reaping import start_time

_LONGEST_PATH = 100
"""sun_path holds 108 bytes; a longer path goes through a descriptor of its folder."""


def connect(path: Path) -> socket.socket:
    """A connected, blocking socket. OSError (also ConnectionRefusedError of a dead listener) when there is none."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short_address(path) as address:
            sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def listen(path: Path) -> socket.socket:
    """A listening socket at ``path``, for this user only; a dead one's file is replaced."""
    path.unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short_address(path) as address:
        sock.bind(address)
    path.chmod(0o600)
    sock.listen(128)
    return sock


@contextlib.contextmanager
def _short_address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class RoleLock:
    """One process per home and role: a lock on a file that ends with its holder, however that ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> bool:
        """Take the lock and write pid and start time into the file; False when another process has it."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return False
        os.ftruncate(fd, 0)
        os.write(fd, f"{os.getpid()} {start_time(os.getpid())}\n".encode())
        self._fd = fd
        return True

    def release(self) -> None:
        """Let go; also in a forked child, which must not hold its parent's role."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def holder(path: Path) -> int | None:
    """Pid of the process that holds the role's lock now; None when nobody does.

    Looks at the kernel's table and not by trying: a try would take the role from somebody who is just starting."""
    try:
        status = path.stat()
        pid, started = (int(word) for word in path.read_text().split())
    except (FileNotFoundError, ValueError):
        return None
    wanted = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    is_locked = any(
        fields[1] == "FLOCK" and fields[3] == "WRITE" and fields[5] == wanted
        for line in Path("/proc/locks").read_text().splitlines()
        if len(fields := line.split()) >= 8 and fields[1] != "->"
    )
    return pid if is_locked and start_time(pid) == started else None
