"""@task, @task_group, @setup and @teardown."""

from __future__ import annotations

from typing import Any, TypedDict

import pytest

from tradewind.sdk.assets import Dataset
from tradewind.sdk.decorators import get_unique_task_id, setup, task, task_group, teardown
from tradewind.sdk.exceptions import AirflowException
from tradewind.sdk.xcom_arg import PlainXComArg


class Shape(TypedDict):
    a: int


@task
def one(x):
    """Give it back."""
    return x


def test_a_call_makes_a_task_and_gives_its_promise(new_dag):
    with new_dag() as d:
        made = one(1)
    assert isinstance(made, PlainXComArg)
    assert (made.operator.task_id, made.operator.task_type, made.operator.operator_name) == (
        "one",
        "_PythonDecoratedOperator",
        "@task",
    )
    assert made.operator.doc_md == "Give it back."
    assert d.task_ids == ["one"]


def test_calls_after_the_first_are_numbered(new_dag):
    with new_dag() as d:
        assert [one(number).operator.task_id for number in range(3)] == ["one", "one__1", "one__2"]
        assert get_unique_task_id("one", d) == "one__3"


def test_groups_are_numbered_too(new_dag):
    with new_dag() as d:

        @task_group
        def g(x=None):
            one(x)

        for _ in range(3):
            g()
    assert d.task_ids == ["g.one", "g__1.one", "g__2.one"]


def test_a_group_gives_what_its_function_gives(new_dag):
    with new_dag():

        @task_group(tooltip="tip")
        def g(x):
            return one(x)

        made = g(1)
        assert made.operator.task_id == "g.one"
        assert made.operator.task_group.tooltip == "tip"
        assert made.operator.task_group.label == "g"


def test_the_function_is_called_with_arguments_and_context(new_dag, context_for):
    @task
    def tell(x, ds, ti=None, *, run_id=None, **more):
        return x, ds, ti.task_id, run_id, more["params"]

    with new_dag(params={"p": 1}):
        made = tell(5).operator
    context = context_for(made)
    context["task"].render_template_fields(context)
    assert context["task"].execute(context) == (5, "2024-03-05", "tell", "r", {"p": 1})


def test_an_argument_named_like_a_context_name_wins(new_dag, context_for):
    @task
    def tell(ds=None):
        return ds

    with new_dag():
        made = tell(ds="mine").operator
    context = context_for(made)
    assert context["task"].execute(context) == "mine"


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (one, TypeError, "missing a required argument: 'x'"),
        (lambda: one(1, 2), TypeError, "too many positional arguments"),
        (lambda: one(1, foo=2), TypeError, "got an unexpected keyword argument 'foo'"),
        (lambda: task.foo, AttributeError, "task decorator 'foo' not found"),
    ],
)
def test_wrong_calls(new_dag, make, kind, text):
    with new_dag(), pytest.raises(kind) as caught:
        make()
    assert text in str(caught.value)


def test_a_context_parameter_has_no_default_of_its_own(new_dag):
    @task
    def bad(ti=3):
        return ti

    with new_dag(), pytest.raises(ValueError, match="Context key parameter ti can't have a default other than None"):
        bad()


def test_annotations_decide_on_multiple_outputs(new_dag):
    @task
    def plain() -> int:
        return 1

    @task
    def mapping() -> dict[str, int]:
        return {}

    @task
    def shaped() -> Shape:
        return {"a": 1}

    @task(multiple_outputs=False)
    def told() -> dict:
        return {}

    with new_dag():
        got = [function().operator.multiple_outputs for function in (plain, mapping, shaped, told)]
    assert got == [False, True, True, False]


def test_override_changes_operator_arguments_only_there(new_dag):
    with new_dag():
        changed = one.override(task_id="zz", retries=3)(1).operator
        assert (changed.task_id, changed.retries) == ("zz", 3)
        assert one(1).operator.retries == 0


def test_results_as_arguments_make_edges(new_dag):
    with new_dag() as d:
        a = one.override(task_id="a")(1)
        one.override(task_id="b")({"k": [a, a["part"]]})
        a >> one.override(task_id="c")(2)
    assert d.get_task("b").upstream_task_ids == {"a"}
    assert d.get_task("c").upstream_task_ids == {"a"}


def test_setup_and_teardown_decorators(new_dag):
    @setup
    def make():
        return 1

    @teardown(on_failure_fail_dagrun=True)
    def remove(x):
        return x

    with new_dag() as d:
        cluster = make()
        with remove(cluster):
            one(cluster)
    assert d.get_task("make").is_setup
    assert d.get_task("remove").is_teardown
    assert d.get_task("remove").on_failure_fail_dagrun
    assert d.get_task("remove").trigger_rule == "all_done_setup_success"
    assert d.get_task("make").downstream_task_ids == {"one", "remove"}
    assert d.get_task("one").downstream_task_ids == {"remove"}


def test_groups_are_no_setups():
    with pytest.raises(AirflowException, match="Task groups cannot be marked as setup or teardown"):
        setup(task_group(lambda: None))


def test_flavours_are_found_by_name(new_dag):
    with new_dag():

        @task.branch
        def choose():
            return None

        @task.bash
        def command():
            return "true"

        got = [choose().operator.operator_name, command().operator.operator_name]
    assert got == ["@task.branch", "@task.bash"]


def test_a_decorated_function_keeps_its_name_and_source():
    assert one.__name__ == "one"
    assert one.function(3) == 3
    assert one.__wrapped__(4) == 4


def test_datasets_among_the_arguments_are_inlets(new_dag, context_for):
    with new_dag():
        made = one(Dataset("s3://b/k")).operator
    context = context_for(made)
    context["task"].execute(context)
    assert context["task"].inlets == [Dataset("s3://b/k")]


def test_a_template_argument_is_rendered(new_dag, context_for):
    with new_dag():
        made = one("{{ ds }}").operator
    context = context_for(made)
    context["task"].render_template_fields(context)
    assert context["task"].execute(context) == "2024-03-05"
    assert made.op_args == ("{{ ds }}",)


def test_methods_are_not_tasks():
    class Holder:
        def method(self: Any) -> None:
            return None

    with pytest.raises(TypeError, match="@task does not support methods"):
        task(Holder.method)
