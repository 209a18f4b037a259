"""What programs write straight to descriptors 1 and 2 of a task's process, in its log, with secrets hidden.

As long as no secret is known the descriptors lead to the log itself, and this costs nothing. From the first secret on
they lead into a pipe, which a thread reads; the log's handler reads it too before each record, so that lines keep
their order.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable

from .masking import SecretsMasker

_BLOCK = 64 * 1024
_LONGEST_LINE = 256 * 1024
_KEPT_BACK = 8 * 1024
"""Characters of an endless line that are held until more is known: a secret may have begun in them."""


class RawOutput:
    """The two descriptors of one process. ``write`` takes text that may be shown; ``lock`` is held around it."""

    def __init__(self, masker: SecretsMasker, write: Callable[[str], None], lock: threading.RLock) -> None:
        self._masker = masker
        self._write = write
        self._lock = lock
        self._bytes = b""
        self._read_end = -1
        self._before: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self._wake_up = (-1, -1)

    def watch(self) -> None:
        """Take the descriptors over once a secret is known, be it now or later."""
        self._masker.when_known(self._begin)

    def _begin(self) -> None:
        self._before = os.dup(1), os.dup(2)
        self._read_end, write_end = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._read_end, False)
        for descriptor in (1, 2):
            os.dup2(write_end, descriptor)
        os.close(write_end)
        self._wake_up = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._listen, name="raw output", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            readable, _, _ = select.select([self._read_end, self._wake_up[0]], [], [])
            if self._wake_up[0] in readable:
                return
            with self._lock:
                self.drain()

    def drain(self) -> None:
        """Write what has come, up to the last end of a line. For holders of the lock."""
        if self._read_end < 0:
            return
        while True:
            try:
                data = os.read(self._read_end, _BLOCK)
            except BlockingIOError:
                return
            if not data:
                return
            self._bytes += data
            self._write_lines()

    def _write_lines(self) -> None:
        end = max(self._bytes.rfind(b"\n"), self._bytes.rfind(b"\r")) + 1
        if end:
            self._write(self._masked(self._bytes[:end]))
            self._bytes = self._bytes[end:]
        elif len(self._bytes) > _LONGEST_LINE:
            text = self._masked(self._bytes)
            self._write(text[:-_KEPT_BACK])
            self._bytes = text[-_KEPT_BACK:].encode("utf-8", errors="surrogateescape")

    def _masked(self, data: bytes) -> str:
        return self._masker.mask(data.decode("utf-8", errors="surrogateescape"))

    def stop(self) -> None:
        """Give the descriptors back, and write what is left."""
        self._masker.forget(self._begin)
        if self._before is None or self._thread is None:
            return
        for descriptor, before in zip((1, 2), self._before, strict=True):
            os.dup2(before, descriptor)
            os.close(before)
        os.write(self._wake_up[1], b".")
        self._thread.join()
        with self._lock:
            self.drain()
            if self._bytes:
                self._write(self._masked(self._bytes) + "\n")
            for descriptor in (self._read_end, *self._wake_up):
                os.close(descriptor)
            self._read_end = -1
