"""What becomes of an attempt: it starts, is placed, ends, and its callbacks are done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import structs

from tradewind.engine import attempts as attempt_rules
from tradewind.engine import skipping
from tradewind.model.changes import Event, TaskChange
from tradewind.model.outcomes import Deferred, Failed, Outcome, Skipped, Succeeded
from tradewind.model.records import RunKey, TaskInstance
from tradewind.model.spec import DagSpec, TaskSpec
from tradewind.model.states import OWNED_TASK_STATES, TaskState
from tradewind.storage import failures, sla_misses
from tradewind.storage.database import Transaction
from tradewind.wire import messages as wire
from tradewind.wire.outcomes import unpack

from . import datasets as dataset_actions
from .asking import BRANCH_RECORD, STALE, Answer, Asking, Specs
from .attempt_values import put_item

OUT = OWNED_TASK_STATES | {TaskState.RESTARTING}
"""States in which an attempt has not said its end."""
LOGGED: Mapping[type, str] = {Succeeded: "success", Skipped: "skipped", Failed: "failed"}
"""What the audit log says of an end, also of a failure that is tried again; of other ends it says nothing."""


def start(asking: Asking, request: wire.Start) -> Answer:
    """queued → running. The second time the same token asks it is told Ok again."""
    row = asking.row
    if row.state is TaskState.RUNNING:
        return Answer(reply=wire.Ok() if row.pid in (None, request.pid) else STALE)
    if row.state is not TaskState.QUEUED:
        return Answer(reply=STALE)
    change = attempt_rules.start_change(
        asking.run_key,
        row,
        now=request.started_at,
        pid=request.pid,
        hostname=request.hostname,
        unixname=request.unixname,
    )
    changed = applied(asking.tx, [change])
    if changed:
        task = task_of(asking.specs.get(asking.tx, row.dag_id), row.task_id)
        asking.tx.history.add_of_attempt("running", row, task.owner, request.started_at)
    return Answer(reply=wire.Ok() if changed else STALE, run=asking.run_key, changed=changed)


def rendered(asking: Asking, request: wire.Rendered) -> Answer:
    asking.tx.rendered.put(asking.run_key, asking.row.key, request.fields)
    return Answer(reply=wire.Ok())


def place(asking: Asking, request: wire.Place) -> Answer:
    if asking.row.state is not TaskState.RUNNING:
        return Answer(reply=STALE)
    change = attempt_rules.place_change(asking.run_key, asking.row, structs.asdict(request))
    changed = applied(asking.tx, [change])
    return Answer(reply=wire.Ok(), run=asking.run_key, changed=changed)


def finish(asking: Asking, request: wire.Finish) -> Answer:
    """running → what the outcome says, with everything that belongs to the end in the same transaction."""
    row = asking.row
    if row.state not in OUT:
        return finished_before(asking)
    if row.state is TaskState.QUEUED:
        # It did start: a database that came back from a crash may have lost the commit that said so.
        row = started_after_all(asking, request.ended_at)
        asking = replace(asking, row=row)
    if request.rendered is not None:
        asking.tx.rendered.put(asking.run_key, row.key, request.rendered)
    news = tuple(one for item in request.xcoms for one in put_item(asking, item, row.key))
    changed, callbacks = conclude(
        asking.tx,
        asking.specs,
        row,
        unpack(request.outcome),
        ended_at=request.ended_at,
        extra=({} if request.rendered_map_index is None else {"rendered_map_index": request.rendered_map_index}),
    )
    if not changed:
        return Answer(reply=STALE)
    notes: tuple[str, ...] = ()
    if changed[0].state is TaskState.SUCCESS:
        notes = dataset_actions.register_of_attempt(asking.tx, row, request)
    skipped = skip_tasks(asking, request.skip)
    reply = wire.Finished(state=str(changed[0].state), callbacks=callbacks, notes=notes)
    return Answer(
        reply=reply,
        run=asking.run_key,
        changed=(*changed, *skipped),
        callbacks=tuple(callback_id for callback_id, _ in callbacks),
        news=news,
    )


def started_after_all(asking: Asking, at: datetime) -> TaskInstance:
    """The queued row as running, when nothing better is known from its end on."""
    change = attempt_rules.start_change(
        asking.run_key, asking.row, now=at, pid=asking.row.pid or 0, hostname="", unixname=""
    )
    changed = applied(asking.tx, [change])
    return changed[0] if changed else asking.row


def finished_before(asking: Asking) -> Answer:
    """Finish said again with the token of the attempt that has ended: the same answer, nothing changed."""
    row = asking.row
    if row.state is None or row.state is TaskState.SCHEDULED:
        return Answer(reply=STALE)
    owed = tuple((owed.id, owed.kind) for owed in asking.tx.callbacks.of_token(asking.token))
    return Answer(
        reply=wire.Finished(state=str(row.state), callbacks=owed), callbacks=tuple(number for number, _ in owed)
    )


def conclude(
    tx: Transaction,
    specs: Specs,
    row: TaskInstance,
    outcome: Outcome,
    *,
    ended_at: datetime,
    extra: Mapping[str, Any] | None = None,
    is_mute: bool = False,
) -> tuple[tuple[TaskInstance, ...], tuple[tuple[int, str], ...]]:
    """Give a queued or running attempt the state that its outcome means. ``is_mute``: its process is gone, and somebody
    else must send the mail that the task asks for.

    Returns the changed rows (empty when somebody was faster) and the callbacks owed as (id, kind).
    """
    run_key = RunKey(row.dag_id, row.run_id)
    spec = specs.get(tx, row.dag_id)
    task = task_of(spec, row.task_id)
    assert row.logical_date is not None  # a stored row has its run's
    result = attempt_rules.after_attempt(task, row, outcome, now=ended_at, logical_date=row.logical_date)
    values = {**result.values, **(extra or {})}
    if isinstance(outcome, Deferred):
        values["trigger_id"] = tx.triggers.create(
            outcome.trigger_classpath, outcome.trigger_kwargs or "{}", created_at=tx.now
        )
    changed = applied(tx, [replace(result.change(run_key), values=values)])
    if not changed:
        return (), ()
    event = LOGGED.get(type(outcome))
    if event is not None:
        tx.history.add_of_attempt(event, row, task.owner, ended_at)
    if isinstance(outcome, Failed):
        failures.note_failure(tx, row, attempt_rules.error_line(outcome), ended_at=ended_at)
    mail_kind = attempt_rules.mail_of(task, result.state) if is_mute and isinstance(outcome, Failed) else None
    kinds = result.callbacks if mail_kind is None or mail_kind in result.callbacks else (mail_kind, *result.callbacks)
    payload = callback_payload(row, outcome)
    callbacks = tuple(
        (tx.callbacks.add(kind, run_key, row.key, {**payload, "mail": kind == mail_kind}), kind) for kind in kinds
    )
    return changed, callbacks


def callback_payload(row: TaskInstance, outcome: Outcome) -> dict[str, Any]:
    """What a callback needs when it has to be run later, in another process than the attempt's."""
    return {
        "token": row.token,
        "try_number": row.try_number,
        "max_tries": row.max_tries,
        "error": getattr(outcome, "error", "") or None,
        "failure": getattr(outcome, "kind", None),
    }


def task_of(spec: DagSpec | None, task_id: str) -> TaskSpec:
    """The task's spec; a task that the DAG has no more is judged by BaseOperator's defaults."""
    for task in spec.tasks if spec is not None else ():
        if task.task_id == task_id:
            return task
    return TaskSpec(task_id=task_id, task_type="")


def applied(tx: Transaction, changes: Sequence[TaskChange]) -> tuple[TaskInstance, ...]:
    """Apply changes; the rows whose guard held."""
    return tuple(row for row in tx.task_instances.apply(changes) if row is not None)


def skip_tasks(asking: Asking, task_ids: Sequence[str]) -> tuple[TaskInstance, ...]:
    """Set tasks that a branch or short circuit left out to skipped."""
    if not task_ids:
        return ()
    key = asking.row.key
    rows = {row.key: row for row in asking.tx.task_instances.of_run(asking.run_key)}
    # What it skips is recorded, not what it follows: only a short circuit skips all map indices.
    is_short_circuit = "skipped" in json.loads(asking.tx.xcoms.value(asking.run_key, key, BRANCH_RECORD) or "{}")
    changes = skipping.skip_changes(asking.run_key, rows, key, task_ids, asking.now, every_index=is_short_circuit)
    return applied(asking.tx, changes)


def callback_done(asking: Asking, request: wire.CallbackDone) -> Answer:
    owed = asking.tx.callbacks.get(request.callback_id) if request.was_told else None
    if owed is not None:
        misses = [(task_id, datetime.fromisoformat(at)) for task_id, at, _ in owed.payload.get("slas", ())]
        sla_misses.told(asking.tx, owed.run.dag_id, misses, email_sent=request.email_sent)
    asking.tx.callbacks.done(request.callback_id)
    if request.error:
        asking.tx.emit(
            Event(
                kind="callback.failed",
                dag_id=asking.row.dag_id,
                run_id=asking.row.run_id,
                task_id=asking.row.task_id,
                map_index=asking.row.map_index,
                payload={"error": request.error},
            )
        )
    return Answer(reply=wire.Ok())
