"""How an attempt ends, and what becomes of it: exit states, retries, signals, timeouts."""

import os
import signal
import time
from datetime import timedelta

import pendulum
from airflow.decorators import task
from airflow.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTerminated,
    AirflowTaskTimeout,
)
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None, default_args={"retry_delay": 0.1})


def raising(error):
    def body():
        raise error

    return body


def recurse():
    return recurse()


def on_try(wanted, otherwise):
    """Does ``otherwise`` in all tries but one."""

    def body(ti):
        if ti.try_number != wanted:
            otherwise()
        return f"try {ti.try_number}"

    return body


def kill(number):
    return lambda: os.kill(os.getpid(), number)


with DAG("ends", **BASE):
    for name, body, retries in (
        ("always_fails", raising(AirflowException("no")), 2),
        ("third_time", on_try(3, raising(ValueError("not yet"))), 3),
        ("fail_exception", raising(AirflowFailException("never")), 3),
        ("sensor_timeout", raising(AirflowSensorTimeout("late")), 1),
        ("task_timeout", raising(AirflowTaskTimeout("late")), 1),
        ("terminated", raising(AirflowTaskTerminated("ended")), 1),
        ("exit_1", raising(SystemExit(1)), 1),
        ("exit_text", raising(SystemExit("text")), 1),
        ("exit_0", raising(SystemExit(0)), 0),
        ("base_exception", raising(BaseException("base")), 0),
        ("keyboard", raising(KeyboardInterrupt()), 0),
        ("generator_exit", raising(GeneratorExit()), 0),
        ("stop_iteration", raising(StopIteration()), 0),
        ("memory", raising(MemoryError()), 0),
        ("recursion", recurse, 0),
        ("os_exit_3", lambda: os._exit(3), 0),
        ("os_exit_0", lambda: os._exit(0), 0),
        ("killed", kill(signal.SIGKILL), 0),
        ("segfault", kill(signal.SIGSEGV), 0),
        ("killed_once", on_try(2, kill(signal.SIGKILL)), 1),
        ("terminated_once", on_try(2, lambda: (kill(signal.SIGTERM)(), time.sleep(30))), 1),
    ):
        PythonOperator(task_id=name, python_callable=body, retries=retries)

with DAG("after_a_kill", **BASE):
    PythonOperator(task_id="killed", python_callable=kill(signal.SIGKILL)) >> EmptyOperator(task_id="after")

with DAG("second_skips", **BASE):

    @task(retries=3)
    def fails_then_skips(ti=None):
        if ti.try_number == 1:
            raise ValueError("once")
        raise AirflowSkipException

    fails_then_skips()

with DAG("commands", **BASE):
    BashOperator(task_id="skips_99", bash_command="exit 99", retries=1)
    BashOperator(task_id="skips_8", bash_command="exit 8", skip_on_exit_code=[7, 8], retries=1)
    BashOperator(task_id="fails_99", bash_command="exit 99", skip_on_exit_code=None, retries=1)
    BashOperator(task_id="fails_3", bash_command="exit 3")
    BashOperator(task_id="kills_itself", bash_command="kill -9 $$")
    BashOperator(task_id="no_pipefail", bash_command="false | true")
    BashOperator(task_id="no_folder", bash_command="true", cwd="/not/there")
    BashOperator(
        task_id="rendered_anew", bash_command="echo {{ ti.try_number }}; exit {{ 2 - ti.try_number }}", retries=1
    )
    BashOperator(task_id="last_line", bash_command="echo one; echo two >&2")
    BashOperator(task_id="empty_line", bash_command="echo one; echo")
    BashOperator(task_id="no_output", bash_command="true")
    BashOperator(task_id="processed", bash_command="echo '{\"a\": 1}'", output_processor=lambda text: text.upper())
    BashOperator(task_id="surroundings", bash_command="env | grep ^AIRFLOW_CTX_ | sort; echo $AIRFLOW_CTX_TRY_NUMBER")

with DAG("timeouts", **BASE):

    def slow():
        try:
            time.sleep(30)
        finally:
            print("put away")

    PythonOperator(task_id="late", python_callable=slow, execution_timeout=timedelta(seconds=1)) >> EmptyOperator(
        task_id="after"
    )
    PythonOperator(task_id="late_twice", python_callable=slow, execution_timeout=timedelta(seconds=1), retries=1)
    BashOperator(
        task_id="late_command",
        bash_command="echo first; sleep 30; echo se'c'ond",
        execution_timeout=timedelta(seconds=1),
    )

with DAG("run_timeout", dagrun_timeout=timedelta(seconds=2), **BASE):
    quick, long = EmptyOperator(task_id="quick"), BashOperator(task_id="long", bash_command="sleep 60")
    quick >> long >> EmptyOperator(task_id="never")
