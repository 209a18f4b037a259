"""One client's connection: uvicorn's protocol, within bounds. A request's head has a greatest size, a request a time in
which it must have come; a refusal never stands where another request's answer is due."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may take. 0 seconds: as long as it likes."""

    head_bytes: int = 64 * 1024
    """Request line and headers together, and what frames a body; one read may go beyond."""
    head_seconds: float = 30.0
    request_seconds: float = 120.0
    """Head and body, from the first byte to the last."""


def connection_with(limits: Limits) -> type[BoundedConnection]:
    """The protocol for these limits; uvicorn makes one of it for each connection."""
    return type("Connection", (BoundedConnection,), {"limits": limits})


class BoundedConnection(HttpToolsProtocol):
    """Speaks HTTP/1 with one client."""

    limits = Limits()
    _timer: asyncio.TimerHandle | None = None
    _overhead = 0
    """Bytes since the last that was of a body."""
    _is_in_head = True
    _is_deaf = False
    """Nothing that still comes is of interest: the last answer is on its way."""

    def connection_made(self, transport: Any) -> None:
        """A client is there, and has so long to say what it wants."""
        super().connection_made(transport)
        self._expect(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._expect(0)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request, or of several."""
        if self._is_deaf or self.transport.is_closing():
            return
        self._overhead += len(data)
        if self._timer is None:
            self._expect(self.limits.head_seconds)
        super().data_received(data)
        if self._overhead > self.limits.head_bytes:
            self._refuse(431, "The request's headers are too large.")

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio's own type; uvicorn always closes
        """The client will say no more: it still gets the answers to what it has said whole."""
        cycle = self.cycle
        if self.scheme == "https" or cycle is None or cycle.more_body or cycle.response_started:
            return False  # TLS has no half of a connection
        self._close_after_answers()
        return True

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._expect(self.limits.head_seconds)

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._is_in_head, self._overhead = False, 0
        super().on_headers_complete()
        self._expect(self.limits.request_seconds)

    def on_body(self, body: bytes) -> None:
        """A part of its body is there."""
        self._overhead = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        super().on_message_complete()
        self._expect(0)
        self._is_in_head, self._overhead = True, 0

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        self._refuse(400, msg)

    def _expect(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._give_up) if seconds else None

    def _give_up(self) -> None:
        self._timer = None
        if self._overhead == 0 and self._is_in_head:
            self.transport.close()  # a connection that was opened ahead, as browsers do
        else:
            self._refuse(408, "The request did not come in time.")

    def _refuse(self, status: int, message: str) -> None:
        self._expect(0)
        if self.transport.is_closing():
            return
        cycle = self.cycle
        is_due = cycle is not None and not cycle.response_complete
        if is_due and not cycle.more_body:
            # Earlier requests of the same connection are being answered: one answer more would pass for theirs.
            self._close_after_answers()
            return
        if not (is_due and cycle.response_started):
            self._answer(status, message)
        self.transport.close()

    def _answer(self, status: int, message: str) -> None:
        body = message.encode("ascii")
        head = [
            STATUS_LINE[status],
            *(b"%s: %s\r\n" % pair for pair in self.server_state.default_headers),
            b"content-type: text/plain; charset=utf-8\r\n",
            b"x-content-type-options: nosniff\r\n",
            b"content-length: %d\r\n" % len(body),
            b"connection: close\r\n\r\n",
        ]
        self.transport.write(b"".join(head) + body)

    def _close_after_answers(self) -> None:
        """The last answer that is due ends the connection."""
        self._is_deaf = True
        self._expect(0)
        if self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False
