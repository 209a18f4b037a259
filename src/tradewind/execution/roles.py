"""Entry point of the processes that processes.start_role starts: ``python -m tradewind.execution.roles ROLE``, with
the options as JSON on standard input. In a supervised tree (processes.become_role) two more words follow: the exit code
that the supervisor expects instead of 0, and the level at which to log."""

from __future__ import annotations

import os
import sys

from . import template, worker
from .options import from_json
from .process_logging import log_on_demand
from .process_names import name_process

ROLES = {"worker": worker.main, "template": template.main}


def main() -> int:
    """Run the role that the command line names."""
    options = from_json(sys.stdin.buffer.read())
    # Nothing below may wait for a terminal: user code that reads standard input gets its end.
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    role, *supervised = sys.argv[1:]
    name_process(role)
    if not supervised:
        return ROLES[role](options)
    code_when_done, log_level = supervised
    log_on_demand(role, log_level)
    return ROLES[role](options) or int(code_when_done)


if __name__ == "__main__":
    sys.exit(main())
