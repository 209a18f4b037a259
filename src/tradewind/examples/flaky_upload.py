"""### Flaky upload

Failures: a task that succeeds at its third attempt, waiting longer each time; one that must not be retried; and what
comes after it. The run fails, on purpose: look at the logs of each try, and at the grid.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.utils.trigger_rule import TriggerRule


def tell(context):
    """Callbacks get the same context as tasks."""
    ti = context["ti"]
    print(f"{ti.task_id}, try {ti.try_number}: {context.get('exception')}")


@dag(
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    doc_md=__doc__,
    default_args={"on_retry_callback": tell, "on_failure_callback": tell},
    tags=["example", "retries"],
)
def flaky_upload():
    @task(retries=3, retry_delay=timedelta(seconds=1), retry_exponential_backoff=True)
    def upload(ti=None) -> str:
        """Twice the line drops."""
        if ti.try_number < 3:
            raise AirflowException(f"connection lost at try {ti.try_number}")
        return "uploaded"

    @task(retries=5)
    def check_password() -> None:
        """Trying again would not help."""
        raise AirflowFailException("wrong password")

    @task
    def publish() -> None:
        """Never reached: upstream_failed."""

    @task(trigger_rule=TriggerRule.ONE_FAILED)
    def open_ticket() -> str:
        """Runs because something failed."""
        return "ticket 4711"

    done = [upload(), check_password()]
    done >> publish()
    done >> open_ticket()


flaky_upload()
