"""What tradewind adds for administrators: a role's permissions as a whole, a broken file parsed again, extras kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.api_server import ApiServer, api_in_process


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with api_in_process(tmp_path) as made:
        yield made


def _grants(*pairs: tuple[str, str]) -> list[dict[str, dict[str, str]]]:
    return [{"action": {"name": action}, "resource": {"name": resource}} for action, resource in pairs]


def test_put_takes_permissions_away(server: ApiServer) -> None:
    read, edit, make = ("can_read", "Pools"), ("can_edit", "Pools"), ("can_create", "Pools")
    server.post("/roles", json={"name": "pools", "actions": _grants(read, edit)})
    answer = server.request("PUT", "/roles/pools", json={"name": "pools", "actions": _grants(read, make)})
    assert answer.status_code == 200
    found = {(one["action"]["name"], one["resource"]["name"]) for one in answer.json()["actions"]}
    assert found == {read, make}
    assert server.request("PUT", "/roles/nobody", json={"name": "nobody", "actions": []}).status_code == 404


def test_masked_parts_of_an_extra_mean_what_is_stored(server: ApiServer) -> None:
    extra = json.dumps({"region": "eu", "secret_key": "hidden-value", "deep": [{"token": "other-value"}]})
    server.post("/connections", json={"connection_id": "c", "conn_type": "aws", "extra": extra})
    shown = json.loads(server.get("/connections/c").json()["extra"])
    assert shown["secret_key"] == "***"
    changed = json.dumps({**shown, "region": "us", "new": "***"})
    server.request("PATCH", "/connections/c", json={"connection_id": "c", "conn_type": "aws", "extra": changed})
    with server.database.read() as tx:
        row = tx.vault.get_connection("c")
    assert row is not None
    assert json.loads(row.extra or "") == {
        "region": "us",
        "secret_key": "hidden-value",
        "deep": [{"token": "other-value"}],
        "new": "***",
    }


def test_a_broken_file_is_parsed_again(server: ApiServer) -> None:
    assert server.post("/importErrors/1/reparse").status_code == 404
    with server.database.begin() as tx:
        tx.dags.set_import_error("/dags/broken.py", "SyntaxError")
    number = server.get("/importErrors").json()["import_errors"][0]["import_error_id"]
    assert server.post(f"/importErrors/{number}/reparse", user=("viewer", "viewer")).status_code == 403
    assert server.post(f"/importErrors/{number}/reparse").status_code == 204
