"""Frames over stream sockets: four bytes of length (big endian), then one MessagePack message. What messages mean is
in wire.messages; who listens where is in wire.gateway and the roles themselves."""

from __future__ import annotations

import array
import os
import socket
import struct
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tradewind.model.errors import TradewindError

from .messages import (
    AttemptReply,
    AttemptRequest,
    GetConnection,
    GetPool,
    GetVariable,
    Message,
    ParseMessage,
    ParseReport,
    ParseRequest,
    PutVariable,
    SchedulerMessage,
    TemplateMessage,
    WorkerMessage,
)

MAX_FRAME_BYTES = 256 * 1024 * 1024
"""A frame of more is a fault of the sender (or no frame at all), not a message."""

_HEADER = struct.Struct(">I")
_READ_BYTES = 256 * 1024
_UCRED = struct.Struct("3i")

encode = msgspec.msgpack.Encoder().encode
"""A message as MessagePack bytes, without the frame's header."""

ATTEMPT_REQUEST: msgspec.msgpack.Decoder[AttemptRequest] = msgspec.msgpack.Decoder(AttemptRequest)
ATTEMPT_REPLY: msgspec.msgpack.Decoder[AttemptReply] = msgspec.msgpack.Decoder(AttemptReply)
SCHEDULER_MESSAGE: msgspec.msgpack.Decoder[SchedulerMessage] = msgspec.msgpack.Decoder(SchedulerMessage)
WORKER_MESSAGE: msgspec.msgpack.Decoder[WorkerMessage] = msgspec.msgpack.Decoder(WorkerMessage)
TEMPLATE_MESSAGE: msgspec.msgpack.Decoder[TemplateMessage] = msgspec.msgpack.Decoder(TemplateMessage)
PARSE_MESSAGE: msgspec.msgpack.Decoder[ParseMessage] = msgspec.msgpack.Decoder(ParseMessage)

ParseChildMessage = ParseReport | GetVariable | GetConnection | GetPool | PutVariable
"""What a parse child says: questions of top-level code first, the report last."""
PARSE_REQUEST: msgspec.msgpack.Decoder[ParseRequest] = msgspec.msgpack.Decoder(ParseRequest)
PARSE_CHILD_MESSAGE: msgspec.msgpack.Decoder[ParseChildMessage] = msgspec.msgpack.Decoder(ParseChildMessage)


class FrameError(TradewindError):
    """The bytes on a socket are not a frame of ours, or the other end went away in the middle of one."""


class PeerRefused(TradewindError):
    """Somebody other than this user is at the other end of a Unix socket."""


def frame(message: Message | bytes) -> bytes:
    """A message (or an already encoded one) with its header, ready to be sent. Raises FrameError when too large."""
    body = message if isinstance(message, bytes) else encode(message)
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(
            f"a message of {len(body)} bytes is larger than a frame may be ({MAX_FRAME_BYTES}); "
            "keep large values in a file or object store and pass their address"
        )
    return _HEADER.pack(len(body)) + body


class FrameReader:
    """Cuts a stream of bytes into frames; keeps what is incomplete until more comes."""

    __slots__ = ("_buffer", "_limit")

    def __init__(self, limit: int = MAX_FRAME_BYTES) -> None:
        self._buffer = bytearray()
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that ``data`` completes, in order. Raises FrameError when a header announces too much."""
        buffer = self._buffer
        buffer += data
        frames: list[bytes] = []
        start, end = 0, len(buffer)
        while end - start >= 4:
            (length,) = _HEADER.unpack_from(buffer, start)
            if length > self._limit:
                raise FrameError(f"a frame of {length} bytes is announced; at most {self._limit} are taken")
            if end - start - 4 < length:
                break
            frames.append(bytes(memoryview(buffer)[start + 4 : start + 4 + length]))
            start += 4 + length
        if start:
            del buffer[:start]
        return frames

    @property
    def is_inside_frame(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return bool(self._buffer)


class FrameWriter:
    """Frames waiting to leave over a non-blocking socket."""

    __slots__ = ("_pending", "_size")

    def __init__(self) -> None:
        self._pending: deque[memoryview] = deque()
        self._size = 0

    def put(self, message: Message | bytes) -> None:
        """Queue one message; :meth:`flush` sends."""
        data = frame(message)
        self._pending.append(memoryview(data))
        self._size += len(data)

    def flush(self, sock: socket.socket) -> bool:
        """Send as much as the socket takes; True when nothing is left. OSErrors of a dead peer are the caller's."""
        pending = self._pending
        while pending:
            try:
                # sendmsg joins many small frames in one system call; the kernel takes at most IOV_MAX (1024) pieces.
                sent = sock.sendmsg([pending[i] for i in range(min(len(pending), 512))])
            except BlockingIOError:
                return False
            self._size -= sent
            while pending and sent >= len(pending[0]):
                sent -= len(pending.popleft())
            if sent:
                pending[0] = pending[0][sent:]
        return True

    @property
    def pending_bytes(self) -> int:
        """How many bytes wait; a large number means a peer that does not read."""
        return self._size


class FrameSocket:
    """One end of a conversation over a blocking socket: send a message, receive the next one."""

    __slots__ = ("_reader", "_ready", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._reader = FrameReader()
        self._ready: deque[bytes] = deque()

    def send(self, message: Message | bytes) -> None:
        """Send one message whole."""
        send_frame(self.sock, message)

    def receive(self) -> bytes | None:
        """The next message's bytes; None at the end of the stream. Raises FrameError when it ends inside a frame,
        TimeoutError when the socket has a timeout and nothing came."""
        while not self._ready:
            data = self.sock.recv(_READ_BYTES)
            if not data:
                if self._reader.is_inside_frame:
                    raise FrameError("the other end closed the socket in the middle of a frame")
                return None
            self._ready.extend(self._reader.feed(data))
        return self._ready.popleft()

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()


def send_frame(sock: socket.socket, message: Message | bytes, fds: Sequence[int] = ()) -> None:
    """Send one message over a blocking socket, with file descriptors along (SCM_RIGHTS) when given."""
    data = frame(message)
    if not fds:
        sock.sendall(data)
        return
    # Ancillary data travels with the first byte; what the first call leaves follows without it.
    sent = sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])
    if sent < len(data):
        sock.sendall(memoryview(data)[sent:])


def read_available(sock: socket.socket, reader: FrameReader) -> list[bytes] | None:
    """All complete frames that a non-blocking socket has now; None when the other end has closed it.

    Frames that came before the end are returned first: the next call says None."""
    frames: list[bytes] = []
    while True:
        try:
            data = sock.recv(_READ_BYTES)
        except BlockingIOError:
            return frames
        if not data:
            return frames or None
        frames += reader.feed(data)
        if len(data) < _READ_BYTES:
            return frames


def read_with_fds(sock: socket.socket, reader: FrameReader, max_fds: int = 8) -> tuple[list[bytes] | None, list[int]]:
    """One read: the frames it completes (None at the end of the stream) and the file descriptors that came along.

    The descriptors are close-on-exec and the caller's to close. At most one frame's descriptors come in one read."""
    fds = array.array("i")
    try:
        data, ancillary, _, _ = sock.recvmsg(
            _READ_BYTES, socket.CMSG_SPACE(max_fds * fds.itemsize), socket.MSG_CMSG_CLOEXEC
        )
    except BlockingIOError:
        return [], []
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(payload[: len(payload) - len(payload) % fds.itemsize])
    if not data:
        return None, list(fds)
    return reader.feed(data), list(fds)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a Unix socket, as the kernel says."""

    pid: int
    uid: int
    gid: int


def peer_of(sock: socket.socket) -> Peer:
    """The process that connected (SO_PEERCRED)."""
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    return Peer(*_UCRED.unpack(raw))


def require_own_user(sock: socket.socket) -> Peer:
    """The peer, when it runs as this user or root; else PeerRefused."""
    peer = peer_of(sock)
    if peer.uid not in (os.geteuid(), 0):
        raise PeerRefused(f"process {peer.pid} of user {peer.uid} may not speak to this socket of user {os.geteuid()}")
    return peer


def decode_any(decoder: msgspec.msgpack.Decoder[Any], data: bytes) -> Any:
    """Decode, with FrameError for bytes that are no message of the decoder's union."""
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError as problem:
        raise FrameError(f"a message of {len(data)} bytes is not understood: {problem}") from problem
