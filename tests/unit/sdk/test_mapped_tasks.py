"""expand, expand_kwargs, partial, mapped groups; items per index and texts as Airflow 2.10.5 has them."""

from __future__ import annotations

from typing import Any

import pytest

from tradewind.model.spec import ExpandSpec, LengthSpec
from tradewind.sdk.decorators import task, task_group
from tradewind.sdk.exceptions import AirflowSkipException
from tradewind.sdk.expand_input import NotFullyPopulated
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.xcom_arg import XComArg


class Add(BaseOperator):
    template_fields = ("x", "y")

    def __init__(self, *, x: Any = None, y: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.x = x
        self.y = y

    def execute(self, context: Any) -> Any:
        return self.x, self.y


@task
def one(x):
    return x


@task
def two(x, y=1):
    return x, y


def items(mapped: Any, count: int, context_for: Any, **more: Any) -> list[Any]:
    """What each instance's fields are after rendering."""
    found = []
    for index in range(count):
        context = context_for(mapped, map_index=index, **more)
        context["task"].render_template_fields(context)
        found.append(context["task"])
    return found


def test_several_arguments_make_the_product_last_one_fastest(new_dag, context_for):
    with new_dag():
        mapped = Add.partial(task_id="a").expand(x=[1, 2], y=[10, 20, 30])
    got = [(made.x, made.y) for made in items(mapped, 6, context_for)]
    assert got == [(1, 10), (1, 20), (1, 30), (2, 10), (2, 20), (2, 30)]
    assert mapped.get_parse_time_mapped_ti_count() == 6


def test_a_dict_gives_pairs_and_a_tuple_is_a_list(new_dag, context_for):
    with new_dag():
        mapped = Add.partial(task_id="a").expand(x={"k": 1, "l": 2}, y=(5,))
    assert [(made.x, made.y) for made in items(mapped, 2, context_for)] == [(("k", 1), 5), (("l", 2), 5)]


def test_templates_in_literal_items_are_rendered(new_dag, context_for):
    with new_dag():
        mapped = Add.partial(task_id="a", y="{{ run_id }}").expand(x=["{{ ds }}", "-"])
    assert [(made.x, made.y) for made in items(mapped, 2, context_for)] == [("2024-03-05", "r"), ("-", "r")]


def test_expand_kwargs_takes_dicts_with_different_keys(new_dag, context_for):
    with new_dag():
        mapped = two.expand_kwargs([{"x": 1}, {"x": 2, "y": 3}]).operator
    assert [made.op_kwargs for made in items(mapped, 2, context_for)] == [{"x": 1}, {"x": 2, "y": 3}]


def test_partial_and_mapped_arguments_come_together(new_dag, context_for):
    with new_dag():
        mapped = two.partial(y=100).expand(x=[1, 2]).operator
    assert [made.op_kwargs for made in items(mapped, 2, context_for)] == [{"x": 1, "y": 100}, {"x": 2, "y": 100}]


def test_a_result_is_mapped_over_at_run_time(new_dag, context_for, runtime):
    with new_dag() as d:
        supplier = one(1)
        mapped = Add.partial(task_id="a").expand(x=supplier)
    assert mapped.upstream_task_ids == {"one"}
    assert [t.task_id for t in d.get_task("one").iter_mapped_dependants()] == ["a"]
    runtime.store("one", ["p", "q"])
    assert [made.x for made in items(mapped, 2, context_for)] == ["p", "q"]
    assert mapped.expand_input.to_spec() == ExpandSpec(
        kind="dict", arguments={"x": LengthSpec(kind="xcom", task_id="one")}
    )
    with pytest.raises(NotFullyPopulated):
        mapped.get_parse_time_mapped_ti_count()
    assert mapped.expand_input.total({"one": {-1: 2}}) == 2


def test_a_mapped_result_is_one_item_per_instance(new_dag, context_for, runtime):
    with new_dag():
        mapped = one.override(task_id="b").expand(x=one.expand(x=[1, 2])).operator
    runtime.store("one", 10, map_index=0)
    runtime.store("one", 20, map_index=1)
    assert [made.op_kwargs["x"] for made in items(mapped, 2, context_for)] == [10, 20]
    assert mapped.mapped_input.total({"one": {0: 1, 1: 1}}) == 2


def test_zip_concat_and_map(new_dag, context_for, runtime):
    with new_dag():
        a, b = one.override(task_id="p")(1), one.override(task_id="q")(1)
        short, long, chained, changed = a.zip(b), a.zip(b, fillvalue=0), a.concat(b), a.map(lambda v: v + 1)
        context = context_for(Add(task_id="z"))
    runtime.store("p", [1, 2, 3])
    runtime.store("q", [10, 20])
    assert list(short.resolve(context)) == [(1, 10), (2, 20)]
    assert list(long.resolve(context)) == [(1, 10), (2, 20), (3, 0)]
    assert list(chained.resolve(context)) == [1, 2, 3, 10, 20]
    assert list(changed.resolve(context)) == [2, 3, 4]
    lengths = {"p": {-1: 3}, "q": {-1: 2}}
    counts = [arg.get_task_map_length(lengths=lengths) for arg in (short, long, chained, changed)]
    assert counts == [2, 3, 5, 3]


def test_a_skip_in_map_concerns_its_item_only(new_dag, context_for, runtime):
    def skip_two(value):
        if value == 2:
            raise AirflowSkipException
        return value

    with new_dag():
        mapped = one.override(task_id="b").expand(x=one(1).map(skip_two)).operator
    runtime.store("one", [1, 2, 3])
    context = context_for(mapped, map_index=2)
    context["task"].render_template_fields(context)
    assert context["task"].op_kwargs == {"x": 3}
    context = context_for(mapped, map_index=1)
    with pytest.raises(AirflowSkipException):
        context["task"].render_template_fields(context)


def test_map_does_not_take_a_dict(new_dag, context_for, runtime):
    with new_dag():
        mapped = one.override(task_id="b").expand(x=one(1).map(str)).operator
    runtime.store("one", {"k": 1})
    context = context_for(mapped, map_index=0)
    with pytest.raises(ValueError, match="expects sequence"):
        context["task"].render_template_fields(context)


def test_in_a_mapped_group_each_index_reads_its_own(new_dag, context_for, runtime):
    with new_dag() as d:

        @task_group
        def g(x):
            return two.override(task_id="b")(one.override(task_id="a")(x))

        out = g.expand(x=[5, 6])
        after = one.override(task_id="z")(out)
    assert d.task_ids == ["g.a", "g.b", "z"]
    first = d.get_task("g.a")
    assert [made.op_args for made in items(first, 2, context_for)] == [(5,), (6,)]
    runtime.store("g.a", 50, map_index=0)
    runtime.store("g.a", 60, map_index=1)
    assert [made.op_args for made in items(d.get_task("g.b"), 2, context_for)] == [(50,), (60,)]
    runtime.store("g.b", 500, map_index=0)
    runtime.store("g.b", 600, map_index=1)
    context = context_for(after.operator)
    context["task"].render_template_fields(context)
    assert list(context["task"].op_args[0]) == [500, 600]
    assert str(context["task"].op_args) == "(LazySelectSequence([2 items]),)"


def test_a_mapped_group_waits_for_its_supplier(new_dag):
    with new_dag() as d:

        @task_group
        def g(x):
            one.override(task_id="a")(x)
            Add(task_id="b")

        g.expand(x=one(1))
    assert d.get_task("g.b").upstream_task_ids == {"one"}
    assert d.get_task("g.b").get_closest_mapped_task_group().group_id == "g"


def test_params_and_defaults_reach_the_instances(new_dag, context_for):
    with new_dag(default_args={"retries": 2, "y": "d"}, params={"p": 1}):
        mapped = Add.partial(task_id="a", params={"q": 2}, pool="small").expand(x=[1])
    assert (mapped.retries, mapped.pool, mapped.owner) == (2, "small", "airflow")
    [made] = items(mapped, 1, context_for)
    assert (made.retries, made.pool, made.y, made.params.dump()) == (2, "small", "d", {"p": 1, "q": 2})


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (one.expand, TypeError, "no arguments to expand against"),
        (lambda: one.expand(z=[1]), TypeError, "expand() got an unexpected keyword argument 'z'"),
        (lambda: one.expand(x=1), ValueError, "expand() got an unexpected type 'int' for keyword argument 'x'"),
        (lambda: one.expand(x="abc"), ValueError, "expand() got an unexpected type 'str' for keyword argument 'x'"),
        (lambda: two.partial(z=1), TypeError, "partial() got an unexpected keyword argument 'z'"),
        (lambda: two.expand_kwargs({"x": 1}), TypeError, "expected XComArg or list[dict], not dict"),
        (lambda: two.expand_kwargs([1]), TypeError, "expected XComArg or list[dict], not list"),
        (lambda: Add.partial(task_id="b").expand(), TypeError, "no arguments to expand against"),
        (
            lambda: Add.partial(task_id="b").expand(nope=[1]),
            TypeError,
            "Add.expand() got an unexpected keyword argument 'nope'",
        ),
        (
            lambda: Add.partial(task_id="b", nope=1),
            TypeError,
            "Add.partial() got an unexpected keyword argument 'nope'",
        ),
        (
            lambda: Add.partial(task_id="b", x="x").expand(x=["x"]),
            TypeError,
            "unmappable or already specified argument: x",
        ),
        (
            lambda: Add.partial(task_id="b").expand(retries=[1]),
            TypeError,
            "unmappable or already specified argument: retries",
        ),
        (
            lambda: Add.partial(task_id="b").expand(x="x"),
            ValueError,
            "Add.expand() got an unexpected type 'str' for keyword argument x",
        ),
        (lambda: Add.partial(x="1"), TypeError, "missing 1 required keyword-only argument: 'task_id'"),
        (
            lambda: one.expand(x=one(1)["k"]),
            ValueError,
            "cannot map over XCom with custom key 'k' from <Task(_PythonDecoratedOperator): one>",
        ),
        (
            lambda: one.override(trigger_rule="always").expand(x=one(1)),
            ValueError,
            "Task-generated mapping within a task using 'expand' is not allowed with trigger rule 'always'.",
        ),
        (
            lambda: task_group(one).override(group_id="g").expand(x=3),
            ValueError,
            "expand() got an unexpected type 'int' for keyword argument 'x'",
        ),
        (
            lambda: one(1).map(one),
            ValueError,
            "map() argument must be a plain function, not a @task operator",
        ),
    ],
)
def test_what_cannot_be_mapped(new_dag, make, kind, text):
    with new_dag(), pytest.raises(kind) as caught:
        make()
    assert text in str(caught.value)


def test_no_expansion_inside_a_mapped_group(new_dag):
    with new_dag():

        @task_group
        def g(x):
            one.expand(x=[1])

        with pytest.raises(NotImplementedError, match="operator expansion in an expanded task group is not yet"):
            g.expand(x=[1, 2])


def test_always_in_a_group_mapped_over_a_result(new_dag):
    with new_dag():

        @task_group
        def g(x):
            Add(task_id="a", trigger_rule="always")

        with pytest.raises(ValueError, match="within a mapped task group is not allowed with trigger rule 'always'"):
            g.expand(x=one(1))


def test_a_partial_that_is_never_expanded_warns(new_dag):
    with new_dag():
        forgotten = Add.partial(task_id="b")
    with pytest.warns(UserWarning, match="Task 'b' was never mapped!"):
        forgotten.__del__()
    forgotten._expand_called = True


def test_arguments_show_as_airflow_shows_them(new_dag):
    with new_dag():
        made = one(1)
        mapped = one.expand(x=[1])
    assert str(made) == "{{ task_instance.xcom_pull(task_ids='one', dag_id='d', key='return_value') }}"
    assert str(made["k"]) == "{{ task_instance.xcom_pull(task_ids='one', dag_id='d', key='k') }}"
    assert repr(made) == "XComArg(<Task(_PythonDecoratedOperator): one>)"
    assert repr(mapped.map(lambda q: q)) == "XComArg(<Mapped(_PythonDecoratedOperator): one__1>).map(<lambda>)"
    assert isinstance(XComArg(made.operator), XComArg)
    with pytest.raises(TypeError, match="'XComArg' object is not iterable"):
        list(made)
    with pytest.raises(ValueError, match="XComArg only supports str lookup, received int"):
        made[0]


def test_nested_mapped_groups_share_the_outer_index(new_dag, context_for, runtime):
    with new_dag() as d:

        @task_group
        def inner(y, x):
            return two.override(task_id="both")(x, y)

        @task_group
        def outer(x):
            single = one.override(task_id="single")(x)
            inner.partial(x=single).expand(y=[7, 8, 9])

        outer.expand(x=[5, 6])
    runtime.store("outer.single", 50, map_index=0)
    runtime.store("outer.single", 60, map_index=1)
    found = items(d.get_task("outer.inner.both"), 6, context_for)
    assert [made.op_args for made in found] == [(50, 7), (50, 8), (50, 9), (60, 7), (60, 8), (60, 9)]
    single = d.get_task("outer.single")
    assert [made.op_args for made in items(single, 2, context_for)] == [(5,), (6,)]
    context = context_for(single, map_index=1)
    assert list(context["ti"].get_relevant_upstream_map_indexes(d.get_task("outer.inner.both"))) == [3, 4, 5]
