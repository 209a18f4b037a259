"""``variables get``, ``connections get`` show what a task gets: of back end, environment, database, in this order."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tradewind import app
from tradewind.cli import connections, variables
from tradewind.cli.dispatch import TREE
from tradewind.cli.session import CommandFailed, Session
from tradewind.cli.tree import build_parser
from tradewind.config.settings import load_settings

BACKEND = "airflow.secrets.local_filesystem.LocalFilesystemBackend"
URI = "http://ann:pw@host/?__extra__=%7B%22deep%22%3A+%7B%22k%22%3A+%22x%22%7D%7D"


def call(home: Path, group: str, *words: str) -> str:
    environ = {"AIRFLOW_HOME": str(home)}
    files = {kind: str(home / f"{kind}.json") for kind in ("variables", "connections")}
    if Path(files["variables"]).exists():
        kwargs = {f"{kind}_file_path": path for kind, path in files.items()}
        environ |= {"AIRFLOW__SECRETS__BACKEND": BACKEND, "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(kwargs)}
    args = build_parser("tradewind", TREE).parse_args([group, *words])
    out = io.StringIO()
    handler = {"variables:get": variables.get, "variables:put": variables.put, "connections:get": connections.get}
    with Session(out, io.StringIO(), load_settings(environ)) as session:
        assert handler[args.command.handler](args, session) == 0
    return out.getvalue().strip()


def test_the_environment_and_the_back_end_come_before_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.migrate(load_settings({"AIRFLOW_HOME": str(tmp_path)}))
    with pytest.raises(CommandFailed, match="Connection not found"):
        call(tmp_path, "connections", "get", "c")
    call(tmp_path, "variables", "set", "v", "of the database")
    assert call(tmp_path, "variables", "get", "v") == "of the database"
    monkeypatch.setenv("AIRFLOW_VAR_V", "of the environment")
    monkeypatch.setenv("AIRFLOW_CONN_C", URI)
    assert call(tmp_path, "variables", "get", "v") == "of the environment"
    (shown,) = json.loads(call(tmp_path, "connections", "get", "c", "-o", "json"))
    assert (shown["id"], shown["password"], shown["extra_dejson"]) == (None, "pw", {"deep": {"k": "x"}})
    assert shown["get_uri"] == URI
    (tmp_path / "variables.json").write_text('{"v": "of the back end"}')
    (tmp_path / "connections.json").write_text('{"c": "http://other"}')
    assert call(tmp_path, "variables", "get", "v") == "of the back end"
    (shown,) = json.loads(call(tmp_path, "connections", "get", "c", "-o", "json"))
    assert shown["host"] == "other"
