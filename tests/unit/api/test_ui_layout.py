"""The rows of the matrix and the cells of a run."""

from __future__ import annotations

from tradewind.api.ui_grid import column_of
from tradewind.api.ui_layout import layout_of
from tradewind.model.spec import DagSpec, GroupSpec, TaskSpec


def a_spec() -> DagSpec:
    tasks = (
        TaskSpec(task_id="first", task_type="A", is_setup=True),
        TaskSpec(task_id="g.inner.deep", task_type="B", operator_name="@task"),
        TaskSpec(task_id="g.shallow", task_type="B", is_mapped=True),
        TaskSpec(task_id="last", task_type="C", display_name="The last"),
    )
    groups = (
        GroupSpec(group_id=None, children=(("last", "task"), ("g", "group"), ("first", "task"))),
        GroupSpec(group_id="g", label="g", children=(("g.shallow", "task"), ("g.inner", "group"))),
        GroupSpec(group_id="g.inner", parent_id="g", label="inner", children=(("g.inner.deep", "task"),)),
    )
    return DagSpec(dag_id="d", fileloc="/d.py", tasks=tasks, groups=groups)


def test_rows_are_a_tree_in_topological_order() -> None:
    layout = layout_of(a_spec())
    assert layout.rows == (
        {"id": "first", "op": "A", "setup": 1},
        {"id": "g", "group": 1},
        {"id": "g.inner", "group": 1, "label": "inner", "depth": 1, "parent": "g"},
        {"id": "g.inner.deep", "op": "@task", "label": "deep", "depth": 2, "parent": "g.inner"},
        {"id": "g.shallow", "op": "B", "label": "shallow", "mapped": 1, "depth": 1, "parent": "g"},
        {"id": "last", "op": "C", "label": "The last"},
    )
    assert layout.parents == (-1, -1, 1, 2, 1, -1)


def test_a_dag_without_groups_has_its_tasks() -> None:
    spec = DagSpec(dag_id="d", fileloc="/d.py", tasks=(TaskSpec(task_id="a", task_type="A"),))
    assert [row["id"] for row in layout_of(spec).rows] == ["a"]


def test_groups_and_mapped_tasks_show_their_worst() -> None:
    cells = [
        ("first", -1, "success", 1),
        ("g.inner.deep", -1, "running", 3),
        ("g.shallow", 0, "success", 1),
        ("g.shallow", 1, "failed", 2),
        ("g.shallow", 2, None, 0),
        ("gone", -1, "failed", 1),
    ]
    column = column_of(layout_of(a_spec()), cells)
    assert column.chars == "sfrrf."
    assert column.tries == {3: 3, 4: 2}
    assert column.counts == {4: {"success": 1, "failed": 1, "none": 1}}
