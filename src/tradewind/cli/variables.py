"""``variables``: list, get, set, delete, import, export."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from tradewind import elsewhere
from tradewind.actions import access

from .inputs import read_mapping
from .session import CommandFailed, Session


def list_variables(args: Namespace, session: Session) -> int:
    """The keys; values may be secret."""
    with session.database.read() as tx:
        rows = [{"key": row.key} for row in tx.vault.all_variables()]
    session.show(rows, args.output)
    return 0


def get(args: Namespace, session: Session) -> int:
    """One value, as a task gets it: from the secrets back end, the environment or the database. With --json it must be
    JSON and is printed compactly."""
    value = elsewhere.variable(session.settings, args.key)
    if value is None:
        with session.database.read() as tx:
            value = tx.vault.variable_value(args.key)
    if value is None:
        if args.default is None:
            raise CommandFailed(f"Variable {args.key} does not exist")
        value = args.default
    if args.json:
        try:
            value = json.dumps(json.loads(value), separators=(",", ":"), ensure_ascii=False)
        except ValueError as error:
            raise CommandFailed(f"Variable {args.key} is not JSON: {error}") from None
    session.say(value)
    return 0


def put(args: Namespace, session: Session) -> int:
    """Creates or replaces."""
    if args.json:
        try:
            json.loads(args.value)
        except ValueError as error:
            raise CommandFailed(f"the value is not JSON: {error}") from None
    with session.database.begin() as tx:
        access.set_variable(tx, args.key, args.value, args.description)
    session.say(f"Variable {args.key} created")
    return 0


def delete(args: Namespace, session: Session) -> int:
    """Deletes; one that is not there counts as deleted, as with Airflow."""
    with session.database.begin() as tx:
        access.delete_variable(tx, args.key)
    session.say(f"Variable {args.key} deleted")
    return 0


def load(args: Namespace, session: Session) -> int:
    """Reads a file: a value, or an object with value and description, for each key."""
    entries = read_mapping(args.file)
    done, skipped = [], []
    with session.database.begin() as tx:
        for key, entry in entries.items():
            exists = tx.vault.variable_value(key) is not None
            if exists and args.action_on_existing_key == "fail":
                raise CommandFailed(f"Variable {key} exists already; nothing was imported")
            if exists and args.action_on_existing_key == "skip":
                skipped.append(key)
                continue
            value, description = _entry(entry)
            access.set_variable(tx, key, value, description)
            done.append(key)
    session.say(f"{len(done)} of {len(entries)} variables successfully updated.")
    if skipped:
        session.say(f"The variables with these keys exist already and were skipped: {', '.join(skipped)}")
    return 0


def dump(args: Namespace, session: Session) -> int:
    """Writes all to a JSON file; a value that is JSON becomes JSON, one with a description an object of both."""
    with session.database.read() as tx:
        entries = {row.key: _exported(row.value, row.description) for row in tx.vault.all_variables()}
    text = json.dumps(entries, sort_keys=True, indent=4, ensure_ascii=False)
    if args.file == "-":
        session.say(text)
        return 0
    write_file(args.file, text)
    session.say(f"{len(entries)} Variables successfully exported to {args.file}.")
    return 0


def write_file(path: str, text: str) -> None:
    """Writes what was exported, for its owner alone: it may hold secrets."""
    target = Path(path)
    try:
        target.touch(mode=0o600)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None


def _entry(entry: Any) -> tuple[str, str | None]:
    if isinstance(entry, dict) and "value" in entry and set(entry) <= {"value", "description"}:
        return _text(entry["value"]), entry.get("description")
    return _text(entry), None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _exported(value: str | None, description: str | None) -> Any:
    shown: Any = value
    if value is not None and value.lstrip()[:1] in {"{", "[", '"'}:
        try:
            shown = json.loads(value)
        except ValueError:
            shown = value
    return shown if not description else {"value": shown, "description": description}
