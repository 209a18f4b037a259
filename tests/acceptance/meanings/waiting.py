"""Sensors in both modes, pools and limits, tasks that wait for ever."""

import os
import time
from datetime import datetime, timedelta, timezone

import pendulum
from airflow.decorators import task
from airflow.exceptions import AirflowFailException, AirflowRescheduleException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.base import PokeReturnValue
from airflow.sensors.python import PythonSensor

from airflow import DAG

HOME = os.environ["AIRFLOW_HOME"]


def no():
    return False


BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


def note(ti, word):
    with open(f"{HOME}/events_{ti.dag_id}_{ti.task_id}", "a") as file:
        file.write(f"{word}\n")


def raising(error):
    def poke():
        raise error

    return poke


def third(ti):
    note(ti, f"poke {ti.try_number}")
    with open(f"{HOME}/events_{ti.dag_id}_{ti.task_id}") as file:
        return len(file.readlines()) == 3


def never(ti):
    note(ti, "poke")
    return False


with DAG("sensors", **BASE):

    def sensor(task_id, poke, **kwargs):
        kwargs = {"poke_interval": 0.1, "timeout": 20, **kwargs}
        return PythonSensor(task_id=task_id, python_callable=poke, **kwargs)

    for mode in ("poke", "reschedule"):
        sensor(f"third_{mode}", third, mode=mode)
        sensor(f"late_{mode}", never, mode=mode, poke_interval=0.5, timeout=1.2, retries=2)
        soft = sensor(f"soft_{mode}", never, mode=mode, timeout=0.3, soft_fail=True)
        soft >> EmptyOperator(task_id=f"after_soft_{mode}")
    sensor("error", raising(ValueError("poke")))
    sensor("error_soft", raising(ValueError("poke")), soft_fail=True)
    sensor("error_never", raising(ValueError("poke")), never_fail=True)
    sensor("skips", raising(AirflowSkipException("no")))
    sensor("fails", raising(AirflowFailException("no")), retries=3)
    sensor("fails_soft", raising(AirflowFailException("no")), soft_fail=True)
    sensor("slow", lambda: time.sleep(30), execution_timeout=timedelta(seconds=0.5))
    sensor("true", lambda: True)

    @task.sensor(poke_interval=0.1, timeout=20)
    def valued():
        return PokeReturnValue(is_done=True, xcom_value={"v": 1})

    valued()

    @task
    def later(ti=None):
        note(ti, f"start {ti.try_number}")
        with open(f"{HOME}/events_{ti.dag_id}_{ti.task_id}") as file:
            if len(file.readlines()) < 3:
                raise AirflowRescheduleException(datetime.now(timezone.utc) + timedelta(seconds=0.2))

    later()

with DAG("pool_order", **BASE):
    for weight in (10, 50, 1, 30, 20):
        PythonOperator(
            task_id=f"w{weight}",
            python_callable=lambda ti, weight=weight: open(f"{HOME}/events_pool_order_all", "a").write(f"{weight}\n"),
            pool="single",
            priority_weight=weight,
            weight_rule="absolute",
        )


def alone(ti):
    path = f"{HOME}/inside_{ti.dag_id}"
    os.mkdir(path)
    time.sleep(0.1)
    os.rmdir(path)


with DAG("pool_slots", **BASE):
    for number in range(4):
        PythonOperator(task_id=f"t{number}", python_callable=alone, pool="three", pool_slots=2)

with DAG("no_such_pool", **BASE):
    EmptyOperator(task_id="before") >> PythonOperator(task_id="waits", python_callable=no, pool="nobody")

with DAG("too_many_slots", **BASE):
    PythonOperator(task_id="waits", python_callable=no, pool="three", pool_slots=4)

with DAG("limits", max_active_tasks=1, **BASE):
    for number in range(4):
        PythonOperator(task_id=f"t{number}", python_callable=alone)

with DAG("limit_per_run", **BASE):

    @task(max_active_tis_per_dagrun=1)
    def each(x, ti=None):
        alone(ti)

    each.expand(x=[1, 2, 3])

for rule in ("downstream", "upstream", "absolute"):
    with DAG(f"weights_{rule}", **BASE):
        tasks = [
            EmptyOperator(task_id=name, priority_weight=weight, weight_rule=rule)
            for weight, name in enumerate("abcde", 1)
        ]
        tasks[0] >> [tasks[1], tasks[2]] >> tasks[3] >> tasks[4]
