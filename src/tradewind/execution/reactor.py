"""A small single-threaded event loop over epoll: links (framed sockets), readable descriptors, timers.

Not asyncio: a worker does nothing but move frames, and a wake-up must cost microseconds. What is sent during one turn
leaves together at the end of it.
"""

from __future__ import annotations

import array
import heapq
import itertools
import selectors
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from tradewind.model.times import Clock
from tradewind.wire.framing import FrameError, FrameReader, frame, read_available
from tradewind.wire.messages import Message


class HasFileno(Protocol):
    """Anything that can be watched."""

    def fileno(self) -> int: ...


class Timer:
    """A call at a moment of the monotonic clock; :meth:`cancel` forgets it."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        self.action = None


class Reactor:
    """Waits for events and calls whoever watches."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._selector = selectors.EpollSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._dirty: dict[Link, None] = {}

    def watch(self, source: int | HasFileno, action: Callable[[], None]) -> None:
        """Call ``action`` whenever ``source`` is readable or at its end."""
        self._selector.register(source, selectors.EVENT_READ, action)

    def unwatch(self, source: int | HasFileno) -> None:
        """Stop watching; before the descriptor is closed."""
        self._selector.unregister(source)

    def want_write(self, link: Link, wanted: bool) -> None:
        """Also wake up when the link's socket takes more."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        self._selector.modify(link.sock, events, link.on_event)

    def call_later(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` once, ``seconds`` from now."""
        timer = Timer(self.clock.monotonic() + seconds, action)
        heapq.heappush(self._timers, (timer.at, next(self._order), timer))
        return timer

    def mark_dirty(self, link: Link) -> None:
        """The link has something to send at the end of this turn."""
        self._dirty[link] = None

    def turn(self, timeout: float | None = None) -> None:
        """Wait for the next event, timer or ``timeout``; handle all that is ready; send what was queued."""
        self.flush()
        for key, _ in self._selector.select(self._wait_time(timeout)):
            # A handler of this round may have taken away a later one's socket.
            if key.fd in self._selector.get_map():
                key.data()
        self._run_timers()
        self.flush()

    def flush(self) -> None:
        """Send what is queued on all links."""
        while self._dirty:
            dirty, self._dirty = self._dirty, {}
            for link in dirty:
                link.flush()

    def close(self) -> None:
        self._selector.close()

    def _wait_time(self, timeout: float | None) -> float | None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return timeout
        until_timer = max(0.0, self._timers[0][0] - self.clock.monotonic())
        return until_timer if timeout is None else min(timeout, until_timer)

    def _run_timers(self) -> None:
        now = self.clock.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            if timer.action is not None:
                timer.action()


class Link:
    """One framed conversation on a non-blocking socket. ``on_frame`` gets each message's bytes, ``on_closed`` is
    called once when the other end is gone (not after :meth:`close`)."""

    __slots__ = ("_out", "_reader", "_waits_for_write", "is_open", "on_closed", "on_frame", "reactor", "sock")

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket,
        on_frame: Callable[[bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        self.reactor = reactor
        self.sock = sock
        self.on_frame = on_frame
        self.on_closed = on_closed
        self.is_open = True
        self._reader = FrameReader()
        self._out: deque[tuple[memoryview, socket.socket | None]] = deque()
        self._waits_for_write = False
        sock.setblocking(False)
        reactor.watch(sock, self.on_event)

    def send(self, message: Message | bytes, passed: socket.socket | None = None) -> None:
        """Queue one message; ``passed`` travels along and is closed here once it has left."""
        if not self.is_open:
            if passed is not None:
                passed.close()
            return
        self._out.append((memoryview(frame(message)), passed))
        self.reactor.mark_dirty(self)

    def flush(self) -> None:
        """Send as much as the socket takes now."""
        try:
            while self.is_open and self._out:
                self._send_some()
        except BlockingIOError:
            pass
        except OSError:
            # The peer is gone. What it had said before may still be readable: the end of the stream tells.
            self._drop_out()
        if self.is_open and bool(self._out) != self._waits_for_write:
            self._waits_for_write = bool(self._out)
            self.reactor.want_write(self, self._waits_for_write)

    def read(self) -> bool:
        """Take in what is there now; False when there was nothing, or the other end is gone."""
        try:
            frames = read_available(self.sock, self._reader) if self.is_open else []
        except (ConnectionError, FrameError):
            frames = None
        if frames is None:
            self.close()
            self.on_closed()
            return False
        for data in frames:
            self.on_frame(data)
        return bool(frames)

    def drain(self) -> None:
        """Take in all that the other end, which is gone, had said."""
        while self.is_open and self.read():
            pass

    def on_event(self) -> None:
        if self._waits_for_write:
            self.flush()
        self.read()

    def close(self) -> None:
        """Close our end; nothing is called back."""
        if self.is_open:
            self.is_open = False
            self._drop_out()
            self.reactor.unwatch(self.sock)
            self.sock.close()

    def _send_some(self) -> None:
        data, passed = self._out[0]
        if passed is None:
            # Small frames without descriptors leave in one system call.
            batch = [data]
            for later, other in self._out:
                if other is not None or len(batch) >= 64:
                    break
                if later is not data:
                    batch.append(later)
            self._sent(self.sock.sendmsg(batch))
            return
        rights: list[tuple[int, int, Any]] = [
            (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [passed.fileno()]))
        ]
        sent = self.sock.sendmsg([data], rights)
        passed.close()
        self._out[0] = (data, None)
        self._sent(sent)

    def _sent(self, count: int) -> None:
        out = self._out
        while out and count >= len(out[0][0]):
            count -= len(out.popleft()[0])
        if count:
            data, passed = out[0]
            out[0] = (data[count:], passed)

    def _drop_out(self) -> None:
        for _, passed in self._out:
            if passed is not None:
                passed.close()
        self._out.clear()
