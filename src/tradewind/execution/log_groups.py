"""Marks in a task's log around what is not the task's own: readers fold them, as Airflow's do."""

from __future__ import annotations

import logging

log = logging.getLogger("airflow.task")

BEFORE = "Pre task execution logs"
AFTER = "Post task execution logs"


class LogGroups:
    """The groups of one attempt's log; at most one is open. Where ``is_on`` is false nothing is written."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._is_open = False

    def begin(self, name: str) -> None:
        """What is logged from now on belongs to the group."""
        self.end()
        if self._is_on:
            self._is_open = True
            log.info("::group::%s", name)

    def end(self) -> None:
        """The open group, if there is one, ends here."""
        if self._is_open:
            self._is_open = False
            log.info("::endgroup::")
