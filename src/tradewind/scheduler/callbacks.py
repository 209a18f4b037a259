"""Callbacks that no attempt's process will run: of DAG runs, and of killed attempts. Each is owed in a row until
it is done; launching it again is harmless for one that a worker still runs, because that worker is asked first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import structlog

from tradewind.model.records import TaskInstance, TaskKey
from tradewind.storage.rows import CallbackOwed
from tradewind.wire import callback_journal
from tradewind.wire.messages import LaunchCallback

from .enqueue import attempt_message
from .runs import RunKeeper
from .step import Step
from .workers import Worker, Workers

log = structlog.get_logger(__name__)


def launch_callbacks(
    step: Step,
    keeper: RunKeeper,
    workers: Workers,
    *,
    log_folder: Path,
    timeout: float,
    run_folder: Path | None = None,
) -> None:
    """Send the callbacks in ``step.callback_ids`` to a worker; without one they wait for its Hello.

    ``run_folder`` holds the journal of callbacks that have run although nobody could say so any more."""
    if not step.callback_ids:
        return
    worker = max(workers, key=lambda one: one.free, default=None)
    if worker is None:
        return
    running = {number for one in workers for number in one.callbacks}
    running |= {number for held in workers.held.values() if held.worker is not None for number in held.callbacks}
    has_run = callback_journal.noted(run_folder) if run_folder is not None else frozenset()
    for number in sorted(step.callback_ids - running):
        owed = step.tx.callbacks.get(number)
        if owed is not None and number in has_run:
            step.tx.callbacks.done(number)
        elif owed is not None:
            launch_one(step, keeper, worker, owed, log_folder=log_folder, timeout=timeout)
    step.callback_ids.clear()


def launch_one(
    step: Step, keeper: RunKeeper, worker: Worker, owed: CallbackOwed, *, log_folder: Path, timeout: float
) -> None:
    """One callback to one worker; a callback of a run that is gone is dropped with a log line."""
    run = step.tx.runs.get(owed.run)
    loaded = keeper.specs.load(step.tx, owed.run.dag_id)
    if run is None or loaded is None:
        step.tx.callbacks.done(owed.id)
        log.warning("callback.dropped", dag_id=owed.run.dag_id, run_id=owed.run.run_id, kind=owed.kind)
        return
    key = owed.key
    row = step.tx.task_instances.get(owed.run, key) if key is not None else None
    row = row or stand_in(owed, key)
    if "try_number" in owed.payload:
        row = replace(row, try_number=owed.payload["try_number"], max_tries=owed.payload["max_tries"])
    attempt = attempt_message(row, run, None, {}, log_folder=log_folder, fileloc=loaded.spec.fileloc)
    message = LaunchCallback(
        callback_id=owed.id,
        kind=owed.kind,
        attempt=attempt,
        state=row.state,
        reason=owed.payload.get("reason", ""),
        error=owed.payload.get("error"),
        timeout=timeout,
        failure=owed.payload.get("failure") or "",
        sends_mail=bool(owed.payload.get("mail")),
        sla=json.dumps(owed.payload) if "slas" in owed.payload else "",
    )
    worker.callbacks.add(owed.id)
    step.sends.append((worker.connection, message))


def stand_in(owed: CallbackOwed, key: TaskKey | None) -> TaskInstance:
    """A task instance for the context of a run that has none (left)."""
    return TaskInstance(
        dag_id=owed.run.dag_id, run_id=owed.run.run_id, task_id=key.task_id if key else "", map_index=-1
    )
