"""A client of GET /events that speaks ASGI, because httpx's transport waits for the end of an answer."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from support.api_server import ApiServer

PATIENCE = 30.0


class Reader:
    """What one stream has sent."""

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
        """The next events of a program's stream."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            fields = await self.frame()
            body = json.loads(fields["data"])
            assert (fields["id"], fields["event"]) == (str(body["id"]), body["kind"])
            found.append(body)
        return found

    async def frame(self) -> dict[str, str]:
        """The fields of the next message that has data."""
        while True:
            while "\n\n" not in self._text:
                self._text += (await asyncio.wait_for(self.sent.get(), PATIENCE)).decode()
            block, _, self._text = self._text.partition("\n\n")
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if "data" in fields:
                return fields

    async def live(self, count: int) -> list[tuple[str, dict[str, Any]]]:
        """The next messages of a browser's stream: type and data."""
        frames = [await self.frame() for _ in range(count)]
        return [(fields["event"], json.loads(fields["data"])) for fields in frames]


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
