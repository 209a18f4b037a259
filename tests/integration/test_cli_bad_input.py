"""Every command with what it cannot work with: one line that says so, the exit code, and nothing changed."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest
from sqlalchemy import text

from tradewind import app
from tradewind.cli.dispatch import TREE, call
from tradewind.cli.session import Session
from tradewind.cli.tree import Group, build_parser
from tradewind.config.settings import Settings, load_settings
from tradewind.storage.migration import METADATA

CASES: dict[str, tuple[str, str]] = {
    "config get-value": ("nowhere nothing", r"\[nowhere\] nothing"),
    "connections add": ("c --conn-uri notauri", "."),
    "connections delete": ("nowhere", "nowhere"),
    "connections export": ("/nowhere/file.json", "/nowhere/file.json"),
    "connections get": ("nowhere", "Connection not found"),
    "connections import": ("/nowhere/file.json", "/nowhere/file.json"),
    "dags backfill": ("nowhere -s 2024-01-01 -e 2024-01-02", "nowhere"),
    "dags delete": ("nowhere -y", "nowhere"),
    "dags details": ("nowhere", "nowhere"),
    "dags list-runs": ("-d nowhere", "nowhere"),
    "dags next-execution": ("nowhere", "nowhere"),
    "dags show": ("nowhere", "nowhere"),
    "dags state": ("nowhere 2024-01-01", "nowhere"),
    "dags test": ("nowhere", "nowhere"),
    "dags trigger": ("nowhere", "nowhere"),
    "db clean": ("--clean-before-timestamp soon -y", "'soon' is not a date"),
    "db export-archived": ("--output-path /nowhere -y", "/nowhere"),
    "kerberos": ("--one-time --keytab k", "cannot start no-kinit"),
    "pools delete": ("nowhere", "nowhere"),
    "pools export": ("/nowhere/file.json", "/nowhere/file.json"),
    "pools get": ("nowhere", "nowhere"),
    "pools import": ("/nowhere/file.json", "/nowhere/file.json"),
    "roles add-perms": ("Viewer -a can_fly -r DAGs", "Action named 'can_fly' does not exist"),
    "roles del-perms": ("nowhere -r DAGs", "Role named 'nowhere' does not exist"),
    "roles delete": ("nowhere", "Role named 'nowhere' does not exist"),
    "roles export": ("/nowhere/file.json", "/nowhere/file.json"),
    "roles import": ("/nowhere/file.json", "File '/nowhere/file.json' does not exist"),
    "run": ("/nowhere/file.py", "/nowhere/file.py"),
    "tasks clear": ("nowhere -y", "nowhere"),
    "tasks failed-deps": ("nowhere t 2024-01-01", "nowhere"),
    "tasks list": ("nowhere", "nowhere"),
    "tasks render": ("nowhere t 2024-01-01", "nowhere"),
    "tasks run": ("nowhere t 2024-01-01", "nowhere"),
    "tasks state": ("nowhere t 2024-01-01", "nowhere"),
    "tasks states-for-dag-run": ("nowhere 2024-01-01", "nowhere"),
    "tasks test": ("nowhere t 2024-01-01", "nowhere"),
    "tokens create": ("robot -u nowhere", "nowhere"),
    "tokens revoke": ("999999", "999999"),
    "users add-role": ("-u nowhere -r Op", 'User "nowhere" does not exist'),
    "users create": ("-u a -e a@b.c -f a -l b -r Nowhere -p p", "Nowhere is not a valid role"),
    "users delete": ("-u nowhere", 'User "nowhere" does not exist'),
    "users export": ("/nowhere/file.json", "/nowhere/file.json"),
    "users import": ("/nowhere/file.json", "File '/nowhere/file.json' does not exist"),
    "users remove-role": ("-u ann -r Op", "not a member"),
    "users reset-password": ("-u nowhere -p p", 'User "nowhere" does not exist'),
    "variables export": ("/nowhere/file.json", "/nowhere/file.json"),
    "variables get": ("nowhere", "nowhere"),
    "variables import": ("/nowhere/file.json", "/nowhere/file.json"),
    "webserver": ("--ssl-cert c.pem", "An SSL key must also be provided"),
}
NO_ERROR = {
    "dags list-jobs": ("-d nowhere", "No data found"),
    "dags pause": ("nowhere", "No unpaused DAGs were found"),
    "dags unpause": ("nowhere", "No paused DAGs were found"),
    "variables delete": ("nowhere", "Variable nowhere deleted"),
}
"""What Airflow says of things that are not there, with the exit code 0."""
NOTHING_TO_GET_WRONG = {
    *("config list", "connections list", "dags list", "dags list-import-errors", "dags report", "info", "jobs check"),
    *("pools list", "roles list", "tokens list", "users list", "variables list", "version", "plugins"),
    # Their words are checked by the parser alone, or they have none.
    *("dag-processor", "scheduler", "standalone", "triggerer", "worker", "pools set", "variables set", "roles create"),
    *("db migrate", "db init", "db upgrade", "db check", "db check-migrations", "db reset", "db shell"),
    *("db drop-archived", "rotate-fernet-key", "dags reserialize"),
}
OF_OTHER_TESTS = ("providers ", "backfill ", "connections test")
"""What is tested elsewhere."""


def names() -> set[str]:
    found = set()
    for node in TREE:
        found |= {f"{node.name} {one.name}" for one in node.commands} if isinstance(node, Group) else {node.name}
    return {name for name in found if not name.startswith(OF_OTHER_TESTS)}


def test_every_command_is_here() -> None:
    assert names() - set(CASES) - set(NO_ERROR) == NOTHING_TO_GET_WRONG & names()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    (home / "dags").mkdir()
    found = load_settings(environ={"AIRFLOW_HOME": str(home), "AIRFLOW__KERBEROS__KINIT_PATH": "no-kinit"})
    app.migrate(found)
    db = app.open_database(found)
    with db.begin() as tx:
        tx.users.create(username="ann", email="ann@example.com", password=None, roles=["Viewer"])
    db.close()
    return found


def state(settings: Settings) -> dict[str, list[str]]:
    """Every table's rows."""
    db = app.open_database(settings)
    with db.read() as tx:
        found = {
            name: sorted(map(str, tx.connection.execute(text(f"SELECT * FROM {name}")))) for name in METADATA.tables
        }
    db.close()
    return found


@pytest.mark.parametrize("name", sorted(CASES))
def test_bad_input(settings: Settings, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words, said = CASES[name]
    monkeypatch.chdir(tmp_path)
    before = state(settings)
    args = build_parser("tradewind", TREE).parse_args([*name.split(), *shlex.split(words)])
    out, err = io.StringIO(), io.StringIO()
    code = call(args.command, args, Session(out, err, settings))
    assert code == 1, (out.getvalue(), err.getvalue())
    assert re.search(said, err.getvalue()), err.getvalue()
    assert "Traceback" not in err.getvalue()
    assert len(err.getvalue().strip().splitlines()) == 1
    assert state(settings) == before


@pytest.mark.parametrize("name", sorted(NO_ERROR))
def test_what_is_no_error(settings: Settings, name: str) -> None:
    words, said = NO_ERROR[name]
    before = state(settings)
    args = build_parser("tradewind", TREE).parse_args([*name.split(), *shlex.split(words)])
    out = io.StringIO()
    assert call(args.command, args, Session(out, io.StringIO(), settings)) == 0
    assert said in out.getvalue()
    assert state(settings) == before
