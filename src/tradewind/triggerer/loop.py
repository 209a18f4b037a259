"""The triggerer role: an asyncio loop that runs the triggers of deferred tasks until their first event.

It opens no database: what it must run, what it is asked for and what came of it goes over the link to the scheduler.
Killed at any moment it loses nothing: the rows say which triggers it had, and the next triggerer begins them again."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import signal
import socket
from dataclasses import dataclass

from tradewind.execution.endpoints import RoleLock
from tradewind.execution.log_style import log_style
from tradewind.execution.options import WorkerOptions, inherited
from tradewind.execution.process_names import name_process
from tradewind.execution.task_logging import path_of_log
from tradewind.execution.task_runtime import TaskRuntime
from tradewind.model.times import Clock, SystemClock
from tradewind.sdk.deferral import BaseTrigger
from tradewind.sdk.runtime import RUNTIME
from tradewind.wire import messages as wire

from .events import TriggerEnded, cleaned_up, failed, fired, made
from .link import LinkTransport, SchedulerLink
from .logs import CURRENT, routed
from .watch import LoopWatch

log = logging.getLogger("airflow.triggerer")

DEFAULT_CAPACITY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggererOptions:
    """What the role is told."""

    worker: WorkerOptions
    capacity: int = DEFAULT_CAPACITY
    idle_seconds: float | None = None
    """It ends after so long without a trigger; None: never."""


class Triggerer:
    """Runs triggers. ``serve`` returns when it was told to end, is idle, or is without a scheduler for too long."""

    def __init__(self, options: TriggererOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._watch = LoopWatch(clock)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._link = SchedulerLink(
            options.worker,
            clock,
            capacity=options.capacity,
            on_message=self._take_over,
            on_beat=self._watch.look,
        )
        self._idle_since = clock.monotonic()

    async def serve(self) -> None:
        """Run the role."""
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._ended.set)
        self._link.start()
        while not self._ended.is_set() and not self._is_over():
            try:
                await asyncio.wait_for(self._ended.wait(), self._pause())
            except TimeoutError:
                continue
        await self._end()

    def _pause(self) -> float:
        limits = [self._options.worker.scheduler_zombie_task_threshold, self._options.idle_seconds or 60.0]
        return max(min(limits) / 4, 0.05)

    def _is_over(self) -> bool:
        if self._link.alone_for >= self._options.worker.scheduler_zombie_task_threshold:
            return True
        idle = self._options.idle_seconds
        return idle is not None and not self._tasks and self._clock.monotonic() - self._idle_since >= idle

    async def _end(self) -> None:
        """Stop all triggers, with their clean-up; the scheduler gives them to the next triggerer."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._link.close()

    # Triggers ---------------------------------------------------------------------------------------------------

    def _take_over(self, message: wire.RunTrigger | wire.StopTrigger) -> None:
        """From the link's thread into the loop's."""
        if isinstance(message, wire.RunTrigger):
            self._link.hold(message.trigger_id)
            self._loop.call_soon_threadsafe(self._start, message)
        else:
            self._link.forget(message.trigger_id)
            self._loop.call_soon_threadsafe(self._stop, message.trigger_id)

    def _start(self, order: wire.RunTrigger) -> None:
        if order.trigger_id in self._tasks:
            return
        context = contextvars.copy_context()
        path = path_of_log(order.attempt, self._options.worker.log_folder)
        context.run(self._set_up, order, path)
        work = self._watch.steps(f"{order.classpath} (id {order.trigger_id})", self._run(order))
        self._tasks[order.trigger_id] = self._loop.create_task(work, context=context)

    def _set_up(self, order: wire.RunTrigger, path: str) -> None:
        CURRENT.set(path)
        RUNTIME.set(TaskRuntime(LinkTransport(self._link, order.attempt.token), self._options.worker.config))

    def _stop(self, trigger_id: int) -> None:
        task = self._tasks.pop(trigger_id, None)
        if task is not None:
            task.cancel()
        self._idle_since = self._clock.monotonic()

    async def _run(self, order: wire.RunTrigger) -> None:
        """One trigger: its first event or its failure is told; then it goes on until it is stopped, as in Airflow."""
        trigger: BaseTrigger | None = None
        is_told = False
        try:
            trigger = made(order.trigger_id, order.classpath, order.kwargs, order.attempt)
            log.info("Trigger %s (ID %s) starting", order.classpath, order.trigger_id)
            async for event in trigger.run():
                if not is_told:
                    is_told = True
                    self._link.tell(fired(order.trigger_id, event))
                    log.info("Trigger %s (ID %s) fired: %r", order.classpath, order.trigger_id, event)
            if not is_told:
                raise TriggerEnded(f"trigger {order.classpath} ended without an event")
        except Exception as error:
            log.error("Trigger %s (ID %s) failed", order.classpath, order.trigger_id, exc_info=error)
            if not is_told:
                self._link.tell(failed(order.trigger_id, error))
        finally:
            if trigger is not None:
                await cleaned_up(trigger)


def capacity_of(options: WorkerOptions) -> int:
    """``[triggerer] default_capacity``."""
    return int(options.config.get("triggerer", {}).get("default_capacity") or DEFAULT_CAPACITY)


def serve(sock: socket.socket, request: wire.Message) -> None:
    """What the template's child runs: the home's triggerer, until it is idle."""
    sock.close()
    assert isinstance(request, wire.TriggererRequest)
    lock = RoleLock(inherited().run_folder / "triggerer.lock")
    if lock.acquire():  # else another one was quicker
        main(inherited(), idle_seconds=request.idle_seconds)


def main(
    options: WorkerOptions,
    clock: Clock | None = None,
    *,
    idle_seconds: float | None = None,
    capacity: int | None = None,
) -> int:
    """Run the triggerer role until it is told to end, or is idle."""
    name_process("triggerer")
    told = TriggererOptions(worker=options, capacity=capacity or capacity_of(options), idle_seconds=idle_seconds)
    with routed(log_style(options.config)):
        asyncio.run(Triggerer(told, clock or SystemClock()).serve())
    return 0
