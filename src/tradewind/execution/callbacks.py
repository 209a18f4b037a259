"""Callbacks of tasks and DAGs: which functions a kind names, running them in order, telling that they have run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from tradewind.wire import callback_journal
from tradewind.wire.messages import CallbackDone

from .channel import Transport
from .options import INHERITED
from .outcome import described

log = logging.getLogger("airflow.task")


def functions_of(kind: str, owner: Any) -> list[Callable[[Any], Any]]:
    """The callbacks of a task ("execute", "success", "failure", "retry", "skipped") or, for "dag_success" and
    "dag_failure", of a DAG."""
    found = getattr(owner, f"on_{kind.removeprefix('dag_')}_callback", None)
    if found is None:
        return []
    return list(found) if isinstance(found, list | tuple) else [found]


def run_callbacks(kind: str, owner: Any, context: Any) -> str | None:
    """Call them in order; one that raises stops neither the next ones nor the task. The errors' text, if any."""
    errors = []
    for function in functions_of(kind, owner):
        try:
            function(context)
        except Exception as error:
            name = getattr(function, "__qualname__", type(function).__name__)
            log.exception("Error when executing %s callback", name)
            errors.append(f"{name}: {described(error)}")
    return "; ".join(errors) or None


def run_listed(callbacks: Sequence[tuple[int, str]], task: Any, context: Any, transport: Transport) -> None:
    """Run the callbacks that the end of an attempt handed out; each is reported as soon as it has returned, so that
    nobody runs it again."""
    for callback_id, kind in callbacks:
        error = run_callbacks(kind, task, context) if task is not None else "the task could not be loaded"
        note_done(callback_id)
        transport.wait(transport.post(CallbackDone(callback_id=callback_id, error=error)))


def note_done(callback_id: int) -> None:
    """Write down that a callback has run, before anybody is told: the message may be lost with the worker."""
    options = INHERITED.get()
    if options is not None:  # dag.test() has no worker that could be lost
        try:
            callback_journal.note(options.run_folder, callback_id)
        except PermissionError:  # run_as_user: the home is not this user's; the message to the worker must do
            log.debug("callback %s is not noted in the home", callback_id)
