"""A DAG that uses Airflow's ORM in its tasks, and a maintenance DAG, on a whole server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer, live_server

DAGS = """
from datetime import datetime, timedelta, timezone

from airflow import DAG, settings
from airflow.models import DagModel, DagRun, Log, TaskInstance, Variable, XCom
from airflow.operators.python import PythonOperator
from airflow.utils.session import create_session, provide_session
from airflow.utils.state import State

# A file may look things up while it is imported.
with create_session() as session:
    KNOWN = session.query(DagModel).count()


@provide_session
def look(session=None, **context):
    running = session.query(TaskInstance).filter(
        TaskInstance.dag_id == "reads_rows", TaskInstance.state == State.RUNNING
    )
    assert [ti.task_id for ti in running] == ["look"], running.all()
    assert isinstance(context["ti"], TaskInstance)
    assert DagRun.find(dag_id="reads_rows", state="running")[0].run_id == context["run_id"]
    session.add(Variable(key="seen", val=str(running.count())))


def count(**context):
    session = settings.Session()
    try:
        value = session.query(XCom).filter(XCom.dag_id == "reads_rows", XCom.key == "return_value").all()
        assert [row.value for row in value] == [], value
        assert Variable.get("seen") == "1"
    finally:
        session.close()


with DAG("reads_rows", start_date=datetime(2024, 1, 1), schedule=None, is_paused_upon_creation=False):
    PythonOperator(task_id="look", python_callable=look) >> PythonOperator(task_id="count", python_callable=count)


def clean_up(model, column, keep, **context):
    before = datetime.now(timezone.utc) + timedelta(days=1)
    with create_session() as session:
        rows = session.query(model).filter(column < before)
        for name, value in keep.items():
            rows = rows.filter(getattr(model, name) != value)
        rows.delete(synchronize_session=False)


with DAG("maintenance", start_date=datetime(2024, 1, 1), schedule=None, is_paused_upon_creation=False):
    tasks = [
        PythonOperator(
            task_id=model.__name__.lower(), python_callable=clean_up, op_args=[model, column, {"dag_id": "maintenance"}]
        )
        for model, column in [(DagRun, DagRun.execution_date), (Log, Log.dttm)]
    ]

with DAG("stops", start_date=datetime(2024, 1, 1), schedule=None, is_paused_upon_creation=False):

    def stop_it(**context):
        with create_session() as session:
            session.query(DagRun).filter(DagRun.run_id == context["run_id"]).delete()

    PythonOperator(task_id="stop", python_callable=stop_it)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    home: Path = tmp_path_factory.mktemp("orm")
    (home / "dags").mkdir()
    (home / "dags" / "orm_dags.py").write_text(DAGS)
    with live_server(home) as started:
        started.wait_for_dag("stops")
        yield started


def test_tasks_read_and_write_through_sessions_and_maintenance_cleans_up(server: LiveServer) -> None:
    run = server.trigger("reads_rows")
    assert server.wait_for_run("reads_rows", run) == "success"
    assert server.get("/variables/seen")["value"] == "1"
    cleaning = server.trigger("maintenance")
    assert server.wait_for_run("maintenance", cleaning) == "success"
    assert server.get("/dags/~/dagRuns")["total_entries"] == 1
    assert server.get("/eventLogs?dag_id=reads_rows")["total_entries"] == 0


def test_a_refused_write_fails_the_task_with_a_sentence(server: LiveServer) -> None:
    run = server.trigger("stops")
    assert server.wait_for_run("stops", run) == "failed"
    log = server.request("GET", f"/dags/stops/dagRuns/{run}/taskInstances/stop/logs/1").text
    assert "an ORM session deletes finished runs only" in log
