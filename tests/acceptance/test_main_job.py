"""The main job as a user does it: a file is put in, seen, triggered, followed, read."""

from __future__ import annotations

from acceptance.live_server import LiveServer

HELLO = """
from datetime import datetime

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.operators.python import PythonOperator


def greet(**context):
    name = context["dag_run"].conf.get("name", "world")
    print(f"greeting {name}")
    return {"name": name}


with DAG("hello", start_date=datetime(2024, 1, 1), schedule=None, catchup=False, tags=["first"]) as dag:
    say = BashOperator(task_id="say", bash_command="echo said {{ dag_run.conf.get('name') }}")
    greeting = PythonOperator(task_id="greet", python_callable=greet)
    say >> greeting
"""


def hello_run(server: LiveServer, **body: object) -> str:
    if server.request("GET", "/dags/hello").status == 404:
        server.put_dag("hello.py", HELLO)
        server.wait_for_dag("hello")
        server.unpause("hello")
    return server.trigger("hello", **body)


def test_a_new_file_is_seen_run_and_read(server: LiveServer) -> None:
    run_id = hello_run(server, conf={"name": "Ada"})
    assert server.wait_for_run("hello", run_id) == "success"
    assert server.task_states("hello", run_id) == {"say": "success", "greet": "success"}

    entry = server.get(f"/dags/hello/dagRuns/{run_id}/taskInstances/greet/xcomEntries/return_value")
    assert entry["value"] == "{'name': 'Ada'}"
    assert server.get(f"/dags/hello/dagRuns/{run_id}/taskInstances/say/xcomEntries/return_value")["value"] == "said Ada"

    answer = server.request(
        "GET", f"/dags/hello/dagRuns/{run_id}/taskInstances/greet/logs/1", headers={"Accept": "text/plain"}
    )
    assert answer.status == 200
    assert "greeting Ada" in answer.text


def test_the_same_logical_date_again_is_a_conflict(server: LiveServer) -> None:
    date = "2024-05-05T00:00:00+00:00"
    hello_run(server, logical_date=date)
    answer = server.request("POST", "/dags/hello/dagRuns", {"logical_date": date})
    assert answer.status == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert "already exists" in answer.json["detail"]


def test_a_wrong_password_is_unauthorized(server: LiveServer) -> None:
    answer = server.request("GET", "/dags", headers={"Authorization": "Basic YWRtaW46d3Jvbmc="})
    assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")


def test_malformed_json_is_a_bad_request(server: LiveServer) -> None:
    hello_run(server)
    answer = server.request("POST", "/dags/hello/dagRuns", b'{"conf": ')
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")


def test_an_unknown_dag_is_not_found(server: LiveServer) -> None:
    answer = server.request("GET", "/dags/nobody_has_written_this")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
