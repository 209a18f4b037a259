"""A connection as a URI, both ways: ``conn-type://login:password@host:port/schema?extra=…``, as Airflow reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tradewind.model.errors import InvalidInput

JSON_PARAMETER = "__extra__"
"""Query parameter with the extras as one JSON text, when they do not fit into parameters."""


def parse_uri(uri: str) -> dict[str, Any]:
    """conn_type, host, login, password, schema, port, extra of a URI. Raises InvalidInput for what is none."""
    scheme, separator, rest = uri.partition("://")
    if not separator or not scheme:
        raise InvalidInput("a connection URI looks like conn-type://login:password@host:port/schema?key=value")
    protocol, inner, after = rest.partition("://")
    if inner and all(mark not in protocol for mark in "@/?"):
        rest = after
    parts = urlsplit(f"//{rest}")
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInput(f"the connection URI has a bad port: {error}") from None
    host = unquote(parts.hostname or "")
    return {
        "conn_type": _type(scheme),
        "host": (f"{protocol}://{host}" if inner and rest is after else host) or None,
        "login": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "schema": unquote(parts.path[1:]) or None,
        "port": port,
        "extra": _extra(parts.query),
    }


def build_uri(values: Mapping[str, Any]) -> str:
    """The URI of a connection's values."""
    login, password = values.get("login"), values.get("password")
    credentials = quote(login or "", safe="") + (f":{quote(password, safe='')}" if password else "")
    host, port, schema = values.get("host") or "", values.get("port"), values.get("schema")
    protocol, separator, plain = host.partition("://")
    place = (f"{protocol}://" if separator else "") + (f"{credentials}@" if credentials else "")
    place += quote(plain if separator else host, safe="") + (f":{port}" if port else "")
    if schema:
        place += f"/{quote(schema, safe='')}"
    query = _query(values.get("extra"))
    lead = "" if schema or not query else "/"
    return f"{(values.get('conn_type') or '').lower().replace('_', '-')}://{place}{lead}{query}"


def _type(scheme: str) -> str:
    name = scheme.lower().replace("-", "_")
    return "postgres" if name == "postgresql" else name


def _extra(query: str) -> str | None:
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    if JSON_PARAMETER in pairs:
        return pairs[JSON_PARAMETER]
    return json.dumps(pairs) if pairs else None


def _query(extra: str | None) -> str:
    if not extra:
        return ""
    try:
        pairs = json.loads(extra)
    except ValueError:
        return "?" + urlencode({JSON_PARAMETER: extra})
    if isinstance(pairs, dict) and pairs and all(isinstance(value, str) for value in pairs.values()):
        return "?" + urlencode(pairs)
    return "?" + urlencode({JSON_PARAMETER: extra}) if pairs else ""
