"""Setups and teardowns whose parts succeed, are skipped or fail; how leaves decide a run; fail-stop."""

import time

import pendulum
from airflow.decorators import setup, task, teardown
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.utils.task_group import TaskGroup

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


def skip():
    raise AirflowSkipException


def fail():
    raise AirflowException("on purpose")


def good():
    pass


def make(task_id, does=good, **kwargs):
    return PythonOperator(task_id=task_id, python_callable=does, **kwargs)


def framed(dag_id, setup=good, work=good, teardown=good, **kwargs):
    """Setup >> work >> teardown >> after."""
    with DAG(dag_id, **BASE):
        start = make("setup", setup).as_setup()
        end = make("teardown", teardown).as_teardown(setups=start, **kwargs)
        start >> make("work", work) >> end >> EmptyOperator(task_id="after")


framed("setup_fails", setup=fail)
framed("setup_skipped", setup=skip)
framed("work_fails", work=fail)
framed("work_skipped", work=skip)
framed("teardown_fails", teardown=fail)

for dag_id, strict in (("last_teardown_fails", False), ("last_teardown_counts", True)):
    with DAG(dag_id, **BASE):
        start = make("setup").as_setup()
        end = make("teardown", fail).as_teardown(setups=start, on_failure_fail_dagrun=strict)
        start >> make("work") >> end

for dag_id, work, end in (("group_teardown_fails", good, fail), ("group_work_fails", fail, good)):
    with DAG(dag_id, **BASE):
        with TaskGroup("group") as group:
            start = make("setup").as_setup()
            start >> make("work", work) >> make("teardown", end).as_teardown(setups=start)
        group >> EmptyOperator(task_id="after")

with DAG("two_setups", **BASE):
    first, second = make("first").as_setup(), make("second", fail).as_setup()
    work = make("work")
    [first, second] >> work
    work >> make("end_first").as_teardown(setups=first)
    work >> make("end_second").as_teardown(setups=second)

with DAG("two_setups_one_teardown", **BASE):
    first, second = make("first").as_setup(), make("second", skip).as_setup()
    [first, second] >> make("work") >> make("end").as_teardown(setups=[first, second])

with DAG("teardown_alone", **BASE):
    make("work", fail) >> make("end").as_teardown()

with DAG("teardown_block", **BASE):

    @setup
    def start():
        return "opened"

    @teardown
    def end(what):
        assert what == "opened"
        return "closed " + what

    @task
    def first():
        fail()

    @task
    def second():
        pass

    with end(start()):
        first() >> second()

with DAG("failed_in_the_middle", **BASE):
    make("a", fail) >> EmptyOperator(task_id="b", trigger_rule="all_done")

with DAG("always_saves_nothing", **BASE):
    make("a", fail) >> EmptyOperator(task_id="b")
    EmptyOperator(task_id="c", trigger_rule="always")

with DAG("all_skipped", **BASE):
    make("a", skip) >> EmptyOperator(task_id="b")

with DAG("no_tasks", **BASE):
    pass

with DAG("fail_stop", fail_stop=True, **BASE):

    def long():
        time.sleep(30)

    running, failing = make("running", long), make("failing", lambda: (time.sleep(2), fail()))
    failing >> EmptyOperator(task_id="after_failing")
    running >> EmptyOperator(task_id="after_running")
