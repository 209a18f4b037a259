"""Where a failure's trace begins for its reader: at the author's code, not at what called it."""

from __future__ import annotations

import os
from types import TracebackType

_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_EXAMPLES = os.path.join(_OWN, "examples") + os.sep


def from_user_code(error: BaseException) -> TracebackType | None:
    """The error's traceback from the first frame on that is not tradewind's own; the whole when all are."""
    trace = error.__traceback__
    while trace is not None and _is_own(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace or error.__traceback__


def _is_own(path: str) -> bool:
    return path.startswith(_OWN) and not path.startswith(_EXAMPLES)
