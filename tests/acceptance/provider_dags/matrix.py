"""The operators, sensors, hooks and decorators of provider packages that public DAG files use most and that need no
service but an HTTP server; each task returns what can be compared. golden/provider_matrix.json has what Airflow gives.
"""

from __future__ import annotations

import sys
from datetime import datetime, time, timedelta
from pathlib import Path

from airflow.decorators import task
from airflow.models import Variable
from airflow.models.baseoperator import chain
from airflow.providers.common.io.operators.file_transfer import FileTransferOperator
from airflow.providers.common.sql.hooks.sql import fetch_one_handler
from airflow.providers.common.sql.operators.generic_transfer import GenericTransfer
from airflow.providers.common.sql.operators.sql import (
    BranchSQLOperator,
    SQLCheckOperator,
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLInsertRowsOperator,
    SQLIntervalCheckOperator,
    SQLTableCheckOperator,
    SQLThresholdCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.common.sql.sensors.sql import SqlSensor
from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.http.sensors.http import HttpSensor
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.providers.standard.hooks.filesystem import FSHook
from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.latest_only import LatestOnlyOperator
from airflow.providers.standard.operators.python import (
    BranchPythonOperator,
    ExternalPythonOperator,
    PythonOperator,
    PythonVirtualenvOperator,
    ShortCircuitOperator,
)
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
from airflow.providers.standard.sensors.bash import BashSensor
from airflow.providers.standard.sensors.date_time import DateTimeSensor, DateTimeSensorAsync
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.providers.standard.sensors.python import PythonSensor
from airflow.providers.standard.sensors.time import TimeSensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.providers.standard.sensors.weekday import DayOfWeekSensor

from airflow import DAG

START = datetime(2024, 1, 1)
SCRATCH = Variable.get("scratch")
SOON = {"poke_interval": 1, "timeout": 60}

with DAG("triggered", start_date=START, schedule=None, is_paused_upon_creation=False):
    EmptyOperator(task_id="only")


def sql_tasks() -> None:
    """On SQLite."""
    make = SQLExecuteQueryOperator(
        task_id="sql_make",
        sql="DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER, name TEXT, day TEXT); "
        "CREATE TABLE IF NOT EXISTS copy (id INTEGER, name TEXT)",
        split_statements=True,
    )
    insert = SQLInsertRowsOperator(
        task_id="sql_insert",
        table_name="t",
        columns=["id", "name", "day"],
        rows=[(1, "a", "2024-01-05"), (2, "b", "2024-01-05"), (3, "c", "2023-12-29")],
    )
    query = SQLExecuteQueryOperator(
        task_id="sql_query", sql="SELECT id, name FROM t WHERE day = :day ORDER BY id", parameters={"day": "2024-01-05"}
    )
    one = SQLExecuteQueryOperator(
        task_id="sql_one", sql="SELECT count(*) FROM t WHERE day <= '{{ ds }}'", handler=fetch_one_handler
    )
    two = SQLExecuteQueryOperator(
        task_id="sql_two",
        sql=["SELECT 1", "SELECT name FROM t ORDER BY id"],
        return_last=False,
        show_return_value_in_logs=True,
    )
    transfer = GenericTransfer(
        task_id="sql_transfer",
        sql="SELECT id, name FROM t",
        destination_table="copy",
        source_conn_id="matrix_db",
        destination_conn_id="matrix_db",
        preoperator="DELETE FROM copy",
    )
    checks = [
        SQLCheckOperator(task_id="sql_check", sql="SELECT count(*), max(id) FROM t"),
        SQLCheckOperator(task_id="sql_check_bad", sql="SELECT count(*), 0 FROM t"),
        SQLValueCheckOperator(task_id="sql_value", sql="SELECT count(*) FROM copy", pass_value=3, tolerance=0.1),
        SQLThresholdCheckOperator(
            task_id="sql_threshold_bad", sql="SELECT 9", min_threshold=1, max_threshold="SELECT 3"
        ),
        SQLIntervalCheckOperator(
            task_id="sql_interval",
            table="t",
            metrics_thresholds={"COUNT(*)": 3},
            date_filter_column="day",
            days_back=-7,
        ),
        SQLColumnCheckOperator(
            task_id="sql_columns",
            table="t",
            column_mapping={"id": {"unique_check": {"equal_to": 0}, "max": {"less_than": 4, "tolerance": 0.2}}},
        ),
        SQLTableCheckOperator(task_id="sql_table_bad", table="t", checks={"few": {"check_statement": "COUNT(*) < 3"}}),
        SqlSensor(task_id="sql_sensor", sql="SELECT count(*) FROM copy", success=lambda n: n == 3, **SOON),
    ]
    branch = BranchSQLOperator(
        task_id="sql_branch",
        sql="SELECT count(*) > 2 FROM t",
        follow_task_ids_if_true="sql_many",
        follow_task_ids_if_false="sql_few",
    )
    chain(make, insert, [query, one, two], transfer, checks)
    transfer >> branch >> [EmptyOperator(task_id="sql_many"), EmptyOperator(task_id="sql_few")]

    @task
    def sql_hook() -> list[object]:
        hook = SqliteHook("matrix_db")
        frame = hook.get_pandas_df("SELECT id, name FROM t ORDER BY id")
        first = hook.get_first("SELECT name FROM t WHERE id = ?", parameters=(2,))
        return [list(frame.columns), int(frame["id"].sum()), first[0], len(hook.get_records("SELECT * FROM t"))]

    transfer >> sql_hook()


def http_tasks() -> None:
    """Against a server that echoes."""
    HttpSensor(task_id="http_sensor", endpoint="echo", response_check=lambda response: response.ok, **SOON)
    HttpSensor(task_id="http_sensor_later", endpoint="echo", deferrable=True, **SOON)
    HttpOperator(
        task_id="http_post",
        endpoint="echo/{{ ds_nodash }}",
        method="POST",
        data='{"day": "{{ ds }}"}',
        response_check=lambda response: response.json()["ok"],
        response_filter=lambda response: [response.json()["path"], response.json()["body"]],
    )
    HttpOperator(
        task_id="http_pages",
        endpoint="echo",
        method="GET",
        data={"page": 1},
        pagination_function=lambda response: {"data": {"page": 2}} if "page=1" in response.json()["path"] else None,
        response_filter=lambda responses: [one.json()["path"] for one in responses],
    )
    HttpOperator(task_id="http_later", endpoint="echo?a=1", method="GET", deferrable=True,
                 response_filter=lambda response: response.json()["path"])  # fmt: skip
    HttpOperator(task_id="http_missing", endpoint="missing", method="GET")

    @task
    def http_hook() -> list[object]:
        hook = HttpHook(method="PUT")
        answer = hook.run("echo", json={"n": 1}, headers={"X-One": "1"})
        return [answer.status_code, answer.json()["method"], answer.json()["body"]]

    http_hook()


def python_tasks() -> None:
    """PythonOperator and its kin."""

    def greet(name: str, ds: str, **context: object) -> str:
        return f"{name} {ds} {context['params']['word']} {context['templates_dict']['x']}"  # type: ignore[index]

    PythonOperator(
        task_id="python", python_callable=greet, op_args=["ann"], params={"word": "w"}, templates_dict={"x": "{{ ts }}"}
    )
    BranchPythonOperator(task_id="python_branch", python_callable=lambda: ["left"]) >> [
        EmptyOperator(task_id="left"),
        EmptyOperator(task_id="right"),
    ]
    chain(
        ShortCircuitOperator(task_id="python_short", python_callable=lambda: 0),
        EmptyOperator(task_id="cut"),
        EmptyOperator(task_id="joined", trigger_rule="none_failed"),
    )
    PythonVirtualenvOperator(
        task_id="python_venv", python_callable=_apart, op_args=[2], system_site_packages=False, expect_airflow=False
    )
    ExternalPythonOperator(
        task_id="python_external", python=sys.executable, python_callable=_apart, op_args=[3], expect_airflow=False
    )
    PythonSensor(task_id="python_sensor", python_callable=lambda ds: ds == "2024-01-05", **SOON)

    @task.branch
    def deco_branch() -> str:
        return "deco_yes"

    @task.sensor(poke_interval=1, timeout=60, mode="reschedule")
    def deco_sensor() -> object:
        from airflow.sensors.base import PokeReturnValue

        return PokeReturnValue(is_done=True, xcom_value="seen")

    @task.bash(env={"WORD": "{{ ds }}"}, append_env=True)
    def deco_bash() -> str:
        return "echo $WORD"

    @task(multiple_outputs=True)
    def deco_many() -> dict[str, int]:
        return {"a": 1, "b": 2}

    @task
    def deco_sum(a: int, b: int) -> int:
        return a + b

    many = deco_many()
    deco_sum(many["a"], many["b"])
    deco_branch() >> [EmptyOperator(task_id="deco_yes"), EmptyOperator(task_id="deco_no")]
    deco_sensor()
    deco_bash()


def _apart(number: int) -> int:
    return number * 21


def other_tasks() -> None:
    """Bash, files, times, and other DAGs."""
    BashOperator(task_id="bash", bash_command="echo first; echo {{ ds }} $X", env={"X": "y"}, append_env=True)
    BashOperator(task_id="bash_skip", bash_command="exit 99")
    BashOperator(task_id="bash_bad", bash_command="exit 3")
    BashSensor(task_id="bash_sensor", bash_command="test -d /", **SOON)

    @task
    def put_file() -> str:
        Path(SCRATCH, "matrix.txt").write_text("from the matrix")
        return "matrix.txt"

    @task
    def read_file() -> list[str]:
        base = FSHook("matrix_fs").get_path()
        said = SubprocessHook().run_command(["bash", "-c", "echo sub"])
        return [Path(base, "matrix.txt").read_text(), Path(base, "moved.txt").read_text(), said.output]

    transfer = FileTransferOperator(
        task_id="file_transfer", src=f"file://{SCRATCH}/matrix.txt", dst=f"file://{SCRATCH}/moved.txt", overwrite=True
    )
    sensors = [
        FileSensor(task_id="file_sensor", fs_conn_id="matrix_fs", filepath="mat*.txt", **SOON),
        FileSensor(task_id="file_later", fs_conn_id="matrix_fs", filepath="matrix.txt", deferrable=True, **SOON),
    ]
    chain(put_file(), transfer, sensors, read_file())
    BranchDayOfWeekOperator(
        task_id="weekday", week_day="Friday", follow_task_ids_if_true="friday", follow_task_ids_if_false="other_day",
        use_task_logical_date=True,
    ) >> [EmptyOperator(task_id="friday"), EmptyOperator(task_id="other_day")]  # fmt: skip
    BranchDateTimeOperator(
        task_id="moment", target_lower=datetime(2024, 1, 4), target_upper=datetime(2024, 1, 6),
        follow_task_ids_if_true=["inside"], follow_task_ids_if_false=["outside"], use_task_logical_date=True,
    ) >> [EmptyOperator(task_id="inside"), EmptyOperator(task_id="outside")]  # fmt: skip
    DateTimeSensor(task_id="date_sensor", target_time="{{ logical_date }}", **SOON)
    DateTimeSensorAsync(task_id="date_later", target_time="{{ logical_date }}", poke_interval=1)
    TimeSensor(task_id="time_sensor", target_time=time(0, 0), **SOON)
    TimeDeltaSensor(task_id="delta_sensor", delta=timedelta(hours=1), **SOON)
    DayOfWeekSensor(task_id="weekday_sensor", week_day={"Friday"}, use_task_logical_date=True, **SOON)
    LatestOnlyOperator(task_id="latest") >> EmptyOperator(task_id="after_latest")
    TriggerDagRunOperator(
        task_id="trigger", trigger_dag_id="triggered", logical_date="{{ ts }}", trigger_run_id="by_{{ ds }}",
        conf={"day": "{{ ds }}"}, reset_dag_run=True,
    ) >> ExternalTaskSensor(
        task_id="external", external_dag_id="triggered", allowed_states=["queued", "running", "success"], **SOON
    )  # fmt: skip


with DAG("matrix", start_date=START, schedule=None, default_args={"conn_id": "matrix_db", "retries": 0}):
    sql_tasks()
    http_tasks()
    python_tasks()
    other_tasks()
