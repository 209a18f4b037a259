"""DAG objects as specs: what the engine, storage and the API will see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pendulum
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from tradewind.model.errors import InvalidInput
from tradewind.model.spec import DagSpec, LengthSpec, TaskSpec
from tradewind.sdk.dag import DAG
from tradewind.sdk.edges import Label
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.params import Param
from tradewind.sdk.task_group import TaskGroup
from tradewind.serde.decode import decode
from tradewind.serde.encode import encode, in_topological_order, schedule_json, spec_bytes, to_spec
from tradewind.standard.branch import EmptyOperator

START = datetime(2024, 1, 1, tzinfo=UTC)


class Work(BaseOperator):
    template_fields = ("item", "other")

    def __init__(self, *, item: Any = None, other: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.item = item
        self.other = other


def a_dag(**arguments: Any) -> DAG:
    return DAG("d", **{"schedule": None, "start_date": START, **arguments})


def the_task(spec: DagSpec, task_id: str) -> TaskSpec:
    return next(task for task in spec.tasks if task.task_id == task_id)


def test_what_is_encoded_is_decoded() -> None:
    with a_dag(schedule="@daily", params={"x": Param(3, type="integer"), "must": Param(type="string")}) as dag:
        Work(task_id="a", retries=2, execution_timeout=timedelta(minutes=1)) >> Work(task_id="b")
        dag.timetable  # noqa: B018
    assert decode(encode(dag)) == to_spec(dag)


def test_names_limits_and_times_of_a_task() -> None:
    with a_dag() as dag:
        Work(
            task_id="a",
            retries=2,
            retry_delay=timedelta(seconds=7),
            execution_timeout=timedelta(minutes=1),
            pool="p",
            pool_slots=2,
            priority_weight=5,
            start_date=pendulum.datetime(2024, 3, 1, 12, tz="Europe/Amsterdam"),
            on_failure_callback=print,
        )
    task = the_task(to_spec(dag), "a")
    assert (task.retries, task.retry_delay, task.execution_timeout) == (2, 7.0, 60.0)
    assert (task.pool, task.pool_slots, task.priority_weight) == ("p", 2, 5)
    assert task.start_date == datetime(2024, 3, 1, 11, tzinfo=UTC)
    assert type(task.start_date) is datetime
    assert (task.has_on_failure_callback, task.has_on_success_callback) == (True, False)
    assert task.task_type == "Work"


def test_a_param_without_a_value_has_none_in_its_spec() -> None:
    spec = to_spec(a_dag(params={"x": Param(3, "of x", type="integer"), "must": Param(type="string")}))
    assert spec.params == {
        "x": {"value": 3, "description": "of x", "schema": {"type": "integer"}},
        "must": {"description": None, "schema": {"type": "string"}},
    }


def test_lengths_of_expansions() -> None:
    with a_dag() as dag:
        source = Work(task_id="source")
        Work.partial(task_id="literal").expand(item=[1, 2, 3], other={"a": 1})
        Work.partial(task_id="of_result").expand(item=source.output)
        Work.partial(task_id="mapped_result").expand(item=source.output.map(str))
        Work.partial(task_id="zipped").expand(item=source.output.zip(source.output, fillvalue=0))
        Work.partial(task_id="kwargs").expand_kwargs([{"item": 1}, {"item": 2}])
    spec = to_spec(dag)
    xcom = LengthSpec(kind="xcom", task_id="source")
    found = {task.task_id: task.expand for task in spec.tasks if task.expand}
    assert found["literal"].arguments == {
        "item": LengthSpec(kind="literal", length=3),
        "other": LengthSpec(kind="literal", length=1),
    }
    assert found["of_result"].arguments == {"item": xcom}
    assert found["mapped_result"].arguments == {"item": xcom}
    assert found["zipped"].arguments == {"item": LengthSpec(kind="zip", items=(xcom, xcom), longest=True)}
    assert (found["kwargs"].kind, found["kwargs"].arguments) == ("list", {"": LengthSpec(kind="literal", length=2)})
    assert the_task(spec, "of_result").static_fields["item"] is not None


def test_groups_labels_and_order() -> None:
    with a_dag() as dag:
        first = Work(task_id="first")
        with TaskGroup("outer", tooltip="tip") as outer, TaskGroup("inner"):
            last = Work(task_id="last")
        first >> Label("go") >> last
        assert outer.children
    spec = to_spec(dag)
    assert [(group.group_id, group.parent_id) for group in spec.groups] == [
        (None, None),
        ("outer", None),
        ("outer.inner", "outer"),
    ]
    assert spec.groups[0].children == (("first", "task"), ("outer", "group"))
    assert the_task(spec, "outer.inner.last").group_id == "outer.inner"
    assert spec.edge_labels == {"first": {"outer.inner.last": "go"}}


@pytest.mark.parametrize(("arguments", "is_empty"), [({}, True), ({"on_success_callback": print}, False)])
def test_an_empty_operator_without_callbacks_is_left_to_the_scheduler(arguments: Any, is_empty: bool) -> None:
    with a_dag() as dag:
        EmptyOperator(task_id="a", **arguments)
    task = the_task(to_spec(dag), "a")
    assert (task.is_empty, task.class_module) == (is_empty, "airflow.operators.empty")


@pytest.mark.parametrize(
    ("schedule", "shown"),
    [
        (None, None),
        ("@daily", {"__type": "CronExpression", "value": "@daily"}),
        (timedelta(days=1, seconds=2), {"__type": "TimeDelta", "days": 1, "microseconds": 0, "seconds": 2}),
    ],
)
def test_schedules_as_the_api_shows_them(schedule: Any, shown: Any) -> None:
    assert schedule_json(schedule) == shown


def test_a_relative_schedule_as_the_api_shows_it() -> None:
    shown = schedule_json(relativedelta(months=1, day=5))
    assert (shown["__type"], shown["months"], shown["day"], shown["hour"], len(shown)) == (
        *("RelativeDelta", 1, 5, None),
        16,
    )


def test_dates_of_default_args_are_the_dags() -> None:
    with DAG("d", schedule="@daily", default_args={"start_date": START, "end_date": datetime(2024, 2, 1)}) as dag:  # noqa: DTZ001
        Work(task_id="a")
    spec = to_spec(dag)
    assert (spec.start_date, spec.end_date) == (START, datetime(2024, 2, 1, tzinfo=UTC))


def test_a_newer_format_and_other_data_are_refused_with_a_sentence() -> None:
    newer = spec_bytes(DagSpec(dag_id="d", fileloc="/f", format=99))
    with pytest.raises(InvalidInput, match="has format 99, this program reads up to 1"):
        decode(newer)
    for data in (b"{}", b"[", b"null"):
        with pytest.raises(InvalidInput, match="not a serialised DAG"):
            decode(data)


edges = st.integers(2, 12).flatmap(
    lambda size: st.tuples(
        st.permutations(range(size)),
        st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] < pair[1])),
    )
)


@given(edges)
def test_tasks_come_after_those_before_them_and_the_bytes_depend_on_the_graph_alone(
    graph: tuple[list[int], set[tuple[int, int]]],
) -> None:
    order, pairs = graph

    def build(pairs: list[tuple[int, int]]) -> DAG:
        with a_dag(tags=["b", "a"]) as dag:
            tasks = {n: Work(task_id=f"t{n}", item={"x", "y", n}) for n in order}
            for before, after in pairs:
                tasks[before] >> tasks[after]
        return dag

    dag = build(sorted(pairs))
    position = {task.task_id: index for index, task in enumerate(in_topological_order(dag))}
    assert all(position[f"t{before}"] < position[f"t{after}"] for before, after in pairs)
    assert encode(dag) == encode(build(sorted(pairs, reverse=True)))
    assert msgspec.json.decode(encode(dag))["dag_id"] == "d"
