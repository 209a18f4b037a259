"""model.outcomes on the wire and back. Trigger arguments and next_kwargs are JSON text made by serde.values."""

from __future__ import annotations

from tradewind.model.outcomes import Deferred, Failed, NotStarted, Outcome, Rescheduled, Skipped, Succeeded

from .messages import PackedOutcome


def pack(outcome: Outcome) -> PackedOutcome:
    """The message form of an outcome."""
    match outcome:
        case Succeeded():
            return PackedOutcome(kind="succeeded")
        case Failed(error=error, retryable=retryable, kind=kind, retry_delay=delay):
            return PackedOutcome(kind="failed", error=error, retryable=retryable, failure=kind, retry_delay=delay)
        case Skipped():
            return PackedOutcome(kind="skipped")
        case Rescheduled(at=at):
            return PackedOutcome(kind="rescheduled", at=at)
        case Deferred():
            return PackedOutcome(
                kind="deferred",
                trigger_classpath=outcome.trigger_classpath,
                trigger_kwargs=outcome.trigger_kwargs or "",
                next_method=outcome.next_method,
                next_kwargs=outcome.next_kwargs or "",
                timeout=outcome.timeout,
            )
        case NotStarted(reason=reason):
            return PackedOutcome(kind="not_started", error=reason)


def unpack(packed: PackedOutcome) -> Outcome:
    """The outcome that a message means. Raises ValueError for a kind this version does not know."""
    match packed.kind:
        case "succeeded":
            return Succeeded()
        case "failed":
            return Failed(
                error=packed.error, retryable=packed.retryable, kind=packed.failure, retry_delay=packed.retry_delay
            )
        case "skipped":
            return Skipped()
        case "rescheduled" if packed.at is not None:
            return Rescheduled(at=packed.at)
        case "deferred":
            return Deferred(
                trigger_classpath=packed.trigger_classpath,
                trigger_kwargs=packed.trigger_kwargs or None,
                next_method=packed.next_method,
                next_kwargs=packed.next_kwargs or None,
                timeout=packed.timeout,
            )
        case "not_started":
            return NotStarted(reason=packed.error)
        case _:
            raise ValueError(f"an outcome of kind {packed.kind!r} is not known; at is {packed.at}")
