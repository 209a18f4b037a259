"""SQL through the providers' own operators, on whichever database a connection names."""

from __future__ import annotations

from datetime import datetime

from airflow.models import Variable
from airflow.operators.empty import EmptyOperator
from airflow.providers.common.sql.operators.sql import (
    BranchSQLOperator,
    SQLCheckOperator,
    SQLColumnCheckOperator,
    SQLExecuteQueryOperator,
    SQLIntervalCheckOperator,
    SQLTableCheckOperator,
    SQLThresholdCheckOperator,
    SQLValueCheckOperator,
)
from airflow.providers.common.sql.sensors.sql import SqlSensor

from airflow import DAG

for kind in Variable.get("databases", default_var="sqlite,postgres,mysql").split(","):
    with DAG(f"sql_{kind}", start_date=datetime(2024, 1, 1), schedule=None, default_args={"conn_id": f"real_{kind}"}):
        make = SQLExecuteQueryOperator(
            task_id="make",
            sql=["DROP TABLE IF EXISTS animals", "CREATE TABLE animals (id INTEGER, name VARCHAR(20))"],
        )
        fill = SQLExecuteQueryOperator(
            task_id="fill",
            sql=[f"INSERT INTO animals VALUES ({number}, 'cat {number}')" for number in range(1, 4)]
            + ["INSERT INTO animals VALUES (4, '{{ ds }}')"],
        )
        visits = SQLExecuteQueryOperator(
            task_id="visits",
            sql=[
                "DROP TABLE IF EXISTS visits",
                "CREATE TABLE visits (day VARCHAR(10), people INTEGER)",
                "INSERT INTO visits VALUES ('{{ ds }}', 120)",
                "INSERT INTO visits VALUES ('{{ macros.ds_add(ds, -7) }}', 100)",
            ],
        )
        of_days = {"table": "visits", "date_filter_column": "day", "days_back": 7}
        visits >> [
            SQLIntervalCheckOperator(task_id="interval", metrics_thresholds={"SUM(people)": 1.5}, **of_days),
            SQLIntervalCheckOperator(task_id="interval_wrong", metrics_thresholds={"SUM(people)": 1.1}, **of_days),
        ]
        wait = SqlSensor(task_id="wait", sql="SELECT count(*) FROM animals WHERE id = 4", poke_interval=1, timeout=30)
        read = SQLExecuteQueryOperator(task_id="read", sql="SELECT id, name FROM animals ORDER BY id")
        checks = [
            SQLCheckOperator(task_id="check", sql="SELECT count(*) FROM animals"),
            SQLValueCheckOperator(task_id="value", sql="SELECT count(*) FROM animals", pass_value=4),
            SQLThresholdCheckOperator(
                task_id="threshold", sql="SELECT max(id) FROM animals", min_threshold=1, max_threshold=9
            ),
            SQLColumnCheckOperator(
                task_id="columns",
                table="animals",
                column_mapping={"id": {"null_check": {"equal_to": 0}, "min": {"geq_to": 1}, "max": {"leq_to": 4}}},
            ),
            SQLTableCheckOperator(
                task_id="table", table="animals", checks={"row_count": {"check_statement": "COUNT(*) = 4"}}
            ),
        ]
        branch = BranchSQLOperator(
            task_id="branch",
            sql="SELECT count(*) > 3 FROM animals",
            follow_task_ids_if_true="many",
            follow_task_ids_if_false="few",
        )
        make >> fill >> wait >> read >> checks >> branch
        branch >> [EmptyOperator(task_id="many"), EmptyOperator(task_id="few")]
        read >> SQLValueCheckOperator(task_id="wrong", sql="SELECT count(*) FROM animals", pass_value=5, retries=0)
