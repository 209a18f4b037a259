"""Mapped tasks and groups: what comes before and after them, indices of their own, clearing."""

import os

from airflow.decorators import task, task_group
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator
from airflow.sensors.python import PythonSensor
from airflow.utils.task_group import TaskGroup
from story_parts import HOME, dag, empty, fail, gate, is_there, note, py, skip, there


@task
def one(x):
    if x == "skip":
        raise AirflowSkipException
    if x == "fail":
        raise ValueError
    return x


@task
def made(value):
    return value


@task(trigger_rule="all_done")
def taken(values):
    return [*values] if values is not None else None


RULES = ("all_success", "one_success", "one_failed", "one_done", "none_failed_min_one_success", "none_skipped")

with dag("mapped_early"):

    @task
    def waits_at(x, **context):
        if x == "slow":
            gate(context["dag"].dag_id)
        if x == "fail":
            raise ValueError
        if x == "skip":
            raise AirflowSkipException

    for name in ("ok", "fail", "skip"):
        upstream = waits_at.override(task_id=name).expand(x=[name, "slow"])
        for rule in (*RULES, "all_failed", "none_failed", "all_skipped"):
            upstream >> py(f"{name}_{rule}", trigger_rule=rule)

with dag("mapped_group_early"):

    @task_group
    def early(x):
        first = waits_at.override(task_id="first")(x)
        first >> empty("second", trigger_rule="one_success")
        first >> py("third", trigger_rule="one_failed")

    early.expand(x=["ok", "fail", "slow"]) >> [py(rule, trigger_rule=rule) for rule in RULES]

with dag("mapped_group_fast"):
    # Rules that one instance satisfies, in a mapped group: at which indices?

    def ruled(x):
        first = one.override(task_id="first")(x)
        for rule in ("one_success", "one_failed", "one_done", "none_failed", "all_failed", "none_skipped"):
            first >> py(rule, trigger_rule=rule)
        return first

    @task_group
    def fast(x):
        first = ruled(x)
        with TaskGroup("within"):
            first >> py("one_success", trigger_rule="one_success")

    @task_group
    def supplied(x):
        ruled(x)

    fast.expand(x=["ok", "fail", "skip"])
    supplied.expand(x=made(["ok", "fail", "skip"]))
    fast.override(group_id="skipped").expand(x=["skip", "skip"])

with dag("mapped_outside"):
    # Tasks in a mapped group after a mapped task outside of it.
    outside = one.override(task_id="outside").expand(x=["a", "skip", "fail"])

    @task_group
    def follows(x):
        one.override(task_id="success")(x)
        outside >> py("one_success", trigger_rule="one_success")
        outside >> empty("all_done", trigger_rule="all_done") >> one.override(task_id="after")(x)
        outside >> py("none_failed", trigger_rule="none_failed")

    follows.expand(x=[1, 2])

with dag("mapped_empty_mix"):
    nothing = one.override(task_id="nothing").expand(x=made([]))
    something = one.override(task_id="something").expand(x=[1, 2])
    for rule in RULES:
        [nothing, something] >> py(rule, trigger_rule=rule)

with dag("mapped_group_supplier"):
    for name, does in (("fails", fail), ("skips", skip), ("number", lambda: 5), ("dict", lambda: {"a": 1, "b": 2})):
        supplier = py(name, does)

        @task_group(group_id=f"of_{name}")
        def supplied(x):
            one.override(task_id="first")(x) >> empty("second", trigger_rule="all_done")

        supplied.expand(x=supplier.output) >> empty(f"after_{name}", trigger_rule="all_done")

with dag("mapped_group_taken"):
    # A task over a group's results, of which one was skipped.
    @task_group
    def double(x):
        return one.override(task_id="result")(x)

    taken.override(task_id="of_group")(double.expand(x=[1, "skip", 3]))

with dag("mapped_none"):
    numbers = made.override(task_id="numbers")([1, None, 3])
    one.override(task_id="nones").expand(x=numbers)
    one.override(task_id="map_none").expand(x=numbers.map(lambda x: None))
    one.override(task_id="map_fails").expand(x=numbers.map(lambda x: x + 1))
    one.override(task_id="zip_short").expand(x=numbers.zip(made.override(task_id="two")([1, 2])))
    one.override(task_id="zip_empty").expand(x=numbers.zip(made.override(task_id="none")([]), fillvalue=0))
    one.override(task_id="concat").expand(x=numbers.concat(made.override(task_id="text")(["a"])))
    taken.override(task_id="of_map")(numbers.map(str))
    taken.override(task_id="of_zip")(numbers.zip(numbers))
    taken.override(task_id="of_concat")(numbers.concat(numbers))

with dag("mapped_kwargs"):

    @task
    def pair(a, b=0):
        return [a, b]

    rows = made([{"a": 1}, {"a": 2, "b": 3}])
    pair.override(task_id="rows").expand_kwargs(rows)
    pair.override(task_id="mapped_rows").expand_kwargs(rows.map(lambda row: {**row, "b": 9}))
    pair.override(task_id="missing").expand_kwargs(made.override(task_id="without")([{"b": 1}, {"a": 1}]))
    pair.override(task_id="literal").expand_kwargs([{"a": made.override(task_id="single")(7)}, {"a": 2}])
    pair.override(task_id="with_xcom").partial(a=made.override(task_id="list")([1, 2])).expand(b=[1, 2])
    BashOperator.partial(task_id="env", append_env=True).expand_kwargs(
        [{"bash_command": "echo $A", "env": {"A": "{{ ds }}"}}, {"bash_command": "echo {{ ti.map_index }}"}]
    )
    EmptyOperator.partial(task_id="by_rule", trigger_rule="all_done").expand_kwargs([{"doc": "x"}])

with dag("mapped_again", max_active_tasks=4):
    # Cleared when its supplier returns more.

    @task
    def counted():
        return list(range(4 if there("mapped_more") else 2))

    each = one.override(task_id="each").expand(x=counted())
    each >> [py("after"), empty("none_failed", trigger_rule="none_failed")]
    taken(each)

with dag("mapped_index_cleared"):

    @task(retries=1, retry_delay=0.1)
    def flaky(x, ti=None):
        note("mapped_index_cleared", f"{ti.map_index} {ti.try_number}/{ti.max_tries}")
        if x == 1 and not there("mapped_healed"):
            raise ValueError
        return x

    flaky.expand(x=[0, 1]) >> py("after")

with dag("mapped_limits"):

    def alone(x):
        """Fails when another instance is inside."""
        os.mkdir(f"{HOME}/inside_mapped")
        note("mapped_limits", "in")
        os.rmdir(f"{HOME}/inside_mapped")

    PythonOperator.partial(task_id="each", python_callable=alone, max_active_tis_per_dagrun=1).expand(
        op_args=[[1], [2], [3], [4]]
    )

with dag("mapped_waits"):
    PythonSensor.partial(task_id="sensor", mode="reschedule", poke_interval=0.1, retries=1).expand(
        op_args=[[1], [2]], python_callable=[lambda x: there(f"mapped_waits_{x}") or note(f"mapped_waits_{x}", x)]
    )

with dag("mapped_in_group"):
    # Mapped tasks in a plain group; a plain group's rules by default arguments; a group after a mapped task.
    with TaskGroup("plain") as plain:
        one.override(task_id="each").expand(x=[1, "fail"])
        one.override(task_id="other").expand(x=[1, 2])
    plain >> [py("after"), py("after_done", trigger_rule="all_done"), py("after_one", trigger_rule="one_success")]

is_there(__file__)
