"""DAG and operators: arguments, defaults, errors; texts as a real Airflow 2.10.5 gives them."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pendulum
import pytest

from tradewind.sdk.dag import DAG, dag
from tradewind.sdk.exceptions import (
    AirflowDagCycleException,
    AirflowException,
    AirflowTimetableInvalid,
    DuplicateTaskIdFound,
    FailStopDagInvalidTriggerRule,
    TaskNotFound,
)
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.params import Param
from tradewind.sdk.task_group import TaskGroup

START = datetime(2024, 1, 1, tzinfo=UTC)


class Empty(BaseOperator):
    def execute(self, context: Any) -> None:
        return None


class Shell(BaseOperator):
    template_fields = ("command", "env")

    def __init__(self, *, command: str, env: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.command = command
        self.env = env


class Child(Shell):
    def __init__(self, *, extra: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.extra = extra


def test_tasks_in_the_block_belong_to_the_dag(new_dag):
    with new_dag() as d:
        a = Empty(task_id="a")
    assert d.tasks == [a]
    assert a.dag is d
    assert a.dag_id == "d"


def test_default_args_reach_every_class_of_an_operator(new_dag):
    with new_dag(default_args={"retries": 3, "command": "x", "extra": 7, "nobody": 1}):
        task = Child(task_id="a")
    assert (task.retries, task.command, task.extra) == (3, "x", 7)


def test_nearer_default_args_win(new_dag):
    with new_dag(default_args={"retries": 3, "owner": "me"}), TaskGroup("g", default_args={"retries": 4}):
        task = Empty(task_id="a", default_args={"owner": "z"})
    assert (task.retries, task.owner) == (4, "z")


def test_start_date_in_default_args_is_enough_for_a_schedule():
    with DAG("d", schedule="@daily", default_args={"start_date": datetime(2024, 1, 1, tzinfo=UTC)}) as d:
        task = Empty(task_id="a")
    assert task.start_date == START
    assert d.start_date is None


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (Empty, TypeError, "missing 1 required positional argument: 'task_id'"),
        (lambda: Empty("a"), AirflowException, "Use keyword arguments when initializing operators"),
        (lambda: Shell(task_id="a"), AirflowException, "missing keyword argument 'command'"),
        (
            lambda: Empty(task_id="a", foo=1, bar=2),
            AirflowException,
            "Invalid arguments were passed to Empty (task_id: a). Invalid arguments were:\n"
            "**kwargs: {'foo': 1, 'bar': 2}",
        ),
        (
            lambda: Empty(task_id="a b"),
            AirflowException,
            "The key 'a b' has to be made of alphanumeric characters, dashes, dots and underscores exclusively",
        ),
        (lambda: Empty(task_id=3), TypeError, "The key has to be a string and is <class 'int'>:3"),
        (lambda: Empty(task_id="a" * 251), AirflowException, "The key has to be less than 250 characters"),
        (lambda: Empty(task_id="a", trigger_rule="foo"), AirflowException, "The trigger_rule must be one of"),
        (lambda: Empty(task_id="a", weight_rule="heavy"), AirflowException, "Unknown priority strategy heavy"),
        (
            lambda: Empty(task_id="a", priority_weight="x"),
            AirflowException,
            "`priority_weight` for task 'a' only accepts integers, received '<class 'str'>'.",
        ),
        (lambda: Empty(task_id="a", pool_slots=0), ValueError, "pool slots for a cannot be less than 1"),
        (
            lambda: Empty(task_id="a", execution_timeout=3),
            ValueError,
            "execution_timeout must be timedelta object but passed as type: <class 'int'>",
        ),
        (lambda: Empty(task_id="a", retries="x"), AirflowException, "'retries' type must be int, not str"),
    ],
)
def test_wrong_operator_arguments_are_refused(make, kind, text):
    with pytest.raises(kind) as caught:
        make()
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"dag_id": "d d"}, AirflowException, "The key 'd d' has to be made of"),
        ({"schedule": 3}, ValueError, "3 is not a valid schedule_interval."),
        ({"schedule": "* * *"}, AirflowTimetableInvalid, ""),
        ({"schedule": ["x", 1]}, ValueError, "All elements in 'schedule' should be datasets or dataset aliases"),
        ({"schedule": "@continuous"}, AirflowException, "requires max_active_runs <= 1"),
        (
            {"default_view": "x"},
            AirflowException,
            "Invalid values of dag.default_view: only support ['grid', 'graph', 'duration', 'gantt', 'landing_times'], "
            "but get x",
        ),
        (
            {"orientation": "x"},
            AirflowException,
            "Invalid values of dag.orientation: only support ['LR', 'TB', 'RL', 'BT'], but get x",
        ),
        ({"tags": ["x" * 101]}, AirflowException, "tag cannot be longer than 100 characters"),
        ({"owner_links": {"a": "b"}}, AirflowException, "Bad formatted links are: {'a': 'b'}"),
        (
            {"dagrun_timeout": 3},
            TypeError,
            "'dagrun_timeout' has an invalid type <class 'int'> with value 3, expected type is "
            "<class 'datetime.timedelta'>",
        ),
        ({"catchup": "x"}, TypeError, "'catchup' has an invalid type <class 'str'> with value x"),
    ],
)
def test_wrong_dag_arguments_are_refused(new_dag, arguments, kind, text):
    with pytest.raises(kind) as caught:
        new_dag(**arguments)
    assert text in str(caught.value)


def test_a_scheduled_dag_needs_a_start_date():
    with pytest.raises(ValueError, match="DAG is missing the start_date parameter"), DAG("d", schedule="@daily"):
        Empty(task_id="a")


def test_a_dag_without_schedule_needs_none():
    with DAG("d", schedule=None) as d:
        Empty(task_id="a")
    assert d.task_ids == ["a"]


def test_a_task_id_is_taken_once(new_dag):
    with new_dag(), pytest.raises(DuplicateTaskIdFound, match="Task id 'a' has already been added to the DAG"):
        Empty(task_id="a")
        Empty(task_id="a")


def test_an_unknown_task_is_named(new_dag):
    with pytest.raises(TaskNotFound, match="Task x not found"):
        new_dag().get_task("x")


def test_a_circle_is_found(new_dag):
    with new_dag() as d:
        a, b = Empty(task_id="a"), Empty(task_id="b")
        a >> b >> a
    with pytest.raises(AirflowDagCycleException, match=r"Cycle detected in DAG: d. Faulty task: b"):
        d.validate()


def test_fail_stop_takes_only_all_success(new_dag):
    with pytest.raises(FailStopDagInvalidTriggerRule, match="A 'fail-stop' dag can only have all_success trigger rule"):
        Empty(task_id="a", trigger_rule="always", dag=new_dag(fail_stop=True))


def test_a_schedule_needs_valid_params(new_dag):
    wrong = new_dag(schedule="@daily", params={"a": Param(type="string")})
    with pytest.raises(AirflowException, match="DAG is not allowed to define a Schedule"):
        wrong.validate()
    new_dag(params={"a": Param(type="string")}).validate()


def test_the_dag_of_a_task_cannot_be_changed(new_dag):
    task = Empty(task_id="a", dag=new_dag())
    with pytest.raises(AirflowException, match="can not be changed"):
        task.dag = new_dag(dag_id="e")


def test_a_task_without_dag_says_so():
    task = Empty(task_id="a")
    assert task.dag_id == "adhoc_airflow"
    with pytest.raises(AirflowException, match=r"Operator <Task\(Empty\): a> has not been assigned to a DAG yet"):
        _ = task.dag


@pytest.mark.parametrize(
    ("schedule", "interval", "timetable", "summary"),
    [
        (None, None, "NullTimetable", "None"),
        ("@once", "@once", "OnceTimetable", "@once"),
        ("@daily", "@daily", "CronDataIntervalTimetable", "0 0 * * *"),
        (timedelta(days=1), timedelta(days=1), "DeltaDataIntervalTimetable", "1 day, 0:00:00"),
    ],
)
def test_the_schedule_becomes_a_timetable(new_dag, schedule, interval, timetable, summary):
    d = new_dag(schedule=schedule)
    assert (d.schedule_interval, type(d.timetable).__name__, d.timetable.summary) == (interval, timetable, summary)


def test_without_schedule_argument_a_dag_runs_daily():
    assert DAG("d", start_date=START).schedule_interval == timedelta(days=1)


def test_params_merge_with_the_nearest_winning(new_dag):
    with new_dag(params={"a": 1, "b": Param(3)}, default_args={"params": {"c": 3}}) as d:
        task = Empty(task_id="a", params={"a": 2})
    assert task.params.dump() == {"a": 2, "b": 3, "c": 3}
    assert d.params.dump() == {"a": 1, "b": 3, "c": 3}
    assert d.default_args == {}


def test_numbers_are_seconds(new_dag):
    task = Empty(task_id="a", retry_delay=3, max_retry_delay=4.5)
    assert (task.retry_delay, task.max_retry_delay) == (timedelta(seconds=3), timedelta(seconds=4.5))


def test_the_file_of_a_dag_is_the_callers(new_dag):
    assert DAG("d", schedule=None).fileloc == __file__


def test_a_doc_md_file_is_read(tmp_path, new_dag):
    page = tmp_path / "page.md"
    page.write_text("# Hello")
    assert new_dag(doc_md=str(page)).doc_md == "# Hello"
    assert new_dag(doc_md="missing.md").doc_md == "missing.md"


def test_a_subset_holds_matches_and_relatives(new_dag):
    with new_dag() as d:
        a, b, c = (Empty(task_id=name) for name in "abc")
        a >> b >> c
    assert d.partial_subset("b", include_upstream=False).task_ids == ["b"]
    assert d.partial_subset("b").task_ids == ["b", "a"]
    assert d.partial_subset(["b"], include_downstream=True, include_upstream=False).task_ids == ["b", "c"]
    reduced = d.partial_subset("b")
    assert reduced.get_task("b").downstream_task_ids == set()
    assert reduced.get_task("b").dag is reduced
    assert d.get_task("b").downstream_task_ids == {"c"}


def test_a_decorated_function_makes_dags_with_params():
    @dag(schedule=None, start_date=START)
    def mine(p=3, q="x"):
        """Does it."""
        Shell(task_id="a", command=p)

    made = mine()
    assert (made.dag_id, made.params.dump(), made.doc_md) == ("mine", {"p": 3, "q": "x"}, "Does it.")
    assert mine(p=9).params.dump() == {"p": 9, "q": "x"}
    assert made.fileloc == __file__


def test_a_decorated_function_checks_its_arguments():
    @dag(start_date=START)
    def mine(p):
        Empty(task_id="a")

    with pytest.raises(TypeError, match="missing a required argument: 'p'"):
        mine()


def test_weights_count_the_neighbours_as_the_rule_says(new_dag):
    # a >> [b, c] >> d >> e with own weights 1 to 5, as recorded from Airflow.
    expected = {"downstream": [15, 11, 12, 9, 5], "upstream": [1, 3, 4, 10, 15], "absolute": [1, 2, 3, 4, 5]}
    for rule, totals in expected.items():
        with new_dag():
            a, b, c, d, e = (
                Empty(task_id=name, priority_weight=number + 1, weight_rule=rule) for number, name in enumerate("abcde")
            )
            a >> [b, c] >> d >> e
        assert [task.priority_weight_total for task in (a, b, c, d, e)] == totals


def test_a_task_can_be_copied_for_execution(new_dag):
    with new_dag():
        task = Shell(task_id="a", command="x")
    twin = task.prepare_for_execution()
    twin.command = "y"
    assert task.command == "x"
    assert twin == task


def test_the_compat_level_decides_catchup_and_schedule(runtime):
    assert DAG("d", start_date=START).catchup is True
    runtime.config[("tradewind", "compat_level")] = 3
    modern = DAG("d", start_date=START)
    assert (modern.catchup, modern.schedule_interval) == (False, None)


def test_exceptions_survive_pickling():
    for error in (AirflowException("x"), DuplicateTaskIdFound("y")):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_dag_answers_for_its_schedule(new_dag):
    d = new_dag(schedule="@daily", end_date=datetime(2024, 1, 4, tzinfo=UTC))
    day = datetime(2024, 1, 2, tzinfo=UTC)
    assert d.following_schedule(day) == datetime(2024, 1, 3, tzinfo=UTC)
    assert d.previous_schedule(day) == datetime(2024, 1, 1, tzinfo=UTC)
    assert d.infer_automated_data_interval(day) == (day, datetime(2024, 1, 3, tzinfo=UTC))
    assert d.next_dagrun_info(None).logical_date == START
    assert [date.day for date in d.get_run_dates(START, datetime(2024, 1, 3, tzinfo=UTC))] == [1, 2, 3]
    assert d.is_paused is None


def test_importing_the_dag_stays_light():
    code = (
        "import sys, tradewind.sdk.dag, tradewind.sdk.operator\n"
        "heavy = {'jinja2', 'pendulum', 'jsonschema', 'msgspec', 'croniter', 'dateutil', 'sqlalchemy', 'yaml'}\n"
        "found = sorted(heavy & sys.modules.keys())\n"
        "ours = [name for name in sys.modules if name.startswith('tradewind')]\n"
        "assert not found, found\n"
        "assert len(ours) < 60, ours\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": os.pathsep.join(sys.path)})


def test_a_dag_can_be_copied_whole(new_dag):
    with new_dag() as d:
        with TaskGroup("g") as g:
            a = Shell(task_id="a", command=["x"])
        g >> Empty(task_id="b")
    twin = copy.deepcopy(d)
    assert twin.task_ids == d.task_ids
    copied = twin.get_task("g.a")
    assert copied is not a
    assert copied.dag is twin
    assert copied.task_group is twin.task_group_dict["g"]
    assert copied.task_group.dag is twin
    copied.command.append("y")
    assert a.command == ["x"]
    alone = copy.deepcopy(a)
    assert alone.dag is d


@pytest.mark.parametrize(
    "zone", [ZoneInfo("Europe/Amsterdam"), pendulum.timezone("Europe/Amsterdam"), timezone(timedelta(hours=1))]
)
def test_the_zone_of_the_start_date_is_the_schedules(zone):
    d = DAG("d", schedule="0 6 * * *", start_date=datetime(2024, 1, 1, tzinfo=zone))
    assert d.next_dagrun_info(None).logical_date == datetime(2024, 1, 1, 5, tzinfo=UTC)


def test_dates_are_kept_in_utc(new_dag):
    amsterdam = datetime(2024, 3, 1, tzinfo=ZoneInfo("Europe/Amsterdam"))
    with new_dag(start_date=amsterdam) as d:
        task = Empty(task_id="a", end_date=amsterdam)
    expected = "2024-02-29 23:00:00+00:00"
    assert (str(d.start_date), str(task.start_date), str(task.end_date)) == (expected, expected, expected)
    assert str(d.timezone) == "Europe/Amsterdam"
