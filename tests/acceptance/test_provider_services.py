"""Operators, sensors and hooks of unmodified provider packages on a live tradewind, against services that run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer
from acceptance.provider_stage import (
    at,
    mariadb,
    postgres,
    providers_server,
    python,
    received,
    redis,
    returned,
    run,
    services,
    told,
    variables_of,
)

pytestmark = pytest.mark.slow

NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "execution_count": None,
            "metadata": {"tags": ["parameters"]},
            "outputs": [],
            "source": "word = 'none'",
        },
        {
            "cell_type": "code",
            "id": "b",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": "print('the word is', word)",
        },
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


NO_CLUSTER = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "none", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "ann", "user": {"token": "geheim"}}],
    "contexts": [{"name": "none", "context": {"cluster": "none", "user": "ann"}}],
    "current-context": "none",
}


@pytest.fixture(scope="module", params=["a", "b"])
def generation(request: pytest.FixtureRequest) -> str:
    """Providers of the time of Airflow 2.10.5, and of 2.11."""
    return str(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, generation: str) -> Path:
    return tmp_path_factory.mktemp(f"services-{generation}")


@pytest.fixture(scope="module")
def live(folder: Path, generation: str) -> Iterator[LiveServer]:
    """All services, and a server whose connections lead to them."""
    (folder / "in.ipynb").write_text(json.dumps(NOTEBOOK))
    with contextlib.ExitStack() as stack:
        interpreter = python(generation)
        ports = stack.enter_context(services(folder, interpreter, "http", "ftp", "smtp", "ssh", "imap", "aws"))
        web = f"http://127.0.0.1:{ports['http']}/"
        aws = {"region_name": "eu-west-1", "endpoint_url": f"http://127.0.0.1:{ports['aws']}"}
        anyone = {"no_host_key_check": True, "allow_host_key_change": True}
        connections = {
            "real_sqlite": {"conn_type": "sqlite", "host": str(folder / "animals.db")},
            "real_postgres": stack.enter_context(postgres()),
            "real_mysql": stack.enter_context(mariadb(folder)),
            "real_redis": stack.enter_context(redis(folder)),
            "real_http": {"conn_type": "http", "host": web},
            "real_slack": {"conn_type": "slack", "password": "xoxb-geheim", "extra": {"base_url": f"{web}api/"}},
            "real_slack_webhook": {"conn_type": "slackwebhook", "host": f"{web}hook/", "password": "T0/B0/geheim"},
            "real_discord": {"conn_type": "discord", "host": web, "extra": {"webhook_endpoint": "webhooks/1/geheim"}},
            "real_ssh": at("ssh", ports["ssh"], extra=anyone),
            "real_sftp": at("sftp", ports["ssh"], extra=anyone),
            "real_ftp": at("ftp", ports["ftp"]),
            "real_imap": at("imap", ports["imap"], extra={"use_ssl": False}),
            "real_smtp": {
                "conn_type": "smtp",
                "host": "127.0.0.1",
                "port": ports["smtp"],
                "extra": {"disable_ssl": True, "disable_tls": True},
            },
            "kubernetes_default": {"conn_type": "kubernetes", "extra": {"kube_config": json.dumps(NO_CLUSTER)}},
            "real_aws": {"conn_type": "aws", "login": "key", "password": "geheim", "extra": aws},
        }
        environ = variables_of(connections, {"scratch": str(folder)})
        files = ["databases.py", "over_http.py", "chat.py", "files.py", "cloud.py", "others.py"]
        yield stack.enter_context(providers_server(folder / "home", interpreter, files, environ))


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "mysql"])
def test_sql_operators_checks_and_sensors(live: LiveServer, kind: str) -> None:
    states = run(live, f"sql_{kind}")
    assert (states.pop("wrong"), states.pop("interval_wrong")) == ("failed", "failed")
    assert "Test failed" in (log := told(live, f"sql_{kind}", "wrong")), log
    assert "tests have failed" in (log := told(live, f"sql_{kind}", "interval_wrong")), log
    assert states.pop("few") == "skipped"
    assert set(states.values()) == {"success"}, (states, told(live, f"sql_{kind}", "make"))
    assert returned(live, f"sql_{kind}", "read")[1][1] == "cat 2"


def test_http_operator_and_sensor_in_the_task_and_in_the_triggerer(live: LiveServer) -> None:
    states = run(live, "http")
    assert states.pop("refused") == "failed"
    assert "404" in told(live, "http", "refused")
    assert set(states.values()) == {"success"}, states
    assert returned(live, "http", "post") == '{"run": "trial"}'
    assert json.loads(returned(live, "http", "later"))["path"] == "/echo?a=1"
    assert returned(live, "http", "by_hook") == "/echo"


def test_slack_and_discord_hear_of_tasks(live: LiveServer, folder: Path) -> None:
    assert set((states := run(live, "chat")).values()) == {"success"}, (states, told(live, "chat", "slack_api"))

    def heard(expected: str) -> bool:
        # Callbacks of the last task go on when the run has ended.
        return expected in "\n".join(f"{one['path']} {one['body']}" for one in received(folder, "http"))

    for expected in ("/api/chat.postMessage", "run trial", "hello from slack_webhook", "#ok", "notified is done"):
        live.wait_until(partial(heard, expected), f"{expected} was heard")
    assert "geheim" not in told(live, "chat", "slack_api")


def test_commands_and_files_over_ssh(live: LiveServer, folder: Path) -> None:
    states = run(live, "ssh")
    assert states.pop("fails") == "failed"
    assert set(states.values()) == {"success"}, (states, told(live, "ssh", "put"))
    assert "over ssh" in told(live, "ssh", "run")
    assert (folder / "sftp/up/remote.txt").read_text() == "from here\n"


def test_files_over_ftp(live: LiveServer) -> None:
    assert set((states := run(live, "ftp")).values()) == {"success"}, (states, told(live, "ftp", "put"))
    assert "ftp.txt" in str(returned(live, "ftp", "listed"))


def test_mail_is_sent_and_read(live: LiveServer, folder: Path) -> None:
    states = run(live, "mail")
    assert set(states.values()) == {"success"}, (states, told(live, "mail", "send"), told(live, "mail", "wait"))
    (sent,) = received(folder, "smtp")
    assert "Subject: run trial" in sent["text"]
    assert 'filename="local.txt"' in sent["text"]
    assert returned(live, "mail", "attachment") == "data.csv: a,b\n1,2"


def test_redis_keys_and_messages(live: LiveServer) -> None:
    assert set((states := run(live, "redis")).values()) == {"success"}, (states, told(live, "redis", "set_key"))


def test_s3_with_a_sensor_that_waits_in_the_triggerer(live: LiveServer) -> None:
    states = run(live, "s3")
    failed = [name for name, state in states.items() if state != "success"]
    assert failed == [], "\n".join(told(live, "s3", name) for name in failed)
    assert returned(live, "s3", "by_path") == "hello"
    assert len(returned(live, "s3", "listed")) == 2


def test_sqs_and_sns(live: LiveServer) -> None:
    states = run(live, "queues")
    assert set(states.values()) == {"success"}, (states, told(live, "queues", "make"))
    assert "job 20" in str(live.get("/dags/queues/dagRuns/trial/taskInstances/receive/xcomEntries/messages")["value"])


def test_dynamodb_and_secrets_manager(live: LiveServer) -> None:
    states = run(live, "tables")
    assert set(states.values()) == {"success"}, (states, *(told(live, "tables", name) for name in states))
    assert returned(live, "tables", "dynamo") == 3


def test_a_lambda_function_is_made_and_invoked(live: LiveServer) -> None:
    states = run(live, "functions")
    assert set(states.values()) == {"success"}, (states, *(told(live, "functions", name) for name in states))
    assert json.loads(returned(live, "functions", "invoke")) == {"n": 2}


def test_a_notebook_is_run(live: LiveServer, folder: Path) -> None:
    assert set((states := run(live, "papermill")).values()) == {"success"}, (states, told(live, "papermill", "run"))
    (made,) = folder.glob("out-*.ipynb")
    assert "the word is 20" in made.read_text()


def test_decorators_of_container_providers_parse_and_a_pod_is_described(live: LiveServer) -> None:
    states = run(live, "pods")
    tasks = {task["task_id"] for task in live.get("/dags/containers/tasks")["tasks"]}
    assert tasks == {"in_docker", "in_pod", "pod"}
    assert states == {"described": "success"}, told(live, "pods", "described")
    assert returned(live, "pods", "described") == ["Pod", "busybox", "echo", "hi"]


def test_no_dag_file_has_an_error_and_all_providers_are_listed(live: LiveServer) -> None:
    assert live.get("/importErrors")["import_errors"] == []
    names = {one["package_name"] for one in live.get("/providers")["providers"]}
    assert {f"apache-airflow-providers-{name}" for name in ("http", "amazon", "postgres", "slack")} <= names
