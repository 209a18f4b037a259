"""Ending a task's code early: SIGTERM from the worker, SIGALRM of its execution timeout."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tradewind.sdk.exceptions import AirflowTaskTerminated, AirflowTaskTimeout

from . import signals
from .channel import SignalGate

log = logging.getLogger("airflow.task")


@contextmanager
def terminable(gate: SignalGate, on_kill: Callable[[], Any]) -> Iterator[None]:
    """SIGTERM in the block calls ``on_kill`` and raises AirflowTaskTerminated. Afterwards it is ignored: the end is
    being told, and whoever cannot wait for that kills."""
    owner = os.getpid()

    def end() -> None:
        log.error("Received SIGTERM. Terminating subprocesses.")
        on_kill()
        raise AirflowTaskTerminated("Task received SIGTERM signal")

    def handler(number: int, frame: FrameType | None) -> None:
        if os.getpid() != owner:
            os._exit(1)  # a process that the task forked has inherited this handler; it is not the task
        gate.run(end)

    signals.handle(signals.SIGTERM, handler)
    try:
        yield
    finally:
        signals.handle(signals.SIGTERM, signals.IGNORE)


@contextmanager
def time_limit(gate: SignalGate, seconds: float | None) -> Iterator[None]:
    """AirflowTaskTimeout in the block after ``seconds``, at once when there are none left; None: no limit. Only a main
    thread can be interrupted; elsewhere there is no limit."""
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    message = f"Timeout, PID: {os.getpid()}"
    if seconds <= 0:
        raise AirflowTaskTimeout(message)

    def end() -> None:
        log.error("Process timed out, PID: %s", os.getpid())
        raise AirflowTaskTimeout(message)

    def handler(number: int, frame: FrameType | None) -> None:
        gate.run(end)

    previous = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
