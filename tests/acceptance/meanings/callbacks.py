"""Callbacks: which are called, in which order, with which state and exception."""

import os
import signal
import time
from datetime import timedelta

import pendulum
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator

from airflow import DAG

HOME = os.environ["AIRFLOW_HOME"]


def note(context, *words):
    """Append a line to the events of this DAG."""
    with open(f"{HOME}/events_{context['dag'].dag_id}_{context['task'].task_id}", "a") as file:
        file.write(" ".join(str(word) for word in words) + "\n")


def told(name):
    def callback(context):
        ti = context["ti"]
        error = context.get("exception")
        about = f" {type(error).__name__}:{str(error).split(', PID')[0][:28]}" if error is not None else ""
        note(context, name, ti.state, ti.try_number, context["dag_run"].state + about)

    return callback


ALL = {f"on_{kind}_callback": told(kind) for kind in ("execute", "success", "failure", "retry", "skipped")}


def dag_told(name):
    def callback(context):
        with open(f"{HOME}/events_{context['dag'].dag_id}_dag", "a") as file:
            has = "exception" in context
            file.write(f"{name} {context['dag_run'].state} {context['reason']} {'ti' in context} {has}\n")

    return callback


def fail():
    raise ValueError("on purpose")


def skip():
    raise AirflowSkipException("no")


def never():
    raise AirflowFailException("never")


def leave(status):
    raise SystemExit(status)


def no():
    return False


BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)

with DAG(
    "calls",
    default_args={"retry_delay": 0.1, **ALL},
    on_success_callback=dag_told("dag_success"),
    on_failure_callback=dag_told("dag_failure"),
    **BASE,
):

    def make(task_id, body, **kwargs):
        return PythonOperator(task_id=task_id, python_callable=body, **kwargs)

    make("good", no)
    make("retried", fail, retries=1) >> EmptyOperator(task_id="upstream_failed")
    make("failed_for_good", never, retries=2)
    make("skipped", skip)
    make("killed", lambda: os.kill(os.getpid(), signal.SIGKILL))
    make("segfault", lambda: os.kill(os.getpid(), signal.SIGSEGV))
    make("gone", lambda: os._exit(3))
    make("left", lambda: leave(1))
    make("late", lambda: time.sleep(30), execution_timeout=timedelta(seconds=1))
    make("switched_off", no, on_success_callback=None)
    make("replaced", no, on_success_callback=told("own"))
    make("listed", no, on_success_callback=[told("one"), lambda context: 1 / 0, told("two")])
    make("bad_execute", no, on_execute_callback=lambda context: 1 / 0)

with DAG("calls_success", on_success_callback=dag_told("dag_success"), on_failure_callback=dag_told("no"), **BASE):
    EmptyOperator(task_id="a")

with DAG("calls_timeout", on_failure_callback=dag_told("dag_failure"), dagrun_timeout=timedelta(seconds=1), **BASE):
    PythonOperator(task_id="a", python_callable=lambda: time.sleep(30))


class Hooked(PythonOperator):
    """Notes its hooks too."""

    def pre_execute(self, context):
        note(context, "pre")

    def execute(self, context):
        note(context, "execute")
        return 1

    def post_execute(self, context, result=None):
        note(context, "post", result)


with DAG("calls_hooks", **BASE):
    Hooked(
        task_id="a",
        python_callable=no,
        on_execute_callback=lambda context: note(context, "on_execute"),
        on_success_callback=lambda context: note(context, "on_success"),
    )
