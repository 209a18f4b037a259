"""Who gets a slot: priorities, pools, limits."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from unit.engine.simulator import START

from tradewind.engine.queueing import ActiveCounts, Candidate, PoolSlots, Selection, select
from tradewind.model.records import TaskInstance
from tradewind.model.states import TaskState


def a_candidate(task_id: str = "t", *, weight: int = 1, run: int = 0, index: int = -1, **values: object) -> Candidate:
    """A scheduled task instance; pool and slots by keyword, everything else are limits."""
    row_values = {name: values.pop(name) for name in ("pool", "pool_slots", "dag_id") if name in values}
    row = TaskInstance(
        **{"dag_id": "d", **row_values},  # type: ignore[arg-type]
        run_id=f"r{run}",
        task_id=task_id,
        map_index=index,
        priority_weight=weight,
        state=TaskState.SCHEDULED,
    )
    return Candidate(row=row, logical_date=START + timedelta(days=run), **values)  # type: ignore[arg-type]


def chosen(candidates: list[Candidate], *, slots: int = 100, **pools: PoolSlots) -> list[str]:
    """Ids chosen, in order."""
    return [candidate.row.task_id for candidate in pick(candidates, slots=slots, **pools).chosen]


def pick(candidates: list[Candidate], *, slots: int = 100, **pools: PoolSlots) -> Selection:
    """A selection with nothing active."""
    pools.setdefault("default_pool", PoolSlots(128, 128))
    return select(candidates, pools=pools, active=ActiveCounts(), free_slots=slots)


def test_a_pool_of_one_slot_starts_by_falling_weight() -> None:
    waiting = [a_candidate(str(weight), weight=weight, pool="one") for weight in (10, 50, 1, 30, 20)]
    order = []
    while waiting:
        (first,) = pick(waiting, one=PoolSlots(1, 1)).chosen
        order.append(first.row.task_id)
        waiting.remove(first)
    assert order == ["50", "30", "20", "10", "1"]


def test_equal_weights_go_by_date_then_index() -> None:
    candidates = [a_candidate("late", run=1), a_candidate("b", index=1), a_candidate("b", index=0)]
    rows = [candidate.row for candidate in pick(candidates).chosen]
    assert [(row.task_id, row.map_index) for row in rows] == [("b", 0), ("b", 1), ("late", -1)]


def test_two_that_need_two_of_three_slots_never_run_together() -> None:
    selection = pick(
        [a_candidate("a", pool="p", pool_slots=2), a_candidate("b", pool="p", pool_slots=2)], p=PoolSlots(3, 3)
    )
    assert [candidate.row.task_id for candidate in selection.chosen] == ["a"]
    assert selection.starved_tasks == {("d", "b")}
    assert selection.reasons[("d", "r0", "b", -1)] == "Pool 'p' has 1 of 3 slots free; task 'b' needs 2."


def test_a_smaller_task_behind_a_large_one_takes_the_room_that_is_left() -> None:
    large, small = a_candidate("large", weight=9, pool="p", pool_slots=2), a_candidate("small", pool="p")
    assert chosen([large, small], p=PoolSlots(3, 1)) == ["small"]


def test_an_unknown_pool_and_one_that_is_too_small_keep_waiting() -> None:
    selection = pick([a_candidate("a", pool="nope"), a_candidate("b", pool="p", pool_slots=3)], p=PoolSlots(2, 2))
    assert selection.chosen == ()
    assert selection.starved_pools == {"nope"}
    assert selection.starved_tasks == {("d", "b")}


def test_a_pool_of_minus_one_is_unlimited() -> None:
    assert len(chosen([a_candidate(str(n), pool="p", pool_slots=9) for n in range(9)], p=PoolSlots(-1, -1))) == 9


def test_max_active_tasks_counts_over_all_runs_of_the_dag() -> None:
    candidates = [a_candidate("a", run=0, max_active_tasks=2), a_candidate("b", run=1, max_active_tasks=2)]
    selection = select(
        candidates, pools={"default_pool": PoolSlots(9, 9)}, active=ActiveCounts(by_dag={"d": 1}), free_slots=9
    )
    assert [candidate.row.task_id for candidate in selection.chosen] == ["a"]
    assert selection.starved_dags == {"d"}


def test_max_active_tis_per_dag_counts_over_runs_in_order_of_dates() -> None:
    candidates = [a_candidate(run=run, max_active_tis_per_dag=1) for run in (2, 0, 1)]
    assert [candidate.row.run_id for candidate in pick(candidates).chosen] == ["r0"]


def test_max_active_tis_per_dagrun_counts_in_each_run() -> None:
    candidates = [a_candidate(run=run, index=index, max_active_tis_per_dagrun=1) for run in (0, 1) for index in (0, 1)]
    rows = [candidate.row for candidate in pick(candidates).chosen]
    assert [(row.run_id, row.map_index) for row in rows] == [("r0", 0), ("r1", 0)]


def test_free_slots_bound_everything() -> None:
    assert chosen([a_candidate(str(n)) for n in range(5)], slots=2) == ["0", "1"]
    assert chosen([a_candidate()], slots=0) == []


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(0, 2), st.sampled_from("ab")), max_size=30),
    st.integers(0, 6),
    st.integers(0, 10),
)
def test_no_limit_is_ever_exceeded(tasks: list[tuple[int, int, int, str]], open_slots: int, free: int) -> None:
    candidates = [
        a_candidate(f"t{n}", weight=weight, pool="p", pool_slots=slots, run=run, dag_id=dag, max_active_tasks=3)
        for n, (weight, slots, run, dag) in enumerate(tasks)
    ]
    rows = [candidate.row for candidate in pick(candidates, slots=free, p=PoolSlots(6, open_slots)).chosen]
    assert sum(row.pool_slots for row in rows) <= open_slots
    assert len(rows) <= free
    assert all(sum(row.dag_id == dag for row in rows) <= 3 for dag in "ab")
