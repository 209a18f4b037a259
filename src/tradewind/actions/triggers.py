"""What comes of triggers: their first event, their failure, a deferral that takes too long. The first of these that is
committed counts; whatever comes later, or from a triggerer that was thought dead, finds nobody waiting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tradewind.engine import attempts as attempt_rules
from tradewind.model.outcomes import Failed, Outcome, Skipped, Succeeded
from tradewind.model.records import RunKey, TaskInstance
from tradewind.model.states import TaskState
from tradewind.storage.database import Transaction
from tradewind.wire import messages as wire

from . import attempt_ends
from .asking import Specs

FAIL_METHOD = "__fail__"
"""``next_method`` of a task whose trigger failed: its next attempt raises, and no method of the operator is called.
The attempt is made because what the failure means is the operator's (a sensor with soft_fail is skipped)."""
TIMEOUT_ERROR = "Trigger/execution timeout"
FAILURE_ERROR = "Trigger failure"
END_STATES: dict[str, Outcome] = {
    "success": Succeeded(),
    "failed": Failed(error="its trigger said that it has failed", retryable=False),
    "skipped": Skipped(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """What a trigger's end has changed: rows to examine, callbacks that are owed and have no process yet."""

    changed: tuple[TaskInstance, ...] = ()
    callbacks: tuple[int, ...] = ()


def fired(tx: Transaction, specs: Specs, message: wire.TriggerFired) -> Resumed:
    """The task goes on with the event, or ends with the state that the event names."""
    row = _waiting(tx, message.trigger_id)
    tx.triggers.delete(message.trigger_id)
    if row is None:
        return Resumed()
    if message.end_state in END_STATES:
        return _end(tx, specs, row, message)
    return _resume(tx, row, {**_kwargs(row), "event": json.loads(message.event)})


def failed(tx: Transaction, trigger_id: int, traceback: Sequence[str] = ()) -> Resumed:
    """The task's next attempt fails, with the traceback in its log."""
    row = _waiting(tx, trigger_id)
    tx.triggers.delete(trigger_id)
    if row is None:
        return Resumed()
    return _resume(tx, row, {"error": FAILURE_ERROR, "traceback": list(traceback)}, FAIL_METHOD)


def timed_out(tx: Transaction, row: TaskInstance) -> Resumed:
    """The task's next attempt fails if it has waited too long; else nothing."""
    if not attempt_rules.is_deferral_over(row, tx.now):
        return Resumed()
    if row.trigger_id is not None:
        tx.triggers.delete(row.trigger_id)
    return _resume(tx, row, {"error": TIMEOUT_ERROR}, FAIL_METHOD)


def _waiting(tx: Transaction, trigger_id: int) -> TaskInstance | None:
    rows = tx.task_instances.by_triggers([trigger_id])
    return next((row for row in rows if row.state is TaskState.DEFERRED), None)


def _kwargs(row: TaskInstance) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row.next_kwargs) if row.next_kwargs else {}
    return found


def _resume(tx: Transaction, row: TaskInstance, kwargs: dict[str, Any], method: str | None = None) -> Resumed:
    change = attempt_rules.resume_change(
        RunKey(row.dag_id, row.run_id), row, next_kwargs=json.dumps(kwargs), next_method=method
    )
    return Resumed(changed=attempt_ends.applied(tx, [change]))


def _end(tx: Transaction, specs: Specs, row: TaskInstance, message: wire.TriggerFired) -> Resumed:
    run = RunKey(row.dag_id, row.run_id)
    for item in message.xcoms:
        tx.xcoms.put(run, row.key, item.key, item.value, item.length)
    changed, callbacks = attempt_ends.conclude(tx, specs, row, END_STATES[message.end_state], ended_at=tx.now)
    return Resumed(changed=changed, callbacks=tuple(number for number, _ in callbacks))
