"""Answers that go on: parts are sent as they come, until they end or the client is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def send_stream(parts: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    """Sends the body of an answer whose head was sent."""
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        while (part := await _next(parts, gone)) is not None:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        close = getattr(parts, "aclose", None)
        if close is not None:
            await close()


async def _next(parts: AsyncIterator[bytes], gone: asyncio.Future[None]) -> bytes | None:
    """The next part; None at the end, and when the client is gone."""

    async def following() -> bytes | None:
        return await anext(parts, None)

    pending = asyncio.ensure_future(following())
    try:
        either: set[asyncio.Future[Any]] = {pending, gone}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return pending.result() if pending.done() else None
    finally:
        if not pending.done():
            pending.cancel()
            await asyncio.wait({pending})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
