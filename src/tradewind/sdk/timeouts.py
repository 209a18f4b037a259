"""A time limit for a block of code, by signal (offered as ``airflow.utils.timeout.timeout``)."""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType

from tradewind.sdk.exceptions import AirflowTaskTimeout


class timeout:
    """``with timeout(seconds):`` raises AirflowTaskTimeout when the block takes longer. Main thread only."""

    def __init__(self, seconds: float = 1, error_message: str = "Timeout") -> None:
        self.seconds = seconds
        self.error_message = f"{error_message}, PID: {os.getpid()}"

    def handle_timeout(self, signum: int, frame: FrameType | None) -> None:
        """What the alarm does."""
        raise AirflowTaskTimeout(self.error_message)

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self.handle_timeout)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
