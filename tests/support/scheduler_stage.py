"""A scheduler on a real database with a worker that the test plays: every turn is asked for, time stands still."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tradewind.engine import run_creation
from tradewind.model.changes import NewRun
from tradewind.model.decisions import NextRun
from tradewind.model.records import DagRun, RunKey, TaskInstance
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import RunState, RunType
from tradewind.processing.sync import spec_hash
from tradewind.scheduler.loop import Scheduler, SchedulerOptions
from tradewind.serde.encode import spec_bytes
from tradewind.storage.database import Database
from tradewind.wire import framing
from tradewind.wire import messages as wire
from tradewind.wire.outcomes import pack


class StillExecutor:
    """Processes that the test pretends."""

    def __init__(self) -> None:
        self.is_alive = True
        self.pid = 1

    def ensure(self) -> None:
        """Nothing is started."""

    def ensure_triggerer(self) -> None:
        """Nothing is started."""

    def triggerer_alive(self) -> bool:
        return False

    def worker_pid(self) -> int | None:
        """Of the played worker, while it lives."""
        return self.pid if self.is_alive else None


@dataclass
class PlayedWorker:
    """A worker's end of the gateway socket."""

    sock: socket.socket
    worker_id: str = "w1"
    job_id: int | None = None
    launches: list[wire.Attempt] = field(default_factory=list)
    callbacks: list[wire.LaunchCallback] = field(default_factory=list)
    kills: list[wire.Kill] = field(default_factory=list)
    replies: dict[int, wire.AttemptReply] = field(default_factory=dict)
    welcome: wire.Welcome | None = None
    _reader: framing.FrameReader = field(default_factory=framing.FrameReader)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def say(self, message: wire.Message) -> None:
        framing.send_frame(self.sock, message)

    def hello(self, *attempts: str, capacity: int = 32) -> None:
        self.say(
            wire.Hello(
                worker_id=self.worker_id,
                pid=1,
                hostname="here",
                capacity=capacity,
                attempts=attempts,
                job_id=self.job_id,
            )
        )

    def ask(self, token: str, request: wire.AttemptRequest) -> int:
        number = next(self._numbers)
        self.say(wire.Ask(token=token, request_id=number, body=msgspec.Raw(framing.encode(request))))
        return number

    def listen(self) -> None:
        """Take what the scheduler has sent."""
        self.sock.setblocking(False)
        frames = framing.read_available(self.sock, self._reader) or []
        self.sock.setblocking(True)
        for data in frames:
            match framing.SCHEDULER_MESSAGE.decode(data):
                case wire.Launch(attempt=attempt):
                    self.launches.append(attempt)
                case wire.LaunchCallback() as callback:
                    self.callbacks.append(callback)
                case wire.Kill() as kill:
                    self.kills.append(kill)
                case wire.Reply(request_id=number, body=body):
                    self.replies[number] = framing.ATTEMPT_REPLY.decode(body)
                case wire.Welcome() as welcome:
                    self.welcome = welcome
                    self.job_id = welcome.job_id

    def take(self) -> list[wire.Attempt]:
        """Attempts launched since the last time."""
        taken, self.launches = self.launches, []
        return taken


class Stage:
    """One scheduler, one worker, one clock."""

    def __init__(self, db: Database, clock: Any, folder: Path) -> None:
        self.db = db
        # The scheduler's own object: what the test writes comes from "another process" then.
        self.scheduler_db = Database(db._store, clock=clock, options=db.options)
        self.clock = clock
        self.folder = folder
        self.executor = StillExecutor()
        self._tokens = itertools.count(1)
        self.scheduler = self._scheduler()
        self.worker = PlayedWorker(self._connected())

    def _scheduler(self) -> Scheduler:
        options = SchedulerOptions(
            socket_path=self.folder / "run" / "s.sock",
            log_folder=self.folder / "logs",
            hostname="here",
            unixname="me",
            zombie_threshold=300.0,
        )
        scheduler = Scheduler(
            self.scheduler_db, self.clock, options, self.executor, new_token=lambda: f"token-{next(self._tokens)}"
        )
        scheduler.open()
        return scheduler

    def _connected(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(str(self.folder / "run" / "s.sock"))
        return sock

    def start(self, capacity: int = 32) -> None:
        """The worker says Hello and is welcome."""
        self.worker.hello(capacity=capacity)
        self.turns()

    def turns(self, count: int = 4) -> None:
        """A few turns without waiting: messages, events and timers that are there are dealt with."""
        for _ in range(count):
            self.scheduler.turn(0.0)
        self.worker.listen()

    def restart_scheduler(self) -> None:
        """The scheduler dies without a word, and another one takes over."""
        self.scheduler._gateway.close()
        self.scheduler._listener.close()
        self.scheduler = self._scheduler()
        self.worker.sock.close()
        self.worker.sock = self._connected()

    def drop_worker(self) -> None:
        """The worker's connection ends."""
        self.worker.sock.close()
        for _ in range(4):
            self.scheduler.turn(0.0)

    def new_worker(self) -> None:
        """Another worker process connects."""
        self.worker = PlayedWorker(self._connected(), worker_id="w2")
        self.start()

    # DAGs and runs ------------------------------------------------------------------------------------------------

    def dag(self, *tasks: TaskSpec, dag_id: str = "dag", next: NextRun | None = None, **values: Any) -> DagSpec:
        """Register a DAG that is not paused."""
        spec = DagSpec(dag_id=dag_id, fileloc=f"/dags/{dag_id}.py", tasks=tasks, **values)
        data = spec_bytes(spec)
        with self.db.begin() as tx:
            tx.dags.register(
                spec, data, spec_hash(data), fileloc=spec.fileloc, next=next or NextRun(), paused_default=False
            )
        return spec

    def run(self, spec: DagSpec, run_id: str = "r1", **values: Any) -> RunKey:
        """Trigger a run, as the API does."""
        now = self.clock.now()
        new = {"run_type": RunType.MANUAL, "state": RunState.QUEUED, "logical_date": now, "queued_at": now} | values
        with self.db.begin() as tx:
            run = tx.runs.create(NewRun(dag_id=spec.dag_id, run_id=run_id, **new))
            rows = run_creation.task_instances_for(spec, run_id=run_id, logical_date=run.logical_date)
            tx.task_instances.add(run, rows)
        return RunKey(spec.dag_id, run_id)

    def states(self, run: RunKey) -> dict[str, str | None]:
        """task id (with [index]) → state."""
        return {name(row): row.state for row in self.rows(run)}

    def rows(self, run: RunKey) -> list[TaskInstance]:
        with self.db.read() as tx:
            return tx.task_instances.of_run(run)

    def row(self, run: RunKey, task_id: str) -> TaskInstance:
        return next(row for row in self.rows(run) if row.task_id == task_id)

    def stored(self, run: RunKey) -> DagRun:
        with self.db.read() as tx:
            found = tx.runs.get(run)
        assert found is not None
        return found

    # What attempts say ----------------------------------------------------------------------------------------------

    def begin(self, attempt: wire.Attempt) -> wire.AttemptReply:
        """The attempt's process is up."""
        number = self.worker.ask(
            attempt.token, wire.Start(pid=7, hostname="here", unixname="me", started_at=self.clock.now())
        )
        self.turns()
        return self.worker.replies[number]

    def end(self, attempt: wire.Attempt, outcome: Any, **values: Any) -> wire.AttemptReply:
        """The attempt says its end, and its process goes when no callback is left to it."""
        number = self.worker.ask(attempt.token, wire.Finish(outcome=pack(outcome), ended_at=self.clock.now(), **values))
        self.turns()
        reply = self.worker.replies[number]
        if not (isinstance(reply, wire.Finished) and reply.callbacks):
            self.gone(attempt, exit_code=0)
        return reply

    def gone(self, attempt: wire.Attempt, *, code_started: bool = True, **values: Any) -> None:
        """The attempt's process has ended."""
        self.worker.say(wire.Exited(token=attempt.token, code_started=code_started, **values))
        self.turns()

    def close(self) -> None:
        self.worker.sock.close()
        self.scheduler.close()


def name(row: TaskInstance) -> str:
    return row.task_id if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"


def chain(*names: str, **values: Any) -> tuple[TaskSpec, ...]:
    """Tasks one after the other."""
    last = len(names) - 1
    return tuple(
        TaskSpec(
            task_id=task_id,
            task_type="PythonOperator",
            upstream_task_ids=names[place - 1 : place] if place else (),
            downstream_task_ids=names[place + 1 : place + 2] if place < last else (),
            **values,
        )
        for place, task_id in enumerate(names)
    )


@contextmanager
def stage_on(db: Database, clock: Any, folder: Path) -> Iterator[Stage]:
    """A stage that is cleared afterwards."""
    stage = Stage(db, clock, folder)
    try:
        yield stage
    finally:
        stage.close()
