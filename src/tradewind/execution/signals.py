"""``signal.signal`` for what a fork does on its way: the function below Python's, which makes no enumerations of
numbers and handlers. They would be memory that every fork writes into, and so has copied for it."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what the module ``signal`` wraps; it has no types of its own
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

handle: Callable[[int, Callable[[int, FrameType | None], Any] | int | None], Any] = _signal.signal
"""The same arguments; answers the handler that was there."""

DEFAULT = int(signal.SIG_DFL)
IGNORE = int(signal.SIG_IGN)
SIGTERM = int(signal.SIGTERM)
SIGINT = int(signal.SIGINT)
SIGCHLD = int(signal.SIGCHLD)
