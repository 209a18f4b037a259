"""What is deleted by itself when it is old: events of the outbox, answers kept for Idempotency-Keys, the audit log,
what tasks were to keep until now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tradewind.storage import kept_states, request_answers

from .step import Step

BATCH = 2000
"""Rows of a table that one sweep deletes: after a long absence the writer's lock is not held for seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionOptions:
    """How long rows stay; None: for ever."""

    outbox: timedelta = timedelta(days=1)
    log: timedelta | None = None


def sweep(step: Step, options: RetentionOptions) -> None:
    """A batch of each; the next sweep goes on."""
    step.tx.outbox.trim(step.now - options.outbox, most=BATCH)
    kept_states.forget_expired(step.tx)
    request_answers.forget(step.tx, step.now - request_answers.KEPT, most=BATCH)
    if options.log is not None:
        step.tx.retention.clean(step.now - options.log, ("log",), batch=BATCH)
