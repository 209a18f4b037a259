"""HTTP: operator, sensor and hook, with and without the triggerer; and services that are spoken to by HTTP."""

from __future__ import annotations

from datetime import datetime

from airflow.decorators import task
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.http.sensors.http import HttpSensor

from airflow import DAG

with DAG("http", start_date=datetime(2024, 1, 1), schedule=None, default_args={"http_conn_id": "real_http"}):
    sensor = HttpSensor(
        task_id="sensor",
        endpoint="echo",
        response_check=lambda response: response.status_code == 200,
        poke_interval=1,
        timeout=30,
    )
    post = HttpOperator(
        task_id="post",
        method="POST",
        endpoint="echo",
        data='{"run": "{{ run_id }}"}',
        headers={"Content-Type": "application/json"},
        response_filter=lambda response: response.json()["body"],
        log_response=True,
    )
    later = HttpOperator(task_id="later", method="GET", endpoint="echo?a=1", deferrable=True)
    sensor_later = HttpSensor(task_id="sensor_later", endpoint="echo", deferrable=True, poke_interval=1, timeout=30)
    refused = HttpOperator(task_id="refused", method="GET", endpoint="missing", retries=0)

    @task
    def by_hook() -> str:
        from airflow.providers.http.hooks.http import HttpHook

        return HttpHook(method="GET", http_conn_id="real_http").run("echo").json()["path"]

    sensor >> [post, later, refused, by_hook(), sensor_later]
