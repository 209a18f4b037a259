"""An attempt in the caller's process, as ``dag.test()`` runs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tradewind.execution.runner import run_inline
from tradewind.sdk.dag import DAG
from tradewind.standard.python import PythonOperator
from tradewind.wire.messages import (
    Attempt,
    AttemptReply,
    AttemptRequest,
    CallbackDone,
    Finish,
    Finished,
    Ok,
    Refused,
    RunReply,
    Start,
)

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


class Gateway:
    """Remembers what is asked; every end is a success with one callback."""

    def __init__(self) -> None:
        self.asked: list[AttemptRequest] = []
        self.refuses = False

    def __call__(self, request: AttemptRequest) -> AttemptReply:
        self.asked.append(request)
        if isinstance(request, Finish):
            state = "success" if request.outcome.kind == "succeeded" else "failed"
            return Finished(state=state, callbacks=((9, state.replace("failed", "failure")),))
        return Refused(code="stale", message="no") if self.refuses else Ok()


def an_attempt(task_id: str = "t") -> Attempt:
    run = RunReply(dag_id="d", run_id="r", run_type="manual", state="running", logical_date=MOMENT)
    return Attempt(token="t", dag_id="d", run_id="r", task_id=task_id, run=run)


def a_dag(heard: list[str], *, fails: bool = False) -> DAG:
    def work(text: str) -> str:
        if fails:
            raise ValueError("broken")
        return text

    with DAG("d", schedule=None, start_date=MOMENT) as dag:
        PythonOperator(
            task_id="t",
            python_callable=work,
            op_args=["{{ ds }}"],
            on_success_callback=lambda context: heard.append(f"success {context['ti'].state}"),
            on_failure_callback=lambda context: heard.append(f"failure {context['exception']}"),
        )
    return dag


def test_it_says_start_finish_and_callback_done() -> None:
    gateway, heard = Gateway(), list[str]()
    assert run_inline(an_attempt(), a_dag(heard), gateway) == "success"
    assert isinstance(gateway.asked[0], Start)
    finish = next(one for one in gateway.asked if isinstance(one, Finish))
    assert [json.loads(item.value) for item in finish.xcoms] == ["2024-01-01"]
    assert gateway.asked[-1] == CallbackDone(callback_id=9)
    assert heard == ["success success"]


def test_a_failure_is_a_state_and_no_exception() -> None:
    gateway, heard = Gateway(), list[str]()
    assert run_inline(an_attempt(), a_dag(heard, fails=True), gateway) == "failed"
    assert heard == ["failure broken"]


def test_a_task_that_is_not_there_fails() -> None:
    gateway = Gateway()
    assert run_inline(an_attempt("gone"), a_dag([]), gateway) == "failed"
    finish = next(one for one in gateway.asked if isinstance(one, Finish))
    assert "gone" in finish.outcome.error


def test_refused_means_that_nothing_runs() -> None:
    gateway, heard = Gateway(), list[str]()
    gateway.refuses = True
    assert run_inline(an_attempt(), a_dag(heard), gateway) is None
    assert [type(one) for one in gateway.asked] == [Start]
