"""Logs, XComs, secrets and lineage kept where provider packages keep them: S3, Secrets Manager, an OpenLineage file."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from acceptance.live_server import LiveServer
from acceptance.provider_stage import providers_server, put, python, returned, run, services, told, variables_of

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Stage:
    """The server, the address of Amazon's services, and the file that lineage goes to."""

    server: LiveServer
    aws: str
    lineage: Path


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A server that keeps everything elsewhere, after its DAG has run."""
    folder = tmp_path_factory.mktemp("stores")
    interpreter = python()
    with services(folder, interpreter, "aws") as ports:
        aws = f"http://127.0.0.1:{ports['aws']}"
        for bucket in ("logs", "xcoms"):
            put(f"{aws}/{bucket}")
        secret(aws, "variables/only_there", "from the vault")
        secret(aws, "connections/only_there", "http://host.in.the.vault")
        options = {"region_name": "us-east-1", "endpoint_url": aws}
        environ = {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "geheim",
            "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
            "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": "s3://logs/tw",
            "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "real_aws",
            "AIRFLOW__SECRETS__BACKEND": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
            "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(
                {"connections_prefix": "connections", "variables_prefix": "variables", **options}
            ),
            "AIRFLOW__CORE__XCOM_BACKEND": "airflow.providers.common.io.xcom.backend.XComObjectStorageBackend",
            "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH": "s3://real_aws@xcoms/x",
            "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_THRESHOLD": "100",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(folder / "lineage.jsonl"), "append": True}
            ),
        }
        aws_connection = {"conn_type": "aws", "login": "key", "password": "geheim", "extra": options}
        environ |= variables_of({"real_aws": aws_connection}, {})
        with providers_server(folder / "home", interpreter, ["cloud.py"], environ) as server:
            states = run(server, "kept_in_s3", patience=300)
            assert set(states.values()) == {"success"}, (states, [told(server, "kept_in_s3", one) for one in states])
            yield Stage(server, aws, folder / "lineage.jsonl")


def secret(aws: str, name: str, value: str) -> None:
    """Put one into Secrets Manager."""
    put(
        aws,
        json.dumps({"Name": name, "SecretString": value, "ClientRequestToken": "0" * 32}).encode(),
        "POST",
        **{
            "X-Amz-Target": "secretsmanager.CreateSecret",
            "Content-Type": "application/x-amz-json-1.1",
            **signed("secretsmanager"),
        },
    )


def signed(service: str) -> dict[str, str]:
    """As much of a signature as moto wants to see."""
    scope = f"key/20240101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


def listed(aws: str, bucket: str) -> str:
    return put(f"{aws}/{bucket}?list-type=2", method="GET").decode()


def test_variables_and_connections_come_from_secrets_manager(stage: Stage) -> None:
    assert returned(stage.server, "kept_in_s3", "from_backend") == ["from the vault", "host.in.the.vault"]


def test_a_large_xcom_is_an_object_in_s3(stage: Stage) -> None:
    assert str(returned(stage.server, "kept_in_s3", "summed")) == "499500"
    assert "x/kept_in_s3/trial/large/" in listed(stage.aws, "xcoms")


def test_a_log_that_is_gone_here_is_read_from_s3(stage: Stage) -> None:
    key = "tw/dag_id=kept_in_s3/run_id=trial/task_id=large/attempt=1.log"

    def stored() -> str:
        try:
            return put(f"{stage.aws}/logs/{key}", method="GET", **signed("s3")).decode()
        except urllib.error.HTTPError:
            return ""

    text = stage.server.wait_until(stored, "the log is in S3")
    assert "Marking task as SUCCESS" in text
    local = stage.server.home / "logs" / key.removeprefix("tw/")
    assert "Marking task as SUCCESS" in local.read_text()
    local.unlink()
    assert "Marking task as SUCCESS" in told(stage.server, "kept_in_s3", "large")
    put(f"{stage.aws}/logs/{key}", method="DELETE", **signed("s3"))
    answer = told(stage.server, "kept_in_s3", "large")
    assert "could not be read from where it is kept" in answer
    assert "No logs found" in answer


def test_openlineage_hears_of_each_task(stage: Stage) -> None:
    def ended() -> set[str]:
        lines = stage.lineage.read_text().splitlines() if stage.lineage.exists() else []
        events = [json.loads(line) for line in lines]
        done = {one["job"]["name"] for one in events if one["eventType"] == "COMPLETE"}
        return done if "kept_in_s3.summed" in done else set()

    assert "kept_in_s3.large" in stage.server.wait_until(ended, "lineage of the tasks is written")
