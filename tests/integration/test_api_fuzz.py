"""Whatever is sent to whichever operation: no failure of the server, nothing told that is nobody's business, and a
refusal changes nothing. On both databases; ``make test-all`` tries many times as many."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select, text
from support.api_server import FERNET_KEY, ApiServer, api_in_process, opened
from support.hostile import OPERATIONS, Hostile, odd_requests, requests

from tradewind.storage.migration import METADATA

SECRETS = ("the-password", "the-webhook-secret", FERNET_KEY, "session-key-of-the-test", "pbkdf2:")
TELLTALES = re.compile(rb'Traceback|sqlalchemy|psycopg|sqlite3\.|site-packages|File "|0x[0-9a-f]{8,}|/src/tradewind')
MAY_CHANGE = {"log", "request_answer"}
"""A refused request may leave a line in the audit log, and its answer for its Idempotency-Key."""
COUNTED = {"last_login", "login_count", "fail_login_count"}
TABLES = {
    name: [column.name for column in table.columns if column.name not in COUNTED]
    for name, table in METADATA.tables.items()
    if name not in MAY_CHANGE
}
OPTIONS: dict[str, Any] = {
    "secret_key": "session-key-of-the-test",
    "older_dialects": True,
    "has_experimental_api": True,
    "expose_config": "non-sensitive-only",
}
ADMIN = b"Basic " + base64.b64encode(b"admin:admin")
IDS = [f"{operation.method} {prefix}{operation.path}" for prefix, operation in OPERATIONS]


def furnish(server: ApiServer) -> None:
    """One thing of each kind, as the well-meant half of the requests names them."""
    for path, body in (
        ("/variables", {"key": "k", "value": "v"}),
        ("/pools", {"name": "p", "slots": 1}),
        ("/connections", {"connection_id": "c", "conn_type": "http", "password": "the-password"}),
        ("/dags/etl/dagRuns", {"dag_run_id": "one", "logical_date": "2024-01-01T00:00:00Z", "conf": {}}),
    ):
        assert server.post(path, body).status_code == 200
    assert server.post("/webhooks", {"name": "w", "url": "https://example.com/"}).status_code == 200


class Target:
    """A server, the state of its tables, and the loop that its requests run in."""

    def __init__(self, server: ApiServer, runner: asyncio.Runner) -> None:
        self.server = server
        self._runner = runner
        self._state = self.state()

    def state(self) -> dict[str, list[str]]:
        """Every table's rows."""
        with self.server.database.read() as tx:
            return {
                name: sorted(map(str, tx.connection.execute(select(*map(text, columns)).select_from(text(name)))))
                for name, columns in TABLES.items()
            }

    def check(self, request: Hostile) -> None:
        """Sends it and holds the answer against what must never be."""
        status, headers, body = self._runner.run(answer_of(self.server.app, request))
        told = body + b"\n".join(value for _, value in headers)
        assert status < 500, (status, body[:2000])
        assert not TELLTALES.search(told), body[:2000]
        assert not [secret for secret in SECRETS if secret.encode() in told], body[:2000]
        assert not [value for _, value in headers if b"\n" in value or b"\r" in value]
        if request.method == "GET" and "experimental" not in request.target:
            return
        state, before = self.state(), self._state
        self._state = state
        if status >= 400 or request.is_cut:
            assert state == before, (status, body[:500], [name for name in state if state[name] != before[name]])


async def answer_of(app: Any, request: Hostile) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body; 499 for a request that was not answered, because its client has gone."""
    incoming = request.messages()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if len(incoming) > 1 else incoming[0]

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(app(request.scope(), receive, send), 30)
    if not sent:
        assert request.is_cut
        return 499, [], b""
    return sent[0]["status"], sent[0]["headers"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished SQLite database to copy."""
    folder = tmp_path_factory.mktemp("fuzz")
    with api_in_process(folder, **OPTIONS) as server:
        furnish(server)
    return folder / "api.db"


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@contextmanager
def on_sqlite(template: Path, folder: Path, runner: asyncio.Runner) -> Iterator[Target]:
    shutil.copy(template, folder / "api.db")
    with opened(folder, f"sqlite:///{folder / 'api.db'}", **OPTIONS) as server:
        yield Target(server, runner)


def fuzz(target: Target, number: int, examples: int) -> None:
    """Many requests of one operation."""

    @settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(*OPERATIONS[number], ADMIN))
    def attempt(request: Hostile) -> None:
        target.check(request)

    attempt()


@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=IDS)
def test_hostile_requests_on_sqlite(template: Path, tmp_path: Path, runner: asyncio.Runner, number: int) -> None:
    with on_sqlite(template, tmp_path, runner) as target:
        fuzz(target, number, 7)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=IDS)
def test_many_hostile_requests_on_sqlite(template: Path, tmp_path: Path, runner: asyncio.Runner, number: int) -> None:
    with on_sqlite(template, tmp_path, runner) as target:
        fuzz(target, number, 400)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=IDS)
def test_every_odd_body_and_parameter(template: Path, tmp_path: Path, runner: asyncio.Runner, number: int) -> None:
    with on_sqlite(template, tmp_path, runner) as target:
        for request in odd_requests(*OPERATIONS[number], ADMIN):
            target.check(request)


@pytest.fixture(scope="module")
def postgres_target(postgres_server: Any, postgres_template: str, tmp_path_factory: Any, runner: Any) -> Iterator[Any]:
    """One database for all: what the requests leave behind is seen by the next ones."""
    postgres_server.execute(f"CREATE DATABASE fuzz TEMPLATE {postgres_template}")
    with api_in_process(tmp_path_factory.mktemp("fuzz-pg"), postgres_server.url("fuzz"), **OPTIONS) as server:
        yield lambda: Target(server, runner)


@pytest.mark.postgres
@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=IDS)
def test_hostile_requests_on_postgresql(postgres_target: Callable[[], Target], number: int) -> None:
    fuzz(postgres_target(), number, 3)


@pytest.mark.postgres
def test_what_no_column_has_room_for_is_refused_in_words(postgres_target: Callable[[], Target]) -> None:
    server = postgres_target().server
    long = "x" * 300
    for path in (f"/dags/{long}", f"/dags/{long}/dagRuns/{long}", f"/pools/{long}", f"/connections/{long}"):
        assert server.delete(path).status_code == 404
    for path, body in (
        ("/pools", {"name": long, "slots": 1}),
        ("/pools", {"name": "x", "slots": 2**40}),
        ("/connections", {"connection_id": "x", "conn_type": "t" * 501}),
        ("/connections", {"connection_id": "x", "conn_type": "t", "port": 2**31}),
        ("/users", {"username": "x", "email": "e" * 513, "password": "p", "first_name": "", "last_name": ""}),
    ):
        answer = server.post(path, body)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), answer.text


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("number", range(len(OPERATIONS)), ids=IDS)
def test_many_hostile_requests_on_postgresql(postgres_target: Callable[[], Target], number: int) -> None:
    fuzz(postgres_target(), number, 150)
