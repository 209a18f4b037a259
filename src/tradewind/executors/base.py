"""Where attempts run: the Executor protocol. What an attempt is and who says it to a worker is the gateway's matter;
an executor sees that there is somebody to say it to."""

from __future__ import annotations

from typing import Protocol


class Executor(Protocol):
    """Keeps workers for a scheduler."""

    def ensure(self) -> None:
        """See that a worker is there or coming; cheap, to be called again and again."""
        ...

    def ensure_triggerer(self) -> None:
        """Have the home's triggerer started, unless it runs. Does not wait for it."""
        ...

    def triggerer_alive(self) -> bool:
        """Whether the home's triggerer runs."""
        ...

    def worker_pid(self) -> int | None:
        """The process that is this machine's worker now; None when there is none. A worker with another pid that fell
        silent will not come back."""
        ...

    def slots(self) -> int:
        """How many attempts may run at once; 0 for no bound of its own."""
        ...

    def stop(self) -> None:
        """End the workers and what runs in them."""
        ...
