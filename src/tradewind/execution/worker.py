"""The worker role: takes attempts from a scheduler, has zygotes fork them, passes on what they say, tells their ends.

One thread, one loop. It outlives its scheduler: attempts run on, what they said and nobody has answered is kept and
said again to the next one. It does not outlive itself: zygotes kill their attempts when it is gone, and the next
worker of the home first kills what is left.
"""

from __future__ import annotations

import itertools
import logging
import os
import secrets
import signal
import socket
from types import FrameType

import msgspec

from tradewind.model.times import Clock, SystemClock
from tradewind.wire.framing import ATTEMPT_REPLY, encode
from tradewind.wire.messages import (
    Ask,
    Attempt,
    AttemptRequest,
    CallbackExited,
    Drain,
    Exited,
    Hello,
    Kill,
    Launch,
    LaunchCallback,
    Ok,
    Reply,
    SchedulerMessage,
    Start,
    Welcome,
)

from .endpoints import RoleLock
from .jobs import ID_BITS, Job, Phase, ProcessRecord, has_ended, kill_leftovers, open_pidfd
from .last_words import say_killed
from .options import WorkerOptions
from .processes import TemplateStarter
from .reactor import Reactor
from .scheduler_link import SchedulerLink
from .zygote_pool import ZygotePool
from .zygote_state import Zygote

log = logging.getLogger(__name__)

HOLD_SECONDS = 0.2
"""How long a message that can wait is kept for company. A task that ends sooner costs the scheduler one commit less,
and does not find it busy with that one when it says its end."""

_ASK = msgspec.msgpack.Decoder(Ask)
_START = msgspec.msgpack.Decoder(Start)


class Worker:
    """Everything a worker holds; :meth:`serve` runs until it is drained, told to end, or without a scheduler for too
    long."""

    def __init__(self, options: WorkerOptions, clock: Clock, record: ProcessRecord) -> None:
        self._options = options
        self._clock = clock
        self._record = record
        self._reactor = Reactor(clock)
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._by_token: dict[str, Job] = {}
        self._worker_id = secrets.token_hex(16)
        self._hostname = options.hostname or socket.gethostname()
        self._job_id: int | None = None
        self._is_draining = False
        self._must_end = False
        self._must_end_now = False
        self._scheduler = SchedulerLink(
            options,
            self._reactor,
            hello=self._hello,
            on_welcome=self._on_welcome,
            on_message=self._on_message,
            tokens=self._tokens,
        )
        self._templates = TemplateStarter(options, clock)
        self._pool = ZygotePool(
            options,
            self._reactor,
            self,
            next_number=lambda: next(self._numbers),
            start_template=self._templates.connect,
            on_process=record.add,
            on_process_gone=record.remove,
        )

    def serve(self) -> None:
        """Run the loop."""
        wake_up = _signal_pipe()
        self._reactor.watch(wake_up, lambda: self._on_signal(wake_up))
        self._templates.start_if_missing()
        self._scheduler.start()
        self._tidy()
        while not self._is_over():
            self._reactor.turn()
        self._end()

    def _is_over(self) -> bool:
        if self._must_end:
            nobody_listens = not self._scheduler.is_welcome
            lives = any(job.phase is not Phase.ENDED for job in self._jobs.values())
            return self._must_end_now or nobody_listens or not lives
        if self._is_draining and not self._jobs:
            return True
        lost_at = self._scheduler.lost_at
        if lost_at is None:
            return False
        alone = self._clock.monotonic() - lost_at
        limit = self._options.scheduler_zombie_task_threshold
        # Attempts get as long again to come to their end: only a scheduler could hear of it.
        return alone >= (2 * limit if self._jobs else limit)

    def _end(self) -> None:
        for job in self._jobs.values():
            job.kill_all()
        self._reactor.flush()
        self._scheduler.close()
        self._pool.close()
        self._record.close()

    def _tidy(self) -> None:
        self._pool.tidy()
        pause = min(self._options.zygote_idle_seconds, self._options.scheduler_zombie_task_threshold) / 4
        self._reactor.call_later(max(pause, 0.05), self._tidy)

    def _on_signal(self, wake_up: int) -> None:
        """SIGTERM or SIGINT: attempts are asked to end, and so do we after them; the second time at once."""
        os.read(wake_up, 4096)
        if self._must_end:
            self._must_end_now = True
            return
        self._must_end = True
        log.info("worker.ending attempts=%d", len(self._jobs))
        for job in list(self._jobs.values()):
            self._kill(job, "the worker was told to end")

    def _hello(self) -> Hello:
        callbacks = tuple(job.callback.callback_id for job in self._jobs.values() if job.callback is not None)
        return Hello(
            worker_id=self._worker_id,
            pid=os.getpid(),
            hostname=self._hostname,
            capacity=self._options.parallelism,
            queues=self._options.queues,
            attempts=self._tokens(),
            callbacks=callbacks,
            job_id=self._job_id,
        )

    def _tokens(self) -> tuple[str, ...]:
        return tuple(self._by_token)

    def _on_welcome(self, welcome: Welcome) -> None:
        """Say what the last scheduler did not answer, in the order it was said; then the ends nobody heard of."""
        self._job_id = welcome.job_id
        for token in welcome.kill:
            if token in self._by_token:
                self._kill(self._by_token[token], "the attempt is not wanted any more")
        for job in list(self._jobs.values()):
            for number, data in list(job.asks.items()):
                self._scheduler.send(data)
                if number < 0:
                    del job.asks[number]
            self._tell_end(job)

    def _on_message(self, message: SchedulerMessage, data: bytes) -> None:
        match message:
            case Reply():
                self._on_reply(message, data)
            case Launch(attempt=attempt):
                if attempt.token not in self._by_token:
                    self._take(attempt, None)
            case LaunchCallback(attempt=attempt):
                self._take(attempt, message)
            case Kill(token=token, reason=reason):
                if token in self._by_token:
                    self._kill(self._by_token[token], reason)
            case Drain():
                self._is_draining = True

    def _take(self, attempt: Attempt, callback: LaunchCallback | None) -> None:
        job = Job(job_id=next(self._numbers), attempt=attempt, callback=callback)
        self._jobs[job.job_id] = job
        if callback is None:
            self._by_token[job.token] = job
        self._pool.submit(job)

    def _on_reply(self, reply: Reply, data: bytes) -> None:
        number = reply.request_id >> ID_BITS
        job = self._jobs.get(number)
        if job is None:
            if reply.token in self._by_token:
                self._by_token[reply.token].asks.pop(reply.request_id, None)
            self._pool.take_reply(reply, data)
            return
        job.asks.pop(reply.request_id, None)
        if reply.request_id == job.start_request and job.callback is None:
            job.code_started = isinstance(ATTEMPT_REPLY.decode(reply.body), Ok)
        if job.phase is Phase.ENDED:
            self._forget_if_told(job)
        elif job.link is not None:
            job.link.send(data)

    def on_job_frame(self, job: Job, data: bytes) -> None:
        try:
            self._pass_on(job, _ASK.decode(data), data)
        except (msgspec.MsgspecError, ValueError):
            log.exception("worker.bad_message dag_id=%s task_id=%s", job.attempt.dag_id, job.attempt.task_id)
            job.kill_all()

    def _pass_on(self, job: Job, ask: Ask, data: bytes) -> None:
        """Forward a request as it came, and keep it until it is answered."""
        if ask.token != job.token:
            raise ValueError(f"the process of attempt {job.token} speaks for attempt {ask.token}")
        if not job.has_spoken and job.pid is None and job.callback is None:
            self.on_forked(job, _START.decode(ask.body).pid)
        job.has_spoken = True
        if ask.can_wait and not ask.request_id:
            job.held.append(data)
            if job.hold_timer is None:
                job.hold_timer = self._reactor.call_later(HOLD_SECONDS, lambda: self._pass_on_held(job))
            return
        self._pass_on_held(job)
        is_sent = self._scheduler.send(data)
        if ask.request_id:
            job.asks[ask.request_id] = data
        elif not is_sent:
            self._keep_unsent(job, data)

    def _pass_on_held(self, job: Job) -> None:
        """What could wait goes before what its process says next."""
        if job.hold_timer is not None:
            job.hold_timer.cancel()
            job.hold_timer = None
        held, job.held = job.held, []
        for data in held:
            if not self._scheduler.send(data):
                self._keep_unsent(job, data)

    def _keep_unsent(self, job: Job, data: bytes) -> None:
        """No answer will come to forget it by; the negative number keeps its place in the order till it is sent."""
        job.asks[-next(self._numbers)] = data

    def ask_for(self, job: Job, request_id: int, request: AttemptRequest) -> None:
        data = encode(Ask(token=job.token, request_id=request_id, body=msgspec.Raw(encode(request))))
        job.asks[request_id] = data
        self._scheduler.send(data)

    def on_zygote_ask(self, zygote: Zygote, ask: Ask, data: bytes) -> None:
        job = self._by_token.get(ask.token)
        if job is not None:
            job.asks[ask.request_id] = data
        self._scheduler.send(data)

    def on_forked(self, job: Job, pid: int) -> None:
        if job.pid is not None:
            return  # its first message was quicker than the zygote's
        job.pid = pid
        job.phase = Phase.RUNNING
        job.pidfd = open_pidfd(pid)
        self._record.add(pid)
        if job.kill_reason:
            self._terminate(job)

    def on_fork_exited(self, job: Job, exit_code: int | None, signal: int | None) -> None:
        if job.link is not None:
            job.link.drain()  # what it said last is still in the socket
        self._conclude(job, exit_code, signal)

    def on_job_closed(self, job: Job) -> None:
        """A zygote tells the end of its children; without one, this end of file is the first sign."""
        if job.zygote is None and job.pidfd is None:
            self.on_zygote_lost(job)

    def on_zygote_lost(self, job: Job) -> None:
        """The zygote is dead, its fork may live: it is watched by its descriptor, and nothing of its work is lost."""
        job.zygote = None
        if job.link is not None:
            job.link.drain()
        if job.phase is Phase.ENDED or job.zygote is not None:
            return
        if job.pidfd is not None:
            self._watch_process(job, job.pidfd)
        elif job.link is not None and job.link.is_open:
            pass  # no pid is known yet: its first message or the end of its socket comes next
        elif job.has_spoken:
            self._conclude(job, None, None)
        else:
            self._pool.again(job, None, None)

    def on_never_started(self, job: Job, reason: str, exit_code: int | None, signal: int | None) -> None:
        # The try counts: started again it would end the same.
        job.code_started = True
        self._conclude(job, exit_code, signal, reason)

    def _watch_process(self, job: Job, pidfd: int) -> None:
        def look() -> None:
            if has_ended(pidfd):
                self._reactor.unwatch(pidfd)
                if job.pid is not None:
                    self.on_fork_exited(job, None, None)

        self._reactor.watch(pidfd, look)

    def _kill(self, job: Job, reason: str) -> None:
        """SIGTERM, and SIGKILL for the whole group when the grace period is over."""
        if job.kill_reason or job.phase is Phase.ENDED:
            return
        job.kill_reason = reason
        if job.phase is Phase.WAITING:
            self._pool.withdraw(job)
            self._conclude(job, None, None, reason)
        elif job.phase is Phase.RUNNING:
            self._terminate(job)

    def _terminate(self, job: Job) -> None:
        job.send_signal(signal.SIGTERM)
        job.kill_timer = self._reactor.call_later(self._options.killed_task_cleanup_time, job.kill_all)

    def _conclude(self, job: Job, exit_code: int | None, number: int | None, reason: str = "") -> None:
        """The job's process is gone, or will never be: say so once, after all that it said."""
        if job.phase is Phase.ENDED:
            return
        job.phase = Phase.ENDED
        self._pass_on_held(job)
        if job.pid is not None:
            self._record.remove(job.pid)
        job.forget_process()
        # What top-level code of its file asked while it waited, nobody waits for any more.
        job.asks = {n: data for n, data in job.asks.items() if n < 0 or n >> ID_BITS == job.job_id}
        if job.callback is None:
            # No reason for one whose code had not begun: it is queued again as the same try, and nothing has failed.
            reason = reason or job.kill_reason or (how_it_ended(exit_code, number) if job.code_started else "")
            if number is not None and reason:
                say_killed(job.attempt, self._options.log_folder, number, reason)
            end: Exited | CallbackExited = Exited(
                token=job.token,
                exit_code=exit_code,
                signal=number,
                code_started=job.code_started,
                reason=reason,
                ended_at=self._clock.now(),
            )
        else:
            end = CallbackExited(callback_id=job.callback.callback_id, exit_code=exit_code, signal=number)
        job.end = encode(end)
        self._tell_end(job)

    def _tell_end(self, job: Job) -> None:
        if job.end and self._scheduler.send(job.end):
            self._forget_if_told(job)

    def _forget_if_told(self, job: Job) -> None:
        """An end is told; but a request that this scheduler has not answered goes to the next one, and the end with
        it."""
        if job.end and self._scheduler.is_welcome and not job.asks:
            self._jobs.pop(job.job_id, None)
            if self._by_token.get(job.token) is job:
                del self._by_token[job.token]


def how_it_ended(exit_code: int | None, number: int | None) -> str:
    """A sentence for people; empty for an ordinary end."""
    if number is not None:
        return f"killed by {signal.Signals(number).name}"
    if exit_code is None:
        return "its process disappeared"
    return f"its process ended with exit code {exit_code}" if exit_code else ""


def _signal_pipe() -> int:
    """Becomes readable at SIGTERM and SIGINT."""
    read_end, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _do_nothing)
    return read_end


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """A Python handler must exist for the wake-up descriptor to be written."""


def main(options: WorkerOptions, clock: Clock | None = None) -> int:
    """Run the worker role. 0 also when this home has a worker already."""
    clock = clock or SystemClock()
    lock = RoleLock(options.run_folder / "worker.lock")
    if not lock.acquire():
        return 0
    folder = options.run_folder / "attempts"
    kill_leftovers(folder, clock)
    Worker(options, clock, ProcessRecord(folder)).serve()
    return 0
