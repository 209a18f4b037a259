"""What the configuration sets for tasks that say nothing; the values were seen in Airflow 2.10.5."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tradewind.sdk.dag import DAG
from tradewind.standard.bash import BashOperator

OPTIONS = {
    "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "3",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "7",
    "AIRFLOW__CORE__DEFAULT_TASK_EXECUTION_TIMEOUT": "60",
    "AIRFLOW__CORE__DEFAULT_TASK_WEIGHT_RULE": "absolute",
    "AIRFLOW__OPERATORS__DEFAULT_OWNER": "them",
    "AIRFLOW__OPERATORS__DEFAULT_QUEUE": "q",
    "AIRFLOW__EMAIL__DEFAULT_EMAIL_ON_RETRY": "False",
}


def seen(task: Any) -> list[Any]:
    return [
        task.retries,
        task.retry_delay.total_seconds(),
        task.execution_timeout.total_seconds(),
        task.owner,
        task.queue,
        task.email_on_retry,
        task.email_on_failure,
        str(task.weight_rule),
    ]


def test_a_task_that_says_nothing_follows_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OPTIONS.items():
        monkeypatch.setenv(name, value)
    own = {
        "retries": 0,
        "retry_delay": timedelta(seconds=1),
        "owner": "me",
        "queue": "r",
        "email_on_retry": True,
        "weight_rule": "upstream",
    }
    with DAG("d", schedule=None, start_date=datetime(2024, 1, 1)):  # noqa: DTZ001  as authors write it
        silent = BashOperator(task_id="a", bash_command="x")
        outspoken = BashOperator(task_id="b", bash_command="x", **own)
        mapped = BashOperator.partial(task_id="c").expand(bash_command=["x"])
    with DAG("e", schedule=None, start_date=datetime(2024, 1, 1), default_args={"retries": 1}):  # noqa: DTZ001  as above
        by_dag = BashOperator(task_id="d", bash_command="x")
    assert seen(silent) == [3, 7, 60, "them", "q", False, True, "absolute"]
    assert seen(outspoken) == [0, 1, 60, "me", "r", True, True, "upstream"]
    assert seen(mapped) == seen(silent)
    assert by_dag.retries == 1
