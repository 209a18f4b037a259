"""The official Python client of Airflow 2.10 does the main job against our server, unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from acceptance.live_server import LiveServer, live_server

client = pytest.importorskip("airflow_client.client")
from airflow_client.client.api import (  # noqa: E402  # only when it is installed
    config_api,
    connection_api,
    dag_api,
    dag_run_api,
    event_log_api,
    import_error_api,
    monitoring_api,
    pool_api,
    task_instance_api,
    variable_api,
    x_com_api,
)
from airflow_client.client.model.clear_dag_run import ClearDagRun  # noqa: E402
from airflow_client.client.model.clear_task_instances import ClearTaskInstances  # noqa: E402
from airflow_client.client.model.connection import Connection  # noqa: E402
from airflow_client.client.model.dag import DAG  # noqa: E402
from airflow_client.client.model.dag_run import DAGRun  # noqa: E402
from airflow_client.client.model.list_dag_runs_form import ListDagRunsForm  # noqa: E402
from airflow_client.client.model.list_task_instance_form import ListTaskInstanceForm  # noqa: E402
from airflow_client.client.model.pool import Pool  # noqa: E402
from airflow_client.client.model.set_dag_run_note import SetDagRunNote  # noqa: E402
from airflow_client.client.model.task_state import TaskState  # noqa: E402
from airflow_client.client.model.update_dag_run_state import UpdateDagRunState  # noqa: E402
from airflow_client.client.model.update_task_instances_state import UpdateTaskInstancesState  # noqa: E402
from airflow_client.client.model.update_task_state import UpdateTaskState  # noqa: E402
from airflow_client.client.model.variable import Variable  # noqa: E402

DAGS = """
import pendulum

from airflow import DAG
from airflow.decorators import task
from airflow.operators.bash import BashOperator

with DAG("hello", start_date=pendulum.datetime(2024, 1, 1), schedule="@daily", catchup=False, tags=["t"]) as dag:

    @task
    def greet(dag_run=None):
        print("hello", dag_run.conf["name"])
        return {"name": dag_run.conf["name"]}

    @task
    def square(x):
        return x * x

    greet() >> square.expand(x=[1, 2, 3]) >> BashOperator(task_id="say", bash_command="echo said")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with live_server(tmp_path_factory.mktemp("home")) as server:
        server.put_dag("hello.py", DAGS)
        server.wait_for_dag("hello")
        yield server


@pytest.fixture(scope="module")
def api(server: LiveServer) -> Iterator[Any]:
    configuration = client.Configuration(
        host=f"http://127.0.0.1:{server.port}/api/v1", username=server.username, password=server.password
    )
    with client.ApiClient(configuration) as api:
        yield api


@pytest.fixture(scope="module")
def run(server: LiveServer, api: Any) -> Any:
    """A run that was unpaused, triggered and followed with the client."""
    answer = dag_api.DAGApi(api).patch_dag("hello", DAG(is_paused=False), update_mask=["is_paused"])
    assert answer.is_paused is False
    runs = dag_run_api.DAGRunApi(api)
    made = runs.post_dag_run("hello", DAGRun(dag_run_id="r1", conf={"name": "Ada"}))
    assert (made.dag_run_id, made.conf, str(made.state)) == ("r1", {"name": "Ada"}, "queued")
    return server.wait_until(
        lambda: (found := runs.get_dag_run("hello", "r1")) and str(found.state) == "success" and found, "r1 succeeds"
    )


def test_dags_are_listed_shown_and_described(api: Any, run: Any) -> None:
    dags = dag_api.DAGApi(api)
    page = dags.get_dags(tags=["t"], limit=10, order_by="-dag_id")
    assert page.total_entries == 1
    (dag,) = page.dags
    assert (dag.dag_id, dag.is_active, dag.owners, [tag.name for tag in dag.tags]) == (
        "hello",
        True,
        ["airflow"],
        ["t"],
    )
    assert dags.get_dag("hello").timetable_description == "At 00:00"
    details = dags.get_dag_details("hello")
    assert (details.timezone, details.catchup, details.concurrency) == ("UTC", False, 16)
    tasks = dags.get_tasks("hello")
    assert {task.task_id: task.is_mapped for task in tasks.tasks} == {"greet": False, "square": True, "say": False}
    assert dags.get_task("hello", "greet").class_ref.class_name == "_PythonDecoratedOperator"
    source = dags.get_dag_source(dag.file_token)
    assert "def greet" in source.content


def test_the_run_is_found_in_lists(api: Any, run: Any) -> None:
    runs = dag_run_api.DAGRunApi(api)
    assert runs.get_dag_runs("hello", state=["success"], order_by="-execution_date").total_entries >= 1
    batch = runs.get_dag_runs_batch(ListDagRunsForm(dag_ids=["hello"], states=["success"]))
    assert "r1" in [found.dag_run_id for found in batch.dag_runs]
    assert run.run_type == "manual"
    assert isinstance(run.logical_date, datetime)
    assert runs.set_dag_run_note("hello", "r1", SetDagRunNote(note="seen")).note == "seen"


def test_its_task_instances_are_read(api: Any, run: Any) -> None:
    instances = task_instance_api.TaskInstanceApi(api)
    page = instances.get_task_instances("hello", "r1")
    assert page.total_entries == 5
    assert {str(found.state) for found in page.task_instances} == {"success"}
    one = instances.get_task_instance("hello", "r1", "greet")
    assert (one.try_number, one.map_index, one.operator) == (1, -1, "_PythonDecoratedOperator")
    assert instances.get_mapped_task_instances("hello", "r1", "square").total_entries == 3
    assert instances.get_mapped_task_instance("hello", "r1", "square", 2).map_index == 2
    batch = instances.get_task_instances_batch(ListTaskInstanceForm(dag_ids=["hello"], state=[TaskState("success")]))
    assert batch.total_entries >= 5
    assert instances.get_extra_links("hello", "r1", "greet") is not None


def test_its_logs_and_xcoms_are_read(api: Any, run: Any) -> None:
    xcoms = x_com_api.XComApi(api)
    assert xcoms.get_xcom_entry("hello", "r1", "greet", "return_value").value == "{'name': 'Ada'}"
    assert [entry.key for entry in xcoms.get_xcom_entries("hello", "r1", "greet").xcom_entries] == ["return_value"]
    log = task_instance_api.TaskInstanceApi(api).get_log("hello", "r1", "greet", 1, full_content=True)
    assert "hello Ada" in log.content


def test_what_a_client_does_wrong_is_told_by_its_own_exceptions(api: Any, server: LiveServer, run: Any) -> None:
    runs = dag_run_api.DAGRunApi(api)
    date = datetime(2024, 3, 4, tzinfo=UTC)
    runs.post_dag_run("hello", DAGRun(logical_date=date, conf={"name": "x"}))
    with pytest.raises(client.ApiException) as conflict:
        runs.post_dag_run("hello", DAGRun(logical_date=date, conf={"name": "x"}))
    assert conflict.value.status == 409
    with pytest.raises(client.exceptions.NotFoundException) as missing:
        dag_api.DAGApi(api).get_dag("nobody")
    assert "The DAG with dag_id: nobody was not found" in missing.value.body
    with pytest.raises(client.ApiException) as bad:
        dag_api.DAGApi(api).get_dags(order_by="colour")
    assert bad.value.status == 400
    wrong = client.Configuration(host=f"http://127.0.0.1:{server.port}/api/v1", username="admin", password="wrong")
    with client.ApiClient(wrong) as other, pytest.raises(client.exceptions.UnauthorizedException):
        dag_api.DAGApi(other).get_dags()


def test_variables_come_and_go(api: Any) -> None:
    variables = variable_api.VariableApi(api)
    variables.post_variables(Variable(key="k", value="v", description="d"))
    assert variables.get_variable("k").value == "v"
    assert variables.patch_variable("k", Variable(key="k", value="w")).value == "w"
    assert [found.key for found in variables.get_variables(order_by="-key").variables] == ["k"]
    variables.delete_variable("k")
    with pytest.raises(client.exceptions.NotFoundException):
        variables.get_variable("k")


def test_connections_come_and_go(api: Any) -> None:
    connections = connection_api.ConnectionApi(api)
    made = Connection(connection_id="c", conn_type="http", host="h", login="l", password="p", port=80, extra='{"a": 1}')
    assert connections.post_connection(made).connection_id == "c"
    assert connections.get_connection("c").host == "h"
    changed = Connection(connection_id="c", conn_type="http", host="i")
    assert connections.patch_connection("c", changed, update_mask=["host"]).host == "i"
    assert connections.get_connections().total_entries == 1
    connections.delete_connection("c")
    with pytest.raises(client.exceptions.NotFoundException):
        connections.get_connection("c")


def test_pools_come_and_go(api: Any) -> None:
    pools = pool_api.PoolApi(api)
    assert pools.post_pool(Pool(name="p", slots=3, description="d")).open_slots == 3
    assert pools.patch_pool("p", Pool(slots=4), update_mask=["slots"]).slots == 4
    assert {found.name for found in pools.get_pools().pools} == {"default_pool", "p"}
    pools.delete_pool("p")
    with pytest.raises(client.exceptions.NotFoundException):
        pools.get_pool("p")


def test_tasks_and_runs_are_cleared_and_marked(api: Any, server: LiveServer, run: Any) -> None:
    dags, instances, runs = dag_api.DAGApi(api), task_instance_api.TaskInstanceApi(api), dag_run_api.DAGRunApi(api)
    runs.post_dag_run("hello", DAGRun(dag_run_id="r2", conf={"name": "B"}))
    assert server.wait_for_run("hello", "r2") == "success"
    cleared = dags.post_clear_task_instances(
        "hello",
        ClearTaskInstances(dag_run_id="r2", task_ids=["say"], dry_run=False, only_failed=False, reset_dag_runs=True),
    )
    assert [reference.task_id for reference in cleared.task_instances] == ["say"]
    server.wait_until(lambda: instances.get_task_instance("hello", "r2", "say").try_number == 2, "say runs again")
    assert server.wait_for_run("hello", "r2") == "success"
    marked = dags.post_set_task_instances_state(
        "hello",
        UpdateTaskInstancesState(
            dag_run_id="r2",
            task_id="say",
            new_state=UpdateTaskState("failed"),
            dry_run=False,
            include_upstream=False,
            include_downstream=False,
            include_future=False,
            include_past=False,
        ),
    )
    assert [reference.task_id for reference in marked.task_instances] == ["say"]
    assert str(instances.get_task_instance("hello", "r2", "say").state) == "failed"
    assert str(runs.update_dag_run_state("hello", "r2", UpdateDagRunState(state="failed")).state) == "failed"
    runs.clear_dag_run("hello", "r2", ClearDagRun(dry_run=False))
    assert server.wait_for_run("hello", "r2") == "success"
    runs.delete_dag_run("hello", "r2")
    with pytest.raises(client.exceptions.NotFoundException):
        runs.get_dag_run("hello", "r2")


def test_health_version_and_the_rest_answer(api: Any, run: Any) -> None:
    monitoring = monitoring_api.MonitoringApi(api)
    assert str(monitoring.get_health().metadatabase.status) == "healthy"
    assert monitoring.get_version().version.startswith("2.11.2")
    assert import_error_api.ImportErrorApi(api).get_import_errors().total_entries == 0
    events = event_log_api.EventLogApi(api).get_event_logs(dag_id="hello")
    assert events.total_entries > 0
    with pytest.raises(client.ApiException) as hidden:
        config_api.ConfigApi(api).get_config()
    assert hidden.value.status == 403
