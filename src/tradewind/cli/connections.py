"""``connections``: list, get, add, delete, import, export."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from tradewind import elsewhere
from tradewind.actions import access
from tradewind.model.errors import InvalidInput

from .connection_uri import build_uri, parse_uri
from .inputs import FORMATS, read_mapping
from .session import CommandFailed, Session
from .variables import write_file

if TYPE_CHECKING:
    from tradewind.storage.rows import ConnectionRow

FIELDS = ("conn_type", "description", "login", "password", "host", "port", "schema", "extra")


def list_connections(args: Namespace, session: Session) -> int:
    """All, or the one with --conn-id."""
    with session.database.read() as tx:
        rows = [row for row in tx.vault.all_connections() if args.conn_id in (None, row.conn_id)]
    session.show([_shown(row) for row in rows], args.output)
    return 0


def get(args: Namespace, session: Session) -> int:
    """One connection, password and all, as a task gets it: from the secrets back end, the environment or the
    database."""
    kept = elsewhere.connection(session.settings, args.conn_id)
    if kept is not None:
        from tradewind.storage.rows import ConnectionRow  # with the database, which a name of the environment needs not

        fields = {name: getattr(kept, name) for name in FIELDS}
        session.show([_shown(ConnectionRow(conn_id=args.conn_id, **fields)) | {"id": None}], args.output)
        return 0
    with session.database.read() as tx:
        row = tx.vault.get_connection(args.conn_id)
    if row is None:
        raise CommandFailed("Connection not found.")
    session.show([_shown(row)], args.output)
    return 0


def add(args: Namespace, session: Session) -> int:
    """Creates one, from exactly one of: a URI, a JSON object, parts."""
    values = _given(args)
    with session.database.begin() as tx:
        if tx.vault.get_connection(args.conn_id) is not None:
            raise CommandFailed(f"A connection with `conn_id`={args.conn_id} already exists.")
        access.set_connection(tx, args.conn_id, values)
    session.say(f"Successfully added `conn_id`={args.conn_id} : {_without_password(values)}")
    return 0


def delete(args: Namespace, session: Session) -> int:
    """Deletes one that exists."""
    with session.database.begin() as tx:
        if tx.vault.get_connection(args.conn_id) is None:
            raise CommandFailed(f"Did not find a connection with `conn_id`={args.conn_id}")
        access.delete_connection(tx, args.conn_id)
    session.say(f"Successfully deleted connection with `conn_id`={args.conn_id}")
    return 0


def load(args: Namespace, session: Session) -> int:
    """Reads a file: a URI or an object for each id."""
    entries = {conn_id: _read_entry(conn_id, entry) for conn_id, entry in read_mapping(args.file).items()}
    with session.database.begin() as tx:
        for conn_id, values in entries.items():
            if tx.vault.get_connection(conn_id) is not None and not args.overwrite:
                session.say(f"Could not import connection {conn_id}: connection already exists.")
                continue
            access.set_connection(tx, conn_id, values)
            session.say(f"Imported connection {conn_id}")
    return 0


def dump(args: Namespace, session: Session) -> int:
    """Writes all to a file, in the format asked for or that its name says."""
    kind = args.file_format or args.format or FORMATS.get("." + args.file.rpartition(".")[2], "json")
    if args.serialization_format and kind != "env":
        raise CommandFailed("--serialization-format may only be given for the env format")
    with session.database.read() as tx:
        rows = list(tx.vault.all_connections())
    text = _serialised(rows, kind, args.serialization_format or "uri")
    if args.file == "-":
        session.say(text)
        return 0
    write_file(args.file, text)
    session.say(f"{len(rows)} Connections successfully exported to {args.file}.")
    return 0


def read_connection(session: Session, conn_id: str) -> dict[str, Any] | None:
    """A connection's fields as a task finds them: from the environment first. None when there is none."""
    text = os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}")  # noqa: TID251  the environment of whoever types the command
    if text:
        return _read_entry(conn_id, text)
    with session.database.read() as tx:
        row = tx.vault.get_connection(conn_id)
    return None if row is None else _fields(row)


def _given(args: Namespace) -> dict[str, Any]:
    parts = {
        "conn_type": args.conn_type,
        "description": args.conn_description,
        "host": args.conn_host,
        "login": args.conn_login,
        "password": args.conn_password,
        "schema": args.conn_schema,
        "port": _port(args.conn_port),
        "extra": args.conn_extra,
    }
    apart = [name for name, value in parts.items() if value is not None and name != "description"]
    if sum(map(bool, (args.conn_uri, args.conn_json, apart))) != 1:
        raise CommandFailed("give exactly one of --conn-uri, --conn-json, or --conn-type with the other parts")
    if args.conn_uri:
        return parse_uri(args.conn_uri) | {"description": args.conn_description}
    if args.conn_json:
        return _from_json(args.conn_json) | {"description": args.conn_description}
    if not args.conn_type:
        raise CommandFailed("a connection needs a --conn-type")
    return parts


def _from_json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"--conn-json is not JSON: {error}") from None
    return _values(value, "--conn-json")


def _read_entry(conn_id: str, entry: Any) -> dict[str, Any]:
    if isinstance(entry, str):
        try:
            return _from_json(entry) if entry.lstrip().startswith("{") else parse_uri(entry)
        except InvalidInput as error:
            raise CommandFailed(f"connection {conn_id}: {error}") from None
    return _values(entry, f"connection {conn_id}")


def _values(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise CommandFailed(f"{where} must be an object with conn_type and the other fields")
    unknown = sorted(set(entry) - {*FIELDS, "conn_id", "extra_dejson", "id", "uri"})
    if unknown:
        raise CommandFailed(f"{where} has fields that no connection has: {', '.join(unknown)}")
    if entry.get("uri"):
        return parse_uri(str(entry["uri"]))
    extra = entry.get("extra", entry.get("extra_dejson"))
    values = {name: entry.get(name) for name in FIELDS}
    values["extra"] = extra if extra is None or isinstance(extra, str) else json.dumps(extra)
    values["port"] = _port(entry.get("port"))
    if not values["conn_type"]:
        raise CommandFailed(f"{where} has no conn_type")
    return values


def _port(value: Any) -> int | None:
    if value in (None, ""):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise CommandFailed(f"a port is a number, not {value!r}") from None


def _fields(row: ConnectionRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _shown(row: ConnectionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "conn_id": row.conn_id,
        "conn_type": row.conn_type,
        "description": row.description,
        "host": row.host,
        "schema": row.schema,
        "login": row.login,
        "password": row.password,
        "port": row.port,
        "is_encrypted": bool(getattr(row, "is_encrypted", False)),
        "is_extra_encrypted": bool(getattr(row, "is_extra_encrypted", False)),
        "extra_dejson": _dejson(row.extra),
        "get_uri": build_uri(_fields(row)),
    }


def _dejson(extra: str | None) -> Any:
    try:
        return json.loads(extra) if extra else {}
    except ValueError:
        return {}


def _without_password(values: dict[str, Any]) -> str:
    shown = build_uri(values | {"password": "hidden" if values.get("password") else None, "extra": None})
    return shown.replace(":hidden@", ":******@", 1)


def _serialised(rows: list[ConnectionRow], kind: str, env_kind: str) -> str:
    if kind == "env":
        return "".join(f"{row.conn_id}={_env_value(row, env_kind)}\n" for row in rows)
    entries = {row.conn_id: _fields(row) for row in rows}
    if kind == "json":
        return json.dumps(entries, indent=2, ensure_ascii=False)
    import yaml  # heavy, and only for such files

    return str(yaml.safe_dump(entries, allow_unicode=True))


def _env_value(row: ConnectionRow, env_kind: str) -> str:
    return build_uri(_fields(row)) if env_kind == "uri" else json.dumps(_fields(row), ensure_ascii=False)
