"""Variables and connections for a run in this process from files, as ``dag.test()`` takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradewind.model.errors import InvalidInput
from tradewind.sdk.connection import Connection
from tradewind.wire import messages as wire

from .inline import Vault


def files_vault(connections: str | None, variables: str | None) -> Vault | None:
    """A vault over two files (JSON, YAML or ``.env``); None when neither is given. Raises InvalidInput."""
    if connections is None and variables is None:
        return None
    known = {name: connection_reply(name, value) for name, value in read_mapping(connections).items()}
    stored = {name: text_of(value) for name, value in read_mapping(variables).items()}

    def ask(request: wire.AttemptRequest) -> wire.AttemptReply:
        match request:
            case wire.GetVariable(key=key):
                return wire.Value(value=stored.get(key))
            case wire.PutVariable(key=key, value=value):
                stored[key] = value
                return wire.Ok()
            case wire.DeleteVariable(key=key):
                return wire.Value(value=int(stored.pop(key, None) is not None))
            case wire.GetConnection(conn_id=conn_id):
                return known.get(conn_id, wire.Value(value=None))
            case _:
                return wire.Refused(code="invalid", message=f"{type(request).__name__} is not a vault's matter")

    return ask


def read_mapping(path: str | None) -> Mapping[str, Any]:
    """Name → value of a file; empty without one."""
    if path is None:
        return {}
    file = Path(path).expanduser()
    try:
        text = file.read_text()
    except OSError as problem:
        raise InvalidInput(f"{path} cannot be read: {problem.strerror}") from problem
    try:
        found = parsed(file.suffix, text)
    except ValueError as problem:
        raise InvalidInput(f"{path} is not a file of names and values: {problem}") from problem
    if not isinstance(found, dict):
        raise InvalidInput(f"{path} must hold one mapping of names to values, not a {type(found).__name__}")
    return found


def parsed(suffix: str, text: str) -> Any:
    """The content by the file's suffix."""
    if suffix == ".env":
        lines = (line.strip() for line in text.splitlines())
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    if suffix in (".yaml", ".yml"):
        import yaml  # heavy, and JSON is the common case

        try:
            return yaml.safe_load(text)
        except yaml.YAMLError as problem:
            raise ValueError(str(problem)) from problem
    return json.loads(text)


def text_of(value: Any) -> str:
    """A variable's value as it is stored: texts as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def connection_reply(name: str, value: Any) -> wire.ConnectionReply:
    """A connection from its URI or from its fields."""
    if isinstance(value, str):
        connection = Connection.from_json(value, name) if value.startswith("{") else Connection(conn_id=name, uri=value)
    else:
        connection = Connection.from_json(json.dumps(value), name)
    return wire.ConnectionReply(
        conn_id=name,
        conn_type=connection.conn_type or "",
        description=connection.description,
        host=connection.host,
        login=connection.login,
        password=connection.password,
        schema=connection.schema,
        port=connection.port,
        extra=connection.extra,
    )
