"""Branches and short circuits whose tasks are cleared afterwards, or lie in groups."""

from airflow.decorators import task, task_group
from airflow.operators.latest_only import LatestOnlyOperator
from airflow.operators.python import BranchPythonOperator, ShortCircuitOperator
from airflow.utils.task_group import TaskGroup
from story_parts import dag, empty, fail, is_there, py, skip, there


def branch(name, **kwargs):
    return BranchPythonOperator(
        task_id="branch", python_callable=lambda: "y" if there(f"branch_{name}") else "x", **kwargs
    )


with dag("branch_cleared"):
    x, y = py("x"), py("y")
    branch("cleared") >> [x, y]
    x >> empty("after_x") >> py("join", trigger_rule="none_failed_min_one_success")
    y >> empty("after_y") >> empty("join_all", trigger_rule="all_done")
    [y.downstream_list[0]] >> py("join_y", trigger_rule="none_failed")

with dag("branch_turned"):
    branch("turned") >> [py("x"), py("y")] >> py("join", trigger_rule="none_failed_min_one_success")

with dag("branch_marked"):
    branch("marked") >> [py("x"), py("y")] >> py("join", trigger_rule="none_failed_min_one_success")

with dag("circuit_cleared"):
    circuit = ShortCircuitOperator(task_id="circuit", python_callable=lambda: there("circuit_open"))
    circuit >> py("near") >> py("far") >> py("farthest", trigger_rule="all_done")

with dag("circuit_direct"):
    circuit = ShortCircuitOperator(
        task_id="circuit", python_callable=lambda: False, ignore_downstream_trigger_rules=False
    )
    circuit >> py("near") >> py("far", trigger_rule="all_done") >> py("farthest")

with dag("latest_cleared"):
    LatestOnlyOperator(task_id="latest") >> py("next")

with dag("branch_groups"):
    with TaskGroup("one") as one:
        py("a") >> py("b")
        with TaskGroup("deep"):
            py("c")
    with TaskGroup("two") as two:
        py("a") >> py("b")
    chosen = BranchPythonOperator(task_id="branch", python_callable=lambda: ["one.deep", "alone"])
    chosen >> [one, two, py("alone")]
    [one, two] >> py("join", trigger_rule="none_failed")

with dag("branch_skipped"):
    # A branch that raises a skip, fails, or returns a task that is not below it.
    BranchPythonOperator(task_id="skips", python_callable=skip) >> [py("s1"), py("s2", trigger_rule="all_done")]
    BranchPythonOperator(task_id="fails", python_callable=fail) >> [py("f1"), py("f2", trigger_rule="all_done")]
    BranchPythonOperator(task_id="elsewhere", python_callable=lambda: "s1") >> [py("e1"), py("e2")]
    BranchPythonOperator(task_id="itself", python_callable=lambda: "itself") >> [py("i1"), py("i2")]

with dag("branch_two"):
    # Two branches over one task: one leaves it out.
    first = BranchPythonOperator(task_id="first", python_callable=lambda: "shared")
    second = BranchPythonOperator(task_id="second", python_callable=lambda: "other")
    first >> py("shared", trigger_rule="none_failed_min_one_success")
    second >> [first.downstream_list[0], py("other")]

with dag("branch_to_mapped"):

    @task
    def one_each(x):
        return x

    @task.branch
    def choose():
        return "kept"

    chosen = choose()
    left = one_each.override(task_id="left_out").expand(x=[1, 2])
    kept = one_each.override(task_id="kept").expand(x=[1, 2])
    chosen >> [left, kept]
    left >> empty("after_left", trigger_rule="all_done")

    @task_group
    def group(x):
        one_each.override(task_id="within")(x)

    grouped = group.expand(x=[1, 2])
    chosen >> grouped

with dag("circuit_to_mapped"):

    @task.short_circuit
    def closed():
        return False

    stop = closed()
    stop >> one_each.override(task_id="mapped").expand(x=[1, 2]) >> empty("after", trigger_rule="all_done")
    stop >> group.override(group_id="grouped").expand(x=[1, 2])

with dag("conditions"):

    @task.run_if(lambda context: context["params"].get("go", False), skip_message="not today")
    @task.python
    def only_if():
        return 1

    @task.skip_if(lambda context: True)
    @task.bash
    def never():
        return "echo 1"

    @task.skip_if(lambda context: False)
    @task
    def always():
        return 2

    @task.run_if(lambda context: (False, "told so"))
    @task
    def told():
        return 3

    only_if() >> empty("after_if")
    never()
    always() >> empty("after_always")
    told()

is_there(__file__)
