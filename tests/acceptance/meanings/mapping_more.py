"""Mapped tasks in more forms: groups in groups, groups with setup and teardown, kinds of operators, indices."""

from datetime import timedelta

import pendulum
from airflow.decorators import setup, task, task_group, teardown
from airflow.exceptions import AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.sensors.python import PythonSensor
from airflow.utils.task_group import TaskGroup

from airflow import DAG

BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


@task
def one(x):
    return x


@task
def made(value):
    return value


@task(trigger_rule="all_done")
def gathered(values):
    return list(values)


@task
def total(values):
    return sum(values)


with DAG("more_groups", **BASE):

    @task_group
    def inner(y):
        return one.override(task_id="within")(y)

    @task_group
    def outer(x):
        first = one.override(task_id="first")(x)
        one.override(task_id="last")(inner(first))

    outer.expand(x=[1, 2])

    @task_group
    def chained(x):
        return one.override(task_id="result")(x)

    results = chained.expand(x=made([1, 2, 3]))
    gathered(results)
    total(results)

    @task
    def pair(a, b):
        return [a, b]

    @task_group
    def two(a, b):
        pair(a, b)

    two.expand(a=[1, 2], b=["x", "y"])
    two.override(group_id="by_kwargs").expand_kwargs([{"a": 1, "b": 2}, {"a": 3, "b": 4}])
    two.override(group_id="partly").partial(a=5).expand(b=[6, 7])

with DAG("more_setups", **BASE):

    @setup
    def begin(x):
        if x == 3:
            raise ValueError("three")
        return x

    @task
    def work(x):
        if x == 2:
            raise ValueError("two")
        return x

    @teardown
    def end(x):
        return x

    @task_group
    def scoped(x):
        begun = begin(x)
        worked = work(begun)
        ended = end(begun)
        begun >> worked >> ended

    scoped.expand(x=[1, 2, 3]) >> EmptyOperator(task_id="after", trigger_rule="all_done")

with DAG("more_empty_groups", **BASE):

    @task_group
    def empty(x):
        a = one.override(task_id="a")(x)
        (
            a
            >> EmptyOperator(task_id="b", trigger_rule="all_done")
            >> EmptyOperator(task_id="c", trigger_rule="none_failed")
        )

    empty.expand(x=made([])) >> [
        EmptyOperator(task_id="after"),
        EmptyOperator(task_id="after_done", trigger_rule="all_done"),
    ]

with DAG("more_operators", **BASE):
    BashOperator.partial(task_id="bash", env={"A": "b"}).expand(bash_command=["echo $A", "exit 99", "exit 1"])
    PythonOperator.partial(task_id="args", python_callable=lambda *a, **k: [list(a), sorted(k)]).expand(
        op_args=[[1], [2, 3]]
    )
    BashOperator.partial(task_id="kwargs").expand_kwargs(
        made([{"bash_command": "echo 1"}, {"bash_command": "echo 2", "env": {}}])
    )
    BashOperator.partial(task_id="wrong_kwargs").expand_kwargs(made([{"bash_command": "echo 1", "nonsense": 2}]))
    BashOperator.partial(task_id="no_dicts").expand_kwargs(made.override(task_id="no_dict")([1]))
    PythonSensor.partial(task_id="sensor", poke_interval=0.1, mode="reschedule", timeout=0.3, soft_fail=True).expand(
        python_callable=[lambda: True, lambda: False]
    )
    ShortCircuitOperator.partial(task_id="circuit").expand(
        python_callable=[lambda: True, lambda: False]
    ) >> EmptyOperator(task_id="after_circuit")
    empty_mapped = EmptyOperator.partial(task_id="empty").expand_kwargs([{"doc": "a"}, {"doc": "b"}])
    empty_mapped >> one.override(task_id="after_empty")(1)

with DAG("more_sources", **BASE):
    deep = one.override(task_id="of_deep").expand(x=made([[1, 2], [3]]))
    total.expand(values=deep)
    total.override(task_id="sum_sources")(one.override(task_id="numbers").expand(x=[1, 2, 3]))
    numbers = made.override(task_id="number_list")([1, 2, 3])
    one.override(task_id="map_map").expand(x=numbers.map(lambda x: x + 1).map(lambda x: x * 10))
    one.override(task_id="map_zip").expand(x=numbers.map(lambda x: x + 1).zip(numbers))
    one.override(task_id="zip_map").expand(x=numbers.zip(numbers).map(lambda both: both[0] + both[1]))
    one.override(task_id="concat_map").expand(x=numbers.concat(numbers.map(lambda x: x * 100)))
    one.override(task_id="zip_three").expand(x=numbers.zip(numbers, numbers))

    @task
    def both(x, y):
        return [x, y]

    both.partial(y=numbers).expand(x=numbers)
    both.override(task_id="with_index").expand(x=numbers, y=["a", "b"])

    @task
    def lazy(values):
        return [type(values).__name__, len(values), values[0], values[-1], str(values), list(values[1:])]

    lazy(one.override(task_id="lazy_numbers").expand(x=[4, 5, 6]))

    @task
    def counts(x, ti=None, expanded_ti_count=None):
        return [ti.map_index, expanded_ti_count]

    counts.expand(x=[1, 2, 3])

with DAG("more_rules", **BASE):

    @task
    def odd(x):
        if x == "skip":
            raise AirflowSkipException
        if x == "fail":
            raise ValueError
        return x

    for name, values in {
        "ok": ["a", "b"],
        "fails": ["a", "fail"],
        "skips": ["a", "skip"],
        "all_skip": ["skip", "skip"],
        "all_fail": ["fail", "fail"],
    }.items():
        instances = odd.override(task_id=name).expand(x=values)
        for rule in (
            "all_success",
            "none_failed_min_one_success",
            "none_skipped",
            "all_skipped",
            "one_done",
            "one_failed",
        ):
            instances >> EmptyOperator(task_id=f"{name}_{rule}", trigger_rule=rule)

with DAG("more_branches", **BASE):

    @task_group
    def branching(x):
        @task.branch
        def choose(value):
            return "branching.left" if value == 1 else "branching.right"

        @task
        def left():
            return "l"

        @task
        def right():
            return "r"

        choose(x) >> [left(), right()] >> EmptyOperator(task_id="join", trigger_rule="none_failed_min_one_success")

    branching.expand(x=[1, 2])

    @task_group
    def stopping(x):
        @task.short_circuit
        def go(value):
            return value

        @task(trigger_rule="all_done")
        def far():
            return 1

        begun = go(x)
        begun >> EmptyOperator(task_id="near") >> far()
        begun >> EmptyOperator(task_id="direct", trigger_rule="all_done")

    stopping.expand(x=[True, False])

with DAG("more_limits", max_active_tasks=4, **BASE):
    one.override(task_id="per_dag", max_active_tis_per_dag=1).expand(x=[1, 2, 3])
    one.override(task_id="retried", retries=1, retry_delay=timedelta(milliseconds=100)).expand(x=[1, 2])

    @task(retries=2, retry_delay=0.1)
    def each(x, ti=None):
        if ti.try_number <= x:
            raise ValueError(x)
        return ti.try_number

    each.expand(x=[0, 1, 2, 3])

with DAG("more_names", **BASE):
    BashOperator.partial(task_id="by_field", map_index_template="{{ task.bash_command }}").expand(
        bash_command=["echo 1", "exit 1"]
    )
    one.override(task_id="by_index", map_index_template="{{ ti.map_index }} {{ ds }}").expand(x=[1])
    one.override(task_id="long", map_index_template="{{ 'x' * 300 }}").expand(x=[1])
    one.override(task_id="empty_name", map_index_template="").expand(x=[1])

with DAG("more_group_rules", **BASE):
    with TaskGroup("plain", default_args={"trigger_rule": "all_done"}):
        BashOperator(task_id="fails", bash_command="exit 1") >> EmptyOperator(task_id="done")
    with TaskGroup("grouped") as grouped:
        EmptyOperator(task_id="in_a") >> EmptyOperator(task_id="in_b")
        EmptyOperator(task_id="in_c")
    BranchPythonOperator(task_id="to_group", python_callable=lambda: "grouped") >> [
        grouped,
        EmptyOperator(task_id="other"),
    ]
    grouped >> EmptyOperator(task_id="join", trigger_rule="none_failed")
