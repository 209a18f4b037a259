"""Service level agreements: who is told of a missed one, and of what."""

import os
from datetime import timedelta

import pendulum
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator

from airflow import DAG

HOME = os.environ["AIRFLOW_HOME"]


def told(dag, task_list, blocking_task_list, slas, blocking_tis):
    """Notes the first date only: there is one more every year."""
    with open(f"{HOME}/events_{dag.dag_id}_dag", "a") as file:
        first = slas[0]
        words = (first.task_id, first.execution_date.isoformat(), first.email_sent, first.notification_sent)
        file.write(f"{task_list.splitlines()[0]} / {blocking_task_list} / {' '.join(map(str, words))}\n")


def broken(*arguments):
    raise ValueError("no")


# The schedule has ended before its first run: the triggered one is all there is. Misses are noted all the same.
with DAG(
    "slas",
    start_date=pendulum.datetime(2024, 2, 1),
    end_date=pendulum.datetime(2024, 6, 1),
    schedule="@yearly",
    sla_miss_callback=[broken, told],
):
    PythonOperator(task_id="a", python_callable=lambda: 1, sla=timedelta(hours=1))
    EmptyOperator(task_id="b")
