"""Runs a small task once in the template, so that all that is imported or compiled on first use is there before any
fork: what a fork does for the first time, every fork does again."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

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


def run() -> None:
    """Run it; nothing is stored and nothing is logged."""
    with DAG("warm_up", schedule=None, start_date=_MOMENT, auto_register=False) as dag:
        PythonOperator(task_id="task", python_callable=_task, op_args=["{{ ds }}", "{{ ti.try_number }}"])
    run_reply = RunReply(
        dag_id="warm_up",
        run_id="manual__2000",
        run_type="manual",
        state="running",
        logical_date=_MOMENT,
        data_interval_start=_MOMENT,
        data_interval_end=_MOMENT,
    )
    attempt = Attempt(token="", dag_id="warm_up", run_id="manual__2000", task_id="task", run=run_reply)
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        run_inline(attempt, dag, _answer)
    finally:
        logging.disable(disabled)


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
