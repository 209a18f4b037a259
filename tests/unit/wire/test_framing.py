"""Frames survive any cutting of the stream, carry file descriptors, and name what is wrong with bad ones."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.wire import framing
from tradewind.wire.messages import Ask, Beat, Ok, Start


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(min_value=1, max_value=9))
def test_frames_come_out_whole_however_the_stream_is_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(framing.frame(body) for body in bodies)
    reader = framing.FrameReader()
    got = [frame for at in range(0, len(stream), step) for frame in reader.feed(stream[at : at + step])]
    assert got == bodies
    assert not reader.is_inside_frame


def test_a_message_comes_back_as_itself_through_a_socket_pair() -> None:
    left, right = (framing.FrameSocket(end) for end in socket.socketpair())
    start = Start(pid=7, hostname="h", unixname="u", started_at=datetime(2024, 1, 2, tzinfo=UTC))
    left.send(Ask(token="t", request_id=1, body=msgspec.Raw(framing.encode(start))))
    left.send(Beat(attempts=("a",)))
    ask = framing.WORKER_MESSAGE.decode(right.receive() or b"")
    assert isinstance(ask, Ask)
    assert framing.ATTEMPT_REQUEST.decode(ask.body) == start
    assert framing.WORKER_MESSAGE.decode(right.receive() or b"") == Beat(attempts=("a",))
    left.close()
    assert right.receive() is None
    right.close()


def test_an_end_inside_a_frame_is_an_error() -> None:
    left, right = socket.socketpair()
    left.sendall(framing.frame(Ok())[:-1])
    left.close()
    with right, pytest.raises(framing.FrameError, match="middle of a frame"):
        framing.FrameSocket(right).receive()


def test_a_frame_that_is_too_large_is_refused_at_its_header() -> None:
    with pytest.raises(framing.FrameError, match="at most 10"):
        framing.FrameReader(limit=10).feed(b"\x00\x00\x00\x0b")


def test_unknown_bytes_are_a_frame_error() -> None:
    with pytest.raises(framing.FrameError, match="not understood"):
        framing.decode_any(framing.ATTEMPT_REPLY, framing.encode({"type": "Nonsense"}))


def test_a_writer_keeps_what_a_full_socket_does_not_take() -> None:
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    writer, reader = framing.FrameWriter(), framing.FrameReader()
    bodies = [bytes([number % 251]) * 100_000 for number in range(20)]
    for body in bodies:
        writer.put(body)
    got: list[bytes] = []
    assert not writer.flush(left)
    while len(got) < len(bodies):
        got += framing.read_available(right, reader) or []
        writer.flush(left)
    assert got == bodies
    assert writer.pending_bytes == 0
    left.close()
    assert framing.read_available(right, reader) is None
    right.close()


def test_a_file_descriptor_travels_with_its_frame() -> None:
    left, right = socket.socketpair()
    read_end, write_end = os.pipe()
    framing.send_frame(left, Ok(), fds=[write_end])
    os.close(write_end)
    frames, fds = framing.read_with_fds(right, framing.FrameReader())
    assert frames is not None
    assert [framing.ATTEMPT_REPLY.decode(frame) for frame in frames] == [Ok()]
    os.write(fds[0], b"x")
    assert os.read(read_end, 1) == b"x"
    assert not os.get_inheritable(fds[0])
    for fd in (read_end, *fds):
        os.close(fd)
    left.close()
    right.close()


def test_the_peer_of_a_socket_pair_is_this_process() -> None:
    left, right = socket.socketpair()
    with left, right:
        assert framing.require_own_user(left).pid == os.getpid()
