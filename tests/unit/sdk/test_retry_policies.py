"""Retry policies: which rule matches, and what a decision does to a failure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tradewind.execution.outcome import of_exception
from tradewind.execution.retry_policies import judged
from tradewind.model.outcomes import Failed
from tradewind.sdk.exceptions import AirflowFailException
from tradewind.sdk.retry_policy import ExceptionRetryPolicy, RetryAction, RetryDecision, RetryPolicy, RetryRule
from tradewind.wire.messages import Attempt

ATTEMPT = Attempt(token="t", dag_id="d", run_id="r", task_id="t", try_number=1, max_tries=3)
POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule("no.such.module.Error", action=RetryAction.FAIL),
        RetryRule([KeyError, "builtins.ZeroDivisionError"], action=RetryAction.FAIL, reason="hopeless"),
        RetryRule(ConnectionError, retry_delay=timedelta(seconds=30)),
        RetryRule(OSError, match_subclasses=False, retry_delay=timedelta(seconds=7)),
    ]
)


class WithPolicy:
    """As much of a task as is looked at."""

    def __init__(self, policy: RetryPolicy | None) -> None:
        self.retry_policy = policy


def outcome(error: BaseException, policy: RetryPolicy | None = POLICY) -> Failed:
    ending = judged(of_exception(error), error, WithPolicy(policy), ATTEMPT, {})
    assert isinstance(ending.outcome, Failed)
    return ending.outcome


@pytest.mark.parametrize(
    ("error", "retryable", "delay"),
    [
        (KeyError("x"), False, None),
        (ZeroDivisionError(), False, None),
        (ConnectionResetError(), True, 30.0),
        (OSError(), True, 7.0),
        (FileNotFoundError(), True, None),
        (ValueError(), True, None),
        (AirflowFailException("for good"), False, None),
    ],
)
def test_the_first_rule_that_matches_decides(error: BaseException, retryable: bool, delay: float | None) -> None:
    found = outcome(error)
    assert (found.retryable, found.retry_delay) == (retryable, delay)


def test_a_policy_that_fails_decides_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(RetryPolicy):
        def evaluate(self, *args: Any, **kwargs: Any) -> RetryDecision:
            raise LookupError("oh")

    assert outcome(ValueError(), Broken()).retryable
    assert "The retry policy failed" in caplog.text
