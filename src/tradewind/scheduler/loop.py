"""The scheduler's loop: wait for a message, a bell or a timer; in one transaction answer, decide, apply; then send.

Everything that came in meanwhile goes into the same transaction: under load commits group by themselves.
"""

from __future__ import annotations

import selectors
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from tradewind.executors.base import Executor
from tradewind.model.changes import Event
from tradewind.model.errors import DatabaseUnavailable, TransactionRolledBack
from tradewind.model.records import RunKey
from tradewind.model.states import TaskState
from tradewind.model.times import Clock
from tradewind.storage.database import Database, Transaction
from tradewind.wire import callback_journal, framing
from tradewind.wire.messages import Ask, Exited, Refused, Reply, WorkerMessage

from . import retention
from .backfills import BackfillKeeper
from .callbacks import launch_callbacks
from .dataset_runs import create_dataset_runs
from .enqueue import Enqueuer
from .gateway_server import Closed, Connection, GatewayServer
from .reconcile import Reconciler
from .retention import RetentionOptions
from .runs import RunKeeper
from .slas import SlaKeeper
from .specs import SpecCache
from .step import Step
from .timers import Timers, seconds_until
from .timetables import BuiltInTimetables, TimetableSource
from .triggers import TriggerKeeper, TriggerOptions
from .workers import Workers

log = structlog.get_logger(__name__)

RETRY_SECONDS = 0.5
"""Between two tries to reach a database that is gone."""

BUSY_SECONDS = 0.02
"""Before a run is looked at again that another scheduler had locked."""

Incoming = tuple[Connection, WorkerMessage | Closed]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerOptions:
    """Values of the configuration that the loop needs; seconds unless said otherwise."""

    socket_path: Path
    log_folder: Path
    hostname: str
    unixname: str
    parallelism: int = 32
    max_runs_created_per_loop: int = 100
    heartbeat: float = 5.0
    sweep: float = 5.0
    worker_heartbeat: float = 5.0
    triggerer_lease: float = 30.0
    zombie_threshold: float = 300.0
    callback_timeout: float = 300.0
    retention: RetentionOptions = field(default_factory=RetentionOptions)
    use_job_schedule: bool = True
    check_slas: bool = True
    failure_limit: int = 0
    """[core] max_consecutive_failed_dag_runs_per_dag; 0: none."""


class Scheduler:
    """One scheduler process. ``run`` returns when ``stop`` was called or a signal came."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        options: SchedulerOptions,
        executor: Executor,
        *,
        new_token: Callable[[], str],
        timetables: TimetableSource | None = None,
    ) -> None:
        self._timetables = timetables or BuiltInTimetables()
        self._db = db
        self._clock = clock
        self._options = options
        self._executor = executor
        self._new_token = new_token
        self._selector = selectors.DefaultSelector()
        self._timers = Timers()
        self._specs = SpecCache()
        self._workers = Workers()
        self._stopping = False
        self._backlog: list[Incoming] = []
        self._cursor = 0
        self._callbacks_waiting: set[int] = set()
        self._busy: set[RunKey] = set()
        self._has_place = False
        """Processes of attempts have ended since the last step."""
        self._has_news = False
        """Events were committed that other listeners have not been rung for."""
        self._answered: set[str] = set()
        """DAGs about which a plugin has answered since the last step."""
        self._postponed: list[Incoming] = []
        """Messages that wait for a plugin's answer."""

    # Life -------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Serve until stopped."""
        self.open()
        try:
            while not self._stopping:
                self.turn()
        finally:
            self.close()

    def stop(self) -> None:
        """End after the present turn; running attempts go on in their workers."""
        self._stopping = True

    def open(self) -> None:
        """Take up the work: a job, the gateway, the executor. ``run`` does this by itself."""
        self._keeper = RunKeeper(
            self._specs,
            job_id=None,
            new_token=self._new_token,
            failure_limit=self._options.failure_limit,
            timetables=self._timetables,
        )
        self._triggers = TriggerKeeper(
            self._keeper,
            TriggerOptions(
                hostname=self._options.hostname,
                unixname=self._options.unixname,
                log_folder=self._options.log_folder,
                heartbeat_interval=self._options.worker_heartbeat,
                lease=timedelta(seconds=self._options.triggerer_lease),
            ),
            start=self._executor.ensure_triggerer,
        )
        with self._db.begin() as tx:
            self.job_id = tx.jobs.create(
                "SchedulerJob",
                hostname=self._options.hostname,
                unixname=self._options.unixname,
                executor_class="LocalExecutor",
            )
            self._cursor = tx.outbox.last_id()
            # A database file is one home's: a triggerer that it had and that does not live holds nothing any more.
            self._triggers.open(tx, is_home_alone=self._db.path is not None and not self._executor.triggerer_alive())
        self._keeper.job_id = self.job_id
        self._backfills = BackfillKeeper(self._keeper)
        self._slas = SlaKeeper(self._keeper, is_on=self._options.check_slas)
        self._enqueuer = Enqueuer(
            self._keeper,
            parallelism=self._options.parallelism,
            log_folder=self._options.log_folder,
            new_token=self._new_token,
        )
        self._reconciler = Reconciler(
            self._keeper,
            self._workers,
            self._triggers,
            heartbeat_interval=self._options.worker_heartbeat,
            zombie_threshold=timedelta(seconds=self._options.zombie_threshold),
        )
        self._listener = self._db.listen()
        self._selector.register(self._listener.fileno(), selectors.EVENT_READ, self._listener)
        answers = self._timetables.fileno()
        if answers is not None:
            self._selector.register(answers, selectors.EVENT_READ, self._timetables)
        self._gateway = GatewayServer(self._options.socket_path, self._selector)
        self._executor.ensure()
        now = self._clock.monotonic()
        for name in ("due", "wake", "sweep", "heartbeat"):
            self._timers.set(name, now)
        self._is_first = True
        log.info("scheduler.started", job_id=self.job_id)

    def close(self) -> None:
        """Lay it down."""
        self._timetables.close()
        self._gateway.close()
        self._selector.close()
        self._listener.close()
        with self._db.begin() as tx:
            tx.jobs.finish(self.job_id, "success")
            self._triggers.close(tx)
        log.info("scheduler.stopped", job_id=self.job_id)

    def install_signal_handlers(self) -> None:
        """SIGTERM and SIGINT end the loop after the present turn; a socket pair wakes the selector."""
        import socket  # only a main process needs it

        reader, writer = socket.socketpair()
        reader.setblocking(False)
        writer.setblocking(False)
        self._selector.register(reader, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
        self._signal_sockets = (reader, writer)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    # One turn ---------------------------------------------------------------------------------------------------

    def turn(self, max_wait: float = 3600.0) -> None:
        """Wait (at most ``max_wait`` seconds), then carry out one step."""
        wait = 0.0 if self._backlog else min(max_wait, self._timers.wait(self._clock.monotonic()))
        ready = [key.data for key, _ in self._selector.select(wait)]
        said = self._said(ready)
        if not said and self._has_nothing_to_do(ready):
            return
        if self._listener in ready:
            self._listener.drain()
        if self._timetables in ready:
            self._answered |= self._timetables.drain()
            self._backlog += self._postponed
            self._postponed = []
        self._backlog += said
        try:
            self._carry_out_backlog()
        except TransactionRolledBack as problem:
            log.warning("transaction.rolled_back", reason=str(problem))
            self._keeper.forget_all()
        except DatabaseUnavailable as problem:
            self._database_failed(problem)
        else:
            self._backlog = []
            self._answered = set()
        self._gateway.flush()
        if self._has_news:
            self._has_news = False
            self._db.ring(except_for=self._listener.name)

    def _said(self, ready: Sequence[object]) -> list[Incoming]:
        """What workers have said, without the ends of processes whose attempts had ended before: they make room, and no
        row is changed by them."""
        said: list[Incoming] = []
        for connection, message in self._gateway.read(ready):
            if isinstance(message, Exited) and self._workers.release_settled(message.token):
                self._has_place = True
            else:
                said.append((connection, message))
        return said

    def _has_nothing_to_do(self, ready: Sequence[object]) -> bool:
        """Whether workers were all that was heard, and had nothing more to say than that there is room, for which
        nothing waits."""
        is_due = self._timers.wait(self._clock.monotonic()) <= 0
        only_room = self._has_place and all(isinstance(item, Connection) for item in ready)
        return only_room and not (is_due or self._backlog or self._enqueuer.lacks_workers)

    def _carry_out_backlog(self) -> None:
        """All messages in one transaction. When that fails for another reason than the database, each in its own: one
        that cannot be carried out is refused, and stops nobody else."""
        try:
            self._step(self._backlog)
        except DatabaseUnavailable:
            raise
        except Exception:
            if not self._backlog:
                raise
            log.exception("step.failed", messages=len(self._backlog))
            self._keeper.forget_all()
            self._triggers.doubt()
            for item in self._backlog:
                self._carry_out_alone(item)

    def _carry_out_alone(self, item: Incoming) -> None:
        connection, message = item
        try:
            self._step([item])
        except DatabaseUnavailable:
            raise
        except Exception as problem:
            log.exception("message.refused", message=type(message).__name__)
            self._keeper.forget_all()
            self._triggers.doubt()
            if isinstance(message, Ask) and message.request_id:
                refusal = Refused(code="invalid", message=f"the scheduler could not carry this out: {problem!r}")
                body = msgspec.Raw(framing.encode(refusal))
                reply = Reply(token=message.token, request_id=message.request_id, body=body)
                self._gateway.send(connection, reply)

    def _database_failed(self, problem: DatabaseUnavailable) -> None:
        """The transaction did not happen, or nobody knows. Nothing in memory is believed any more: workers connect
        again, say which attempts they hold, and repeat what was not answered."""
        log.error("database.unavailable", reason=str(problem))
        self._backlog = []
        self._postponed = []
        self._keeper.forget_all()
        self._specs.forget_all()
        for connection in self._gateway.drop_all():
            self._reconciler.lose(connection, self._clock.now())
        self._workers.release_all()
        self._triggers.forget_all()
        self._selector.select(RETRY_SECONDS)

    def _step(self, incoming: Sequence[Incoming]) -> None:
        moment = self._clock.monotonic()
        cursor = self._cursor
        tokens: list[str] = []
        try:
            # Our own bell need not ring for what we have done ourselves; the others' wait until workers know.
            with self._db.begin(except_for=self._listener.name, rings=False) as tx:
                step = Step(
                    tx=tx,
                    now=tx.now,
                    callback_ids=self._callbacks_waiting,
                    tokens=tokens,
                    has_place=self._has_place,
                )
                self._read_outbox(step)
                for run in self._busy:
                    step.touch_all(run)
                tx.runs.hold(self._runs_of(incoming))
                for connection, message in incoming:
                    self._reconciler.handle(step, connection, message)
                self._run_timers(step, moment)
                self._keeper.resume(step, self._answered)
                self._settle(step)
                if step.wants_wake_plan:
                    self._plan_wake(tx, step.now, moment)
                if step.wants_runs:  # in a step of their own: a DAG that always has a next run must not fill this one
                    self._timers.set("due", moment)
        except BaseException:
            self._cursor = cursor
            self._enqueuer.lacks_workers = True
            for token in tokens:
                self._workers.release(token)
            raise
        self._has_place = False
        self._has_news = self._has_news or bool(tx.events)
        self._workers.settle(step.ended)
        self._busy = step.busy
        self._postponed += step.postponed
        self._timers.set("busy", moment + BUSY_SECONDS if step.busy else None)
        self._timers.set("backfills", moment if self._backfills.unfinished else None)
        self._after_commit(step)

    def _runs_of(self, incoming: Sequence[Incoming]) -> set[RunKey]:
        """The runs that these messages will change."""
        tokens = (message.token for _, message in incoming if isinstance(message, Ask | Exited))
        return {held.run for token in tokens if (held := self._workers.held.get(token)) is not None}

    def _settle(self, step: Step) -> None:
        """Start, examine and queue until nothing more follows from anything."""
        self._start_runs(step)
        self._keeper.examine(step)
        while step.dags or step.touched or step.wants_datasets:  # a finished run makes room for the next one
            if step.wants_datasets:
                create_dataset_runs(step, self._keeper)
            self._start_runs(step)
            self._keeper.examine(step)
        if step.wants_triggers:
            self._triggers.assign(step)
        if step.wants_queueing or (step.has_place and self._enqueuer.lacks_workers):
            self._enqueuer.fill(step, self._workers)
        launch_callbacks(
            step,
            self._keeper,
            self._workers,
            log_folder=self._options.log_folder,
            timeout=self._options.callback_timeout,
            run_folder=self._options.socket_path.parent,
        )

    def _start_runs(self, step: Step) -> None:
        dags = set(step.dags)
        self._keeper.start_queued(step)
        self._backfills.advance(step, dags)

    def _after_commit(self, step: Step) -> None:
        # Answers last: whoever has just ended can wait for his, the task that follows is what the run waits for.
        for connection, message in sorted(step.sends, key=lambda send: isinstance(send[1], Reply)):
            if isinstance(connection, Connection):
                self._gateway.send(connection, message)

    # Events from other processes ----------------------------------------------------------------------------------

    def _read_outbox(self, step: Step) -> None:
        """What others have changed since the last step."""
        while True:
            events = step.tx.outbox.foreign(self._cursor)
            for event in events:
                self._notice(step, event)
            if events:
                self._cursor = events[-1].id
            if len(events) < step.tx.outbox.page:
                return

    def _notice(self, step: Step, event: Event) -> None:
        if event.dag_id is None:
            step.wants_queueing = True  # a pool has changed
            step.wants_triggers = step.wants_triggers or event.kind == "trigger.created"
            step.wants_datasets = step.wants_datasets or event.kind == "dataset.event"
            return
        if event.kind.startswith("backfill."):
            self._backfills.refresh(step.tx)
            step.dags.add(event.dag_id)
        if event.kind.startswith("dag."):
            self._specs.forget(event.dag_id)
            step.dags.add(event.dag_id)
            step.wants_queueing = True
            self._timers.set("due", self._clock.monotonic())
            for key in step.tx.runs.open_keys(dag_id=event.dag_id):
                self._keeper.forget(key)
                step.touch_all(key)
        if event.run_id is not None:
            step.wants_wake_plan = True
            key = RunKey(event.dag_id, event.run_id)
            self._keeper.forget(key)
            step.touch_all(key)
            step.dags.add(event.dag_id)
            step.wants_queueing = True
            self._reconciler.kill_unwanted(step, key)

    # Timers -------------------------------------------------------------------------------------------------------

    def _run_timers(self, step: Step, moment: float) -> None:
        if self._timers.is_due("heartbeat", moment):
            step.tx.jobs.beat(self.job_id, step.now)
            self._triggers.beat(step)
            self._timers.set("heartbeat", moment + self._options.heartbeat)
        if self._timers.is_due("sweep", moment):
            self._sweep(step)
            step.wants_wake_plan = True
            self._timers.set("sweep", moment + self._options.sweep)
        if self._reconciler.has_lost:
            self._rescue(step, moment)
        step.wants_triggers = step.wants_triggers or self._triggers.is_starved
        self._timers.set("triggers", moment + 0.2 if self._triggers.is_starved else None)
        if self._timers.is_due("due", moment):
            self._create_due(step, moment)
        if self._timers.is_due("wake", moment):
            self._wake(step)
            step.wants_wake_plan = True

    def _create_due(self, step: Step, moment: float) -> None:
        limit = self._options.max_runs_created_per_loop
        if self._options.use_job_schedule and self._keeper.create_due(step, limit) >= limit:
            self._timers.set("due", moment)
            return
        upcoming = step.tx.dags.next_due_at()
        self._timers.set("due", None if upcoming is None else moment + seconds_until(upcoming, step.now))

    def _wake(self, step: Step) -> None:
        """Retry waits, next pokes and timeouts that are over."""
        for row in step.tx.task_instances.due(step.now):
            if row.state is TaskState.DEFERRED:
                self._triggers.time_out(step, row)
            else:
                step.touch(RunKey(row.dag_id, row.run_id), row)
        for run in self._keeper.time_out(step):
            self._reconciler.kill_unwanted(step, run)

    def _plan_wake(self, tx: Transaction, now: datetime, moment: float) -> None:
        upcoming = [at for at in (tx.task_instances.next_wake_at(), tx.runs.next_timeout_at()) if at is not None]
        at = min(upcoming, default=None)
        self._timers.set("wake", None if at is None else moment + seconds_until(at, now))

    def _rescue(self, step: Step, moment: float) -> None:
        self._executor.ensure()
        self._reconciler.rescue(step, local_worker=self._executor.worker_pid())
        self._timers.set("rescue", moment + 0.1 if self._reconciler.has_lost else None)

    def _sweep(self, step: Step) -> None:
        """Find what a lost signal left behind; on a quiet system a few small queries."""
        self._executor.ensure()
        step.dags |= self._backfills.refresh(step.tx)
        if self._is_first:
            self._is_first = False
            for key in step.tx.runs.open_keys():
                step.touch_all(key)
                step.dags.add(key.dag_id)
            # Their next run is asked for by schedulers only: nobody may have been there when they were parsed.
            step.dags |= set(step.tx.dags.of_plugin_timetables())
        else:
            self._heal(step)
        step.dags |= self._timetables.expired()
        dead = step.tx.jobs.dead(step.now - timedelta(seconds=self._options.zombie_threshold))
        self._reconciler.rescue_orphans(step, [job.id for job in dead])
        self._triggers.sweep(step)
        step.wants_datasets = True
        self._slas.check(step)
        if not step.tx.callbacks.pending(1):
            callback_journal.forget_if_large(self._options.socket_path.parent)
        retention.sweep(step, self._options.retention)
        step.tx.counters.fold()
        step.wants_queueing = True
        step.wants_runs = True

    def _heal(self, step: Step) -> None:
        """Boards that are not at their row's revision are loaded again; queued runs are counted again."""
        known = self._keeper.revisions()
        for key, revision in step.tx.runs.revisions(list(known)).items():
            if known[key] != revision:
                self._keeper.forget(key)
                step.touch_all(key)
        for key in step.tx.runs.open_keys():
            if key not in known:
                step.touch_all(key)
                step.dags.add(key.dag_id)
