"""How a forked child ends: without the interpreter's clean-up, which belongs to its parent."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """Write out what was printed, and end this process with ``code``; with 1 instead of 0 when that failed.

    Never raises and never returns: the code above belongs to the parent.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # closed, full, or replaced by something of the user's; nobody is left to tell
                code = code or 1
    finally:
        os._exit(code)


def code_of(stop: SystemExit) -> int:
    """The exit code that ``sys.exit`` asked for: none is 0, a text is 1."""
    if stop.code is None:
        return 0
    return stop.code if isinstance(stop.code, int) else 1
