"""Counters, gauges and timers, behind one protocol. Names are Airflow's metric names; the only back end is none yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Tags = Mapping[str, str]


class Metrics(Protocol):
    """Where numbers go. A call never raises and never waits: a metric must not hold up what it measures."""

    def count(self, name: str, value: int = 1, tags: Tags | None = None) -> None:
        """Adds to a counter."""

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Sets a level."""

    def timing(self, name: str, seconds: float, tags: Tags | None = None) -> None:
        """Notes how long something took."""


class NoMetrics:
    """Drops everything: the back end when none is configured."""

    def count(self, name: str, value: int = 1, tags: Tags | None = None) -> None:
        """Nothing."""

    def gauge(self, name: str, value: float, tags: Tags | None = None) -> None:
        """Nothing."""

    def timing(self, name: str, seconds: float, tags: Tags | None = None) -> None:
        """Nothing."""
