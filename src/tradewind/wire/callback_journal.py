"""A file of the home in which task processes note callbacks that have run: it survives the process, its worker and
every message on the way. Whoever would launch a callback again looks here first.

One line of one write for each callback, so that many processes append without a lock.
"""

from __future__ import annotations

import os
from pathlib import Path

NAME = "callbacks.done"
ROTATE_BYTES = 1024 * 1024


def note(run_folder: Path, callback_id: int) -> None:
    """The callback has returned or raised."""
    descriptor = os.open(run_folder / NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, b"%d\n" % callback_id)
    finally:
        os.close(descriptor)


def noted(run_folder: Path) -> frozenset[int]:
    """Callbacks that have run; a last line that was cut off counts for nothing."""
    try:
        text = (run_folder / NAME).read_bytes()
    except FileNotFoundError:
        return frozenset()
    whole = text[: text.rfind(b"\n") + 1]
    return frozenset(int(line) for line in whole.split())


def forget_if_large(run_folder: Path) -> None:
    """To be called while no callback is owed: then nobody needs the old lines."""
    path = run_folder / NAME
    try:
        if path.stat().st_size > ROTATE_BYTES:
            path.unlink()
    except FileNotFoundError:
        return
