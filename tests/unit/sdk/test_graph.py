"""Edges, groups, labels, setup and teardown; graphs as a real Airflow 2.10.5 draws them."""

from __future__ import annotations

from typing import Any

import pytest

from tradewind.sdk.edges import Label, chain, chain_linear, cross_downstream
from tradewind.sdk.exceptions import AirflowException, DuplicateTaskIdFound, TaskAlreadyInTaskGroup
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.task_group import TaskGroup


class E(BaseOperator):
    template_fields = ("value",)

    def __init__(self, *, value: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value = value


def edges(d: Any) -> dict[str, list[str]]:
    return {task.task_id: sorted(task.downstream_task_ids) for task in d.tasks if task.downstream_task_ids}


def test_lists_on_either_side(new_dag):
    with new_dag() as d:
        a, b, c, e = (E(task_id=name) for name in "abce")
        a >> [b, c] >> e
        assert (e << [b]) == [b]
    assert edges(d) == {"a": ["b", "c"], "b": ["e"], "c": ["e"]}


def test_chain_pairs_lists_and_cross_does_not(new_dag):
    with new_dag() as d:
        a, b, c, e, f, g = (E(task_id=name) for name in "abcefg")
        chain(a, [b, c], [e, f], g)
    assert edges(d) == {"a": ["b", "c"], "b": ["e"], "c": ["f"], "e": ["g"], "f": ["g"]}
    with new_dag() as d:
        a, b, c, e = (E(task_id=name) for name in "abce")
        cross_downstream([a, b], [c, e])
    assert edges(d) == {"a": ["c", "e"], "b": ["c", "e"]}
    with new_dag() as d:
        a, b, c, e = (E(task_id=name) for name in "abce")
        chain_linear([a, b], [c, e])
    assert edges(d) == {"a": ["c", "e"], "b": ["c", "e"]}


def test_what_cannot_be_chained(new_dag):
    with new_dag():
        a, b, c = (E(task_id=name) for name in "abc")
        with pytest.raises(AirflowException, match=r"Chain not supported for different length Iterable. Got 2 and 1."):
            chain([a, b], [c])
        with pytest.raises(TypeError, match="Chain not supported between instances of <class 'int'> and <class 'int'>"):
            chain(1, 2)
        with pytest.raises(ValueError, match=r"No tasks provided; nothing to do."):
            chain_linear()
        with pytest.raises(ValueError, match=r"No dependencies were set. Did you forget to expand with `\*`\?"):
            chain_linear(a)


def test_tasks_of_different_dags_are_not_connected(new_dag):
    with pytest.raises(AirflowException, match="Tried to set relationships between tasks in more than one DAG"):
        E(task_id="a", dag=new_dag(dag_id="x")) >> E(task_id="b", dag=new_dag(dag_id="y"))
    with pytest.raises(AirflowException, match="tasks that don't have DAGs yet"):
        E(task_id="a") >> E(task_id="b")


def test_a_neighbour_without_dag_joins(new_dag):
    d = new_dag()
    b = E(task_id="b")
    E(task_id="a", dag=d) >> b
    assert b.dag is d


def test_labels_stand_in_the_edges_they_were_written_in(new_dag):
    with new_dag() as d:
        a, b, c, e = (E(task_id=name) for name in "abce")
        a >> Label("one") >> b
        [a, b] >> Label("two") >> [c, e]
        E(task_id="f") << Label("three") << a
    assert edges(d) == {"a": ["b", "c", "e", "f"], "b": ["c", "e"]}
    assert d.edge_info["a"] == {
        "b": {"label": "one"},
        "c": {"label": "two"},
        "e": {"label": "two"},
        "f": {"label": "three"},
    }


def test_a_label_before_a_group_marks_its_entry(new_dag):
    with new_dag() as d:
        a = E(task_id="a")
        with TaskGroup("g") as g:
            E(task_id="b")
        a >> Label("l") >> g >> Label("m") >> E(task_id="c")
    assert edges(d) == {"a": ["g.b"], "g.b": ["c"]}
    assert d.get_edge_info("a", "g.b") == {"label": "l"}
    assert d.get_edge_info("a", "g.upstream_join_id") == {"label": "l"}
    assert d.get_edge_info("g.downstream_join_id", "c") == {"label": "m"}
    assert d.get_edge_info("g.b", "c") == {}


def test_groups_prefix_ids_and_connect_their_ends(new_dag):
    with new_dag() as d:
        x = E(task_id="x")
        with TaskGroup("g") as g:
            y = E(task_id="y")
            with TaskGroup("h", prefix_group_id=False):
                E(task_id="z")
        x >> g >> [E(task_id="k"), E(task_id="l")]
    assert d.task_ids == ["x", "g.y", "z", "k", "l"]
    assert y.label == "y"
    assert edges(d) == {"x": ["g.y", "z"], "g.y": ["k", "l"], "z": ["k", "l"]}
    assert (g.upstream_task_ids, g.downstream_task_ids) == ({"x"}, {"k", "l"})
    assert sorted(d.task_group_dict) == ["g", "g.h"]


def test_group_ids_are_taken_once(new_dag):
    with new_dag(), pytest.raises(DuplicateTaskIdFound, match="group_id 'g' has already been added to the DAG"):
        TaskGroup("g")
        TaskGroup("g")
    with new_dag(), pytest.raises(DuplicateTaskIdFound, match="group_id 'g' has already been added to the DAG"):
        E(task_id="g")
        TaskGroup("g")
    with new_dag(), pytest.raises(DuplicateTaskIdFound, match="Task id 'g' has already been added to the DAG"):
        TaskGroup("g")
        E(task_id="g")


def test_what_a_group_refuses(new_dag):
    with pytest.raises(AirflowException, match="TaskGroup can only be used inside a dag"):
        TaskGroup("x")
    with pytest.raises(AirflowException, match="has to be made of alphanumeric characters, dashes and underscores"):
        TaskGroup("a b")
    with new_dag():
        a = E(task_id="a")
        with pytest.raises(TaskAlreadyInTaskGroup, match=r"cannot add 'a' to 'g' .already in the DAG's root group."):
            TaskGroup("g").add(a)


def test_order_keeps_groups_together(new_dag):
    with new_dag() as d:
        a = E(task_id="a")
        with TaskGroup("g") as g:
            b, c = E(task_id="b"), E(task_id="c")
            c >> b
        E(task_id="d") >> a >> g
    assert [task.task_id for task in d.topological_sort()] == ["d", "a", "g.c", "g.b"]


def test_a_group_ends_with_its_work_not_its_teardown(new_dag):
    with new_dag() as d:
        with TaskGroup("g") as g:
            s = E(task_id="s").as_setup()
            td = E(task_id="t").as_teardown(setups=s)
            s >> E(task_id="w") >> td
        g >> E(task_id="a")
        with TaskGroup("g2") as g2:
            E(task_id="t").as_teardown(setups=E(task_id="s"))
        g2 >> E(task_id="b")
        E(task_id="c") >> g2
    assert edges(d) == {
        "g.s": ["g.t", "g.w"],
        "g.w": ["a", "g.t"],
        "g2.s": ["g2.t"],
        "c": ["g2.s"],
    }
    assert g.get_leaves().__next__().task_id == "g.w"


def test_with_teardown_puts_the_block_between(new_dag):
    with new_dag() as d:
        s = E(task_id="s").as_setup()
        td = E(task_id="t").as_teardown(setups=s)
        with td:
            E(task_id="x") >> E(task_id="y")
            E(task_id="z")
        E(task_id="n")
    assert edges(d) == {"s": ["t", "x", "z"], "x": ["y"], "y": ["t"], "z": ["t"]}


def test_with_setup_finds_the_teardown(new_dag):
    with new_dag() as d:
        s = E(task_id="s").as_setup()
        E(task_id="t").as_teardown(setups=s)
        with s:
            E(task_id="x")
    assert edges(d) == {"s": ["t", "x"], "x": ["t"]}


def test_nested_scopes(new_dag):
    with new_dag() as d:
        t1 = E(task_id="t1").as_teardown(setups=E(task_id="s1"))
        t2 = E(task_id="t2").as_teardown(setups=E(task_id="s2"))
        with t1:
            a = E(task_id="a")
            with t2:
                b = E(task_id="b")
            a >> b
    assert edges(d) == {
        "s1": ["a", "s2", "t1"],
        "s2": ["b", "t2"],
        "t2": ["t1"],
        "a": ["b", "t1"],
        "b": ["t2"],
    }


def test_a_task_made_before_can_be_brought_into_a_scope(new_dag):
    with new_dag() as d:
        q = E(task_id="q")
        with E(task_id="t").as_teardown(setups=E(task_id="s")) as scope:
            scope.add_task(q)
    assert edges(d) == {"s": ["q", "t"], "q": ["t"]}


def test_setup_and_teardown_exclude_each_other(new_dag):
    with new_dag() as d:
        with pytest.raises(ValueError, match=r"Cannot mark task 'a' as teardown; task is already a setup."):
            E(task_id="a").as_setup().as_teardown()
        with pytest.raises(ValueError, match=r"Cannot mark task 'b' as setup; task is already a teardown."):
            E(task_id="b").as_teardown().as_setup()
        with pytest.raises(
            ValueError, match="Cannot set task on_failure_fail_dagrun for 'c' because it is not a teardown"
        ):
            E(task_id="c").on_failure_fail_dagrun = True
        with pytest.raises(AirflowException, match=r"Only setup/teardown tasks can be used as context managers."):
            E(task_id="e").__enter__()
        E(task_id="s").as_setup() >> E(task_id="always", trigger_rule="always")
    with pytest.raises(ValueError, match=r"Setup tasks must be followed with trigger rule ALL_SUCCESS."):
        d.validate()


def test_xcom_arguments_make_edges_also_nested_and_later(new_dag):
    with new_dag() as d:
        a, b, c = E(task_id="a"), E(task_id="b"), E(task_id="c")
        c.value = b.output
        E(task_id="e", value={"q": [a.output["k"]], "w": (c.output,)})
    assert edges(d) == {"a": ["e"], "b": ["c"], "c": ["e"]}


def test_relatives_near_and_far(new_dag):
    with new_dag():
        a, b, c = (E(task_id=name) for name in "abc")
        a >> b >> c
    assert a.get_flat_relative_ids(upstream=False) == {"b", "c"}
    assert [task.task_id for task in c.get_flat_relatives(upstream=True)] == ["b", "a"]
    assert list(b.upstream_list) == [a]
    assert a.get_direct_relative_ids() == {"b"}
