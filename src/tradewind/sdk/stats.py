"""``Stats`` of user code and provider packages: metrics to the StatsD server of ``[metrics]``, or to nobody.

The protocol is StatsD's (``name:value|c``, ``|g``, ``|ms``) over UDP; with ``statsd_influxdb_enabled`` or
``statsd_datadog_enabled`` tags go along in those servers' spellings. Nothing is sent, and no socket opened, unless
``statsd_on`` is set.
"""

from __future__ import annotations

import random  # noqa: TID251  # sampling, as StatsD defines it
import socket
import time
from contextlib import AbstractContextManager
from datetime import timedelta
from types import TracebackType
from typing import Any

from .settings import config_bool, config_int, config_value


class Timer(AbstractContextManager["Timer"]):
    """Measures a block; ``duration`` in ms afterwards."""

    def __init__(self, name: str | None = None, tags: dict[str, Any] | None = None) -> None:
        self._name = name
        self._tags = tags
        self._began = 0.0
        self.duration: float | None = None

    def start(self) -> Timer:
        """Begin."""
        self._began = time.perf_counter()
        return self

    def stop(self, send: bool = True) -> None:
        """End, and send unless told not to."""
        self.duration = (time.perf_counter() - self._began) * 1000.0
        if send:
            self.send()

    def send(self) -> None:
        """Send what was measured."""
        if self._name and self.duration is not None:
            Stats.timing(self._name, self.duration, tags=self._tags)

    def __enter__(self) -> Timer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Stats:
    """Counters, gauges and timings. All methods may be called anywhere; a server that is gone is not noticed."""

    _socket: socket.socket | None = None

    @classmethod
    def incr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: dict[str, Any] | None = None) -> None:
        """Add to a counter."""
        cls._send(stat, f"{count}|c", rate, tags)

    @classmethod
    def decr(cls, stat: str, count: int = 1, rate: float = 1, *, tags: dict[str, Any] | None = None) -> None:
        """Subtract from a counter."""
        cls._send(stat, f"{-count}|c", rate, tags)

    @classmethod
    def gauge(
        cls, stat: str, value: float, rate: float = 1, delta: bool = False, *, tags: dict[str, Any] | None = None
    ) -> None:
        """Set a gauge; with ``delta`` change it by ``value``."""
        sign = "+" if delta and value >= 0 else ""
        cls._send(stat, f"{sign}{value}|g", rate, tags)

    @classmethod
    def timing(cls, stat: str, dt: float | timedelta | None, *, tags: dict[str, Any] | None = None) -> None:
        """Report a duration, a timedelta or ms."""
        if dt is not None:
            cls._send(stat, f"{dt.total_seconds() * 1000 if isinstance(dt, timedelta) else dt}|ms", 1, tags)

    @classmethod
    def timer(cls, stat: str | None = None, *, tags: dict[str, Any] | None = None, **_: Any) -> Timer:
        """A block whose duration is reported."""
        return Timer(stat, tags)

    @classmethod
    def _send(cls, stat: str, value: str, rate: float, tags: dict[str, Any] | None) -> None:
        if not config_bool("metrics", "statsd_on", False):
            return
        if rate < 1 and random.random() >= rate:  # sampling, as StatsD defines it
            return
        prefix = config_value("metrics", "statsd_prefix", "airflow")
        name = f"{prefix}.{stat}" if prefix else stat
        sampled = f"|@{rate}" if rate < 1 else ""
        if tags and config_bool("metrics", "statsd_influxdb_enabled", False):
            name += "," + ",".join(f"{key}={tag}" for key, tag in tags.items())
        line = f"{name}:{value}{sampled}"
        if tags and config_bool("metrics", "statsd_datadog_enabled", False):
            line += "|#" + ",".join(f"{key}:{tag}" for key, tag in tags.items())
        if cls._socket is None:
            cls._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            cls._socket.setblocking(False)
        address = (config_value("metrics", "statsd_host", "localhost"), config_int("metrics", "statsd_port", 8125))
        try:
            cls._socket.sendto(line.encode(), address)
        except OSError:
            # UDP: whether anybody listens is not the task's affair.
            cls._socket.close()
            cls._socket = None
