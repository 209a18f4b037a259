"""Mapped tasks and groups, as section 7 of the behaviour document has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.engine.simulator import Failed, Plan, Simulator, Skipped
from unit.engine.specs import a_dag, a_task, over_literal, over_xcom

from tradewind.engine import clearing, expansion
from tradewind.model.errors import InvalidInput
from tradewind.model.outcomes import Outcome
from tradewind.model.records import TaskKey
from tradewind.model.spec import DagSpec, ExpandSpec, GroupSpec, LengthSpec
from tradewind.model.states import RunState


def unknown(task_id: str) -> int | None:
    """No supplier has answered yet."""
    return None


def test_the_cross_product_has_its_last_argument_running_fastest() -> None:
    spec = over_literal(2, 3)
    assert expansion.length(spec, unknown) == 6
    pairs = [tuple(expansion.arguments(spec, index, unknown).values()) for index in range(6)]
    assert pairs == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_an_index_outside_the_expansion_is_refused() -> None:
    with pytest.raises(InvalidInput):
        expansion.arguments(over_literal(2), 2, unknown)


@pytest.mark.parametrize(
    ("kind", "longest", "count"), [("zip", False, 2), ("zip", True, 3), ("concat", False, 5)], ids=str
)
def test_zip_and_concat(kind: str, longest: bool, count: int) -> None:
    items = (LengthSpec(kind="literal", length=3), LengthSpec(kind="xcom", task_id="s"))
    argument = LengthSpec(kind=kind, items=items, longest=longest)
    assert expansion.item_count(argument, lambda _: 2) == count
    assert expansion.item_count(argument, unknown) is None


def test_an_item_of_chained_lists_knows_its_list() -> None:
    assert [expansion.concat_part([2, 0, 1], index) for index in range(3)] == [(0, 0), (0, 1), (2, 0)]
    with pytest.raises(InvalidInput):
        expansion.concat_part([1], 1)


def test_more_items_than_allowed_are_refused() -> None:
    expansion.check_max_map_length(1024, 1024)
    with pytest.raises(InvalidInput, match="1025 > 1024"):
        expansion.check_max_map_length(1025, 1024)


def fan(rule: str = "all_success") -> DagSpec:
    """source → each (mapped over its result) → join."""
    return a_dag(
        a_task("source"),
        a_task("each", is_mapped=True, expand=over_xcom("source")),
        a_task("join", rule),
        edges="source>each>join",
    )


def test_a_task_is_expanded_over_its_suppliers_result() -> None:
    simulator = Simulator(fan(), Plan(lengths={("source", -1): 3}))
    simulator.run()
    assert sorted(simulator.states()) == ["each[0]", "each[1]", "each[2]", "join", "source"]


@pytest.mark.parametrize(
    ("rule", "join"), [("all_success", "skipped"), ("all_done", "success"), ("none_failed", "success")]
)
def test_an_empty_list_gives_one_skipped_instance_without_index(rule: str, join: str) -> None:
    simulator = Simulator(fan(rule), Plan(lengths={("source", -1): 0}))
    simulator.run()
    assert simulator.states() == {"source": "success", "each": "skipped", "join": join}
    assert simulator.state("each") == "skipped 0/0"


@pytest.mark.parametrize("rule", ["all_success", "all_done", "one_failed"])
def test_a_failed_supplier_gives_one_upstream_failed_instance_whatever_the_rule(rule: str) -> None:
    spec = a_dag(
        a_task("source"), a_task("each", rule, is_mapped=True, expand=over_xcom("source")), edges="source>each"
    )
    simulator = Simulator(spec, Plan({("source", -1): [Failed()]}))
    simulator.run()
    assert simulator.state("each") == "upstream_failed 0/0"


@pytest.mark.parametrize(
    ("rule", "join"),
    [
        ("none_failed", "upstream_failed"),
        ("all_failed", "skipped"),
        ("one_success", "success"),
        ("one_failed", "success"),
        ("all_done", "success"),
    ],
)
def test_rules_see_each_instance_of_a_mapped_upstream(rule: str, join: str) -> None:
    outcomes: dict[tuple[str, int], list[Outcome]] = {("each", 1): [Failed()], ("each", 2): [Skipped()]}
    simulator = Simulator(fan(rule), Plan(outcomes, lengths={("source", -1): 4}))
    simulator.run()
    assert simulator.states()["join"] == join


def test_a_consumer_of_partly_failed_instances_gets_the_results_there_are() -> None:
    spec = a_dag(
        a_task("each", is_mapped=True, expand=over_literal(3)),
        a_task("any", "all_done", is_mapped=True, expand=over_xcom("each")),
        a_task("strict", is_mapped=True, expand=over_xcom("each")),
        edges="each>any, each>strict",
    )
    simulator = Simulator(spec, Plan({("each", 1): [Failed()]}))
    simulator.run()
    states = simulator.states()
    assert (states["any[0]"], states["any[1]"], states["strict"]) == ("success", "success", "upstream_failed")
    assert "any[2]" not in states


def group(rule: str = "all_success", count: int = 2) -> DagSpec:
    """A mapped group a → b, and a task after it."""
    grouped = {"mapped_groups": ("g",), "is_mapped": True, "group_id": "g"}
    return a_dag(
        a_task("g.a", **grouped),
        a_task("g.b", rule, **grouped),
        a_task("after"),
        edges="g.a>g.b>after",
        groups=(GroupSpec(group_id=None), GroupSpec(group_id="g", expand=over_literal(count))),
    )


@pytest.mark.parametrize(
    ("outcome", "rule", "second", "after"),
    [
        (Skipped(), "all_success", "skipped", "skipped"),
        (Failed(), "all_success", "upstream_failed", "upstream_failed"),
        (Failed(), "all_done", "success", "success"),
    ],
    ids=["skipped", "failed", "all_done"],
)
def test_in_a_mapped_group_each_index_goes_its_own_way(outcome: Outcome, rule: str, second: str, after: str) -> None:
    simulator = Simulator(group(rule), Plan({("g.a", 1): [outcome]}))
    simulator.run()
    states = simulator.states()
    assert (states["g.b[0]"], states["g.b[1]"], states["after"]) == ("success", second, after)


def test_a_group_mapped_over_a_result_follows_each_index_too() -> None:
    """The second task is expanded before a verdict about all of the first one's instances can hit it."""
    spec = group()
    groups = (GroupSpec(group_id=None), GroupSpec(group_id="g", expand=over_xcom("source")))
    first = next(task for task in spec.tasks if task.task_id == "g.a")
    rest = [task for task in spec.tasks if task.task_id != "g.a"]
    source = replace(a_task("source"), downstream_task_ids=("g.a",))
    tasks = (source, replace(first, upstream_task_ids=("source",)), *rest)
    spec = replace(spec, groups=groups, tasks=tasks)
    simulator = Simulator(spec, Plan({("g.a", 0): [Failed()]}, lengths={("source", -1): 2}))
    simulator.run()
    states = simulator.states()
    assert (states["g.b[0]"], states["g.b[1]"]) == ("upstream_failed", "success")


def test_an_empty_mapped_group_is_skipped() -> None:
    simulator = Simulator(group(count=0))
    simulator.run()
    assert simulator.states() == {"g.a": "skipped", "g.b": "skipped", "after": "skipped"}


def test_retries_count_for_each_index_alone() -> None:
    spec = a_dag(a_task("each", is_mapped=True, retries=1, expand=over_literal(3)))
    simulator = Simulator(spec, Plan({("each", 1): [Failed()]}))
    simulator.run()
    assert [simulator.state("each", index) for index in range(3)] == ["success 1/1", "success 2/1", "success 1/1"]


def test_literal_lengths_multiply_with_a_groups() -> None:
    nested = a_dag(
        a_task("t", mapped_groups=("outer", "inner"), is_mapped=True),
        groups=(
            GroupSpec(group_id=None),
            GroupSpec(group_id="outer", expand=over_literal(2)),
            GroupSpec(group_id="inner", parent_id="outer", expand=over_literal(3)),
        ),
    )
    assert len(Simulator(nested).board.task_instances) == 6
    assert list(expansion.matching_indices(4, 6, 6, 2)) == [3, 4, 5]
    assert list(expansion.matching_indices(1, 2, 6, 2)) == [3, 4, 5]
    assert list(expansion.matching_indices(4, 6, 2, 2)) == [1]


@pytest.mark.parametrize(("then", "indices"), [(2, {0, 1}), (5, {0, 1, 2, 3, 4})])
def test_a_supplier_that_ran_again_revises_the_expansion(then: int, indices: set[int]) -> None:
    simulator = Simulator(fan(), Plan(lengths={("source", -1): 3}))
    simulator.run()
    simulator.plan.lengths[("source", -1)] = then
    rows = list(simulator.board.task_instances.values())
    simulator.board.update(run=replace(simulator.board.run, state=RunState.RUNNING))
    tasks = simulator.graph.tasks
    changes = [clearing.clear_change(simulator.key, row, tasks[row.task_id], simulator.now) for row in rows]
    simulator.commit(changes)
    assert simulator.run() is RunState.SUCCESS
    live = {
        key.map_index
        for key, row in simulator.board.task_instances.items()
        if key.task_id == "each" and row.state == "success"
    }
    assert live == indices
    if then == 2:
        assert simulator.board.state(TaskKey("each", 2)) == "removed"


def test_expand_kwargs_takes_one_list_of_dicts() -> None:
    spec = ExpandSpec(kind="list", arguments={"": LengthSpec(kind="xcom", task_id="s")})
    assert expansion.length(spec, lambda _: 4) == 4
    assert expansion.arguments(spec, 3, lambda _: 4) == {"": 3}
