"""DAGs that the benchmarks drive, on tradewind and on Airflow alike. Nothing here is tradewind's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from airflow.operators.python import PythonOperator

from airflow import DAG

COMMON = {
    "start_date": datetime(2024, 1, 1, tzinfo=UTC),
    "schedule": None,
    "catchup": False,
    "is_paused_upon_creation": False,
}


def fib(number: int) -> int:
    return number if number < 2 else fib(number - 1) + fib(number - 2)


def nothing() -> None:
    """A task that only begins and ends."""


def moments() -> list[float]:
    """When the task's code began and ended: the hop is from one task's end to the next one's begin."""
    began = time.time()
    return [began, time.time()]


with DAG("bench_noop", max_active_runs=64, **COMMON):
    PythonOperator(task_id="noop", python_callable=nothing)

with DAG("bench_hops", **COMMON):
    previous = None
    for step in range(20):
        task = PythonOperator(task_id=f"hop_{step:02}", python_callable=moments)
        if previous is not None:
            previous >> task
        previous = task

with DAG("bench_chain", **COMMON):
    previous = None
    for step in range(40):
        task = PythonOperator(task_id=f"fib_{step:02}", python_callable=fib, op_args=[10])
        if previous is not None:
            previous >> task
        previous = task

with DAG("bench_fib33", max_active_tasks=2, **COMMON):
    for step in range(10):
        PythonOperator(task_id=f"fib_{step}", python_callable=fib, op_args=[33])

with DAG("bench_five", max_active_runs=200, max_active_tasks=1000, **COMMON):
    previous = None
    for step in range(5):
        task = PythonOperator(task_id=f"step_{step}", python_callable=nothing)
        if previous is not None:
            previous >> task
        previous = task

with DAG("bench_fan", max_active_tasks=1000, **COMMON):
    first = PythonOperator(task_id="first", python_callable=nothing)
    last = PythonOperator(task_id="last", python_callable=nothing)
    for step in range(998):
        first >> PythonOperator(task_id=f"wide_{step:03}", python_callable=nothing) >> last

with DAG("bench_sleep", default_args={"retries": 1, "retry_delay": timedelta(0)}, **COMMON):
    PythonOperator(task_id="sleep", python_callable=time.sleep, op_args=[3600])
