"""The scheduler's end of the worker connections: a Unix socket in the home, frames in and out. It understands who is
connected, not what is said."""

from __future__ import annotations

import os
import selectors
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tradewind.model.errors import TradewindError
from tradewind.wire import framing
from tradewind.wire.messages import Message, WorkerMessage

log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class Connection:
    """One connected worker process."""

    sock: socket.socket
    reader: framing.FrameReader = field(default_factory=framing.FrameReader)
    writer: framing.FrameWriter = field(default_factory=framing.FrameWriter)
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection has ended; nothing more comes from it."""

    connection: Connection


class GatewayServer:
    """Accepts workers at ``path``; hands over their messages in the order in which they came."""

    def __init__(self, path: Path, selector: selectors.BaseSelector) -> None:
        self.path = path
        self._selector = selector
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._listener.bind(str(path))
        os.chmod(path, 0o600)
        self._listener.listen(16)
        self._connections: set[Connection] = set()
        selector.register(self._listener, selectors.EVENT_READ, self)

    def read(self, ready: Iterable[object]) -> list[tuple[Connection, WorkerMessage | Closed]]:
        """Messages of the connections that are ready; ``ready`` has the selector's data objects."""
        found: list[tuple[Connection, WorkerMessage | Closed]] = []
        for item in ready:
            if item is self:
                self._accept()
            elif isinstance(item, Connection) and item.is_open:
                found += self._read_one(item)
        return found

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        try:
            framing.require_own_user(sock)
        except framing.PeerRefused as refusal:
            log.warning("gateway.peer_refused", reason=str(refusal))
            sock.close()
            return
        sock.setblocking(False)
        connection = Connection(sock)
        self._connections.add(connection)
        self._selector.register(sock, selectors.EVENT_READ, connection)

    def _read_one(self, connection: Connection) -> list[tuple[Connection, WorkerMessage | Closed]]:
        try:
            frames = framing.read_available(connection.sock, connection.reader)
            if frames is None:
                return [self._closed(connection)]
            return [(connection, framing.decode_any(framing.WORKER_MESSAGE, data)) for data in frames]
        except (OSError, TradewindError) as problem:
            log.warning("gateway.connection_broken", reason=str(problem))
            return [self._closed(connection)]

    def _closed(self, connection: Connection) -> tuple[Connection, Closed]:
        self._forget(connection)
        return connection, Closed(connection)

    def _forget(self, connection: Connection) -> None:
        if connection.is_open:
            connection.is_open = False
            self._connections.discard(connection)
            self._selector.unregister(connection.sock)
            connection.sock.close()

    def send(self, connection: Connection, message: Message) -> None:
        """Queue a message for a worker; :meth:`flush` sends. To one that has gone: nothing (it says Hello again)."""
        if connection.is_open:
            connection.writer.put(message)

    def flush(self) -> None:
        """Send what is queued. A worker that reads slowly keeps its rest for the next time its socket takes some."""
        for connection in tuple(self._connections):
            if not connection.writer.pending_bytes:
                continue
            try:
                done = connection.writer.flush(connection.sock)
            except OSError as problem:
                log.warning("gateway.send_failed", reason=str(problem))
                done = True  # the end of the stream is read, and handled, at the next turn
            events = selectors.EVENT_READ if done else selectors.EVENT_READ | selectors.EVENT_WRITE
            self._selector.modify(connection.sock, events, connection)

    def drop_all(self) -> list[Connection]:
        """Close every connection: workers connect again and begin with Hello."""
        dropped = list(self._connections)
        for connection in dropped:
            self._forget(connection)
        return dropped

    def close(self) -> None:
        """Stop listening and drop all connections; workers look for another scheduler."""
        self.drop_all()
        self._selector.unregister(self._listener)
        self._listener.close()
        self.path.unlink(missing_ok=True)
