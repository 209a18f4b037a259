"""The context's names, ``ti``, XCom and dag_run; values as recorded from Airflow 2.10.5."""

from __future__ import annotations

import threading
import warnings
from datetime import UTC, datetime
from typing import Any

import pendulum
import pytest

from tradewind.sdk.context import AirflowContextDeprecationWarning, current_context, get_current_context
from tradewind.sdk.context_keys import CONTEXT_KEYS, DEPRECATED_KEYS
from tradewind.sdk.exceptions import AirflowException, AirflowNotFoundException, XComNotFound
from tradewind.sdk.lookups import Variable
from tradewind.sdk.operator import BaseOperator
from tradewind.sdk.runtime import RUNTIME, install
from tradewind.sdk.xcom import XCom


class E(BaseOperator):
    pass


@pytest.fixture
def make_context(new_dag, context_for, runtime) -> Any:
    def make(*, schedule: Any = None, **more: Any) -> Any:
        with new_dag(schedule=schedule):
            task = E(task_id="t")
        return context_for(task, **more)

    return make


def test_all_names_are_there(make_context):
    context = make_context()
    assert set(context) == CONTEXT_KEYS | set(DEPRECATED_KEYS)


def test_dates_are_pendulums(make_context):
    context = make_context()
    for name in ("logical_date", "data_interval_start", "data_interval_end"):
        assert isinstance(context[name], pendulum.DateTime)
    assert context["dag_run"].logical_date == datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC)


def test_old_names_warn_and_of_a_manual_run_are_its_date(make_context):
    context = make_context(schedule="@daily")
    with pytest.warns(AirflowContextDeprecationWarning, match="Accessing 'prev_ds' from the template is deprecated"):
        assert context["prev_ds"] == "2024-03-05"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert context["next_ds"] == "2024-03-05"
        assert context["yesterday_ds"] == "2024-03-04"
        assert context["tomorrow_ds_nodash"] == "20240306"
        assert context["execution_date"] == context["logical_date"]


def test_of_a_scheduled_run_they_are_the_neighbours(make_context):
    context = make_context(
        schedule="@daily",
        run_type="scheduled",
        external_trigger=False,
        logical_date=datetime(2024, 3, 4, tzinfo=UTC),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert (context["prev_ds"], context["next_ds"]) == ("2024-03-03", "2024-03-05")


def test_without_an_earlier_success_its_names_are_none(make_context, runtime, run_of):
    assert make_context()["prev_data_interval_start_success"] is None
    runtime.previous = run_of(run_id="before")
    assert make_context()["prev_data_interval_start_success"] == datetime(2024, 3, 4, tzinfo=UTC)


def test_unpacking_the_context_warns_only_when_an_old_name_is_used(make_context):
    def take(ds: str, ti: Any, **more: Any) -> Any:
        return ds, ti.task_id, more["execution_date"]

    context = make_context()
    ds, task_id, old = take(**context.lazy_dict())
    assert (ds, task_id) == ("2024-03-05", "t")
    with pytest.warns(AirflowContextDeprecationWarning):
        assert old.year == 2024


def test_a_name_that_is_set_is_new(make_context):
    context = make_context()
    context["next_ds"] = "mine"
    context["my_variable"] = 1
    assert (context["next_ds"], context["my_variable"]) == ("mine", 1)


def test_get_current_context_works_in_threads_too(make_context):
    with pytest.raises(AirflowException, match="no context was found"):
        get_current_context()
    context = make_context()
    seen = []
    with current_context(context):
        assert get_current_context() is context
        thread = threading.Thread(target=lambda: seen.append(get_current_context()["ti"].xcom_pull("a")))
        thread.start()
        thread.join()
    assert seen == [None]


def test_variables_and_connections_of_templates(make_context, runtime):
    runtime.variables.update(plain="1", shaped='{"a": [1]}')
    context = make_context()
    assert context["var"]["value"].plain == "1"
    assert context["var"]["json"].shaped == {"a": [1]}
    with pytest.raises(KeyError, match="Variable nope does not exist"):
        _ = context["var"]["value"].nope
    with pytest.raises(AirflowNotFoundException, match="The conn_id `nope` isn't defined"):
        _ = context["conn"].nope
    assert context["conn"].get("nope", "d") == "d"


def test_pulling(make_context, runtime):
    ti = make_context()["ti"]
    runtime.store("a", 5)
    for index, value in enumerate((10, 20, 30)):
        runtime.store("m", value, map_index=index)
    runtime.store("a", "v2", key="k2")
    assert ti.xcom_pull("a") == 5
    assert list(ti.xcom_pull(["a"])) == [5]
    assert list(ti.xcom_pull("m")) == [10, 20, 30]
    assert ti.xcom_pull("m", map_indexes=1) == 20
    assert list(ti.xcom_pull("m", map_indexes=[0, 2])) == [10, 30]
    assert list(ti.xcom_pull(["m", "a"])) == [10, 20, 30, 5]
    assert ti.xcom_pull(key="k2") == "v2"
    assert ti.xcom_pull() == 5  # of any task: the first that comes, alone when its task is not mapped
    for missing in (
        ti.xcom_pull("zz"),
        ti.xcom_pull(key="kx"),
        ti.xcom_pull("a", dag_id="nope"),
        ti.xcom_pull("a", map_indexes=0),
    ):
        assert missing is None
    assert list(ti.xcom_pull(["zz"])) == []
    assert ti.xcom_pull("zz", default=3) == 3


def test_the_lazy_sequence_is_a_sequence(make_context, runtime):
    ti = make_context()["ti"]
    for index in range(150):
        runtime.store("m", index, map_index=index)
    many = ti.xcom_pull("m")
    assert str(many) == "LazySelectSequence([150 items])"
    assert (len(many), many[0], many[-1], many[149], many[1:3]) == (150, 0, 149, 149, [1, 2])
    assert 120 in many
    assert 500 not in many
    assert many == list(range(150))
    assert not ti.xcom_pull(["zz"])
    with pytest.raises(IndexError):
        many[150]
    runtime.store("a", 1)
    assert str(ti.xcom_pull(["a"])) == "LazySelectSequence([1 item])"


def test_pushing(make_context, runtime):
    make_context()["ti"].xcom_push("k", {"a": (1, 2)})
    assert ("t", -1, "k") in runtime.xcoms
    XCom.set(key="q", value=1, task_id="other", dag_id="d", run_id="r")
    assert XCom.get_one(key="q", task_id="other", dag_id="d", run_id="r") == 1
    assert [found.value for found in XCom.get_many(key="q", dag_ids="d", run_id="r")] == [1]
    assert XCom.get_one(key="nope", dag_id="d", run_id="r") is None


def test_a_missing_part_of_a_result_is_an_error(new_dag, context_for, runtime):
    with new_dag():
        a, t = E(task_id="a"), E(task_id="t")
    with pytest.raises(XComNotFound, match='XComArg result from a at d with key="k" is not found!'):
        a.output["k"].resolve(context_for(t))
    assert a.output.resolve(context_for(t)) is None


def test_addresses_and_keys(make_context):
    ti = make_context()["ti"]
    assert ti.log_url == (
        "http://localhost:8080/dags/d/grid?dag_run_id=r&task_id=t&base_date=2024-03-05T06%3A07%3A08%2B0000&tab=logs"
    )
    assert ti.mark_success_url == (
        "http://localhost:8080/confirm?task_id=t&dag_id=d&dag_run_id=r&upstream=false&downstream=false&state=success"
    )
    assert tuple(ti.key) == ("d", "t", "r", 1, -1)
    assert repr(ti) == "<TaskInstance: d.t r [running]>"
    assert (ti.operator, ti.state, ti.pool, ti.next_try_number, ti.is_premature) == (
        "E",
        "running",
        "default_pool",
        2,
        False,
    )


def test_other_instances_of_the_run(make_context, runtime):
    runtime.task_states = {"t": "running", "a": "success", "m_0": "failed"}
    run = make_context()["dag_run"]
    assert run.get_task_instance("a").state == "success"
    assert run.get_task_instance("zz") is None
    assert len(run.get_task_instances()) == 3
    assert [ti.task_id for ti in run.get_task_instances(state=["success"])] == ["a"]


def test_earlier_runs(make_context, runtime, run_of):
    ti = make_context()["ti"]
    assert (ti.get_previous_dagrun(), ti.get_previous_ti(), ti.get_previous_execution_date()) == (None, None, None)
    runtime.previous = run_of(run_id="before")
    assert ti.get_previous_dagrun().run_id == "before"


def test_states_are_not_for_user_code(make_context):
    with pytest.raises(PermissionError, match="raise AirflowSkipException or AirflowFailException instead"):
        make_context()["ti"].set_state("success")


def test_threads_of_a_task_reach_the_runtime(make_context, runtime):
    install(None)
    token = RUNTIME.set(runtime)
    seen: list[str] = []
    runtime.variables["v"] = "x"
    with current_context(make_context()):
        thread = threading.Thread(target=lambda: seen.append(Variable.get("v")))
        thread.start()
        thread.join()
    RUNTIME.reset(token)
    assert seen == ["x"]
