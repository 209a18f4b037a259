"""Secrets back ends: where connections and variables are looked up before the environment and the database.

``[secrets] backend`` names one; its code runs where user code runs: in attempts, parse children and the triggerer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from .connection import Connection
from .exceptions import AirflowException, ConnectionNotUnique
from .loading import import_string
from .logging_mixin import LoggingMixin
from .settings_reader import conf

T = TypeVar("T")

DEFAULT_SECRETS_SEARCH_PATH = [
    "airflow.secrets.environment_variables.EnvironmentVariablesBackend",
    "airflow.secrets.metastore.MetastoreBackend",
]


class BaseSecretsBackend(LoggingMixin):
    """Base of back ends. Subclasses give ``get_conn_value`` and ``get_variable``, and ``get_config`` if they can."""

    @staticmethod
    def build_path(path_prefix: str, secret_id: str, sep: str = "/") -> str:
        """Prefix and id as one path."""
        return f"{path_prefix}{sep}{secret_id}"

    def get_conn_value(self, conn_id: str) -> str | None:
        """A connection as URI or JSON; None when there is none."""
        raise NotImplementedError

    def get_conn_uri(self, conn_id: str) -> str | None:
        """The older spelling."""
        raise NotImplementedError

    def deserialize_connection(self, conn_id: str, value: str) -> Connection:
        """The connection of a URI or JSON text."""
        text = value.strip()
        if text.startswith("{"):
            return Connection.from_json(text, conn_id=conn_id)
        return Connection(conn_id=conn_id, uri=text)

    def get_connection(self, conn_id: str) -> Connection | None:
        """The connection, or None."""
        try:
            value = self.get_conn_value(conn_id)
        except NotImplementedError:
            value = self.get_conn_uri(conn_id)
        return self.deserialize_connection(conn_id, value) if value else None

    def get_connections(self, conn_id: str) -> list[Connection]:
        """The connection in a list."""
        found = self.get_connection(conn_id)
        return [] if found is None else [found]

    def get_variable(self, key: str) -> str | None:
        """A variable's text, or None."""
        raise NotImplementedError

    def get_config(self, key: str) -> str | None:
        """An option's text, or None."""
        return None


class EnvironmentVariablesBackend(BaseSecretsBackend):
    """``AIRFLOW_CONN_…`` and ``AIRFLOW_VAR_…``."""

    def get_conn_value(self, conn_id: str) -> str | None:
        return os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}")  # noqa: TID251  looked up at the time of asking

    def get_variable(self, key: str) -> str | None:
        return os.environ.get(f"AIRFLOW_VAR_{key.upper()}")  # noqa: TID251  looked up at the time of asking


class MetastoreBackend(BaseSecretsBackend):
    """The database, asked through the Runtime."""

    def get_connection(self, conn_id: str, session: Any = None) -> Connection | None:
        from .lookups import stored_connection  # it looks into the back ends first

        return stored_connection(conn_id)

    def get_variable(self, key: str, session: Any = None) -> str | None:
        from .lookups import stored_variable  # it looks into the back ends first

        return stored_variable(key)


class LocalFilesystemBackend(BaseSecretsBackend):
    """Files with variables and connections: JSON, YAML or NAME=value lines."""

    def __init__(self, variables_file_path: str | None = None, connections_file_path: str | None = None) -> None:
        super().__init__()
        self.variables_file = variables_file_path
        self.connections_file = connections_file_path

    def get_connection(self, conn_id: str) -> Connection | None:
        found = load_connections_dict(self.connections_file) if self.connections_file else {}
        return found.get(conn_id)

    def get_variable(self, key: str) -> str | None:
        found = load_variables(self.variables_file) if self.variables_file else {}
        return found.get(key)


def load_variables(file_path: str) -> dict[str, str]:
    """Key → text of a file. Raises AirflowException for one that says a key twice."""
    found = {}
    for key, value in _read(file_path).items():
        values = value if isinstance(value, list) else [value]
        if len(values) != 1:
            raise AirflowException(f"The '{file_path}' file contains multiple values for keys: {[key]}")
        found[key] = values[0] if isinstance(values[0], str) else json.dumps(values[0])
    return found


def load_connections_dict(file_path: str) -> dict[str, Connection]:
    """Id → connection of a file. Raises ConnectionNotUnique for one that gives an id twice."""
    found = {}
    for conn_id, value in _read(file_path).items():
        values = value if isinstance(value, list) else [value]
        if len(values) > 1:
            raise ConnectionNotUnique(f"Found multiple values for {conn_id} in {file_path}.")
        for one in values:
            found[conn_id] = _connection(conn_id, one)
    return found


def _connection(conn_id: str, value: Any) -> Connection:
    if isinstance(value, str):
        return BaseSecretsBackend().deserialize_connection(conn_id, value)
    if not isinstance(value, dict):
        raise AirflowException(
            f"Unexpected value type: {type(value)}. The connection can only be defined using string or object."
        )
    fields = {name: item for name, item in value.items() if name != "extra_dejson"}
    if "extra_dejson" in value:
        fields["extra"] = json.dumps(value["extra_dejson"])
    if isinstance(fields.get("extra"), dict):
        fields["extra"] = json.dumps(fields["extra"])
    return Connection(**{**fields, "conn_id": conn_id})


def _read(file_path: str) -> dict[str, Any]:
    path = Path(file_path)
    if not path.exists():
        raise AirflowException(f"File {file_path} was not found. Check the configuration of your Secrets backend.")
    text = path.read_text(encoding="utf-8")
    parse = _PARSERS.get(path.suffix.lstrip(".").lower())
    if parse is None:
        raise AirflowException(
            "Unsupported file format. The file must have one of the following extensions: .env .json .yaml .yml"
        )
    try:
        found = parse(text)
    except ValueError as error:
        raise AirflowException(f"Failed to load the secret file {file_path}: {error}") from error
    if not isinstance(found, dict):
        raise AirflowException(f"Failed to load the secret file {file_path}: expected an object with names")
    return found


def _env(text: str) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        name, equals, value = bare.partition("=")
        if not equals:
            raise ValueError(f"line {number} has no equal sign ('=')")
        found.setdefault(name.strip(), []).append(value.strip())
    return dict(found)


def _yaml(text: str) -> Any:
    import yaml  # large, and only for such files

    return yaml.safe_load(text) or {}


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "json": lambda text: json.loads(text) if text.strip() else {},
    "env": _env,
    "yaml": _yaml,
    "yml": _yaml,
}


def configured() -> BaseSecretsBackend | None:
    """The back end of ``[secrets] backend``; None without one. Raises what making it raises."""
    path = conf.get("secrets", "backend", fallback="")
    if not path:
        return None
    return _made(path, str(conf.get("secrets", "backend_kwargs", fallback="") or "{}"))


@cache
def _made(path: str, kwargs: str) -> BaseSecretsBackend:
    try:
        arguments = json.loads(kwargs)
    except ValueError:
        arguments = None
    backend: BaseSecretsBackend = import_string(path)(**(arguments if isinstance(arguments, dict) else {}))
    return backend


def from_backend(ask: Callable[[BaseSecretsBackend], T | None]) -> T | None:
    """What the configured back end answers; None without one, or when it fails, which the log tells: as in Airflow the
    environment and the database are asked then."""
    try:
        backend = configured()
        return None if backend is None else ask(backend)
    except Exception as error:
        BaseSecretsBackend().log.warning("The secrets back end failed, asking the next place: %s", error)
        return None
