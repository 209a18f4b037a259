"""Variables, connections and hooks: from a secrets back end, the environment, or by the Runtime."""
# ruff: noqa: ARG004
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, ClassVar

from tradewind.observability.masking import mask_secret

from .connection import Connection
from .exceptions import AirflowNotFoundException
from .logging_mixin import LoggingMixin
from .queryable import Queryable
from .secrets import from_backend
from .types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from tradewind.wire.messages import ConnectionReply

CONN_ENV_PREFIX = "AIRFLOW_CONN_"
VAR_ENV_PREFIX = "AIRFLOW_VAR_"


def find_connection(conn_id: str) -> Connection | None:
    """The connection of this id, or None: from the secrets back end, the environment, the database, in this order."""
    kept = from_backend(lambda backend: backend.get_connection(conn_id))
    if kept is not None:
        return _masked(kept)
    text = os.environ.get(CONN_ENV_PREFIX + conn_id.upper())  # noqa: TID251  AIRFLOW_VAR_… and AIRFLOW_CONN_… are looked up at the time of asking
    if text:
        if text.strip().startswith("{"):
            return _masked(Connection.from_json(text, conn_id=conn_id))
        return _masked(Connection(conn_id=conn_id, uri=text))
    return stored_connection(conn_id)


def stored_connection(conn_id: str) -> Connection | None:
    """The connection as the database has it, or None."""
    from .runtime import find  # pulls in the wire messages, which plain authoring does not need

    runtime = find()
    reply = runtime.get_connection(conn_id) if runtime is not None else None
    return None if reply is None else _masked(_from_reply(reply))


def _from_reply(reply: ConnectionReply) -> Connection:
    return Connection(
        conn_id=reply.conn_id,
        conn_type=reply.conn_type or None,
        description=reply.description,
        host=reply.host,
        login=reply.login,
        password=reply.password,
        schema=reply.schema,
        port=reply.port,
        extra=reply.extra,
    )


def _masked(connection: Connection) -> Connection:
    """The connection, once its secrets are hidden from the logs of this process."""
    if connection.password:
        mask_secret(connection.password)
    if connection.extra:
        mask_secret(connection.extra_dejson)
    return connection


def find_variable(key: str) -> str | None:
    """The variable's text, or None; one with a telling name is hidden from the logs of this process."""
    text = _variable_text(key)
    if text is not None:
        mask_secret(text, key)
    return text


def _variable_text(key: str) -> str | None:
    kept = from_backend(lambda backend: backend.get_variable(key))
    if kept is not None:
        return kept
    text = os.environ.get(VAR_ENV_PREFIX + key.upper())  # noqa: TID251  AIRFLOW_VAR_… and AIRFLOW_CONN_… are looked up at the time of asking
    if text is not None:
        return text
    return stored_variable(key)


def stored_variable(key: str) -> str | None:
    """The variable's text as the database has it, or None."""
    from .runtime import find  # pulls in the wire messages, which plain authoring does not need

    runtime = find()
    return runtime.get_variable(key) if runtime is not None else None


class Variable(metaclass=Queryable):
    """Named texts (or JSON) that all DAGs share."""

    _NO_DEFAULT: ClassVar[ArgNotSet] = NOTSET

    def __init__(self, key: str | None = None, val: Any = None, description: str | None = None) -> None:
        self.key = key
        self.val = val
        self.description = description

    def __repr__(self) -> str:
        return f"{self.key} : {self.val}"

    def get_val(self) -> Any:
        """The text."""
        return self.val

    @classmethod
    def get(cls, key: str, default_var: Any = NOTSET, deserialize_json: bool = False, default: Any = NOTSET) -> Any:
        """The value. Raises KeyError when there is none and no default."""
        value = find_variable(key)
        if value is None:
            fallback = default if isinstance(default_var, ArgNotSet) else default_var
            if isinstance(fallback, ArgNotSet):
                raise KeyError(f"Variable {key} does not exist")
            return fallback
        return json.loads(value) if deserialize_json else value

    @staticmethod
    def set(
        key: str, value: Any, description: str | None = None, serialize_json: bool = False, session: Any = None
    ) -> None:
        """Create or replace."""
        from .runtime import current  # pulls in the wire messages, which plain authoring does not need

        current().put_variable(key, json.dumps(value, indent=2) if serialize_json else str(value), description)

    @staticmethod
    def update(key: str, value: Any, serialize_json: bool = False, session: Any = None) -> None:
        """Replace one that exists. Raises KeyError."""
        if find_variable(key) is None:
            raise KeyError(f"Variable {key} does not exist")
        Variable.set(key, value, serialize_json=serialize_json)

    @staticmethod
    def delete(key: str, session: Any = None) -> int:
        """Delete; the number deleted."""
        from .runtime import current  # pulls in the wire messages, which plain authoring does not need

        return current().delete_variable(key)

    @classmethod
    def setdefault(cls, key: str, default: Any, description: str | None = None, deserialize_json: bool = False) -> Any:
        """The value; when there is none, ``default``, which is then stored."""
        found = cls.get(key, default_var=None, deserialize_json=deserialize_json)
        if found is not None:
            return found
        if default is None:
            raise ValueError("Default Value must be set")
        cls.set(key, default, description=description, serialize_json=deserialize_json)
        return default

    @staticmethod
    def get_variable_from_secrets(key: str) -> str | None:
        """The text, or None."""
        return find_variable(key)


class BaseHook(LoggingMixin):
    """Base of hooks: the code that talks to an outside system by a connection."""

    _log_config_logger_name: ClassVar[str | None] = "airflow.task.hooks"

    def __init__(self, logger_name: str | None = None) -> None:
        super().__init__()
        self._logger_name = logger_name

    @classmethod
    def get_connections(cls, conn_id: str) -> list[Connection]:
        """The connection in a list."""
        return [cls.get_connection(conn_id)]

    @classmethod
    def get_connection(cls, conn_id: str) -> Connection:
        """The connection. Raises AirflowNotFoundException."""
        found = Connection.get_connection_from_secrets(conn_id)
        cls.logger().info("Retrieving connection '%s'", found.conn_id)
        return found

    @classmethod
    def get_hook(cls, conn_id: str, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook that belongs to the connection's type."""
        return cls.get_connection(conn_id).get_hook(hook_params=hook_params)

    def get_conn(self) -> Any:
        """A connection of the outside system's client; for subclasses."""
        raise NotImplementedError()

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Fields of the connection's form."""
        return {}

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Which fields of the connection's form are hidden, renamed or filled."""
        return {}


class VariableAccessor:
    """``var.value`` and ``var.json`` of templates."""

    def __init__(self, *, deserialize_json: bool) -> None:
        self._deserialize_json = deserialize_json
        self.var: Any = None

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        self.var = Variable.get(key, deserialize_json=self._deserialize_json)
        return self.var

    def __repr__(self) -> str:
        return str(self.var)

    def get(self, key: str, default_var: Any = NOTSET) -> Any:
        """The value, or the default."""
        return Variable.get(key, default_var, deserialize_json=self._deserialize_json)


class ConnectionAccessor:
    """``conn`` of templates."""

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Connection.get_connection_from_secrets(key)

    def __repr__(self) -> str:
        return "<connections>"

    def get(self, key: str, default_conn: Any = None) -> Any:
        """The connection, or the default."""
        try:
            return Connection.get_connection_from_secrets(key)
        except AirflowNotFoundException:
            return default_conn
