"""Runs one attempt in this process: task, context, templates, hooks, execute, XComs, the end, callbacks.

The same code for a fork of a zygote and for ``dag.test()``; only the transport differs. Everything that belongs to the
end of an attempt leaves in one message, so that it is committed whole or not at all.
"""

from __future__ import annotations

import json
import logging
import os
import pwd
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from tradewind.model.outcomes import Deferred, Failed, Outcome, Rescheduled, Skipped, Succeeded
from tradewind.model.times import Clock, SystemClock
from tradewind.observability.masking import PROCESS_MASKER
from tradewind.plugins.listening import prepared
from tradewind.sdk.callables import context_to_airflow_vars
from tradewind.sdk.context import build_context, current_context
from tradewind.sdk.exceptions import AirflowTaskTimeout
from tradewind.sdk.runtime import RUNTIME
from tradewind.sdk.settings import COMPAT_LEVEL
from tradewind.sdk.xcom_backends import XComPlace, purge, purges
from tradewind.serde.rendered import rendered
from tradewind.serde.values import loads
from tradewind.wire.messages import (
    AliasEvent,
    Attempt,
    AttemptReply,
    AttemptRequest,
    DeleteXComs,
    Finish,
    Finished,
    Ok,
    Place,
    Refused,
    Rendered,
    Start,
    XComItem,
    XComs,
)
from tradewind.wire.outcomes import pack

from . import log_groups
from .alerts import is_wanted as is_alert_wanted
from .alerts import send_alert
from .callbacks import run_callbacks, run_listed
from .channel import InlineTransport, SignalGate, Transport
from .dataset_events import alias_events_of, events_of, partition_events_of
from .impersonation import become
from .import_errors import provider_hint
from .interruption import terminable, time_limit
from .log_groups import LogGroups
from .outcome import Ending, check_mappable, described, of_exception, returned_xcoms
from .policies import NO_POLICIES, local_policies, placement
from .retry_policies import judged
from .task_listeners import TaskListeners
from .task_runtime import TaskRuntime
from .traces import from_user_code

log = logging.getLogger("airflow.task")

DEFAULT_MAX_MAP_LENGTH = 1024


@dataclass(slots=True, kw_only=True)
class Product:
    """What an attempt has made beside its outcome, to be stored at its end."""

    xcoms: tuple[XComItem, ...] = ()
    dataset_events: tuple[tuple[str, str], ...] = ()
    alias_events: tuple[AliasEvent, ...] = ()
    rendered_map_index: str | None = None


class AttemptRun:
    """One attempt, from its first log line to its last callback."""

    def __init__(
        self,
        attempt: Attempt,
        dag: Any,
        transport: Transport,
        runtime: TaskRuntime,
        *,
        gate: SignalGate,
        clock: Clock,
        owns_process: bool,
    ) -> None:
        self._attempt = attempt
        self._dag = dag
        self._transport = transport
        self._runtime = runtime
        self._gate = gate
        self._clock = clock
        self._owns_process = owns_process
        self._started_at = clock.now()
        self._context: Any = None
        self._product = Product()
        self.test_mode = False
        """``tasks test``: what ``test_mode`` says in the context."""
        self.listeners = TaskListeners(prepared())
        self.groups = LogGroups(is_on=owns_process)
        self._policies = NO_POLICIES

    def run(self) -> str | None:
        """Do it all. The state the task instance got; None when the attempt was not wanted any more."""
        self.groups.begin(log_groups.BEFORE)
        self._say_begin()
        self.listeners.starting()
        level = COMPAT_LEVEL.set(getattr(self._dag, "compat_level", None))
        try:
            state = self._end(self._attempted())
        finally:
            COMPAT_LEVEL.reset(level)
        self.listeners.stopping()
        return state

    def _attempted(self) -> Ending:
        """Run the task's code; whatever it raises becomes an ending."""
        attempt = self._attempt
        try:
            self._policies = local_policies() if self._owns_process else NO_POLICIES
            task = self._prepared_task()
            guard = terminable(self._gate, self._on_kill) if self._owns_process else nullcontext()
            with guard, current_context(self._context):
                return self._executed(task)
        except BaseException as error:
            ending = _safe_ending(error)
            self.groups.end()
            _log_exception(error, ending)
            return ending if self._context is None else judged(ending, error, self._task, attempt, self._context)

    def _on_kill(self) -> None:
        self._task.on_kill()

    @property
    def _task(self) -> Any:
        """The operator of this instance: a mapped one is unmapped when its fields are rendered."""
        return self._context["task"]

    def _prepared_task(self) -> Any:
        attempt = self._attempt
        task = self._dag.get_task(attempt.task_id).prepare_for_execution()
        self._context = build_context(
            attempt, task=task, dag=self._dag, started_at=self._started_at, test_mode=self.test_mode
        )
        self._say_place(task)
        return task

    def _say_place(self, task: Any) -> None:
        """Where a hook or a strategy of weights want the instance when it is queued next."""
        attempt, instance = self._attempt, self._context["ti"]
        wanted = placement(task, instance, self._policies, weight=attempt.priority_weight)
        if not wanted:
            return
        place = Place(**{name: value for name, value in wanted.items() if name in Place.__struct_fields__})
        self._transport.tell(place, can_wait=True)

    def _executed(self, task: Any) -> Ending:
        attempt, context = self._attempt, self._context
        if self._owns_process:
            become(context["ti"].run_as_user or self._runtime.get_config("core", "default_impersonation"))
        if attempt.next_method is None and (attempt.try_number > 1 or attempt.first_start_date is not None):
            self._clear_xcoms()
        task.render_template_fields(context)
        self._say_rendered()
        self._export_environment()
        self._task.pre_execute(context=context)
        run_callbacks("execute", self._task, context)
        self.listeners.running(context["ti"])
        self.groups.end()
        try:
            result = self._execute(context)
        except BaseException:
            self._name_failed_instance()
            raise
        self._collect_result(task, result)
        self._task.post_execute(context=context, result=result)
        self._product.rendered_map_index = self._map_index_text()
        self._product.dataset_events = events_of(self._task, context)
        self._product.alias_events = (
            *alias_events_of(self._task, context),
            *partition_events_of(self._task, context),
        )
        return Ending(outcome=Succeeded())

    def _clear_xcoms(self) -> None:
        """Of an earlier try. A back end that keeps values elsewhere is told of each, so that it can delete them."""
        if not purges():
            self._transport.tell(DeleteXComs())
            return
        reply = self._transport.wait(self._transport.post(DeleteXComs(gives_rows=True)))
        attempt = self._attempt
        for row in reply.rows if isinstance(reply, XComs) else ():
            purge(row.value, XComPlace(row.key, attempt.dag_id, row.run_id, row.task_id, row.map_index))

    def _execute(self, context: Any) -> Any:
        task = self._task
        with time_limit(self._gate, self._seconds_left(task)):
            try:
                if self._attempt.next_method is None:
                    return task.execute(context)
                kwargs = loads(self._attempt.next_kwargs) if self._attempt.next_kwargs else {}
                return task.resume_execution(self._attempt.next_method, kwargs, context)
            except BaseException as error:
                if isinstance(error, AirflowTaskTimeout):
                    task.on_kill()
                raise

    def _seconds_left(self, task: Any) -> float | None:
        """The execution timeout; after a deferral what is left of it since the try began."""
        if task.execution_timeout is None:
            return None
        seconds: float = task.execution_timeout.total_seconds()
        if self._attempt.next_method is not None and self._attempt.first_start_date is not None:
            seconds -= (self._clock.now() - self._attempt.first_start_date).total_seconds()
        return seconds

    def _collect_result(self, task: Any, result: Any) -> None:
        """Turn the result into XComs. Raises for one that cannot be kept, or not be mapped over: then nothing is."""
        instance = self._task
        multiple_outputs = bool(instance.multiple_outputs)
        attempt = self._attempt
        place = XComPlace("", attempt.dag_id, attempt.run_id, attempt.task_id, attempt.map_index)
        pushes = bool(instance.do_xcom_push)
        items = returned_xcoms(result, multiple_outputs=multiple_outputs, place=place) if pushes else ()
        if self._attempt.map_index < 0 and next(iter(task.iter_mapped_dependants()), None) is not None:
            limit = int(self._runtime.get_config("core", "max_map_length", DEFAULT_MAX_MAP_LENGTH))
            check_mappable(result, max_length=limit)
        self._product.xcoms = items

    def _map_index_text(self) -> str | None:
        """``map_index_template`` rendered with what the task has put into its context."""
        template = self._context.get("map_index_template")
        if template is None or self._attempt.map_index < 0:
            return None
        text: str = self._task.get_template_env().from_string(template).render(self._context)
        log.info("Map index rendered as %s", text)
        return text

    def _name_failed_instance(self) -> None:
        """A failed instance has its name too; a template that fails does not hide why the task did."""
        try:
            self._product.rendered_map_index = self._map_index_text()
        except Exception as error:
            log.warning("The map_index_template could not be rendered: %s", described(error))

    def _say_begin(self) -> None:
        attempt = self._attempt
        log.info("Starting attempt %s of %s", attempt.try_number, attempt.max_tries + 1)

    def _say_rendered(self) -> None:
        task = self._task
        fields = {
            name: rendered(PROCESS_MASKER.redact(getattr(task, name, None), name)) for name in task.template_fields
        }
        if fields:
            self._transport.tell(Rendered(fields=json.dumps(fields)), can_wait=True)

    def _export_environment(self) -> None:
        """What programs that the task starts can know of it, under Airflow's names."""
        context = self._context
        context["ti"].policy_variables = self._policies.variables_of(context)
        values = context_to_airflow_vars(context, in_env_var_format=True)
        if self._owns_process:
            for name, value in values.items():  # not update(): that asks an abstract class, which costs a fork memory
                os.environ[name] = value  # noqa: TID251  for the code of users in this process
        log.info("Exporting env vars: %s", " ".join(f"{name}={value!r}" for name, value in values.items()))

    def _end(self, ending: Ending) -> str | None:
        """Tell the end, once, with everything; then run the callbacks that the answer lists."""
        ended_at = self._clock.now()
        is_success = isinstance(ending.outcome, Succeeded)
        product = self._product
        finish = Finish(
            outcome=pack(masked(ending.outcome)),
            ended_at=ended_at,
            xcoms=product.xcoms,
            skip=(*ending.skip, *self._runtime.skips) if is_success else (),
            dataset_events=product.dataset_events,
            alias_events=product.alias_events,
            rendered_map_index=product.rendered_map_index,
        )
        reply = self._transport.wait(self._transport.post(finish))
        if not isinstance(reply, Finished):
            why = reply.message if isinstance(reply, Refused) else f"answered by {type(reply).__name__}"
            log.warning("The end of this attempt was not accepted: %s", why)
            return None
        is_routine = isinstance(ending.outcome, Succeeded | Skipped)
        if is_routine:
            self.groups.begin(log_groups.AFTER)
        for note in reply.notes:
            log.warning("%s", note)
        self._say_end(reply.state, ending.outcome, ended_at)
        self._after_end(reply, ending)
        if not is_routine:
            self.groups.begin(log_groups.AFTER)
        return reply.state

    def _after_end(self, reply: Finished, ending: Ending) -> None:
        """Mail and callbacks, with the state that was committed in the context."""
        context = self._context
        if context is None:
            run_listed(reply.callbacks, None, None, self._transport)
            return
        context["ti"].state = reply.state
        has_failed = isinstance(ending.outcome, Failed)
        if has_failed and ending.exception is not None:
            context["exception"] = ending.exception
        with current_context(context):
            self.listeners.failed(context["ti"], reply.state, ending.exception)
            if has_failed and is_alert_wanted(self._task, reply.state):
                send_alert(self._task, context)
            run_listed(reply.callbacks, self._task, context, self._transport)
            self.listeners.succeeded(context["ti"], reply.state)

    def _say_end(self, state: str, outcome: Outcome, ended_at: datetime) -> None:
        attempt = self._attempt
        if isinstance(outcome, Rescheduled):
            log.info("Rescheduling task, marking task as UP_FOR_RESCHEDULE")
            return
        verb = "Pausing task as" if isinstance(outcome, Deferred) else "Marking task as"
        logical_date = f"{attempt.run.logical_date:%Y%m%dT%H%M%S}" if attempt.run is not None else ""
        log.info(
            "%s %s. dag_id=%s, task_id=%s, run_id=%s, %sexecution_date=%s, start_date=%s, end_date=%s",
            verb,
            state.upper(),
            attempt.dag_id,
            attempt.task_id,
            attempt.run_id,
            f"map_index={attempt.map_index}, " if attempt.map_index >= 0 else "",
            logical_date,
            f"{self._started_at:%Y%m%dT%H%M%S}",
            f"{ended_at:%Y%m%dT%H%M%S}",
        )


def masked(outcome: Outcome) -> Outcome:
    """The outcome as it may be stored and shown: an error's message without the secrets that this process knows."""
    if isinstance(outcome, Failed):
        return replace(outcome, error=PROCESS_MASKER.mask(outcome.error))
    return outcome


def _safe_ending(error: BaseException) -> Ending:
    """What an exception means; a deferral whose trigger cannot be kept is a failure as well."""
    try:
        return of_exception(error)
    except Exception as problem:
        return Ending(outcome=Failed(error=described(problem)), exception=problem)


def _log_exception(error: BaseException, ending: Ending) -> None:
    if isinstance(ending.outcome, Failed):
        log.error("Task failed with exception", exc_info=(type(error), error, from_user_code(error)))
        hint = provider_hint(error)
        if hint is not None:
            log.error("%s", hint)
    elif isinstance(ending.outcome, Skipped) and str(error):
        log.info("%s", error)


def run_inline(
    attempt: Attempt,
    dag: Any,
    gateway: Callable[[AttemptRequest], AttemptReply],
    *,
    config: Mapping[str, Mapping[str, Any]] | None = None,
    clock: Clock | None = None,
    test_mode: bool = False,
    listens: bool = True,
) -> str | None:
    """Run an attempt in the caller's process, for ``dag.test()`` and tests: ``gateway`` answers its requests. Logging,
    signals and the environment stay the caller's. The state that the gateway gave it; None when it was refused.
    ``listens``: listeners of plugins that this process has loaded are told."""
    transport = InlineTransport(gateway)
    runtime = TaskRuntime(transport, config or {})
    clock = clock or SystemClock()
    token = RUNTIME.set(runtime)
    try:
        if not begin(transport, attempt, clock):
            return None
        run = AttemptRun(attempt, dag, transport, runtime, gate=SignalGate(), clock=clock, owns_process=False)
        run.test_mode = test_mode
        if not listens:
            run.listeners = TaskListeners(None)
        return run.run()
    finally:
        RUNTIME.reset(token)


def begin(transport: Transport, attempt: Attempt, clock: Clock, hostname: str = "") -> bool:
    """Say that the attempt's process is up, and wait for the word to go on. False: it is not wanted any more."""
    return is_wanted(transport, announce(transport, clock, hostname))


def announce(transport: Transport, clock: Clock, hostname: str) -> int:
    """Say Start; the number by which to wait for the answer. What can be prepared meanwhile, should be."""
    return transport.post(Start(pid=os.getpid(), hostname=hostname, unixname=_user(), started_at=clock.now()))


def is_wanted(transport: Transport, request_id: int) -> bool:
    """The answer to Start."""
    reply = transport.wait(request_id)
    if isinstance(reply, Refused):
        log.warning("This attempt does not start: %s", reply.message)
    return isinstance(reply, Ok)


@cache
def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())  # a container's user without a name
