"""Attempts of real DAG files, run by a real worker against a fake scheduler's socket. One worker serves all tests of
this file; each has a DAG file, a run id and tokens of its own."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from support.attempts import Setting, worker_of, xcoms_of
from support.fake_scheduler import FakeScheduler
from support.worker_home import WorkerHome

from tradewind.wire.messages import (
    CallbackDone,
    CallbackExited,
    Finish,
    Kill,
    LaunchCallback,
    Rendered,
    Start,
    XComRow,
)


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WorkerHome, FakeScheduler]]:
    with worker_of(tmp_path_factory, {"core": {"max_map_length": 3}}) as made:
        yield made


@pytest.fixture
def setting(worker: tuple[WorkerHome, FakeScheduler], request: pytest.FixtureRequest) -> Setting:
    return Setting(*worker, re.sub(r"\W+", "_", request.node.name))


def test_a_task_gives_its_result_its_fields_and_a_log(setting: Setting) -> None:
    path = setting.dag(
        """
def work(name):
    print("printed", name)
    os.system("echo raw output")
    return {"a": 1}
PythonOperator(task_id="t", python_callable=work, op_args=["{{ ds }} {{ run_id }}"])
"""
    )
    finish = setting.finish(path, "t", max_tries=2)
    assert finish.outcome.kind == "succeeded"
    assert xcoms_of(finish) == {"return_value": {"a": 1}}
    rendered = next(one for _, one in setting.scheduler.requests if isinstance(one, Rendered))
    assert json.loads(rendered.fields)["op_args"] == [f"2024-01-01 {setting.name}"]
    log = setting.log("t")
    assert "Starting attempt 1 of 3" in log
    assert f"{{logging_mixin.py:190}} INFO - printed 2024-01-01 {setting.name}" in log
    assert "\nraw output\n" in log
    assert f"Marking task as SUCCESS. dag_id=d, task_id=t, run_id={setting.name}, execution_date=20240101T000000" in log


def test_rendered_fields_of_a_task_that_runs_on_are_told_meanwhile(setting: Setting) -> None:
    go = setting.signal("go")
    path = setting.dag(
        """
def work(name):
    with open(go) as fifo:
        fifo.readline()
go = os.path.join(HOME, "go-NAME")
PythonOperator(task_id="t", python_callable=work, op_args=["{{ ds }}"])
""".replace("HOME", repr(str(setting.home.home))).replace("NAME", setting.name)
    )
    token = setting.launch(path, "t")
    assert json.loads(setting.scheduler.until(Rendered).fields)["op_args"] == ["2024-01-01"]
    go.give()
    setting.scheduler.until(Finish)
    setting.exited(token)


def test_rendered_fields_of_a_task_that_dies_at_once_are_told_before_its_end(setting: Setting) -> None:
    path = setting.dag('PythonOperator(task_id="t", python_callable=os._exit, op_args=[3])')
    token = setting.launch(path, "t")
    setting.exited(token)
    assert [type(one) for _, one in setting.scheduler.requests] == [Start, Rendered]


@pytest.mark.parametrize(
    ("code", "kind", "retryable", "failure"),
    [
        ("raise ValueError('broken')", "failed", True, "exception"),
        ("raise AirflowFailException('never')", "failed", False, "exception"),
        ("raise AirflowSkipException('not today')", "skipped", True, "exception"),
        ("raise SystemExit(0)", "succeeded", True, "exception"),
        ("raise SystemExit(3)", "failed", True, "exit"),
        ("raise KeyboardInterrupt", "failed", True, "exception"),
        ("return b'bytes'", "failed", True, "exception"),
    ],
)
def test_how_code_ends_decides_the_outcome(
    setting: Setting, code: str, kind: str, retryable: bool, failure: str
) -> None:
    path = setting.dag(f"@task\ndef t():\n    {code}\nt()")
    finish = setting.finish(path, "t")
    assert (finish.outcome.kind, finish.outcome.retryable, finish.outcome.failure) == (kind, retryable, failure)
    assert finish.xcoms == ()
    if code.startswith("raise ValueError"):
        assert "ValueError: broken" in setting.log("t")
        assert "Traceback" in setting.log("t")


def test_os_exit_is_told_by_the_worker(setting: Setting) -> None:
    path = setting.dag("@task\ndef t():\n    os._exit(3)\nt()")
    exited = setting.exited(setting.launch(path, "t"))
    assert (exited.exit_code, exited.code_started) == (3, True)
    assert not any(isinstance(request, Finish) for _, request in setting.scheduler.requests)


def test_multiple_outputs_are_stored_each(setting: Setting) -> None:
    path = setting.dag("@task(multiple_outputs=True)\ndef t():\n    return {'a': 1, 'b': 2}\nt()")
    assert xcoms_of(setting.finish(path, "t")) == {"a": 1, "b": 2, "return_value": {"a": 1, "b": 2}}


def test_a_mapped_instance_gets_its_item(setting: Setting) -> None:
    path = setting.dag("@task\ndef t(x, y):\n    return [x, y]\nt.partial(y=100).expand(x=[1, 2, 3])")
    assert xcoms_of(setting.finish(path, "t", map_index=1)) == {"return_value": [2, 100]}


def test_a_mapped_instance_takes_its_item_from_a_result(setting: Setting) -> None:
    path = setting.dag(
        """
@task
def make():
    return [10, 20]
@task
def t(x):
    return x + 1
t.expand(x=make())
"""
    )
    setting.gateway.xcoms = (XComRow(task_id="make", map_index=-1, run_id="manual__1", value="[10, 20]"),)
    finish = setting.finish(path, "t", map_index=1, map_lengths={"make": {-1: 2}})
    assert xcoms_of(finish) == {"return_value": 21}


@pytest.mark.parametrize(("value", "error"), [("'text'", "unmappable return type"), ("[1] * 4", "length: 4 > 3")])
def test_what_cannot_be_mapped_over_fails_its_supplier(setting: Setting, value: str, error: str) -> None:
    path = setting.dag(f"@task\ndef make():\n    return {value}\n@task\ndef t(x):\n    return x\nt.expand(x=make())")
    finish = setting.finish(path, "make")
    assert finish.outcome.kind == "failed"
    assert error in finish.outcome.error
    assert finish.xcoms == ()


def test_an_execution_timeout_ends_the_code_and_runs_its_finally(setting: Setting) -> None:
    path = setting.dag(
        """
@task(execution_timeout=timedelta(seconds=0.2))
def t():
    try:
        while True:
            signal.pause()
    finally:
        print("cleaned up")
t()
"""
    )
    finish = setting.finish(path, "t")
    assert (finish.outcome.kind, finish.outcome.failure) == ("failed", "timeout")
    assert "AirflowTaskTimeout" in finish.outcome.error
    assert "cleaned up" in setting.log("t")


def test_kill_calls_on_kill_and_the_log_is_readable_before(setting: Setting) -> None:
    ready, killed = setting.signal("ready"), setting.signal("killed")
    path = setting.dag(
        """
class Long(BaseOperator):
    def execute(self, context):
        print("working")
        say("ready", "x")
        while True:
            signal.pause()
    def on_kill(self):
        say("killed", "on_kill was called")
Long(task_id="t")
"""
    )
    token = setting.launch(path, "t")
    setting.scheduler.until(Start)
    ready.wait()
    assert "working" in setting.log("t")
    setting.scheduler.send(Kill(token=token, reason="marked"))
    assert killed.wait() == "on_kill was called"
    finish = setting.scheduler.until(Finish)
    assert (finish.outcome.kind, finish.outcome.failure) == ("failed", "killed")
    assert setting.exited(token).reason == "marked"
    assert "Received SIGTERM. Terminating subprocesses." in setting.log("t")


def test_callbacks_run_in_order_with_the_right_context_and_are_told_done(setting: Setting) -> None:
    path = setting.dag(
        """
def executing(context):
    print("execute", context["ti"].state)
def broken(context):
    raise RuntimeError("callback")
def failing(context):
    print("failure", context["ti"].state, repr(context["exception"]), context["ti"].try_number)
@task(on_execute_callback=executing, on_failure_callback=[broken, failing])
def t():
    raise ValueError("x")
t()
"""
    )
    setting.gateway.callbacks = ((41, "failure"),)
    setting.gateway.state = "failed"
    setting.exited(setting.launch(path, "t", try_number=2, max_tries=1))
    done = [request for _, request in setting.scheduler.requests if isinstance(request, CallbackDone)]
    assert [(one.callback_id, "RuntimeError: callback" in (one.error or "")) for one in done] == [(41, True)]
    log = setting.log("t", 2)
    assert "execute running" in log
    assert "failure failed ValueError('x') 2" in log
    assert "Marking task as FAILED" in log


def test_callbacks_of_killed_attempts_and_of_runs_get_a_process_of_their_own(setting: Setting) -> None:
    said = setting.signal("said")
    path = setting.dag(
        """
def failed(context):
    say("said", f"{context['ti'].state} {context['exception']}")
def run_failed(context):
    say("said", f"{context['reason']} {context['dag_run'].run_id} {context['ti'].task_id}")
dag.on_failure_callback = run_failed
@task(on_failure_callback=failed)
def t():
    pass
t()
"""
    )
    attempt = setting.home.attempt(path, "t")
    callback = LaunchCallback(callback_id=5, kind="failure", attempt=attempt, error="{'DAG Id': 'd'}")
    setting.scheduler.send(callback)
    assert setting.scheduler.until(CallbackDone) == CallbackDone(callback_id=5)
    assert setting.scheduler.until(CallbackExited).exit_code == 0
    assert said.wait() == "failed {'DAG Id': 'd'}"
    setting.scheduler.send(LaunchCallback(callback_id=6, kind="dag_failure", attempt=attempt, reason="task_failure"))
    assert setting.scheduler.until(CallbackDone).callback_id == 6
    assert said.wait() == f"task_failure {setting.name} t"


def test_top_level_code_sees_a_variable_and_its_change(setting: Setting) -> None:
    path = setting.dag(
        """
value = Variable.get("name", "none")
@task
def t():
    return value
t()
"""
    )
    for number, value in enumerate(("one", "one", "two")):
        setting.gateway.variables = {"name": value}
        finish = setting.finish(path, "t", token=f"t{number}")
        assert xcoms_of(finish) == {"return_value": value}
    starts = [request.pid for _, request in setting.scheduler.requests if isinstance(request, Start)]
    assert len(set(starts)) == 3


def test_a_refused_start_runs_no_code(setting: Setting) -> None:
    said = setting.signal("said")
    path = setting.dag('@task\ndef t():\n    say("said", "ran")\nt()')
    setting.gateway.refuse_start = True
    exited = setting.exited(setting.launch(path, "t"))
    assert (exited.exit_code, exited.code_started) == (0, False)
    setting.gateway.refuse_start = False
    setting.exited(setting.launch(path, "t", "t2"))
    assert said.wait() == "ran"


def test_a_reschedule_says_when(setting: Setting) -> None:
    path = setting.dag(
        """
from airflow.exceptions import AirflowRescheduleException
import pendulum
@task
def t():
    raise AirflowRescheduleException(pendulum.datetime(2024, 1, 1, 12, tz="Europe/Amsterdam"))
t()
"""
    )
    finish = setting.finish(path, "t")
    assert (finish.outcome.kind, finish.outcome.at) == ("rescheduled", datetime(2024, 1, 1, 11, tzinfo=UTC))


def test_a_branch_names_whom_it_leaves_out(setting: Setting) -> None:
    path = setting.dag(
        """
from airflow.operators.empty import EmptyOperator
@task.branch
def choose():
    return "a"
choose() >> [EmptyOperator(task_id="a"), EmptyOperator(task_id="b")]
"""
    )
    finish = setting.finish(path, "choose")
    assert finish.outcome.kind == "succeeded"
    assert finish.skip == ("b",)


def test_an_unknown_task_or_dag_fails_with_its_name(setting: Setting) -> None:
    path = setting.dag("@task\ndef t():\n    pass\nt()")
    finish = setting.finish(path, "gone")
    assert finish.outcome.kind == "failed"
    assert "gone" in finish.outcome.error


def test_sigkill_inside_code_is_seen_at_once(setting: Setting) -> None:
    path = setting.dag("@task\ndef t():\n    os.kill(os.getpid(), signal.SIGKILL)\nt()")
    exited = setting.exited(setting.launch(path, "t"))
    assert (exited.signal, exited.code_started) == (signal.SIGKILL, True)
