"""The authoring half of a zygote: importing its DAG file, and what a forked child does with an attempt or callback."""

from __future__ import annotations

import importlib
import logging
import os
import socket
import sys
from typing import Any
from urllib.parse import quote

from tradewind.model.outcomes import Failed
from tradewind.model.states import TaskState
from tradewind.model.times import Clock, SystemClock
from tradewind.plugins import listening
from tradewind.plugins.log_handlers import preload
from tradewind.sdk import prepared_templates
from tradewind.sdk.context import build_context, current_context
from tradewind.sdk.exceptions import AirflowException
from tradewind.sdk.runtime import RUNTIME
from tradewind.wire.messages import (
    Attempt,
    CallbackDone,
    Finish,
    Finished,
    Fork,
    LaunchCallback,
    ZygoteReady,
    ZygoteRequest,
)
from tradewind.wire.outcomes import pack

from . import dag_files, sla_alerts, warm_up
from .alerts import send_alert
from .callbacks import note_done, run_callbacks, run_listed
from .channel import SignalGate, SocketTransport, Transport
from .interruption import terminable, time_limit
from .options import inherited
from .outcome import described
from .policies import local_policies
from .process_names import name_process
from .remote_logs import uploaded
from .runner import AttemptRun, announce, is_wanted, masked
from .task_logging import path_of_log, redirected
from .task_runtime import TaskRuntime
from .zygotes import Loaded

log = logging.getLogger("airflow.task")

FAILED_STATES = frozenset({"failed", "up_for_retry"})


def load_file(request: ZygoteRequest) -> Loaded:
    """Import the DAG file for attempts. What is wrong with it becomes ``ready.error`` only when no DAG came out."""
    options = dag_files.LoadOptions(
        dags_folder=request.dags_folder,
        plugins_folder=request.plugins_folder,
        timeout=request.timeout,
        policies=local_policies(),
        compat_level=request.compat_level,
    )
    result = dag_files.load_file(request.path, options)
    # After the file: modules of plugins that it imports itself are among what it depends on.
    listening.prepare(request.plugins_folder)
    preload(inherited().config)
    if any(dag.params or any(task.params for task in dag.tasks) for dag in result.dags):
        importlib.import_module("tradewind.sdk.formats")  # jsonschema: here once, not in every fork
    has_templates = prepared_templates.prepare(result.dags)
    prepared_templates.prepare([warm_up.example()])
    problems = "\n".join(text for _, text in result.errors)
    ready = ZygoteReady(
        files=result.files,
        lookups=result.lookups,
        is_volatile=result.is_volatile or bool(problems),
        is_fork_unsafe=result.is_fork_unsafe,
        error="" if result.dags else problems,
        seconds=result.seconds,
    )
    return Loaded(
        ready=ready, dags={dag.dag_id: dag for dag in result.dags}, problems=problems, has_templates=has_templates
    )


def run_fork(fork: Fork, sock: socket.socket, loaded: Loaded, request: ZygoteRequest) -> int:
    """What a fresh fork does: one attempt or one callback. The process's exit code."""
    if fork.attempt is not None:
        return _run_attempt(fork, fork.attempt, sock, loaded, request)
    if fork.callback is not None:
        return _run_callback(fork, fork.callback, sock, loaded, request)
    raise ValueError("a Fork carries an attempt or a callback")


def _run_attempt(fork: Fork, attempt: Attempt, sock: socket.socket, loaded: Loaded, request: ZygoteRequest) -> int:
    clock = SystemClock()
    gate = SignalGate()
    transport = SocketTransport(sock, attempt.token, fork.request_base, gate)
    # First of all, so that the scheduler's answer comes while this process prepares itself.
    start = announce(transport, clock, request.hostname)
    name_process(f"task {attempt.dag_id}.{attempt.task_id}")
    runtime = TaskRuntime(transport, inherited().config)
    RUNTIME.set(runtime)
    reseed()
    path = path_of_log(attempt, request.log_folder)
    with redirected(path, inherited().config), uploaded(path, attempt):
        if not is_wanted(transport, start):
            return 0
        dag = loaded.dags.get(attempt.dag_id)
        if dag is None:
            return _fail_without_dag(attempt, loaded, transport, clock)
        run = AttemptRun(attempt, dag, transport, runtime, gate=gate, clock=clock, owns_process=True)
        state = run.run()
        code = 1 if state in FAILED_STATES else 0
        log.info("Task exited with return code %s", "100 (task deferral)" if state == "deferred" else code)
        run.groups.end()
        return code


def _fail_without_dag(attempt: Attempt, loaded: Loaded, transport: Transport, clock: Clock) -> int:
    """The DAG file does not give the DAG (any more): that is how the attempt ends, with the reason in its log."""
    problem = loaded.problems or loaded.ready.error or f"DAG '{attempt.dag_id}' could not be found in {attempt.fileloc}"
    log.error("The DAG file could not be loaded:\n%s", problem)
    finish = Finish(outcome=pack(masked(Failed(error=problem))), ended_at=clock.now())
    reply = transport.wait(transport.post(finish))
    if isinstance(reply, Finished):
        run_listed(reply.callbacks, None, None, transport)
    return 1


def _run_callback(
    fork: Fork, callback: LaunchCallback, sock: socket.socket, loaded: Loaded, request: ZygoteRequest
) -> int:
    attempt = callback.attempt
    gate = SignalGate()
    transport = SocketTransport(sock, attempt.token, fork.request_base, gate)
    config = inherited().config
    RUNTIME.set(TaskRuntime(transport, config))
    reseed()
    told = sla_alerts.Told()
    path = _path_of_callback_log(callback, request.log_folder)
    with redirected(path, config), uploaded(path, attempt):
        try:
            with time_limit(gate, callback.timeout or None), terminable(gate, lambda: None):
                if callback.sla and attempt.dag_id in loaded.dags:
                    told = sla_alerts.tell(callback, loaded.dags[attempt.dag_id])
                    error = "; ".join(told.errors) or None
                else:
                    error = _called(callback, loaded)
        except BaseException as problem:
            log.exception("The %s callback of %s did not end well", callback.kind, attempt.dag_id)
            error = described(problem)
        note_done(callback.callback_id)
        done = CallbackDone(
            callback_id=callback.callback_id, error=error, was_told=told.was_told, email_sent=told.email_sent
        )
        transport.wait(transport.post(done))
    return 0


def _called(callback: LaunchCallback, loaded: Loaded) -> str | None:
    """Run the callback's functions with the context of its DAG run or task. Their errors, if any."""
    attempt = callback.attempt
    dag = loaded.dags.get(attempt.dag_id)
    if dag is None:
        return loaded.problems or f"DAG '{attempt.dag_id}' could not be found in {attempt.fileloc}"
    task = dag.task_dict.get(attempt.task_id)
    is_of_dag = callback.kind.startswith("dag_")
    if task is None and not is_of_dag:
        return f"task '{attempt.task_id}' is not in DAG '{attempt.dag_id}' any more"
    context: Any = {"dag": dag, "run_id": attempt.run_id}
    if task is not None:
        task = task.prepare_for_execution()
        context = build_context(attempt, task=task, dag=dag, started_at=attempt.first_start_date)
    if is_of_dag:
        context["reason"] = callback.reason
        if task is not None:
            context["ti"].state = callback.state and TaskState(callback.state)
    else:
        context["ti"].state = STATES_OF_KIND.get(callback.kind)
        if callback.error is not None:
            context["exception"] = exception_of(callback)
    with current_context(context):
        if callback.sends_mail and task is not None:
            send_alert(task, context)
        return run_callbacks(callback.kind, dag if is_of_dag else task, context)


def exception_of(callback: LaunchCallback) -> Exception | str | None:
    """What a callback finds as ``exception`` when the attempt's process could not say it: Airflow's forms."""
    error, attempt = callback.error, callback.attempt
    if callback.failure not in ("killed", "exit", "lost"):
        return error
    if "SIGSEGV" in (error or ""):
        return AirflowException("Segmentation Fault detected. The task's process was killed by SIGSEGV.")
    details: dict[str, Any] = {"DAG Id": attempt.dag_id, "Task Id": attempt.task_id, "Run Id": attempt.run_id}
    if attempt.map_index >= 0:
        details["Map Index"] = attempt.map_index
    return str({**details, "Reason": error})


STATES_OF_KIND = {"failure": "failed", "retry": "up_for_retry", "success": "success", "skipped": "skipped"}


def _path_of_callback_log(callback: LaunchCallback, log_folder: str) -> str:
    """A task's callback belongs into its try's log; a DAG's has one file for the run."""
    attempt = callback.attempt
    if not callback.kind.startswith("dag_"):
        return path_of_log(attempt, log_folder)
    run = quote(attempt.run_id, safe="~:+@ ")
    return os.path.join(log_folder, f"dag_id={attempt.dag_id}", f"run_id={run}", "dag_callbacks.log")


def reseed() -> None:
    """Forks of one zygote must not draw the same numbers. ``random`` does so by itself after a fork."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
