"""The worker's connection to whichever scheduler serves its home: finding one, greeting, losing it, the next one."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path

from tradewind.wire.framing import SCHEDULER_MESSAGE
from tradewind.wire.messages import (
    Beat,
    Hello,
    Message,
    SchedulerMessage,
    Welcome,
)

from .endpoints import connect
from .options import WorkerOptions
from .reactor import Link, Reactor, Timer

log = logging.getLogger(__name__)


class SchedulerLink:
    """Connects to run/scheduler-*.sock, one at a time, for ever.

    ``hello`` makes the greeting; ``on_welcome`` runs after the scheduler's answer: everything it has not heard yet is
    said then; ``on_message`` gets the rest, with the bytes as they came.
    """

    def __init__(
        self,
        options: WorkerOptions,
        reactor: Reactor,
        *,
        hello: Callable[[], Hello],
        on_welcome: Callable[[Welcome], None],
        on_message: Callable[[SchedulerMessage, bytes], None],
        tokens: Callable[[], tuple[str, ...]],
    ) -> None:
        self._options = options
        self._reactor = reactor
        self._hello = hello
        self._on_welcome = on_welcome
        self._on_message = on_message
        self._tokens = tokens
        self._link: Link | None = None
        self._beat: Timer | None = None
        self._heartbeat = options.heartbeat_interval
        self.is_welcome = False
        """The scheduler knows us; only now is anything but Hello said to it."""
        self.lost_at: float | None = reactor.clock.monotonic()
        """Since when there has been no scheduler; None while there is one."""

    def start(self) -> None:
        """Look for a scheduler now, and again whenever there is none."""
        for path in sorted(Path(self._options.run_folder).glob("scheduler-*.sock")):
            try:
                sock = connect(path)
            except OSError:
                continue  # what a dead scheduler left; the next one removes it
            self._greet(sock)
            return
        self._reactor.call_later(self._options.reconnect_seconds, self.start)

    def send(self, message: Message | bytes) -> bool:
        """Say it, when a scheduler listens; False: the caller keeps it for :attr:`on_welcome`."""
        if self._link is None or not self.is_welcome:
            return False
        self._link.send(message)
        return True

    def close(self) -> None:
        """Say nothing more."""
        if self._link is not None:
            self._link.close()

    def _greet(self, sock: socket.socket) -> None:
        self._link = Link(self._reactor, sock, self._on_frame, self._on_lost)
        self._link.send(self._hello())

    def _on_frame(self, data: bytes) -> None:
        message = SCHEDULER_MESSAGE.decode(data)
        if isinstance(message, Welcome):
            self.is_welcome = True
            self.lost_at = None
            self._heartbeat = message.heartbeat_interval
            self._on_welcome(message)
            if self._beat is None:
                self._beat = self._reactor.call_later(self._heartbeat, self._say_beat)
        else:
            self._on_message(message, data)

    def _say_beat(self) -> None:
        self.send(Beat(attempts=self._tokens()))
        self._beat = self._reactor.call_later(self._heartbeat, self._say_beat)

    def _on_lost(self) -> None:
        log.info("worker.scheduler_lost")
        self._link = None
        self.is_welcome = False
        self.lost_at = self.lost_at or self._reactor.clock.monotonic()
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        self.start()
