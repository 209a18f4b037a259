"""Bytes that no HTTP library would send: each gets an answer or the end of its connection, and the server goes on."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.api_server import ApiServer, api_server

PATIENCE = 30.0
"""Seconds after which a connection counts as hung."""
TELLTALES = re.compile(rb'Traceback|site-packages|File "|uvicorn|httptools|asyncio')
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
AUTH = b"Host: x\r\nAuthorization: Basic YWRtaW46YWRtaW4=\r\n"
VERSION = b"GET /api/v1/version HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /api/v1/variables HTTP/1.1\r\n" + AUTH + b"Content-Type: application/json\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"key": "raw", "value": "v"}'


def with_header(line: bytes) -> bytes:
    return b"GET /api/v1/dags HTTP/1.1\r\n" + AUTH + line + b"\r\n\r\n"


REFUSED = {
    "no text": b"\x00\x01\x02\xff\xfe\r\n\r\n",
    "a greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no target": b"GET\r\n\r\n",
    "a version that is none": b"GET /health HTTP/9.9\r\n\r\n",
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown method": b"FROB /health HTTP/1.1\r\nHost: x\r\n\r\n",
    "lines without CR": b"GET /health HTTP/1.1\nHost: x\n\n",
    "a tunnel": b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a target that is not ASCII": b"GET /api/v1/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in a header": with_header(b"X-A: a\x00b"),
    "CR in a header": with_header(b"X-A: a\rSet-Cookie: b"),
    "a folded header": with_header(b"X-A: a\r\n b"),
    "a space before the colon": with_header(b"X-A : a"),
    "a header without name": with_header(b": a"),
    "a chunk without size": CHUNKED + b"zz\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk of negative size": CHUNKED + b"-1\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk of impossible size": CHUNKED + b"f" * 18 + b"\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk longer than its size": CHUNKED + b"2\r\n" + BODY + b"\r\n0\r\n\r\n",
    "chunks and a length": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 28\r\nContent-Length: 3\r\n\r\n" + BODY,
    "a negative length": POST + b"Content-Length: -2\r\n\r\n" + BODY,
    "an unknown coding": POST + b"Transfer-Encoding: gzip\r\n\r\n" + BODY,
    "chunks not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
}
TOO_LARGE = {
    "a header without end": b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 400_000,
    "headers without end": b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 70_000,
    "a request line without end": b"GET /health?" + b"a" * 400_000,
    "an extension of a chunk without end": CHUNKED + b"2;" + b"x" * 400_000,
    "trailers without end": CHUNKED + b"2\r\n{}\r\n0\r\n" + b"A: b\r\n" * 70_000,
}
ANSWERED = {
    "HTTP/1.0": (b"GET /api/v1/version HTTP/1.0\r\n\r\n", [200]),
    "HTTP/1.0 that would stay": (b"GET /api/v1/version HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [200]),
    "an absolute target": (b"GET http://other/api/v1/version HTTP/1.1\r\nHost: x\r\n\r\n", [200]),
    "bytes beyond ASCII in a header": (with_header(b"X-Request-ID: \xff\xfe"), [200]),
    "credentials that are no text": (
        b"GET /api/v1/dags HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \xff\xfe\r\n\r\n",
        [401],
    ),
    "a path that decodes to no text": (b"GET /api/v1/dags/%ff%fe%00 HTTP/1.1\r\n" + AUTH + b"\r\n", [404]),
    "an upgrade that we do not know": (
        b"GET /api/v1/version HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        [200],
    ),
    "one after the other": (VERSION * 3, [200, 200, 200]),
    "nonsense after a request": (VERSION + b"NO HTTP\r\n\r\n", [200]),
    "a body of the next request's look": (POST + b"Content-Length: %d\r\n\r\n" % len(VERSION) + VERSION, [400]),
    "no body where one was announced": (POST + b"Content-Length: 50\r\n\r\n" + BODY, []),
}
"""Sent whole, then the client's side is closed: what is answered."""


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with api_server() as running:
        yield running


def connected(server: ApiServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), PATIENCE)


def answers(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection. Raises TimeoutError when it does not."""
    told = b""
    try:
        while part := connection.recv(65536):
            told += part
    except ConnectionResetError:
        pass  # it ended while we were still sending; what it said may be lost with it
    return told


def exchange(server: ApiServer, data: bytes, *, half_closed: bool = False) -> bytes:
    with connected(server) as connection:
        try:
            connection.sendall(data)
            if half_closed:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all was sent
        told = answers(connection)
    assert not TELLTALES.search(told), told
    return told


def statuses(told: bytes) -> list[int]:
    return [int(status) for status in STATUS.findall(told)]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_http_is_refused_in_words(server: ApiServer, name: str) -> None:
    told = exchange(server, REFUSED[name])
    assert statuses(told) == [400]
    assert b"connection: close" in told
    assert server.get("/variables").json()["total_entries"] == 0


@pytest.mark.parametrize("name", TOO_LARGE)
def test_a_head_has_an_end(server: ApiServer, name: str) -> None:
    assert statuses(exchange(server, TOO_LARGE[name])) in ([431], [])
    assert server.get("/variables").json()["total_entries"] == 0


@pytest.mark.parametrize("name", ANSWERED)
def test_a_client_that_closes_its_side_gets_what_it_asked_for(server: ApiServer, name: str) -> None:
    data, expected = ANSWERED[name]
    assert statuses(exchange(server, data, half_closed=True)) == expected
    assert server.get("/variables").json()["total_entries"] == 0


def test_an_old_client_is_left_after_its_answer(server: ApiServer) -> None:
    assert statuses(exchange(server, b"GET /api/v1/version HTTP/1.0\r\n\r\n")) == [200]


SLOW = {
    "nothing": (b"", []),
    "half a line": (b"GET /api", [408]),
    "half a head": (b"GET /api/v1/version HTTP/1.1\r\nHost: x\r\nX-A:", [408]),
    "half a body": (POST + b"Content-Length: 28\r\n\r\n" + BODY[:5], [408]),
    "half a chunk": (CHUNKED + b"1c\r\n" + BODY[:5], [408]),
    "a body of nobody": (CHUNKED.replace(AUTH, b"Host: x\r\n") + b"1c\r\n", [408]),
    "half of a second request": (VERSION + b"GET /api", [200]),
}


def test_slow_clients_are_left_and_hold_nobody_up() -> None:
    with api_server(webserver__web_server_worker_timeout=2) as server, ExitStack() as stack:
        waiting = {(name, copy): stack.enter_context(connected(server)) for name in SLOW for copy in range(10)}
        for (name, _), connection in waiting.items():
            connection.sendall(SLOW[name][0])
        assert server.get("/version").status_code == 200
        ended = {which: statuses(answers(connection)) for which, connection in waiting.items()}
        assert ended == {(name, copy): SLOW[name][1] for name, copy in waiting}
        assert server.get("/variables").json()["total_entries"] == 0
