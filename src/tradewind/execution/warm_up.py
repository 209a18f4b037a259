"""Runs a small task once in the template, so that all that is imported or compiled on first use is there before any
fork: what a fork does for the first time, every fork does again."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache

from tradewind.sdk.dag import DAG
from tradewind.standard.python import PythonOperator
from tradewind.wire.messages import (
    Attempt,
    AttemptReply,
    AttemptRequest,
    Finish,
    Finished,
    GetXComs,
    Ok,
    RunReply,
    XComs,
)

from .runner import run_inline

_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


REPETITIONS = 10
"""Python rewrites a function's code in place during its first calls; only after them does a fork leave it unwritten."""


def prepare() -> None:
    """In the template: everything that a first time brings."""
    for _ in range(REPETITIONS):
        run()


def rehearse(*, has_templates: bool) -> None:
    """Run the task once; with templates, if those who rehearse will have any: Jinja touches much memory."""
    _run(_attempt("templates" if has_templates else "plain"))


def run() -> None:
    """Run both tasks once; nothing is stored and nothing is logged."""
    for task_id in ("templates", "plain"):
        _run(_attempt(task_id))


def _run(attempt: Attempt) -> None:
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        run_inline(attempt, example(), _answer, listens=False)
    finally:
        logging.disable(disabled)


@cache
def example() -> DAG:
    """The DAG of the two tasks."""
    with DAG("warm_up", schedule=None, start_date=_MOMENT, auto_register=False) as dag:
        PythonOperator(task_id="templates", python_callable=_task, op_args=["{{ ds }}", "{{ ti.try_number }}"])
        PythonOperator(task_id="plain", python_callable=_task, op_args=["a text", 1])
    return dag


@cache
def _attempt(task_id: str) -> Attempt:
    run_reply = RunReply(
        dag_id="warm_up",
        run_id="manual__2000",
        run_type="manual",
        state="running",
        logical_date=_MOMENT,
        data_interval_start=_MOMENT,
        data_interval_end=_MOMENT,
    )
    return Attempt(token="", dag_id="warm_up", run_id="manual__2000", task_id=task_id, run=run_reply)


def _task(*args: object, **context: object) -> list[object]:
    return list(args)


def _answer(request: AttemptRequest) -> AttemptReply:
    match request:
        case Finish():
            return Finished(state="success")
        case GetXComs():
            return XComs()
        case _:
            return Ok()
