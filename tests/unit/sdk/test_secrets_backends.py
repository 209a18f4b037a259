"""Secrets back ends: what is asked before the environment and the database, and files of secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradewind.sdk.exceptions import AirflowException, ConnectionNotUnique
from tradewind.sdk.lookups import Connection, Variable
from tradewind.sdk.secrets import BaseSecretsBackend, LocalFilesystemBackend


class Vault(BaseSecretsBackend):
    """As providers write them."""

    def __init__(self, prefix: str = "", broken: bool = False) -> None:
        super().__init__()
        self.prefix = prefix
        self.broken = broken

    def get_conn_value(self, conn_id: str) -> str | None:
        if self.broken:
            raise RuntimeError("the vault is sealed")
        return {"both": "http://from-vault", "json": '{"conn_type": "http", "host": "as-json"}'}.get(conn_id)

    def get_variable(self, key: str) -> str | None:
        if self.broken:
            raise RuntimeError("the vault is sealed")
        return f"{self.prefix}-vault" if key == "both" else None


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", f"{__name__}.Vault")
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("types").SimpleNamespace(Vault=Vault))
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", '{"prefix": "my"}')
    for name in ("BOTH", "OTHER"):
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", "http://from-environment")
        monkeypatch.setenv(f"AIRFLOW_VAR_{name}", "environment")
    return monkeypatch


def host(conn_id: str) -> Any:
    return Connection.get_connection_from_secrets(conn_id).host


def test_the_back_end_is_asked_first_and_the_environment_for_what_it_has_not(vault: pytest.MonkeyPatch) -> None:
    assert (host("both"), host("json"), host("other")) == ("from-vault", "as-json", "from-environment")
    assert (Variable.get("both"), Variable.get("other")) == ("my-vault", "environment")


def test_a_back_end_that_fails_is_passed_over(vault: pytest.MonkeyPatch) -> None:
    vault.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", '{"broken": true}')
    assert host("both") == "from-environment"
    assert Variable.get("both") == "environment"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("s.json", '{"a": "http://h/s", "b": {"conn_type": "http", "host": "h", "extra_dejson": {"k": 1}}}'),
        ("s.yaml", "a: http://h/s\nb:\n  conn_type: http\n  host: h\n  extra_dejson: {k: 1}\n"),
        ("s.env", "# kept\n\na=http://h/s\nb=http://h?k=1\n"),
    ],
)
def test_files_of_secrets_are_read_in_all_their_formats(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    backend = LocalFilesystemBackend(connections_file_path=str(tmp_path / name))
    a, b = backend.get_connection("a"), backend.get_connection("b")
    assert a is not None
    assert b is not None
    assert (a.conn_type, a.host, a.schema, b.host) == ("http", "h", "s", "h")
    assert str(b.extra_dejson["k"]) == "1"
    assert backend.get_connection("c") is None


def test_a_variable_of_a_file_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"text": "x", "object": {"k": 1}}')
    backend = LocalFilesystemBackend(variables_file_path=str(tmp_path / "v.json"))
    assert (backend.get_variable("text"), backend.get_variable("object"), backend.get_variable("no")) == (
        "x",
        '{"k": 1}',
        None,
    )


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("s.env", "a=http://x\na=http://y\n", ConnectionNotUnique),
        ("s.env", "nothing\n", AirflowException),
        ("s.json", "[1]", AirflowException),
        ("s.json", "{", AirflowException),
        ("s.txt", "a=b", AirflowException),
        ("s.json", '{"a": 1}', AirflowException),
    ],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, name: str, text: str, error: type[Exception]) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(error):
        LocalFilesystemBackend(connections_file_path=str(tmp_path / name)).get_connection("a")
    with pytest.raises(AirflowException, match="was not found"):
        LocalFilesystemBackend(variables_file_path=str(tmp_path / "missing.json")).get_variable("a")
