"""What workers say, and what happens when they fall silent: every attempt that is out either reports or is rescued."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import structlog

from tradewind.actions import attempts
from tradewind.actions.asking import Answer
from tradewind.actions.attempt_ends import conclude
from tradewind.model.outcomes import Failed, NotStarted, Outcome
from tradewind.model.records import RunKey, TaskInstance
from tradewind.model.states import TaskState
from tradewind.wire import framing
from tradewind.wire import messages as wire
from tradewind.wire.plugin_messages import AnswerPending

from .gateway_server import Closed, Connection
from .runs import RunKeeper
from .step import Step
from .triggers import TriggerKeeper
from .workers import Worker, Workers

log = structlog.get_logger(__name__)

ENDABLE = frozenset({TaskState.QUEUED, TaskState.RUNNING, TaskState.RESTARTING})
"""States in which an attempt is out and has not said its end."""
SIGNALS = {6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker that closed its connection; it may be back until ``deadline``."""

    worker: Worker
    deadline: datetime


class Reconciler:
    """Turns worker messages into changes, and silence into rescue."""

    def __init__(
        self,
        keeper: RunKeeper,
        workers: Workers,
        triggers: TriggerKeeper,
        *,
        heartbeat_interval: float,
        zombie_threshold: timedelta,
    ) -> None:
        self._keeper = keeper
        self._workers = workers
        self._triggers = triggers
        self._heartbeat_interval = heartbeat_interval
        self._zombie_threshold = zombie_threshold
        self._lost: list[Lost] = []

    # Messages ---------------------------------------------------------------------------------------------------

    def handle(self, step: Step, connection: Connection, message: wire.WorkerMessage | Closed) -> None:
        """Answer one message of a worker."""
        read_last, step.read_last = step.read_last, None
        match message:
            case wire.Ask():
                known = read_last[1] if read_last is not None and read_last[0] == message.token else None
                self._ask(step, connection, message, known)
            case wire.Exited():
                self._exited(step, message)
            case wire.CallbackExited():
                self._callback_exited(step, connection, message)
            case wire.Beat():
                self._beat(step, connection)
            case wire.Hello():
                self._hello(step, connection, message)
            case wire.TriggererHello():
                self._triggers.hello(step, connection, message)
            case wire.TriggerFired() | wire.TriggerFailed():
                self._triggers.ended(step, connection, message)
            case Closed():
                self._triggers.closed(step, connection)
                self.lose(connection, step.now)

    def _ask(self, step: Step, connection: Connection, ask: wire.Ask, known: TaskInstance | None) -> None:
        """``known``: the attempt's row, when it was read for the message before."""
        row = known
        try:
            request = framing.decode_any(framing.ATTEMPT_REQUEST, bytes(ask.body))
        except framing.FrameError as problem:
            log.warning("attempt.bad_request", token=ask.token, reason=str(problem))
            request = None
            answer = Answer(reply=wire.Refused(code="invalid", message=str(problem)))
        else:
            row = row or step.tx.task_instances.by_token(ask.token)
            try:
                answer = attempts.answer(
                    step.tx, self._keeper.specs, ask.token, request, row, timetables=self._keeper.timetables.build
                )
            except AnswerPending:
                step.postponed.append((connection, ask))
                return
        if answer.run is not None and answer.news:
            step.news.setdefault(answer.run, []).extend(answer.news)
        if answer.run is not None and (answer.changed or answer.news):
            self._ended(step, answer.run, answer.changed)
            step.wants_queueing = step.wants_queueing or isinstance(request, wire.Finish)
        if isinstance(request, wire.Rendered) and row is not None:
            step.read_last = ask.token, row
        if isinstance(request, wire.Finish):
            step.wants_triggers = step.wants_triggers or request.outcome.kind == "deferred"
            step.wants_datasets = step.wants_datasets or bool(request.dataset_events or request.alias_events)
        for run in answer.new_runs:
            self._keeper.forget(run)
            step.touch_all(run)
            step.dags.add(run.dag_id)
        held = self._workers.held.get(ask.token)
        if held is not None:
            held.callbacks.update(answer.callbacks)
            if isinstance(answer.reply, wire.Finished):
                held.is_finished = True
                step.ended.append(ask.token)
            if isinstance(request, wire.CallbackDone):
                held.callbacks.discard(request.callback_id)
        if ask.request_id:
            body = msgspec.Raw(framing.encode(answer.reply))
            step.sends.append((connection, wire.Reply(token=ask.token, request_id=ask.request_id, body=body)))

    def _ended(self, step: Step, run: RunKey, changed: tuple[TaskInstance, ...]) -> None:
        """Have the run looked at; a failure may stop it as a whole."""
        step.touch(run, *changed)
        for row in changed:
            if row.state is TaskState.FAILED:
                self._keeper.fail_stop(step, run, row)
                self.kill_unwanted(step, run)

    def _exited(self, step: Step, message: wire.Exited) -> None:
        """The process is gone: an attempt that had not said its end has failed, or has never begun."""
        held = self._workers.release(message.token)
        step.has_place = True
        row = step.tx.task_instances.by_token(message.token)
        if row is not None and row.state in ENDABLE:
            step.wants_queueing = True
            self._conclude(step, row, outcome_of_exit(message, row), message.ended_at or step.now)
        if held is not None:
            self._relaunch_callbacks(step, held.callbacks)

    def _conclude(self, step: Step, row: TaskInstance, outcome: Outcome, ended_at: datetime) -> None:
        """End an attempt that cannot speak for itself; its callbacks run in a fork of their own."""
        changed, callbacks = conclude(step.tx, self._keeper.specs, row, outcome, ended_at=ended_at, is_mute=True)
        if changed:
            self._ended(step, RunKey(row.dag_id, row.run_id), changed)
            log.info(
                "attempt.ended_by_scheduler",
                dag_id=row.dag_id,
                run_id=row.run_id,
                task_id=row.task_id,
                map_index=row.map_index,
                try_number=row.try_number,
                state=changed[0].state,
                reason=getattr(outcome, "error", "") or getattr(outcome, "reason", ""),
            )
        self._relaunch_callbacks(step, {number for number, _ in callbacks})

    def _callback_exited(self, step: Step, connection: Connection, message: wire.CallbackExited) -> None:
        worker = self._workers.of(connection)
        if worker is not None:
            worker.callbacks.discard(message.callback_id)
        if message.exit_code != 0:
            self._relaunch_callbacks(step, {message.callback_id})

    def _relaunch_callbacks(self, step: Step, numbers: Iterable[int]) -> None:
        """Callbacks that are still owed go to a fork of their own."""
        wanted = set(numbers)
        if wanted:
            step.callback_ids |= wanted

    def _beat(self, step: Step, connection: Connection) -> None:
        owner = self._workers.of(connection) or self._triggers.of(connection)
        if owner is not None:
            step.tx.jobs.beat(owner.job_id, step.now)

    # Coming and going -------------------------------------------------------------------------------------------

    def _hello(self, step: Step, connection: Connection, hello: wire.Hello) -> None:
        """A new worker, or one that adopts us after its scheduler died: its running attempts go on."""
        job_id = hello.job_id
        if job_id is None or not step.tx.jobs.revive(job_id, step.now):
            job_id = step.tx.jobs.create(
                "WorkerJob", hostname=hello.hostname, unixname="", executor_class="LocalExecutor"
            )
        worker = Worker(
            worker_id=hello.worker_id,
            job_id=job_id,
            pid=hello.pid,
            capacity=hello.capacity,
            queues=hello.queues,
            connection=connection,
            callbacks=set(hello.callbacks),
        )
        self._workers.add(worker)
        self._lost = [lost for lost in self._lost if lost.worker.worker_id != hello.worker_id]
        unwanted = []
        for token in hello.attempts:
            row = step.tx.task_instances.by_token(token)
            if row is None:
                unwanted.append(token)
                continue
            held = self._workers.hold(token, RunKey(row.dag_id, row.run_id), row.key, worker)
            held.callbacks.update(owed.id for owed in step.tx.callbacks.of_token(token))
            held.is_finished = row.state not in ENDABLE
        self._rescue_missing(step, job_id, set(hello.attempts))
        step.callback_ids |= {owed.id for owed in step.tx.callbacks.pending()}
        welcome = wire.Welcome(job_id=job_id, kill=tuple(unwanted), heartbeat_interval=self._heartbeat_interval)
        step.sends.append((connection, welcome))
        step.wants_queueing = True
        log.info("worker.connected", worker_id=hello.worker_id, pid=hello.pid, attempts=len(hello.attempts))

    def _rescue_missing(self, step: Step, job_id: int, present: set[str]) -> None:
        """Attempts that the rows say this worker holds and it does not."""
        for row in step.tx.task_instances.owned_by([job_id]):
            if row.token not in present:
                self._conclude_lost(step, row, "its worker does not have it any more")

    def _conclude_lost(self, step: Step, row: TaskInstance, why: str) -> None:
        if row.token is not None:
            held = self._workers.release(row.token)
            if held is not None:
                self._relaunch_callbacks(step, held.callbacks)
        self._conclude(step, row, lost_outcome(row, why), step.now)

    def lose(self, connection: Connection, now: datetime) -> None:
        """The connection is gone; its worker has until the zombie threshold to come back, unless it is dead."""
        worker = self._workers.remove(connection)
        if worker is None:
            return
        log.warning("worker.disconnected", worker_id=worker.worker_id, attempts=len(worker.tokens))
        self._lost.append(Lost(worker, now + self._zombie_threshold))

    def rescue(self, step: Step, *, local_worker: int | None) -> None:
        """End the attempts of workers that will not come back: at once when another process, or none, is the home's
        worker now (``local_worker``, its pid)."""
        remaining: list[Lost] = []
        for lost in self._lost:
            if lost.worker.pid == local_worker and lost.deadline > step.now:
                remaining.append(lost)
                continue
            self._give_up(step, lost.worker)
        self._lost = remaining

    def _give_up(self, step: Step, worker: Worker) -> None:
        for row in step.tx.task_instances.owned_by([worker.job_id]):
            self._conclude_lost(step, row, "its worker died")
        for token in tuple(worker.tokens):
            held = self._workers.release(token)
            if held is not None:
                self._relaunch_callbacks(step, held.callbacks)
        self._relaunch_callbacks(step, worker.callbacks)
        step.tx.jobs.finish(worker.job_id, "failed")
        step.wants_queueing = True
        log.warning("worker.given_up", worker_id=worker.worker_id, attempts=len(worker.tokens))

    @property
    def has_lost(self) -> bool:
        """Whether some worker is missing and its attempts are waiting for it."""
        return bool(self._lost)

    def rescue_orphans(self, step: Step, dead_jobs: Iterable[int]) -> None:
        """End attempts whose worker's lease ran out, or that no worker was ever given (their scheduler died first)."""
        for row in step.tx.task_instances.owned_by(list(dead_jobs)):
            self._conclude_lost(step, row, "its worker stopped sending heartbeats")

    # Kills ------------------------------------------------------------------------------------------------------

    def kill_unwanted(self, step: Step, run: RunKey) -> None:
        """Attempts of the run whose row is not theirs any more (cleared, marked, timed out) are ended, and triggers
        that nobody waits for."""
        self._triggers.drop_unwanted(step, run)
        for token, held in self._workers.of_run(run):
            if held.kill_sent or held.is_finished or held.worker is None:
                continue
            row = step.tx.task_instances.get(run, held.key)
            # Whoever takes a row from its attempt changes the token; clearing a running one asks for a restart.
            if row is None or row.token != token or row.state is TaskState.RESTARTING:
                held.kill_sent = True
                reason = "the task instance was removed" if row is None else f"its state was set to {row.state}"
                step.sends.append((held.worker.connection, wire.Kill(token=token, reason=reason)))


def outcome_of_exit(message: wire.Exited, row: TaskInstance) -> Outcome:
    """What the end of a process without a word means (Airflow: a signal may be retried, ``os._exit`` as well)."""
    started = message.code_started or row.state is TaskState.RUNNING
    if not started and not message.reason:
        return NotStarted(reason="its process ended before the task's code began")
    if message.signal is not None:
        name = SIGNALS.get(message.signal, f"signal {message.signal}")
        return Failed(error=message.reason or f"Task exited by {name}", kind="killed")
    return Failed(error=message.reason or f"Task exited with return code {message.exit_code}", kind="exit")


def lost_outcome(row: TaskInstance, why: str) -> Outcome:
    """An attempt whose worker is gone: one whose code had not started is queued again as the same try."""
    if row.state is TaskState.QUEUED:
        return NotStarted(reason=why)
    return Failed(error=f"the attempt was lost: {why}", kind="lost")
