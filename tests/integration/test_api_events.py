"""GET /events: what happens, as it happens, for those who may see it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.api_server import ApiServer, a_dag, api_server, run

PATIENCE = 30.0


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as made:
        yield made


class Reader:
    """A client of the stream that speaks ASGI, because httpx's transport waits for the end of an answer."""

    def __init__(self) -> None:
        self.status = 0
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()
        self.gone = asyncio.Event()
        self._text = ""

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            await self.sent.put(message["body"])

    async def events(self, count: int) -> list[dict[str, Any]]:
        """The next events."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            while "\n\n" not in self._text:
                self._text += (await asyncio.wait_for(self.sent.get(), PATIENCE)).decode()
            block, _, self._text = self._text.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if "data" in fields:
                body = json.loads(fields["data"])
                assert (fields["id"], fields["event"]) == (str(body["id"]), body["kind"])
                found.append(body)
        return found


@asynccontextmanager
async def reading(
    server: ApiServer, query: str = "", *, user: str = "admin", last_id: int | None = None
) -> AsyncIterator[Reader]:
    reader = Reader()
    headers = [(b"authorization", b"Basic " + base64.b64encode(f"{user}:{user}".encode()))]
    if last_id is not None:
        headers.append((b"last-event-id", str(last_id).encode()))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/events",
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 1),
    }
    answering = asyncio.ensure_future(server.app(scope, reader.receive, reader.send))
    try:
        await asyncio.wait_for(reader.sent.get(), PATIENCE)
        yield reader
    finally:
        reader.gone.set()
        await asyncio.wait_for(answering, PATIENCE)


async def post(server: ApiServer, path: str, body: Any) -> None:
    answer = await asyncio.to_thread(server.post, path, body)
    assert answer.status_code == 200, answer.text


def test_a_reader_hears_what_happens_after_it_came(server: ApiServer) -> None:
    async def story() -> None:
        await post(server, "/dags/etl/dagRuns", {"dag_run_id": "before"})
        async with reading(server) as reader:
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "after"})
            (event,) = await reader.events(1)
            assert (event["kind"], event["dag_id"], event["run_id"]) == ("run.created", "etl", "after")

    run(story())


def test_a_reader_that_comes_back_misses_nothing(server: ApiServer) -> None:
    async def story() -> None:
        async with reading(server, "kind=run") as reader:
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "one"})
            (first,) = await reader.events(1)
        await post(server, "/dags/etl/dagRuns", {"dag_run_id": "two"})
        async with reading(server, "kind=run.created", last_id=first["id"]) as reader:
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "three"})
            assert [event["run_id"] for event in await reader.events(2)] == ["two", "three"]

    run(story())


def test_filters_by_dag_run_and_kind(server: ApiServer) -> None:
    async def story() -> None:
        async with reading(server, "dag_id=etl,other&run_id=two&kind=run.created") as reader:
            await post(server, "/pools", {"name": "p", "slots": 1})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "one"})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "two"})
            assert [event["run_id"] for event in await reader.events(1)] == ["two"]

    run(story())


def test_nobody_hears_of_what_they_may_not_read(server: ApiServer) -> None:
    with server.database.begin() as tx:
        tx.users.create_role("Etl", [("can_read", "DAG:etl"), ("can_read", "DAG Runs")])
        somebody = tx.users.get("nobody")
        assert somebody is not None
        tx.users.set_roles(somebody.id, ["Etl"])
    server.register(a_dag("secret"))

    async def story() -> None:
        async with reading(server, user="nobody") as reader:
            await post(server, "/dags/secret/dagRuns", {"dag_run_id": "hidden"})
            await post(server, "/pools", {"name": "p", "slots": 1})
            await post(server, "/dags/etl/dagRuns", {"dag_run_id": "seen"})
            (event,) = await reader.events(1)
            assert (event["dag_id"], event["run_id"]) == ("etl", "seen")

    run(story())


def test_streams_end_when_the_server_stops(server: ApiServer) -> None:
    async def story() -> None:
        async with reading(server) as reader:
            server.services.hub.close()
            assert await asyncio.wait_for(reader.sent.get(), PATIENCE) == b""

    run(story())


def test_who_may_not_read_dags_gets_no_stream(server: ApiServer) -> None:
    assert server.get("/events", user=("nobody", "nobody")).status_code == 403
    assert server.get("/events", user=None).status_code == 401
    assert server.get("/events", headers={"last-event-id": "x"}).status_code == 400
    assert server.request("HEAD", "/events").headers["content-type"] == "text/event-stream"
