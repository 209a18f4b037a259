"""structlog, imported without rich. Only its traceback printer for terminals, which we do not use, wants rich, and
importing that takes twice as long and half as much memory again as structlog itself: in every role of every server."""

from __future__ import annotations

import sys

if "structlog" not in sys.modules and "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]  # "there is no such module", until the import is over
    try:
        import structlog
    finally:
        del sys.modules["rich"]
else:
    import structlog

__all__ = ["structlog"]
