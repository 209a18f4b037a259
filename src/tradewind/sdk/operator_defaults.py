"""Defaults of operator arguments, and the checks that turn what authors write into them."""

from __future__ import annotations

import logging
import warnings
from datetime import timedelta
from typing import Any

from tradewind.model.states import TriggerRule

from .exceptions import AirflowException, RemovedInAirflow3Warning
from .types import as_timedelta

logger = logging.getLogger("airflow.models.baseoperator")

DEFAULT_OWNER = "airflow"
DEFAULT_POOL_SLOTS = 1
DEFAULT_PRIORITY_WEIGHT = 1
DEFAULT_EXECUTOR: str | None = None
DEFAULT_QUEUE = "default"
DEFAULT_RETRIES = 0
DEFAULT_RETRY_DELAY = timedelta(seconds=300)
MAX_RETRY_DELAY: float = 24 * 60 * 60
DEFAULT_TRIGGER_RULE = TriggerRule.ALL_SUCCESS
DEFAULT_WEIGHT_RULE = "downstream"
DEFAULT_TASK_EXECUTION_TIMEOUT: timedelta | None = None
DEFAULT_IGNORE_FIRST_DEPENDS_ON_PAST = True
DEFAULT_WAIT_FOR_PAST_DEPENDS_BEFORE_SKIPPING = False
DEFAULT_POOL_NAME = "default_pool"


def coerce_timedelta(value: Any, *, key: str = "") -> timedelta:
    """A duration from timedelta or seconds."""
    return as_timedelta(value)


def coerce_retries(retries: Any) -> int:
    """A number of retries. Raises AirflowException for what is none."""
    if retries is None:
        return 0
    if isinstance(retries, int):
        return retries
    try:
        number = int(retries)
    except (TypeError, ValueError):
        raise AirflowException(f"'retries' type must be int, not {type(retries).__name__}") from None
    logger.warning("Implicitly converting 'retries' from %r to int", retries)
    return number


def checked_timeout(value: Any) -> timedelta | None:
    """The timeout. Raises ValueError for what is no timedelta."""
    if value is not None and not isinstance(value, timedelta):
        raise ValueError(f"execution_timeout must be timedelta object but passed as type: {type(value)}")
    return value


def checked_weight(value: Any, task_id: str) -> int:
    """The weight. Raises AirflowException for what is no whole number."""
    if not isinstance(value, int):
        raise AirflowException(
            f"`priority_weight` for task '{task_id}' only accepts integers, received '{type(value)}'."
        )
    return value


def renamed_concurrency(task_concurrency: int) -> int:
    """The value of the old argument ``task_concurrency``, with a warning."""
    warnings.warn(
        "The 'task_concurrency' parameter is deprecated. Please use 'max_active_tis_per_dag'.",
        RemovedInAirflow3Warning,
        stacklevel=4,
    )
    return task_concurrency
