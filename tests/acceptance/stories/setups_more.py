"""Setups and teardowns: what clearing brings along, scopes of groups, ends other than failure and success."""

import time
from datetime import timedelta

from airflow.decorators import setup, task, teardown
from airflow.operators.python import BranchPythonOperator
from airflow.utils.task_group import TaskGroup
from story_parts import PACE, dag, empty, fail, gate, good, is_there, note, py, skip, there


def told(dag):
    if not there(f"healed_{dag.dag_id}"):
        fail()


def framed(dag_id, work=good, end=good, before=(), **kwargs):
    with dag(dag_id, **kwargs) as made:
        start = py("setup").as_setup()
        finish = py("teardown", end).as_teardown(setups=start)
        start >> py("work", work) >> py("more") >> finish
        py("other") >> made.get_task("more")
        finish >> empty("after")
    return made


framed("setup_cleared")
framed("setup_cleared_failed", work=told)
framed("setup_cleared_end", end=told)

with dag("setup_groups"):
    with TaskGroup("outer") as outer:
        start = py("setup").as_setup()
        with TaskGroup("inner") as inner:
            begin = py("setup").as_setup()
            begin >> py("work", told) >> py("teardown").as_teardown(setups=begin)
        start >> inner >> py("late") >> py("teardown").as_teardown(setups=start)
    outer >> empty("after")

with dag("setup_group_to_group"):
    with TaskGroup("setups") as setups:
        py("one").as_setup()
        py("two", fail).as_setup()
    with TaskGroup("works") as works:
        py("a") >> py("b")
    with TaskGroup("teardowns") as teardowns:
        py("one").as_teardown()
        py("two").as_teardown()
    setups >> works >> teardowns

with dag("setup_only"):
    start = py("setup").as_setup()
    start >> py("teardown", fail).as_teardown(setups=start)

with dag("setup_two_ends"):
    start = py("setup").as_setup()
    (
        start
        >> py("work", fail)
        >> [
            py("first").as_teardown(setups=start),
            py("second", fail).as_teardown(setups=start, on_failure_fail_dagrun=True),
        ]
    )

with dag("setup_branched"):
    chosen = BranchPythonOperator(task_id="branch", python_callable=lambda: "plain")
    start = py("setup").as_setup()
    chosen >> [start, py("plain")]
    start >> py("work") >> py("teardown").as_teardown(setups=start) >> empty("after", trigger_rule="none_failed")

with dag("setup_work_branched"):
    start = py("setup").as_setup()
    chosen = BranchPythonOperator(task_id="branch", python_callable=lambda: "left")
    start >> chosen >> [py("left"), py("right")] >> py("teardown").as_teardown(setups=start) >> py("after")

with dag("setup_retried"):

    def second(ti):
        note(f"setup_retried_{ti.task_id}", ti.try_number)
        if ti.try_number == 1:
            fail()

    start = py("setup", second, retries=1).as_setup()
    start >> py("work", second, retries=1) >> py("teardown", second, retries=1).as_teardown(setups=start)

with dag("setup_run_late", dagrun_timeout=timedelta(seconds=3 * PACE)):
    start = py("setup").as_setup()
    start >> py("work", lambda: time.sleep(60 * PACE)) >> py("teardown").as_teardown(setups=start)

with dag("setup_run_failed"):
    start = py("setup").as_setup()
    (
        start
        >> py("work", lambda: note("setup_run_failed", "works") or gate("nobody_opens_this"))
        >> py("teardown").as_teardown(setups=start)
    )

with dag("setup_mapped"):

    @setup
    def begin():
        return [1, 2]

    @task
    def each(x):
        if x == 2:
            raise ValueError
        return x

    @teardown
    def end(values):
        note("setup_mapped", list(values))

    begun = begin()
    ended = end(each.expand(x=begun))
    begun >> ended

with dag("setup_late_work"):
    # Work after a teardown that did not come to pass; work that follows only some of the setups.
    one, two = py("one").as_setup(), py("two", skip).as_setup()
    one >> py("of_one") >> py("end_one").as_teardown(setups=one)
    [one, two] >> py("of_both") >> py("end_both").as_teardown(setups=[one, two]) >> py("after", trigger_rule="all_done")

with dag("setup_rules"):
    # Rules of work in a scope that is not directly below the setup.
    start = py("setup", fail).as_setup()
    finish = py("teardown").as_teardown(setups=start)
    start >> py("first") >> py("done", trigger_rule="all_done") >> py("always", trigger_rule="always") >> finish
    py("outside") >> py("joined", trigger_rule="one_success") >> finish
    start >> finish

is_there(__file__)
