"""Schedules over past dates: with catchup their runs are made at once."""

import os
from datetime import timedelta

import pendulum
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator
from airflow.timetables.events import EventsTimetable
from airflow.timetables.trigger import CronTriggerTimetable
from dateutil.relativedelta import relativedelta

from airflow import DAG

HOME = os.environ["AIRFLOW_HOME"]


def day(number, month=1, **kwargs):
    return pendulum.datetime(2024, month, number, **kwargs)


def empty(dag_id, schedule, start, end, catchup=True, **kwargs):
    with DAG(dag_id, schedule=schedule, start_date=start, end_date=end, catchup=catchup, **kwargs):
        EmptyOperator(task_id="a")


AMSTERDAM = {"tz": "Europe/Amsterdam"}
empty("daily", "@daily", day(1), day(4))
empty("one_day", "@daily", day(1), day(1))
empty("no_day", "@daily", day(4), day(1))
empty("first_tick", "0 6 * * *", day(1, hour=7), day(3))
empty("delta", timedelta(hours=36), day(1, hour=3), day(4))
empty("months", relativedelta(months=1), day(31), day(30, 4))
empty("once", "@once", day(3), None)
empty("once_no_catchup", "@once", day(3), None, catchup=False)
empty("weekly", "@weekly", day(1), day(15))
empty("last_of_month", "0 0 L * *", day(1), day(31, 3))
empty("first_monday", "0 0 * * 1#1", day(1), day(31, 3))
empty("either_day", "0 0 13 * 5", day(1), day(20))
empty("quarters", "*/25 * * * *", day(1), day(1, hour=1))
empty("spring", "30 2 * * *", day(29, 3, **AMSTERDAM), day(1, 4, hour=12, **AMSTERDAM))
empty("autumn", "30 2 * * *", day(26, 10, **AMSTERDAM), day(28, 10, hour=12, **AMSTERDAM))
empty("short_day", "@daily", day(30, 3, **AMSTERDAM), day(1, 4, **AMSTERDAM))
empty("delta_over_change", timedelta(days=1), day(30, 3, **AMSTERDAM), day(1, 4, hour=12, **AMSTERDAM))
empty("even_hours", "0 */2 * * *", day(31, 3, **AMSTERDAM), day(31, 3, hour=6, **AMSTERDAM))
empty("trigger", CronTriggerTimetable("0 6 * * *", timezone="UTC"), day(1, hour=6), day(3, hour=6))
empty("zoned", CronTriggerTimetable("0 6 * * *", timezone="Europe/Amsterdam"), day(30, 3), day(1, 4))
empty("events", EventsTimetable([day(5), day(2), day(2), day(9), day(4)]), day(2), day(8))
empty("yearly_no_catchup", "@yearly", pendulum.datetime(2020, 1, 1), None, catchup=False)
empty("ended_no_catchup", "@daily", day(1), day(4), catchup=False)
empty("events_no_catchup", EventsTimetable([day(2), day(3)]), day(1), None, catchup=False)
empty("delta_no_catchup", timedelta(days=5000), pendulum.datetime(1990, 1, 1), None, catchup=False)
empty("paused", "@daily", day(1), day(4), is_paused_upon_creation=True)

with DAG(
    "with_interval",
    schedule=CronTriggerTimetable("0 0 * * *", timezone="UTC", interval=timedelta(days=1)),
    start_date=day(2),
    end_date=day(3),
    catchup=True,
):
    EmptyOperator(task_id="a")

with DAG("own_dates", schedule="@daily", start_date=day(1), end_date=day(3), catchup=True):
    EmptyOperator(task_id="a")
    EmptyOperator(task_id="from_second", start_date=day(2))
    EmptyOperator(task_id="to_second", end_date=day(2))

with DAG("not_latest", schedule="@daily", start_date=day(1), end_date=day(1), catchup=True):
    (
        LatestOnlyOperator(task_id="only")
        >> EmptyOperator(task_id="next", trigger_rule="all_done")
        >> EmptyOperator(task_id="later", trigger_rule="all_done")
    )


def second_day(then):
    """Do ``then`` on the second of January."""

    def body(ds):
        if ds == "2024-01-02":
            then()

    return body


def fail():
    raise AirflowException("on purpose")


def skip():
    raise AirflowSkipException


def past(dag_id, days=4, **kwargs):
    return DAG(dag_id, schedule="@daily", start_date=day(1), end_date=day(days), catchup=True, **kwargs)


with past("past"):
    waiting = PythonOperator(task_id="waits", python_callable=second_day(fail), depends_on_past=True)
    waiting >> EmptyOperator(task_id="after")
    EmptyOperator(task_id="free")

with past("past_skipped"):
    PythonOperator(task_id="waits", python_callable=second_day(skip), depends_on_past=True)

with past("past_first", days=2):
    EmptyOperator(task_id="waits", depends_on_past=True, ignore_first_depends_on_past=False)

with past("downstream", days=3):
    first = PythonOperator(task_id="first", python_callable=lambda: None, wait_for_downstream=True)
    first >> PythonOperator(task_id="second", python_callable=second_day(fail))

with past("one_at_a_time", max_active_runs=1):
    PythonOperator(task_id="waits", python_callable=second_day(fail), depends_on_past=True)

with past("past_branch", days=3):
    chosen = BranchPythonOperator(
        task_id="branch", python_callable=lambda ds: "left" if ds == "2024-01-02" else "right"
    )
    chosen >> [
        EmptyOperator(task_id=side, depends_on_past=True, wait_for_past_depends_before_skipping=True)
        for side in ("left", "right")
    ]

with past("failing", max_consecutive_failed_dag_runs=2, max_active_runs=1):
    PythonOperator(task_id="fails", python_callable=fail)


def alone(ti):
    """Fails when another one is inside."""
    path = f"{HOME}/inside_{ti.dag_id}"
    os.mkdir(path)
    with open(f"{HOME}/order_{ti.dag_id}", "a") as file:
        file.write(f"{ti.run_id[11:21]}\n")
    os.rmdir(path)


with past("one_run", days=6, max_active_runs=1):
    PythonOperator(task_id="a", python_callable=alone) >> PythonOperator(task_id="b", python_callable=alone)

with past("one_instance", days=6):
    PythonOperator(task_id="a", python_callable=alone, max_active_tis_per_dag=1)

with DAG(
    "continuous",
    schedule="@continuous",
    start_date=day(1),
    max_active_runs=1,
    catchup=False,
    is_paused_upon_creation=True,
):
    PythonOperator(task_id="a", python_callable=alone)

empty("many", "@hourly", day(1), day(2, hour=16), max_active_runs=3)
