"""The worker's side of zygotes: which file has one, whether it may still be used, starting, retiring, bounds."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable

import msgspec

from tradewind.model.compat import level_of
from tradewind.wire.messages import (
    Ask,
    Fork,
    Forked,
    ForkExited,
    Reply,
    Spawned,
    SpawnExited,
    ZygoteMessage,
    ZygoteReady,
    ZygoteRequest,
)

from .jobs import ID_BITS, Job, Phase
from .lookup_checks import LookupChecks
from .options import WorkerOptions
from .reactor import Link, Reactor
from .template import TemplateClient, TemplateGone
from .zygote_state import Owner, Zygote, files_unchanged

log = logging.getLogger(__name__)

_MESSAGE: msgspec.msgpack.Decoder[ZygoteMessage] = msgspec.msgpack.Decoder(ZygoteMessage)

MAX_LOST_ZYGOTES = 3
"""An attempt whose zygotes died this often before it began does not wait for another."""


class ZygotePool:
    """Zygotes by DAG file. ``submit`` takes a job and sees that it gets a fork, or says why not."""

    def __init__(
        self,
        options: WorkerOptions,
        reactor: Reactor,
        owner: Owner,
        *,
        next_number: Callable[[], int],
        start_template: Callable[[], TemplateClient],
        on_process: Callable[[int], None],
        on_process_gone: Callable[[int], None],
    ) -> None:
        self._options = options
        self._reactor = reactor
        self._owner = owner
        self._next_number = next_number
        self._start_template = start_template
        self._on_process = on_process
        self._on_process_gone = on_process_gone
        self._template: TemplateClient | None = None
        self._current: dict[str, Zygote] = {}
        self._all: dict[int, Zygote] = {}
        self._unsafe: set[str] = set()
        self._checks = LookupChecks()

    def submit(self, job: Job) -> None:
        """Have the job forked by a zygote of its file that may still be used."""
        path = job.attempt.fileloc
        zygote = self._current.get(path)
        if zygote is not None and not self._may_serve(zygote):
            self.retire(zygote)
            zygote = None
        is_new = zygote is None
        if zygote is None:
            try:
                zygote = self._start(path, job)
            except TemplateGone as problem:
                self._wait_for_template(job, problem)
                return
        zygote.last_used = self._now()
        if is_new:
            self._keep_bound()
        if zygote.ready is None:
            zygote.waiting.append(job)
            job.zygote = zygote
        elif not self._checks.start(
            zygote.ready,
            zygote.request_base,
            lambda number, question: self._owner.ask_for(job, number, question),
            lambda is_same: self._checked(zygote, job, is_same),
        ):
            self._fork(zygote, job)

    def _wait_for_template(self, job: Job, problem: TemplateGone) -> None:
        """No template, and none could be started: once more in a while, then the attempt fails with the reason."""
        job.lost_zygotes += 1
        if job.lost_zygotes >= MAX_LOST_ZYGOTES:
            self._owner.on_never_started(job, f"no process could be started: {problem}", None, None)
            return

        def retry() -> None:
            if job.phase is Phase.WAITING:
                self.submit(job)

        self._reactor.call_later(1.0, retry)

    def take_reply(self, reply: Reply, data: bytes) -> None:
        """An answer to what a zygote, or a check of one, asked."""
        if self._checks.take(reply):
            return
        zygote = self._all.get(reply.request_id >> ID_BITS)
        if zygote is not None and zygote.link is not None:
            zygote.link.send(data)

    def _checked(self, zygote: Zygote, job: Job, is_same: bool) -> None:
        if job.phase is not Phase.WAITING:
            return  # killed meanwhile
        if not is_same:
            self.retire(zygote)
        if is_same and zygote.number in self._all and not zygote.is_retired:
            self._fork(zygote, job)
        else:
            self.submit(job)

    def withdraw(self, job: Job) -> None:
        """A job that is still waiting is not wanted any more."""
        if job.zygote is not None and job in job.zygote.waiting:
            job.zygote.waiting.remove(job)

    def tidy(self) -> None:
        """Retire what is too old or has been idle, and the least recently used above the bound."""
        now = self._now()
        for zygote in list(self._current.values()):
            idle = now - zygote.last_used >= self._options.zygote_idle_seconds
            if zygote.ready is not None and not zygote.jobs and (idle or self._is_too_old(zygote)):
                self.retire(zygote)
        self._keep_bound()

    def _keep_bound(self) -> None:
        by_use = sorted(self._current.values(), key=lambda zygote: zygote.last_used)
        for zygote in by_use[: max(0, len(by_use) - self._options.max_zygotes)]:
            if zygote.ready is not None:
                self.retire(zygote)

    def retire(self, zygote: Zygote) -> None:
        """No new forks from it; it ends when its last one has."""
        if self._current.get(zygote.path) is zygote:
            del self._current[zygote.path]
        zygote.is_retired = True
        self._close_if_done(zygote)

    def close(self) -> None:
        """End all zygotes; they kill what they forked."""
        for zygote in list(self._all.values()):
            if zygote.link is not None:
                zygote.link.close()
        if self._template is not None:
            self._reactor.unwatch(self._template)
            self._template.close()

    def __len__(self) -> int:
        return len(self._all)

    def _may_serve(self, zygote: Zygote) -> bool:
        ready = zygote.ready
        if ready is None:
            return True  # looked at again when its import is over
        if ready.is_fork_unsafe or ready.error or self._is_too_old(zygote):
            return False
        return files_unchanged(ready.files)

    def _is_too_old(self, zygote: Zygote) -> bool:
        age = self._now() - zygote.started_at
        is_volatile = zygote.ready is not None and zygote.ready.is_volatile
        limit = self._options.zygote_volatile_seconds if is_volatile else self._options.zygote_max_age_seconds
        return age >= limit

    def _start(self, path: str, job: Job) -> Zygote:
        zygote = Zygote(path=path, number=self._next_number(), started_at=self._now(), token=job.token)
        request = ZygoteRequest(
            path=path,
            dags_folder=self._options.dags_folder,
            plugins_folder=self._options.plugins_folder,
            compat_level=level_of(
                path,
                self._options.dags_folder,
                self._options.compat_level,
                self._options.compat_level_of_folders,
            ),
            timeout=self._options.dagbag_import_timeout,
            hostname=self._options.hostname,
            log_folder=self._options.log_folder,
            token=job.token,
            request_base=zygote.request_base,
        )
        zygote.spawn_id, sock = self._request(request)
        if path not in self._unsafe:
            self._current[path] = zygote
        self._all[zygote.number] = zygote
        zygote.link = Link(
            self._reactor,
            sock,
            lambda data: self._on_frame(zygote, data),
            lambda: self._on_closed(zygote),
        )
        return zygote

    def _request(self, request: ZygoteRequest) -> tuple[int, socket.socket]:
        if self._template is not None:
            try:
                return self._template.request("zygote", request)
            except TemplateGone:
                self._drop_template()
        return self._connected_template().request("zygote", request)

    def _connected_template(self) -> TemplateClient:
        client = self._start_template()
        self._template = client
        self._reactor.watch(client, self._on_template)
        return client

    def _drop_template(self) -> None:
        if self._template is not None:
            self._reactor.unwatch(self._template)
            self._template.close()
            self._template = None
            for zygote in self._all.values():
                zygote.spawn_id = -1  # the next template counts its requests anew

    def _on_template(self) -> None:
        if self._template is None:
            return
        try:
            events = self._template.events()
        except TemplateGone:
            self._drop_template()
            return
        for event in events:
            self._on_template_event(event)

    def _on_template_event(self, event: Spawned | SpawnExited) -> None:
        if isinstance(event, Spawned):
            for zygote in self._all.values():
                if zygote.spawn_id == event.request_id and zygote.pid is None:
                    zygote.pid = event.pid
                    self._on_process(event.pid)
                    return
            return
        for zygote in self._all.values():
            if zygote.pid == event.pid:
                zygote.exit = event
                if zygote.link is None or not zygote.link.is_open:
                    self._conclude(zygote)
                return

    def _on_frame(self, zygote: Zygote, data: bytes) -> None:
        match _MESSAGE.decode(data):
            case ZygoteReady() as ready:
                self._on_ready(zygote, ready)
            case Ask() as ask:
                self._owner.on_zygote_ask(zygote, ask, data)
            case Forked(fork_id=fork_id, pid=pid):
                if fork_id in zygote.jobs:
                    self._owner.on_forked(zygote.jobs[fork_id], pid)
            case ForkExited(fork_id=fork_id) as exited:
                job = zygote.jobs.pop(fork_id, None)
                if job is not None:
                    self._owner.on_fork_exited(job, exited.exit_code, exited.signal)
                self._close_if_done(zygote)

    def _on_ready(self, zygote: Zygote, ready: ZygoteReady) -> None:
        zygote.ready = ready
        waiting, zygote.waiting = zygote.waiting, []
        if ready.is_fork_unsafe:
            self._unsafe.add(zygote.path)
            self._current.pop(zygote.path, None)
            for job in waiting[:1]:
                self._fork(zygote, job)
            for job in waiting[1:]:
                self.submit(job)
        elif ready.error or files_unchanged(ready.files):
            # A failed import serves those who waited for it: their logs show why; the next one tries anew.
            self._unsafe.discard(zygote.path)
            for job in waiting:
                self._fork(zygote, job)
        else:
            for job in waiting:
                self.submit(job)
        if ready.is_fork_unsafe or ready.error:
            self.retire(zygote)
        else:
            self._close_if_done(zygote)

    def _fork(self, zygote: Zygote, job: Job) -> None:
        ours, theirs = socket.socketpair()
        job.zygote = zygote
        job.phase = Phase.FORKING
        job.is_in_place = bool(zygote.ready and zygote.ready.is_fork_unsafe)
        zygote.jobs[job.job_id] = job
        job.link = Link(
            self._reactor,
            ours,
            lambda data: self._owner.on_job_frame(job, data),
            lambda: self._owner.on_job_closed(job),
        )
        fork = Fork(
            fork_id=job.job_id,
            request_base=job.request_base,
            attempt=job.attempt if job.callback is None else None,
            callback=job.callback,
        )
        assert zygote.link is not None
        zygote.link.send(fork, theirs)

    def _close_if_done(self, zygote: Zygote) -> None:
        if zygote.is_retired and zygote.ready is not None and not zygote.jobs and not zygote.waiting:
            if zygote.link is not None:
                zygote.link.close()
            self._remove(zygote)

    def _on_closed(self, zygote: Zygote) -> None:
        """The zygote is gone. How, the template says in a moment, if it lives."""
        if zygote.exit is not None or self._template is None:
            self._conclude(zygote)
        else:
            self._reactor.call_later(1.0, lambda: self._conclude(zygote))

    def _conclude(self, zygote: Zygote) -> None:
        if zygote.number not in self._all:
            return
        self._remove(zygote)
        code = zygote.exit.exit_code if zygote.exit else None
        number = zygote.exit.signal if zygote.exit else None
        for job in zygote.jobs.values():
            if job.is_in_place:
                self._owner.on_fork_exited(job, code, number)
            else:
                self._owner.on_zygote_lost(job)
        for job in zygote.waiting:
            self.again(job, code, number)

    def again(self, job: Job, exit_code: int | None, signal: int | None) -> None:
        """The zygote died before the job had a process: another one, unless the import itself ends the process."""
        job.lost_zygotes += 1
        job.phase = Phase.WAITING
        if exit_code is None and job.lost_zygotes < MAX_LOST_ZYGOTES:
            self.submit(job)
            return
        how = f"exit code {exit_code}" if exit_code is not None else f"signal {signal or 'unknown'}"
        reason = f"the process that imported {job.attempt.fileloc} ended with {how}"
        self._owner.on_never_started(job, reason, exit_code, signal)

    def _remove(self, zygote: Zygote) -> None:
        if self._all.pop(zygote.number, None) is not None and zygote.pid is not None:
            self._on_process_gone(zygote.pid)
        if self._current.get(zygote.path) is zygote:
            del self._current[zygote.path]

    def _now(self) -> float:
        return self._reactor.clock.monotonic()
