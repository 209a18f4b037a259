"""A task's retry policy, asked about a failure in the process where the exception is."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from tradewind.model.outcomes import Failed
from tradewind.sdk.retry_policy import RetryAction, RetryDecision
from tradewind.wire.messages import Attempt

from .outcome import Ending

log = logging.getLogger("airflow.task")


def judged(ending: Ending, error: BaseException, task: Any, attempt: Attempt, context: Any) -> Ending:
    """The ending as the task's policy wants it. Only failures that may be retried are its matter; a policy that fails
    itself decides nothing."""
    policy = getattr(task, "retry_policy", None)
    outcome = ending.outcome
    if policy is None or not isinstance(outcome, Failed) or not outcome.retryable:
        return ending
    try:
        decision = policy.evaluate(error, attempt.try_number, attempt.max_tries, context)
    except Exception:
        log.exception("The retry policy failed; the task's own settings decide")
        return ending
    log.info("Retry policy: %s%s", decision.action.value, f" ({decision.reason})" if decision.reason else "")
    return replace(ending, outcome=_decided(outcome, decision))


def _decided(outcome: Failed, decision: RetryDecision) -> Failed:
    match decision.action:
        case RetryAction.FAIL:
            return replace(outcome, retryable=False)
        case RetryAction.RETRY if decision.retry_delay is not None:
            return replace(outcome, retry_delay=max(decision.retry_delay.total_seconds(), 0.0))
        case _:
            return outcome
