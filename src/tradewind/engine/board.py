"""One open run, kept in memory between events: feed committed rows in, ask what is to be done."""

from __future__ import annotations

from datetime import datetime

from tradewind.model.decisions import Decision

from .ready import Touched, decide_on
from .rows import RunRows


class RunBoard(RunRows):
    """A run's rows with their indices, and the question that the scheduler asks after each event."""

    def decide(self, touched: Touched, now: datetime) -> tuple[Decision, ...]:
        """What is to be done now, seen from the touched instances (see ``ready``); the board stays as it is."""
        return decide_on(self, touched, now)
