"""How long to wait before the next try."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from math import ceil

from tradewind.model.spec import TaskSpec

MAX_BACKOFF = 24 * 60 * 60.0
"""Seconds: no exponential wait is longer, as in Airflow."""


def wait(task: TaskSpec, *, dag_id: str, logical_date: datetime, try_number: int) -> timedelta:
    """The wait after try ``try_number`` (1 for the first) failed.

    Without back-off it is ``retry_delay`` exactly. With it, whole seconds that double with each try, plus a share that
    comes from the attempt's identity: tasks that fail together come back apart, and the same attempt waits the same.
    """
    if not task.retry_exponential_backoff:
        return timedelta(seconds=task.retry_delay)
    # An exponent that large is beyond any cap; a huge power would not fit a float.
    doubled = task.retry_delay * 2 ** min(max(try_number, 1) - 1, 64)
    least = max(1, ceil(min(doubled, MAX_BACKOFF)))
    identity = f"{dag_id}#{task.task_id}#{logical_date}#{try_number}"
    share = int(hashlib.sha1(identity.encode(), usedforsecurity=False).hexdigest(), 16) % least
    longest = MAX_BACKOFF if task.max_retry_delay is None else min(MAX_BACKOFF, task.max_retry_delay)
    return timedelta(seconds=min(float(least + share), longest))
