"""The workers connected to this scheduler and the attempts each holds, in memory. The rows are the truth; this is who
to talk to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tradewind.model.records import RunKey, TaskInstance, TaskKey


@dataclass(slots=True)
class Held:
    """An attempt out at a worker."""

    run: RunKey
    key: TaskKey
    worker: Worker | None
    callbacks: set[int] = field(default_factory=set)
    """Callbacks that the attempt's own process is running; owed again when it dies first."""
    kill_sent: bool = False
    is_finished: bool = False
    """It has said its end: its process is only running its callbacks."""
    is_settled: bool = False
    """That end is committed: the end of its process changes no row."""


@dataclass(eq=False, slots=True)
class Worker:
    """A worker that has said Hello."""

    worker_id: str
    job_id: int
    pid: int
    capacity: int
    queues: tuple[str, ...]
    connection: object
    """Where messages for it go; only its identity matters here."""
    tokens: set[str] = field(default_factory=set)
    callbacks: set[int] = field(default_factory=set)

    @property
    def free(self) -> int:
        """How many more attempts it takes."""
        return max(0, self.capacity - len(self.tokens))

    def takes(self, queue: str) -> bool:
        """Whether it serves the queue; no queues named: all."""
        return not self.queues or queue in self.queues


class Workers:
    """All of them, by connection, with an index of attempts by token and by run."""

    def __init__(self) -> None:
        self._by_connection: dict[object, Worker] = {}
        self.held: dict[str, Held] = {}
        self._by_run: dict[RunKey, set[str]] = {}

    def __iter__(self) -> Iterator[Worker]:
        return iter(tuple(self._by_connection.values()))

    def add(self, worker: Worker) -> None:
        self._by_connection[worker.connection] = worker

    def of(self, connection: object) -> Worker | None:
        return self._by_connection.get(connection)

    def remove(self, connection: object) -> Worker | None:
        """Forget a worker that has gone; its attempts stay held, without a worker, until they are adopted or lost."""
        worker = self._by_connection.pop(connection, None)
        if worker is not None:
            for token in worker.tokens:
                if token in self.held:
                    self.held[token].worker = None
        return worker

    def hold(self, token: str, run: RunKey, key: TaskKey, worker: Worker | None) -> Held:
        """Note that an attempt is out at a worker."""
        held = self.held.get(token)
        if held is None:
            held = self.held[token] = Held(run, key, worker)
            self._by_run.setdefault(run, set()).add(token)
        held.worker = worker
        if worker is not None:
            worker.tokens.add(token)
        return held

    def release(self, token: str) -> Held | None:
        """The attempt's process is gone."""
        held = self.held.pop(token, None)
        if held is not None:
            tokens = self._by_run.get(held.run, set())
            tokens.discard(token)
            if not tokens:
                self._by_run.pop(held.run, None)
            if held.worker is not None:
                held.worker.tokens.discard(token)
        return held

    def settle(self, tokens: Iterable[str]) -> None:
        """The ends of these attempts are committed."""
        for token in tokens:
            if token in self.held:
                self.held[token].is_settled = True

    def release_settled(self, token: str) -> bool:
        """The attempt's process is gone; True, and it is released, when nothing else follows from that."""
        held = self.held.get(token)
        if held is None or not held.is_settled or held.callbacks:
            return False
        self.release(token)
        return True

    def release_all(self) -> None:
        """Nothing is known of any attempt any more."""
        for token in tuple(self.held):
            self.release(token)

    def of_run(self, run: RunKey) -> tuple[tuple[str, Held], ...]:
        """Attempts of a run, with their tokens."""
        return tuple((token, self.held[token]) for token in self._by_run.get(run, ()))

    def choose(self, row: TaskInstance) -> Worker | None:
        """The worker with most room that serves the row's queue."""
        able = [worker for worker in self._by_connection.values() if worker.takes(row.queue) and worker.free]
        return max(able, key=lambda worker: worker.free, default=None)

    @property
    def busy(self) -> int:
        """Attempts that are out."""
        return len(self.held)

    @property
    def free(self) -> int:
        """Room for attempts at all workers together."""
        return sum(worker.free for worker in self._by_connection.values())
