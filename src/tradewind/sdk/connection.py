"""Connection: where an outside system is and how to log in, as fields, as a URI, as JSON."""
# ruff: noqa: PLR0917
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

import json
import re
import warnings
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from .exceptions import AirflowException, AirflowNotFoundException, RemovedInAirflow3Warning
from .logging_mixin import LoggingMixin
from .queryable import Queryable

_SAFE_ID = re.compile(r"^[\w#!()\-.:/\\]{1,}$")


class Connection(LoggingMixin, metaclass=Queryable):
    """One connection. Made from fields or from a URI, not from both."""

    EXTRA_KEY = "__extra__"

    def __init__(
        self,
        conn_id: str | None = None,
        conn_type: str | None = None,
        description: str | None = None,
        host: str | None = None,
        login: str | None = None,
        password: str | None = None,
        schema: str | None = None,
        port: int | None = None,
        extra: str | dict[str, Any] | None = None,
        uri: str | None = None,
    ) -> None:
        super().__init__()
        self.conn_id: Any = conn_id if conn_id is None or _SAFE_ID.match(str(conn_id)) else None
        self.description = description
        if extra is not None and not isinstance(extra, str):
            extra = json.dumps(extra)
        if uri is not None and (conn_type or host or login or password or schema or port or extra):
            raise AirflowException(
                "You must create an object using the URI or individual values "
                "(conn_type, host, login, password, schema, port or extra)."
                "You can't mix these two ways to create this object."
            )
        self.conn_type: Any = conn_type
        self.host = host
        self.login = login
        self.password = password
        self.schema = schema
        self.port = port
        self.extra = extra
        if uri is not None:
            self._read_uri(uri)
        if extra:
            self._check_extra(extra)

    @staticmethod
    def _check_extra(extra: str) -> None:
        try:
            parsed = json.loads(extra)
        except ValueError:
            warnings.warn(
                "Encountered non-JSON in `extra` field. Support for non-JSON `extra` will be removed in Airflow 3.0",
                RemovedInAirflow3Warning,
                stacklevel=3,
            )
            return
        if not isinstance(parsed, dict):
            warnings.warn(
                f"Encountered JSON value in `extra` which does not parse as a dictionary: {parsed!r}. "
                "From Airflow 3.0, the `extra` field must contain a JSON representation of a Python dict.",
                RemovedInAirflow3Warning,
                stacklevel=3,
            )

    def _read_uri(self, uri: str) -> None:
        scheme, separator, rest = uri.partition("://")
        protocol = None
        if rest.count("://") == 1 and separator:
            # scheme://protocol://host…: the protocol is a part of the host.
            protocol, _, rest = rest.partition("://")
        parts = urlsplit(f"{scheme}://{rest}" if separator else uri)
        self.conn_type = _conn_type(parts.scheme)
        host = _host_of(parts.netloc)
        self.host = f"{protocol}://{host}" if protocol and host else host
        quoted_schema = parts.path[1:] if parts.path.startswith("/") else parts.path
        self.schema = unquote(quoted_schema) if quoted_schema else quoted_schema
        user, _, at = parts.netloc.rpartition("@")
        login, colon, password = user.partition(":")
        self.login = unquote(login) or None if at or user else None
        self.password = unquote(password) if colon and password else None
        self.port = parts.port
        if parts.query:
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            self.extra = query.get(self.EXTRA_KEY) if self.EXTRA_KEY in query else json.dumps(query)

    def get_uri(self) -> str:
        """The connection as a URI; nested extra goes whole into ``__extra__``."""
        scheme = (self.conn_type or "").lower().replace("_", "-")
        if "_" in (self.conn_type or ""):
            self.log.warning(
                "Connection schemes (type: %s) shall not contain '_' according to RFC3986.", self.conn_type
            )
        uri = f"{scheme}://" if scheme else "//"
        host = self.host or ""
        if "://" in host:
            protocol, _, host = host.partition("://")
            # Of http://host only one scheme is written, when it says the same as the type.
            uri += f"{protocol}://"
        return uri + self._authority(host) + self._query()

    def _authority(self, host: str) -> str:
        text = ""
        if self.login is not None:
            text += quote(self.login, safe="")
        if self.password is not None:
            text += f":{quote(self.password, safe='')}"
        if text:
            text += "@"
        text += quote(host, safe="")
        if self.port:
            text += f":{self.port}" if text else f"@:{self.port}"
        if self.schema:
            text += f"/{quote(self.schema, safe='')}"
        return text

    def _query(self) -> str:
        if not self.extra:
            return ""
        lead = "?" if self.schema else "/?"
        extra = self.extra_dejson
        flat = urlencode(extra) if isinstance(extra, dict) else ""
        if extra and extra == dict(parse_qsl(flat, keep_blank_values=True)):
            return lead + flat
        return lead + urlencode({self.EXTRA_KEY: self.extra})

    @property
    def extra_dejson(self) -> dict[str, Any]:
        """``extra`` as a dict; empty when it is no JSON."""
        return self.get_extra_dejson()

    def get_extra_dejson(self, nested: bool = False) -> dict[str, Any]:
        """``extra`` as a dict; ``nested``: JSON texts inside are read as well."""
        if not self.extra:
            return {}
        try:
            extra = json.loads(self.extra)
        except ValueError:
            self.log.exception("Failed parsing the json for conn_id %s", self.conn_id)
            return {}
        if nested and isinstance(extra, dict):
            for key, value in extra.items():
                if isinstance(value, str):
                    try:
                        extra[key] = json.loads(value)
                    except ValueError:
                        continue
        return extra  # type: ignore[no-any-return]

    def get_password(self) -> str | None:
        """The password."""
        return self.password

    def set_password(self, value: str | None) -> None:
        """Change the password."""
        self.password = value

    def get_extra(self) -> str | None:
        """``extra`` as text."""
        return self.extra

    def set_extra(self, value: str | None) -> None:
        """Change ``extra``."""
        self.extra = value

    def get_hook(self, *, hook_params: dict[str, Any] | None = None) -> Any:
        """The hook of this connection's type. Raises AirflowException when no provider brings one."""
        from importlib import import_module  # the providers' hooks are known one floor up

        try:
            hook_class, parameter = import_module("tradewind.plugins.providers").hook_for(self.conn_type)
        except (ImportError, LookupError) as error:
            raise AirflowException(f'Unknown hook type "{self.conn_type}"') from error
        return hook_class(**{parameter: self.conn_id}, **(hook_params or {}))

    def test_connection(self) -> tuple[bool, str]:
        """Ask the hook whether it can log in."""
        try:
            hook = self.get_hook()
            if not getattr(hook, "test_connection", None):
                return False, f"Hook {type(hook).__name__} doesn't implement or inherit test_connection method"
            result: tuple[bool, str] = hook.test_connection()
            return result
        except Exception as error:
            return False, str(error)

    def to_dict(self, *, prune_empty: bool = False, validate: bool = True) -> dict[str, Any]:
        """The fields, ``extra`` as a dict; optionally without empty ones."""
        fields: dict[str, Any] = {
            "conn_id": self.conn_id,
            "conn_type": self.conn_type,
            "description": self.description,
            "host": self.host,
            "login": self.login,
            "password": self.password,
            "schema": self.schema,
            "port": self.port,
        }
        if prune_empty:
            fields = {name: value for name, value in fields.items() if value not in (None, "")}
        extra = self.extra_dejson
        if extra or not prune_empty:
            fields["extra"] = extra or (None if not self.extra else extra)
        return fields

    @classmethod
    def from_json(cls, value: str, conn_id: str | None = None) -> Connection:
        """Read the JSON form; the port may be a text."""
        fields = json.loads(value)
        extra = fields.pop("extra", None)
        if extra:
            fields["extra"] = extra if isinstance(extra, str) else json.dumps(extra)
        conn_type = fields.pop("conn_type", None)
        if conn_type:
            fields["conn_type"] = _conn_type(conn_type)
        port = fields.pop("port", None)
        if port:
            try:
                fields["port"] = int(port)
            except ValueError:
                raise ValueError(f"Expected integer value for `port`, but got {port!r} instead.") from None
        fields.pop("conn_id", None)
        return cls(conn_id=conn_id, **fields)

    def as_json(self) -> str:
        """The JSON form, without empty fields and the id."""
        fields = self.to_dict(prune_empty=True, validate=False)
        fields.pop("conn_id", None)
        return json.dumps(fields)

    @classmethod
    def get_connection_from_secrets(cls, conn_id: str) -> Connection:
        """Find the connection. Raises AirflowNotFoundException."""
        from .lookups import find_connection  # lookups needs this class first

        found = find_connection(conn_id)
        if found is None:
            raise AirflowNotFoundException(f"The conn_id `{conn_id}` isn't defined")
        return found

    get = get_connection_from_secrets

    def __repr__(self) -> str:
        return str(self.conn_id or "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(self.conn_id)


def _conn_type(scheme: str) -> str:
    kind = scheme.replace("-", "_")
    return "postgres" if kind == "postgresql" else kind


def _host_of(netloc: str) -> str | None:
    """The host of a URI, decoded, in the spelling that was written (urlsplit would make it lower case)."""
    place = netloc.rpartition("@")[2]
    host = place.partition("]")[0][1:] if place.startswith("[") else place.partition(":")[0]
    return unquote(host)
