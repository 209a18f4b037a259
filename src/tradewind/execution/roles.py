"""Entry point of the processes that processes.start_role starts: ``python -m tradewind.execution.roles ROLE``, with
the options as JSON on standard input."""

from __future__ import annotations

import os
import sys

from . import template, worker
from .options import from_json

ROLES = {"worker": worker.main, "template": template.main}


def main() -> int:
    """Run the role that the command line names."""
    options = from_json(sys.stdin.buffer.read())
    # Nothing below may wait for a terminal: user code that reads standard input gets its end.
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return ROLES[sys.argv[1]](options)


if __name__ == "__main__":
    sys.exit(main())
