"""Mapped tasks: arguments, indices, empty and failed suppliers, rules over instances, mapped groups."""

import pendulum
from airflow.decorators import task, task_group
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


@task
def show(**arguments):
    return {name: list(value) if isinstance(value, tuple) else value for name, value in arguments.items()}


@task
def one(x):
    return x


@task
def made(value):
    return value


@task
def gathered(values):
    return list(values)


def rule(name, rule):
    return EmptyOperator(task_id=name, trigger_rule=rule)


with DAG("map_arguments", **BASE):

    @task
    def cross(x, y):
        return [x, y]

    @task
    def defaults(x=5, y=7):
        return [x, y]

    @task
    def pair(pair):
        return list(pair)

    cross.expand(x=[1, 2], y=[10, 20, 30])
    cross.override(task_id="partly").partial(y=100).expand(x=[1, 2])
    pair.override(task_id="of_dict").expand(pair={"k1": "v1", "k2": "v2"})
    pair.override(task_id="of_made_dict").expand(pair=made.override(task_id="dict_made")({"k1": "v1"}))
    one.override(task_id="of_tuple").expand(x=(1, 2))
    defaults.expand_kwargs([{"x": 1}, {"y": 2}, {}])
    some, more = made.override(task_id="some")([1, 2, 3]), made.override(task_id="more")(["a", "b"])
    pair.override(task_id="zipped").expand(pair=some.zip(more))
    pair.override(task_id="zip_filled").expand(pair=some.zip(more, fillvalue="z"))
    one.override(task_id="chained").expand(x=some.concat(more))

    def odd(x):
        if x == 2:
            raise AirflowSkipException("even")
        return x * 10

    one.override(task_id="mapped_over").expand(x=some.map(odd))
    BashOperator.partial(task_id="rendered").expand(bash_command=["echo {{ ti.map_index }}", "echo {{ ds }}"])

with DAG("map_empty", **BASE):
    nothing = made.override(task_id="nothing")([])
    literal, supplied = one.override(task_id="literal").expand(x=[]), one.override(task_id="supplied").expand(x=nothing)
    for name, empty in (("literal", literal), ("supplied", supplied)):
        gathered.override(task_id=f"{name}_taker")(empty)
        empty >> [rule(f"{name}_success", "all_success"), rule(f"{name}_done", "all_done")]
        empty >> rule(f"{name}_none_failed", "none_failed")

    @task_group
    def group(x):
        one.override(task_id="second")(one.override(task_id="first")(x))

    group.expand(x=nothing)

with DAG("map_bad_supplier", **BASE):

    @task
    def broken():
        raise ValueError("no list")

    one.override(task_id="over_broken").expand(x=broken())
    one.override(task_id="over_text").expand(x=made.override(task_id="text")("abc"))
    one.override(task_id="over_none").expand(x=made.override(task_id="none")(None))
    one.override(task_id="over_many").expand(x=made.override(task_id="many")(list(range(1025))))
    spread = made.override(task_id="spread")({"a": 1, "b": 2})
    one.override(task_id="over_map_of_dict").expand(x=spread.map(lambda value: value))

with DAG("map_rules", **BASE):

    @task
    def mixed(x):
        if x == 2:
            raise ValueError("two")
        if x == 3:
            raise AirflowSkipException
        return x

    instances = mixed.expand(x=[1, 2, 3, 4])
    for name in ("none_failed", "all_failed", "one_success", "one_failed", "all_done"):
        instances >> rule(name, name)
    gathered.override(trigger_rule="all_done")(instances)

with DAG("map_over_map", **BASE):

    @task
    def double(x):
        return x * 2

    @task(retries=1, retry_delay=0.1)
    def flaky(x, ti=None):
        if x == 1 and ti.try_number == 1:
            raise ValueError("once")
        return x

    gathered(double.override(task_id="again").expand(x=double.expand(x=[1, 2, 3])))
    flaky.expand(x=[0, 1, 2])

with DAG("map_groups", **BASE):

    @task
    def check(x):
        if x == 1:
            raise AirflowSkipException
        if x == 2:
            raise ValueError("two")
        return x

    @task_group
    def group(x):
        checked = check(x)
        next_one = one.override(task_id="next")(checked)
        done = EmptyOperator(task_id="done", trigger_rule="all_done")
        checked >> done
        next_one >> EmptyOperator(task_id="last")

    group.expand(x=[0, 1, 2])

    @task_group
    def skipping(x):
        one.override(task_id="middle")(check.override(task_id="check")(x))

    skipping.expand(x=[0, 1]) >> [EmptyOperator(task_id="after_skip"), rule("after_done", "all_done")]

with DAG("map_names", **BASE):

    @task(map_index_template="{{ name }}")
    def named(x):
        from airflow.operators.python import get_current_context

        get_current_context()["name"] = f"number {x}"
        return x

    @task(map_index_template="{{ nothing.there }}")
    def unnamed(x):
        return x

    named.expand(x=[1, 2])
    unnamed.expand(x=[1])
