"""Triggers of deferred task instances: who runs which, and what comes of them. The rows say it; this is who is
connected and what each has been told.

A home's triggerer is started when something waits and nobody runs it, and ends by itself when it is idle. So the job
that health reports show is this scheduler's until a triggerer takes it: a home that can start one is healthy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from tradewind.actions import triggers as trigger_actions
from tradewind.model.errors import ConfigError
from tradewind.model.records import RunKey, TaskInstance
from tradewind.model.states import TaskState
from tradewind.storage.database import Transaction
from tradewind.storage.rows import TriggerRow
from tradewind.wire import messages as wire

from .enqueue import attempt_message
from .gateway_server import Connection
from .runs import RunKeeper
from .step import Step

log = structlog.get_logger(__name__)

JOB_TYPE = "TriggererJob"


@dataclass(eq=False, slots=True)
class Triggerer:
    """A triggerer that has said hello."""

    triggerer_id: str
    job_id: int
    capacity: int
    connection: Connection
    triggers: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerOptions:
    """What the keeper is told."""

    hostname: str
    unixname: str
    log_folder: Path
    heartbeat_interval: float = 5.0
    lease: timedelta = timedelta(seconds=30)
    """A triggerer that is silent for longer is dead; its triggers go to others."""


class TriggerKeeper:
    """Gives triggers to triggerers. One per scheduler; not thread-safe."""

    def __init__(self, keeper: RunKeeper, options: TriggerOptions, *, start: Callable[[], None]) -> None:
        self._keeper = keeper
        self._options = options
        self._start = start
        self._triggerers: dict[Connection, Triggerer] = {}
        self._by_run: dict[RunKey, dict[int, Triggerer]] = {}
        self._run_of: dict[int, RunKey] = {}
        self._job_id = 0
        self._starved_since: datetime | None = None
        self._is_doubted = False
        self._is_orphaned = False
        """Triggers may be given to our job although no triggerer has it: one that does not come back."""

    # The job ----------------------------------------------------------------------------------------------------

    def open(self, tx: Transaction, *, is_home_alone: bool) -> None:
        """Begin. ``is_home_alone``: the database is this home's, and no triggerer of it lives: what one ran before is
        free at once."""
        if is_home_alone:
            self._release(tx, [job.id for job in tx.jobs.alive(JOB_TYPE, datetime.fromtimestamp(0, tx.now.tzinfo))])
        self._job_id = tx.jobs.create(JOB_TYPE, hostname=self._options.hostname, unixname=self._options.unixname)

    def close(self, tx: Transaction) -> None:
        """End: the job is over, unless a triggerer that lives on has it."""
        if all(triggerer.job_id != self._job_id for triggerer in self._triggerers.values()):
            tx.jobs.finish(self._job_id, "success")

    def beat(self, step: Step) -> None:
        """The home's triggerer lives, or can be started: then it is not waited for in vain."""
        since = self._starved_since
        if since is None or step.now - since < self._options.lease:
            step.tx.jobs.beat(self._job_id, step.now)

    @property
    def is_starved(self) -> bool:
        """Whether triggers wait and no triggerer takes them."""
        return self._starved_since is not None

    def of(self, connection: Connection) -> Triggerer | None:
        """The triggerer at the other end."""
        return self._triggerers.get(connection)

    # Giving -----------------------------------------------------------------------------------------------------

    def assign(self, step: Step) -> None:
        """Give what nobody runs to those who have room; start the home's triggerer when there is none."""
        step.wants_triggers = False
        if self._is_doubted:
            self._tell_all_again(step)
        for triggerer in sorted(self._triggerers.values(), key=lambda one: len(one.triggers)):
            free = triggerer.capacity - len(triggerer.triggers)
            if free > 0:
                self._give(step, triggerer, step.tx.triggers.assign(triggerer.job_id, free))
        if not self._triggerers and step.tx.triggers.is_one_waiting():
            self._starved_since = self._starved_since or step.now
            self._start()
        else:
            self._starved_since = None

    def forget_all(self) -> None:
        """The database was gone and all connections are dropped: triggerers come back and say what they hold."""
        self._triggerers.clear()
        self._by_run.clear()
        self._run_of.clear()
        self._is_orphaned = True

    def doubt(self) -> None:
        """A transaction failed: what is in memory and was not said may not be so."""
        self._is_doubted = True

    def _tell_all_again(self, step: Step) -> None:
        """Each triggerer hears of all that the rows give it; what it runs already it does not begin again."""
        self._is_doubted = False
        for triggerer in self._triggerers.values():
            self._give(step, triggerer, step.tx.triggers.of_triggerer(triggerer.job_id))
        if all(triggerer.job_id != self._job_id for triggerer in self._triggerers.values()):
            step.tx.triggers.unassign([self._job_id])

    def _give(self, step: Step, triggerer: Triggerer, rows: Sequence[TriggerRow]) -> None:
        if not rows:
            return
        waiting = {row.trigger_id: row for row in step.tx.task_instances.by_triggers([row.id for row in rows])}
        for row in rows:
            instance = waiting.get(row.id)
            run = None if instance is None else step.tx.runs.get(RunKey(instance.dag_id, instance.run_id))
            if instance is None or run is None or instance.state is not TaskState.DEFERRED:
                step.tx.triggers.delete(row.id)
                continue
            try:
                arguments = step.tx.triggers.arguments(row)
            except ConfigError as problem:
                # The key is lost: this task fails; everybody else's triggers are no worse for it.
                log.error("trigger.unreadable", trigger_id=row.id, error=str(problem))
                self.resumed(step, trigger_actions.failed(step.tx, row.id, [str(problem)]))
                continue
            self._hold(triggerer, row.id, instance)
            attempt = attempt_message(instance, run, None, {}, log_folder=self._options.log_folder, fileloc="")
            message = wire.RunTrigger(trigger_id=row.id, classpath=row.classpath, kwargs=arguments, attempt=attempt)
            step.sends.append((triggerer.connection, message))

    def _hold(self, triggerer: Triggerer, trigger_id: int, row: TaskInstance) -> None:
        run = RunKey(row.dag_id, row.run_id)
        triggerer.triggers.add(trigger_id)
        self._by_run.setdefault(run, {})[trigger_id] = triggerer
        self._run_of[trigger_id] = run

    def _forget(self, trigger_id: int) -> Triggerer | None:
        run = self._run_of.pop(trigger_id, None)
        if run is None:
            return None
        held = self._by_run[run]
        triggerer = held.pop(trigger_id)
        if not held:
            del self._by_run[run]
        triggerer.triggers.discard(trigger_id)
        return triggerer

    # Messages ---------------------------------------------------------------------------------------------------

    def hello(self, step: Step, connection: Connection, message: wire.TriggererHello) -> None:
        """A triggerer is new, or back after its scheduler died: what it runs goes on."""
        job_id = message.job_id
        if job_id is None or not step.tx.jobs.revive(job_id, step.now):
            job_id = self._job_for(step, message)
        triggerer = Triggerer(message.triggerer_id, job_id, message.capacity, connection)
        self._triggerers[connection] = triggerer
        welcome = wire.Welcome(job_id=job_id, heartbeat_interval=self._options.heartbeat_interval)
        step.sends.append((connection, welcome))
        held = set(message.triggers)
        if held:
            step.tx.triggers.claim(job_id, held)
        rows = step.tx.triggers.of_triggerer(job_id)
        for row in step.tx.task_instances.by_triggers(row.id for row in rows if row.id in held):
            if row.trigger_id is not None:
                self._hold(triggerer, row.trigger_id, row)
        for number in held - triggerer.triggers:
            step.sends.append((connection, wire.StopTrigger(trigger_id=number)))
        self._give(step, triggerer, [row for row in rows if row.id not in held])
        step.wants_triggers = True
        log.info("triggerer.connected", job_id=job_id, pid=message.pid, triggers=len(rows))

    def _job_for(self, step: Step, message: wire.TriggererHello) -> int:
        """The first triggerer takes the job that this scheduler has kept for it."""
        if all(triggerer.job_id != self._job_id for triggerer in self._triggerers.values()):
            return self._job_id
        return step.tx.jobs.create(JOB_TYPE, hostname=message.hostname, unixname=self._options.unixname)

    def ended(self, step: Step, connection: Connection, message: wire.TriggerFired | wire.TriggerFailed) -> None:
        """A trigger's first event, or its failure: the task goes on, once."""
        if isinstance(message, wire.TriggerFired):
            resumed = trigger_actions.fired(step.tx, self._keeper.specs, message)
        else:
            resumed = trigger_actions.failed(step.tx, message.trigger_id, message.traceback)
        triggerer = self._forget(message.trigger_id)
        if triggerer is not None and len(triggerer.triggers) + 1 >= triggerer.capacity:
            step.wants_triggers = True  # it was full: others may have waited for its room
        self.resumed(step, resumed)
        step.sends.append((connection, wire.StopTrigger(trigger_id=message.trigger_id)))

    def time_out(self, step: Step, row: TaskInstance) -> None:
        """A deferral's time is over: its trigger is stopped, and the task's next attempt fails."""
        self.resumed(step, trigger_actions.timed_out(step.tx, row))
        self.drop_unwanted(step, RunKey(row.dag_id, row.run_id))

    def resumed(self, step: Step, resumed: trigger_actions.Resumed) -> None:
        """Have the runs looked at whose tasks go on."""
        for row in resumed.changed:
            step.touch(RunKey(row.dag_id, row.run_id), row)
            step.wants_queueing = True
        step.callback_ids |= set(resumed.callbacks)

    def closed(self, step: Step, connection: Connection) -> None:
        """A triggerer is gone: what it ran goes to the next one."""
        triggerer = self._triggerers.pop(connection, None)
        if triggerer is None:
            return
        log.info("triggerer.disconnected", job_id=triggerer.job_id, triggers=len(triggerer.triggers))
        for number in tuple(triggerer.triggers):
            self._forget(number)
        if triggerer.job_id == self._job_id:
            step.tx.triggers.unassign([self._job_id])
        else:
            self._release(step.tx, [triggerer.job_id])
        step.wants_triggers = True

    def _release(self, tx: Transaction, job_ids: Iterable[int]) -> None:
        jobs = list(job_ids)
        tx.triggers.unassign(jobs)
        for job_id in jobs:
            tx.jobs.finish(job_id, "failed")

    # Healing ----------------------------------------------------------------------------------------------------

    def drop_unwanted(self, step: Step, run: RunKey) -> None:
        """Triggers of the run that nobody waits for any more: cleared, marked, deleted, timed out."""
        held = self._by_run.get(run)
        if held:
            self._drop(step, set(held))

    def _drop(self, step: Step, numbers: set[int]) -> None:
        rows = step.tx.task_instances.by_triggers(numbers)
        for number in numbers - {row.trigger_id for row in rows if row.state is TaskState.DEFERRED}:
            triggerer = self._forget(number)
            step.tx.triggers.delete(number)
            if triggerer is not None:
                step.sends.append((triggerer.connection, wire.StopTrigger(trigger_id=number)))

    def sweep(self, step: Step) -> None:
        """Triggers of silent triggerers are free; those that nobody waits for are stopped."""
        connected = {triggerer.job_id for triggerer in self._triggerers.values()} | {self._job_id}
        dead = step.tx.jobs.dead(step.now - self._options.lease, JOB_TYPE)
        self._release(step.tx, [job.id for job in dead if job.id not in connected])
        if self._is_orphaned and self._job_id not in {one.job_id for one in self._triggerers.values()}:
            step.tx.triggers.unassign([self._job_id])
        self._is_orphaned = False
        if self._run_of:
            self._drop(step, set(self._run_of))
        step.wants_triggers = True
