"""Names that threads tell a loop: a set behind a lock, and a descriptor that is readable while there are any."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable


class News:
    """What has been told since the last :meth:`drain`. ``tell`` is safe from every thread and never blocks."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._is_closed = False

    def fileno(self) -> int:
        """For select and its kin."""
        return self._read_end

    def tell(self, names: Iterable[str]) -> None:
        """Add names, and wake the loop up; nothing after :meth:`close`."""
        with self._lock:
            if self._is_closed:
                return
            self._names.update(names)
            with contextlib.suppress(BlockingIOError):  # it is full: the loop is awake
                os.write(self._write_end, b"!")

    def drain(self) -> set[str]:
        """Take all names."""
        with self._lock:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._read_end, 4096):
                    pass
            names, self._names = self._names, set()
        return names

    def close(self) -> None:
        """Let go of the descriptors; a thread that is still at it tells nobody."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                os.close(self._read_end)
                os.close(self._write_end)
