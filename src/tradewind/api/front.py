"""What holds for every answer, whoever gives it: request ids, security headers, proxies, and the path of base_url."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from .app import App, Receive, Scope, Send

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:+/=-]{1,128}")
_ELSEWHERE = b"Apache Airflow is not at this location"
"""Airflow's own words for a path outside of base_url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyTrust:
    """How many proxies, counted from us, set each X-Forwarded header; 0: the header is not believed."""

    address: int = 1
    scheme: int = 1
    host: int = 1
    port: int = 1
    prefix: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontOptions:
    """``prefix``: the path of base_url, without a slash at its end. ``proxies`` None: X-Forwarded-* means nothing."""

    prefix: str = ""
    proxies: ProxyTrust | None = None
    may_be_framed: bool = True


class Front:
    """The outermost middleware."""

    def __init__(self, app: App, *, options: FrontOptions) -> None:
        self._app = app
        self._options = options
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"x-robots-tag", b"noindex, nofollow"),
        ]
        if not options.may_be_framed:
            self._headers += [(b"x-frame-options", b"DENY"), (b"content-security-policy", b"frame-ancestors 'none'")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        more = [*self._headers, (b"x-request-id", request_id)]

        async def send_more(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(pair for pair in more if pair[0] not in given)]
            await send(message)

        if self._options.proxies is not None:
            scope = proxied(scope, self._options.proxies)
        inner = below(scope, self._options.prefix)
        with structlog.contextvars.bound_contextvars(request_id=request_id.decode("ascii")):
            if inner is None:
                await _refuse(send_more)
            else:
                await self._app(inner, receive, send_more)


def request_id_of(scope: Mapping[str, Any]) -> bytes:
    """The client's X-Request-ID, when it is one that may be repeated in headers and logs; else a new one."""
    given: bytes = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8).encode()


def below(scope: Scope, prefix: str) -> Scope | None:
    """The request with its path below the prefix; None when it is elsewhere."""
    if not prefix:
        return scope
    path = scope["path"]
    if path != prefix and not path.startswith(prefix + "/"):
        return None
    return {**scope, "path": path[len(prefix) :] or "/", "root_path": scope.get("root_path", "") + prefix}


def proxied(scope: Scope, trust: ProxyTrust) -> Scope:
    """The request as the client sent it to the proxy, as far as the proxies are believed."""
    found = dict(scope)
    headers = list(scope["headers"])
    address = _forwarded(headers, b"x-forwarded-for", trust.address)
    if address:
        found["client"] = (address, 0)
    scheme = _forwarded(headers, b"x-forwarded-proto", trust.scheme)
    if scheme in ("http", "https"):
        found["scheme"] = scheme
    host = _forwarded(headers, b"x-forwarded-host", trust.host)
    port = _forwarded(headers, b"x-forwarded-port", trust.port)
    if host or port:
        present = next((value.decode("latin-1") for name, value in headers if name == b"host"), "localhost")
        named = host or present
        if port and port.isdecimal():
            named = f"{_without_port(named)}:{port}"
        found["headers"] = [*(pair for pair in headers if pair[0] != b"host"), (b"host", named.encode("latin-1"))]
    prefix = _forwarded(headers, b"x-forwarded-prefix", trust.prefix)
    if prefix and prefix.startswith("/"):
        found["root_path"] = prefix.rstrip("/")
    return found


def _forwarded(headers: list[tuple[bytes, bytes]], name: bytes, trusted: int) -> str | None:
    """What the outermost trusted proxy said: the n-th value from the right. Values before it came from the client."""
    if not trusted:
        return None
    joined = b",".join(value for key, value in headers if key == name).decode("latin-1")
    values = [value.strip() for value in joined.split(",")] if joined else []
    return values[-trusted] or None if len(values) >= trusted else None


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host)


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(_ELSEWHERE)).encode())]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": _ELSEWHERE})
