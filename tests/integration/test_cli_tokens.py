"""``tradewind tokens``: made, listed and revoked on the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tradewind import app
from tradewind.actions.users import create_user
from tradewind.auth.access_tokens import digest_of
from tradewind.cli.dispatch import TREE
from tradewind.cli.inputs import duration
from tradewind.cli.session import CommandFailed, Session
from tradewind.cli.tokens import create, list_tokens, revoke
from tradewind.cli.tree import build_parser
from tradewind.config.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a migrated database and a user."""
    found = load_settings(environ={"AIRFLOW_HOME": str(tmp_path)})
    app.migrate(found)
    db = app.open_database(found)
    with db.begin() as tx:
        create_user(tx, username="ann", email="ann@example.com", password="pw", roles=("Viewer",))
    db.close()
    return found


def call(settings: Settings, *words: str) -> str:
    args = build_parser("tradewind", TREE).parse_args(["tokens", *words])
    handlers = {"tokens:create": create, "tokens:list_tokens": list_tokens, "tokens:revoke": revoke}
    out = io.StringIO()
    with Session(out, io.StringIO(), settings) as session:
        assert handlers[args.command.handler](args, session) == 0
    return out.getvalue().strip()


def test_a_token_is_made_listed_and_revoked(settings: Settings) -> None:
    secret = call(settings, "create", "robot", "-u", "ann", "--scope", "read", "--expires-in", "30d")
    (row,) = json.loads(call(settings, "list", "-o", "json"))
    assert (row["username"], row["name"], row["scopes"]) == ("ann", "robot", "read")
    assert secret not in json.dumps(row)
    db = app.open_database(settings)
    with db.read() as tx:
        stored = tx.users.token(digest_of(secret))
        assert stored is not None
        assert stored.expires_at is not None
    db.close()
    call(settings, "revoke", str(row["id"]))
    assert json.loads(call(settings, "list", "-u", "ann", "-o", "json")) == []
    with pytest.raises(CommandFailed, match="there is no token"):
        call(settings, "revoke", str(row["id"]))


@pytest.mark.parametrize("text", ["", "d", "30", "-1d", "0d", "1y", "99999999999w"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CommandFailed, match="is no time"):
        duration(text, "--expires-in")
