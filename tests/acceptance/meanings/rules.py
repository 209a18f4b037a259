"""Trigger rules against the states of what is upstream; branches and short circuits."""

import pendulum
from airflow.decorators import task
from airflow.exceptions import AirflowException, AirflowSkipException
from airflow.operators.bash import BashOperator
from airflow.operators.empty import EmptyOperator
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import BranchPythonOperator, PythonOperator, ShortCircuitOperator
from airflow.utils.task_group import TaskGroup
from airflow.utils.trigger_rule import TriggerRule

from airflow import DAG


def no():
    return False


BASE = dict(start_date=pendulum.datetime(2024, 1, 1), schedule=None)


def skip():
    raise AirflowSkipException


def fail():
    raise AirflowException("on purpose")


def sources():
    return {
        "s": EmptyOperator(task_id="s"),
        "k": PythonOperator(task_id="k", python_callable=skip),
        "f": PythonOperator(task_id="f", python_callable=fail),
    }


# One DAG a rule, one task for each mix of upstream states; all_success with K+F depends on what came first.
for rule in TriggerRule:
    if rule in ("all_done_setup_success", "dummy", "none_failed_or_skipped"):
        continue
    with DAG(f"rule_{rule.value}", **BASE):
        upstream = sources()
        EmptyOperator(task_id="none", trigger_rule=rule)
        for mix in ("s", "k", "f", "sk", "sf", "kf", "skf"):
            if rule == "all_success" and mix in ("kf", "skf"):
                continue
            [upstream[letter] for letter in mix] >> EmptyOperator(task_id=f"on_{mix}", trigger_rule=rule)
        u = EmptyOperator(task_id="u")
        upstream["f"] >> u >> EmptyOperator(task_id="on_u", trigger_rule=rule)

with DAG("branch_kinds", **BASE):

    def branch(name, result, *targets):
        chosen = BranchPythonOperator(task_id=name, python_callable=lambda: result)
        chosen >> [EmptyOperator(task_id=f"{name}_{target}") for target in targets]
        return chosen

    branch("to_none", None, "a", "b")
    branch("to_nothing", [], "a", "b")
    branch("to_one", "to_one_a", "a", "b")
    branch("to_unknown", "nobody", "a", "b")
    branch("to_dict", {"to_dict_a": 1}, "a", "b")
    far = BranchPythonOperator(task_id="to_far", python_callable=lambda: "far_end")
    far >> EmptyOperator(task_id="far_mid") >> EmptyOperator(task_id="far_end")

    to_group = BranchPythonOperator(task_id="to_group", python_callable=lambda: "g1")
    other = EmptyOperator(task_id="other")
    with TaskGroup("g1") as g1:
        a, b, c = EmptyOperator(task_id="a"), EmptyOperator(task_id="b"), EmptyOperator(task_id="c")
        a >> b
    to_group >> [g1, other]

    to_join = BranchPythonOperator(task_id="to_join", python_callable=lambda: "join")
    between = EmptyOperator(task_id="between")
    join = EmptyOperator(task_id="join", trigger_rule="none_failed_min_one_success")
    to_join >> between >> join
    to_join >> join

    both = BranchPythonOperator(task_id="both", python_callable=lambda: "both_a")
    both_a, both_b, both_c = (EmptyOperator(task_id=f"both_{x}") for x in "abc")
    both >> [both_a, both_b]
    both_a >> both_b
    both_b >> both_c

with DAG("circuits", **BASE):
    for name, value in {"false": False, "zero": 0, "text": "", "list": [], "none": None, "true": 7}.items():
        (
            ShortCircuitOperator(task_id=f"c_{name}", python_callable=lambda value=value: value)
            >> EmptyOperator(task_id=f"{name}_1")
            >> EmptyOperator(task_id=f"{name}_2", trigger_rule="all_done")
        )
    (
        ShortCircuitOperator(task_id="kind", python_callable=no, ignore_downstream_trigger_rules=False)
        >> EmptyOperator(task_id="kind_1", trigger_rule="all_done")
        >> EmptyOperator(task_id="kind_2", trigger_rule="all_done")
        >> EmptyOperator(task_id="kind_3")
    )

with DAG("circuit_and_always", **BASE):
    slow = ShortCircuitOperator(task_id="slow", python_callable=no)
    slow >> EmptyOperator(task_id="always", trigger_rule="always")

with DAG("circuit_in_setup", **BASE):
    with TaskGroup("inside"):
        setup = BashOperator(task_id="setup", bash_command="true").as_setup()
        check = ShortCircuitOperator(task_id="check", python_callable=no)
        work = EmptyOperator(task_id="work")
        teardown = BashOperator(task_id="teardown", bash_command="true").as_teardown(setups=setup)
        setup >> check >> work >> teardown
    with TaskGroup("before"):
        setup = BashOperator(task_id="setup", bash_command="true").as_setup()
        check = ShortCircuitOperator(task_id="check", python_callable=no)
        work = EmptyOperator(task_id="work")
        teardown = BashOperator(task_id="teardown", bash_command="true").as_teardown(setups=setup)
        check >> setup >> work >> teardown

with DAG("latest", **BASE):
    LatestOnlyOperator(task_id="only") >> EmptyOperator(task_id="after")

with DAG("empty_kinds", **BASE):
    EmptyOperator(task_id="plain")
    EmptyOperator(task_id="calls", on_success_callback=lambda context: print("called back"))

with DAG("branch_taskflow", **BASE):

    @task.branch
    def choose():
        return ["grp.one", "lone"]

    @task.short_circuit
    def go():
        return True

    with TaskGroup("grp") as grp:
        one, two = EmptyOperator(task_id="one"), EmptyOperator(task_id="two")
    lone, left = EmptyOperator(task_id="lone"), EmptyOperator(task_id="left")
    go() >> choose() >> [one, two, lone, left]
