"""``roles`` and ``users`` as files, ``db clean`` and its archives, on the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tradewind import app
from tradewind.cli.dispatch import TREE, call
from tradewind.cli.session import Session
from tradewind.cli.tree import build_parser
from tradewind.config.settings import Settings, load_settings
from tradewind.storage.database import Database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(environ={"AIRFLOW_HOME": str(tmp_path)})
    app.migrate(found)
    return found


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    found = app.open_database(settings)
    yield found
    found.close()


def said(settings: Settings, *words: str, code: int = 0) -> str:
    args = build_parser("tradewind", TREE).parse_args(list(words))
    out, err = io.StringIO(), io.StringIO()
    assert call(args.command, args, Session(out, err, settings)) == code, err.getvalue()
    return out.getvalue() + err.getvalue()


def test_roles_are_made_given_permissions_written_and_read(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    assert said(settings, "roles", "create", "Writer", "Empty") == "Added 2 role(s)\n"
    perms = ("-r", "DAGs", "Pools", "-a", "can_read", "can_edit")
    assert said(settings, "roles", "add-perms", "Writer", *perms).endswith("Added 4 permission(s)\n")
    assert said(settings, "roles", "add-perms", "Writer", *perms) == "Added 0 permission(s)\n"
    assert said(settings, "roles", "del-perms", "Writer", "-r", "Pools").endswith("Deleted 2 permission(s)\n")
    file = tmp_path / "roles.json"
    done = said(settings, "roles", "export", str(file))
    assert done == f"2 roles with 2 linked permissions successfully exported to {file}\n"
    entries = json.loads(file.read_text())
    writer = {"name": "Writer", "resource": "DAGs", "action": "can_edit,can_read"}
    assert writer in entries and {"name": "Empty", "resource": "", "action": ""} in entries
    assert said(settings, "roles", "delete", "Writer", "Empty") == "Deleted 2 role(s)\n"
    said(settings, "roles", "import", str(file))
    with database.read() as tx:
        found = tx.users.get_role("Writer")
        assert found is not None and found.grants == {("can_read", "DAGs"), ("can_edit", "DAGs")}
    assert "one of Airflow's own" in said(settings, "roles", "delete", "Empty", "Admin", code=1)
    with database.read() as tx:
        assert tx.users.get_role("Empty") is not None


def test_users_are_written_and_read(settings: Settings, database: Database, tmp_path: Path) -> None:
    said(
        settings,
        "users",
        "create",
        *["-u", "ann", "-e", "ann@e.com", "-f", "Ann", "-l", "Ames", "-r", "Op", "-p", "pw"],
    )
    file = tmp_path / "users.json"
    assert said(settings, "users", "export", str(file)) == f"1 users successfully exported to {file}\n"
    (entry,) = json.loads(file.read_text())
    assert {key: entry[key] for key in entry if key != "id"} == {
        "username": "ann",
        "email": "ann@e.com",
        "firstname": "Ann",
        "lastname": "Ames",
        "roles": ["Op"],
    }
    file.write_text(json.dumps([{**entry, "roles": ["Viewer"]}, {**entry, "username": "bob", "email": "bob@e.com"}]))
    told = said(settings, "users", "import", str(file))
    assert told == "Created the following users:\n\tbob@e.com\nUpdated the following users:\n\tann@e.com\n"
    with database.read() as tx:
        assert {user.username: tuple(user.roles) for user in tx.users.list()} == {"ann": ("Viewer",), "bob": ("Op",)}
    file.write_text(json.dumps([{**entry, "username": "eve", "email": "eve@e.com"}, {**entry, "roles": ["No"]}]))
    assert "No is not a valid role" in said(settings, "users", "import", str(file), code=1)
    with database.read() as tx:
        assert tx.users.get("eve") is None


def test_old_rows_are_deleted_kept_written_and_dropped(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.begin() as tx:
        for _ in range(3):
            tx.history.add("old", at=datetime(2020, 1, 1, tzinfo=UTC))
        tx.history.add("new")
    clean = ("db", "clean", "--clean-before-timestamp", "2024-01-01", "-t", "log,nowhere")
    told = said(settings, *clean, "--dry-run")
    assert "found 3 rows" in told and "nowhere" in told
    assert "Nobody is there to answer" in said(settings, *clean, code=1)
    said(settings, *clean, "-y")
    with database.read() as tx:
        assert [row.event for row in tx.history.latest()] == ["new"]
    folder = tmp_path / "out"
    folder.mkdir()
    told = said(settings, "db", "export-archived", "--output-path", str(folder), "--drop-archives", "-y")
    assert told == "Total exported tables: 1, Total dropped tables: 1\n"
    (file,) = folder.iterdir()
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["event"] for row in rows] == ["old"] * 3
    assert said(settings, "db", "drop-archived", "-y") == "Total dropped tables: 0\n"
    said(settings, *clean, "-y", "--skip-archive")
