"""A run carried out in the caller's process, task after task: ``dag.test()``, ``dags test``, ``tasks test``.

The named exception to the rule that user code never runs beside the scheduler: here both are the caller's. The same
board, queueing and actions decide as in a scheduler; only the worker is a loop in this process, and the database a
temporary one that is gone afterwards.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tradewind.actions import attempt_values, attempts
from tradewind.actions import runs as run_actions
from tradewind.actions import triggers as trigger_actions
from tradewind.engine.run_creation import run_id
from tradewind.execution.callbacks import run_callbacks
from tradewind.execution.channel import InlineTransport
from tradewind.execution.runner import run_inline
from tradewind.execution.task_runtime import TaskRuntime
from tradewind.model.changes import TaskChange
from tradewind.model.decisions import NextRun
from tradewind.model.errors import Conflict, NotFound
from tradewind.model.progress import RunProgress
from tradewind.model.records import RunKey, TaskInstance, TaskKey
from tradewind.model.states import OWNED_TASK_STATES, TERMINAL_RUN_STATES, TERMINAL_TASK_STATES, RunType, TaskState
from tradewind.model.times import Clock, SystemClock
from tradewind.processing.sync import spec_hash
from tradewind.scheduler.callbacks import launch_callbacks
from tradewind.scheduler.enqueue import Enqueuer, attempt_message, map_lengths
from tradewind.scheduler.runs import RunKeeper
from tradewind.scheduler.specs import SpecCache
from tradewind.scheduler.step import Step
from tradewind.scheduler.workers import Worker, Workers
from tradewind.sdk.context import build_context
from tradewind.sdk.dag import DAG
from tradewind.sdk.runtime import RUNTIME
from tradewind.serde.decode import decode
from tradewind.serde.encode import encode
from tradewind.storage.database import Database, Transaction, open_database
from tradewind.storage.rows import TriggerRow
from tradewind.triggerer.events import failed, first_event
from tradewind.wire import messages as wire

T = TypeVar("T")

Vault = Callable[[wire.AttemptRequest], wire.AttemptReply]
"""Answers GetVariable, PutVariable, DeleteVariable and GetConnection: the configured database, when there is one."""

VAULT_REQUESTS = (wire.GetVariable, wire.PutVariable, wire.DeleteVariable, wire.GetConnection)


@contextmanager
def temporary_database(clock: Clock) -> Iterator[Database]:
    """An empty, migrated database in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="tradewind-") as folder:
        db = open_database(f"sqlite:///{folder}/run.db", clock=clock)
        try:
            db.migrate()
            yield db
        finally:
            db.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineOptions:
    """What a run in this process is told."""

    log_folder: Path
    config: Mapping[str, Mapping[str, Any]]
    vault: Vault | None = None
    mark_success: Callable[[str], bool] = lambda _: False
    """Tasks that are set to success without running."""


class InlineRun:
    """One run of one DAG. ``looks`` goes through it and gives a look after every step."""

    def __init__(self, db: Database, dag: DAG, options: InlineOptions, clock: Clock | None = None) -> None:
        self._db = db
        self._dag = dag
        self._options = options
        self._clock = clock or SystemClock()
        self._specs = SpecCache()
        self._keeper = RunKeeper(self._specs, job_id=None, new_token=self._new_token)
        self._workers = Workers()
        self._enqueuer = Enqueuer(self._keeper, parallelism=1, log_folder=options.log_folder, new_token=self._new_token)
        self._callbacks: set[int] = set()
        self.job_id: int | None = None

    def _new_token(self) -> str:
        return secrets.token_urlsafe(12)

    def create(
        self, *, logical_date: datetime | None, conf: Mapping[str, Any] | None, name: str | None = None
    ) -> RunKey:
        """Store the DAG and a run of it."""
        spec_json = encode(self._dag)
        spec = decode(spec_json)
        with self._db.begin() as tx:
            tx.dags.register(
                spec,
                spec_json,
                spec_hash(spec_json),
                fileloc=spec.fileloc,
                next=NextRun(),
                paused_default=False,
            )
            tx.dags.set_paused([spec.dag_id], False)
            self.job_id = tx.jobs.create("LocalTaskJob")
            date = logical_date or tx.now
            run = run_actions.trigger(
                tx,
                spec,
                run_id=name or run_id(RunType.MANUAL, date),
                logical_date=date,
                conf=dict(conf or {}),
                now=tx.now,
            )
        self._workers.add(Worker("inline", self.job_id, 0, 1, (), self))
        return RunKey(run.dag_id, run.run_id)

    def looks(self, run: RunKey) -> Iterator[RunProgress]:
        """Carry the run out to its end. Stops early when nothing can go on (a pool that does not exist, say)."""
        step_of: list[tuple[object, wire.Message]] = self._step(run, is_first=True)
        while True:
            look = self._look(run)
            yield look
            if look.run.state in TERMINAL_RUN_STATES and not step_of:
                return
            if step_of:
                for _, message in step_of:
                    self._do(message)
            elif not self._run_triggers(run) and not self._wait(run):
                return
            step_of = self._step(run)

    def carry_on(self, run: RunKey) -> Iterator[RunProgress]:
        """Carry out a run that exists, as :meth:`looks` does one that it made."""
        self.adopt(run)
        assert self.job_id is not None
        self._workers.add(Worker("inline", self.job_id, 0, 1, (), self))
        return self.looks(run)

    def adopt(self, run: RunKey) -> RunKey:
        """Work on a run that exists."""
        with self._db.begin() as tx:
            self.job_id = tx.jobs.create("LocalTaskJob")
        return run

    def rendered(self, run: RunKey, key: TaskKey) -> Mapping[str, Any]:
        """A task instance's template fields, rendered here and now; nothing runs."""
        with self._db.begin() as tx:
            row, stored = tx.task_instances.get(run, key), tx.runs.get(run)
            board = self._keeper.load_board(tx, run)
        if row is None or stored is None or board is None:
            raise NotFound(
                f"run {run.run_id} of {run.dag_id} has no task instance {key.task_id}, index {key.map_index}"
            )
        attempt = attempt_message(
            row, stored, None, map_lengths(board, row), log_folder=self._options.log_folder, fileloc=""
        )
        token = RUNTIME.set(TaskRuntime(InlineTransport(self._gateway("")), dict(self._options.config)))
        try:
            task = self._dag.get_task(key.task_id).prepare_for_execution()
            context = build_context(attempt, task=task, dag=self._dag, started_at=self._clock.now())
            task.render_template_fields(context)
            task = context["task"]
            return {name: getattr(task, name) for name in task.template_fields}
        finally:
            RUNTIME.reset(token)

    def run_single(self, run: RunKey, key: TaskKey, *, is_test: bool, is_post_mortem: bool = False) -> TaskState | None:
        """Run one task instance now, whatever it depends on; the state it got. ``is_test``: its try number stays 0."""
        with self._db.begin() as tx:
            row = tx.task_instances.get(run, key)
            stored = tx.runs.get(run)
            spec = self._specs.get(tx, run.dag_id)
            if row is None or stored is None or spec is None:
                raise NotFound(
                    f"run {run.run_id} of {run.dag_id} has no task instance {key.task_id}, index {key.map_index}"
                )
            if row.state in OWNED_TASK_STATES:
                raise Conflict(f"{key.task_id} is {row.state}: it can be run again when that attempt has ended")
            [row] = tx.task_instances.apply([self._claim(tx, run, row)])
            board = self._keeper.load_board(tx, run)
        if row is None or board is None:
            raise Conflict(f"{key.task_id} was changed by somebody else at this moment; try again")
        task = next((task for task in spec.tasks if task.task_id == key.task_id), None)
        message = attempt_message(
            row, stored, task, map_lengths(board, row), log_folder=self._options.log_folder, fileloc=spec.fileloc
        )
        state = run_inline(
            replace_try(message, 0) if is_test else message,
            self._dag,
            self._gateway(message.token),
            config=self._options.config,
            clock=self._clock,
            test_mode=is_test,
        )
        return None if state is None else TaskState(state)

    def _claim(self, tx: Transaction, run: RunKey, row: TaskInstance) -> TaskChange:
        return TaskChange(
            run=run,
            key=row.key,
            old_states=frozenset({row.state}),
            event="task.queued",
            values={
                "state": TaskState.QUEUED,
                "token": self._new_token(),
                "try_number": row.try_number + 1,
                "queued_dttm": tx.now,
                "queued_by_job_id": self.job_id,
            },
            save_history=row.try_number > 0 and row.state in TERMINAL_TASK_STATES,
        )

    # One step -----------------------------------------------------------------------------------------------------

    def _step(self, run: RunKey, *, is_first: bool = False) -> list[tuple[object, wire.Message]]:
        with self._db.begin() as tx:
            step = Step(tx=tx, now=tx.now, callback_ids=self._callbacks)
            if is_first:
                step.dags.add(run.dag_id)
            step.touch_all(run)
            self._keeper.forget(run)
            self._keeper.time_out(step)
            while step.dags or step.touched:
                self._keeper.start_queued(step)
                self._keeper.examine(step)
            self._enqueuer.fill(step, self._workers)
            launch_callbacks(step, self._keeper, self._workers, log_folder=self._options.log_folder, timeout=300.0)
        return step.sends

    def _do(self, message: wire.Message) -> None:
        match message:
            case wire.Launch(attempt=attempt):
                self._run_attempt(attempt)
            case wire.LaunchCallback():
                self._run_callback(message)

    def _gateway(self, token: str) -> Callable[[wire.AttemptRequest], wire.AttemptReply]:
        """Answers an attempt's requests, a transaction each."""

        def ask(request: wire.AttemptRequest) -> wire.AttemptReply:
            if self._options.vault is not None and isinstance(request, VAULT_REQUESTS):
                return self._options.vault(request)
            with self._db.begin() as tx:
                answer = attempts.answer(tx, self._specs, token, request)
            return answer.reply

        return ask

    def _run_attempt(self, attempt: wire.Attempt) -> None:
        ask = self._gateway(attempt.token)
        if self._options.mark_success(attempt.task_id):
            ask(wire.Start(pid=0, hostname="", unixname="", started_at=self._clock.now()))
            packed = wire.PackedOutcome(kind="succeeded")
            ask(wire.Finish(outcome=packed, ended_at=self._clock.now()))
        else:
            run_inline(attempt, self._dag, ask, config=self._options.config, clock=self._clock)
        self._workers.release(attempt.token)

    def _run_callback(self, message: wire.LaunchCallback) -> None:
        """A callback of the run, in this process too."""
        ask = self._gateway(message.attempt.token)
        runtime = TaskRuntime(InlineTransport(ask), dict(self._options.config))
        token = RUNTIME.set(runtime)
        try:
            task = self._dag.get_task(message.attempt.task_id) if message.attempt.task_id else None
            context = build_context(message.attempt, task=task, dag=self._dag, started_at=self._clock.now())
            context["reason"] = message.reason
            error = run_callbacks(message.kind, self._dag if message.kind.startswith("dag_") else task, context)
        finally:
            RUNTIME.reset(token)
        ask(wire.CallbackDone(callback_id=message.callback_id, error=error))
        for worker in self._workers:
            worker.callbacks.discard(message.callback_id)

    # Waiting ------------------------------------------------------------------------------------------------------

    def _run_triggers(self, run: RunKey) -> bool:
        """Run the triggers of deferred task instances here; whether there was any."""
        with self._db.read() as tx:
            deferred = [row for row in tx.task_instances.of_run(run) if row.state is TaskState.DEFERRED]
        for row in deferred:
            self._run_trigger(run, row)
        return bool(deferred)

    def _run_trigger(self, run: RunKey, row: TaskInstance) -> None:
        with self._db.read() as tx:
            rows = tx.triggers.get([row.trigger_id]) if row.trigger_id is not None else []
            stored = [replace(one, kwargs=tx.triggers.arguments(one)) for one in rows]
            dag_run = tx.runs.get(run)
        if not stored or dag_run is None:
            raise NotFound(f"the trigger that {row.task_id} waits for is gone")
        attempt = attempt_message(row, dag_run, None, {}, log_folder=self._options.log_folder, fileloc="")
        ended = self._ended_trigger(stored[0], row, attempt)
        with self._db.begin() as tx:
            if isinstance(ended, wire.TriggerFired):
                resumed = trigger_actions.fired(tx, self._specs, ended)
            elif isinstance(ended, wire.TriggerFailed):
                resumed = trigger_actions.failed(tx, ended.trigger_id, ended.traceback)
            else:
                resumed = trigger_actions.timed_out(tx, row)
        self._callbacks |= set(resumed.callbacks)

    def _ended_trigger(
        self, stored: TriggerRow, row: TaskInstance, attempt: wire.Attempt
    ) -> wire.TriggerFired | wire.TriggerFailed | None:
        """What comes of a trigger; None when the deferral's time is over first."""
        token = RUNTIME.set(TaskRuntime(InlineTransport(self._gateway(attempt.token)), dict(self._options.config)))
        seconds = None if row.trigger_timeout is None else (row.trigger_timeout - self._clock.now()).total_seconds()
        work = first_event(stored.id, stored.classpath, stored.kwargs, attempt)
        try:
            return asyncio.run(within(work, seconds))
        except TimeoutError:
            if row.trigger_timeout is not None and row.trigger_timeout <= self._clock.now():
                return None
            raise
        except Exception as error:
            return failed(stored.id, error)
        finally:
            RUNTIME.reset(token)

    def _wait(self, run: RunKey) -> bool:
        """Wait for the next retry or poke; False when nothing will come."""
        with self._db.read() as tx:
            at = tx.task_instances.next_wake_at()
            now = tx.now
        if at is None:
            return False
        time.sleep(max(0.0, (at - now).total_seconds()) + 0.001)
        return True

    # Looking ------------------------------------------------------------------------------------------------------

    def _look(self, run: RunKey) -> RunProgress:
        with self._db.read() as tx:
            row = tx.runs.get(run)
            instances = tuple(tx.task_instances.of_run(run))
            spec = self._specs.get(tx, run.dag_id)
        if row is None or spec is None:
            raise NotFound(f"run {run.run_id} of {run.dag_id} is gone")
        return RunProgress(spec=spec, run=row, task_instances=instances)


def replace_try(attempt: wire.Attempt, try_number: int) -> wire.Attempt:
    """The attempt with another try number."""
    return msgspec.structs.replace(attempt, try_number=try_number)


async def within(work: Coroutine[Any, Any, T], seconds: float | None) -> T:
    """The result of the work; TimeoutError when it takes longer."""
    return await asyncio.wait_for(work, None if seconds is None else max(seconds, 0.0))


def database_vault(db: Database) -> Vault:
    """Variables and connections of a configured database."""

    def ask(request: wire.AttemptRequest) -> wire.AttemptReply:
        with db.begin() as tx:
            match request:
                case wire.GetVariable(key=key):
                    return wire.Value(value=tx.vault.variable_value(key))
                case wire.PutVariable(key=key, value=value, description=description):
                    tx.vault.put_variable(key, value, description)
                    return wire.Ok()
                case wire.DeleteVariable(key=key):
                    return wire.Value(value=int(tx.vault.delete_variable(key)))
                case wire.GetConnection(conn_id=conn_id):
                    return attempt_values.connection_reply(tx, conn_id)
                case _:
                    return wire.Refused(code="invalid", message=f"{type(request).__name__} is not a vault's matter")

    return ask
