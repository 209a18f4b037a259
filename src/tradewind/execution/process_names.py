"""Names of processes in ps and top: ``tradewind scheduler``, ``tradewind task etl.load``."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache


def name_process(name: str) -> None:
    """Show ``tradewind <name>``."""
    _setter()(f"tradewind {name}")


@cache
def _setter() -> Callable[[str], None]:
    """Once for a process and all that it forks. The environment's memory is left alone: other programs read it."""
    if "SPT_NOENV" not in os.environ:  # noqa: TID251  for the code of users in this process
        os.environ["SPT_NOENV"] = "1"  # setproctitle would write a long title over it  # noqa: TID251  for the code of users in this process
    import setproctitle  # a C extension that short commands need not pay for

    set_title: Callable[[str], None] = setproctitle.setproctitle
    return set_title
