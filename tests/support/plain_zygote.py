"""A zygote without the authoring side: a "DAG file" here is a module with plain functions, one per task id."""

from __future__ import annotations

import os
import runpy
import socket
from datetime import UTC, datetime

from tradewind.execution import zygotes
from tradewind.execution.channel import SocketTransport
from tradewind.wire.messages import (
    FileSeen,
    Finish,
    Fork,
    Message,
    Ok,
    PackedOutcome,
    Start,
    ZygoteReady,
    ZygoteRequest,
)


def load(request: ZygoteRequest) -> zygotes.Loaded:
    tasks = runpy.run_path(request.path)
    status = os.stat(request.path)
    seen = FileSeen(path=request.path, mtime_ns=status.st_mtime_ns, size=status.st_size)
    return zygotes.Loaded(ready=ZygoteReady(files=(seen,), is_fork_unsafe=bool(tasks.get("FORK_UNSAFE"))), dags=tasks)


def run(fork: Fork, sock: socket.socket, loaded: zygotes.Loaded, request: ZygoteRequest) -> int:
    attempt = fork.attempt or (fork.callback and fork.callback.attempt)
    assert attempt is not None
    transport = SocketTransport(sock, attempt.token, fork.request_base)
    start = Start(pid=os.getpid(), hostname="h", unixname="u", started_at=datetime.now(UTC))
    if not isinstance(transport.wait(transport.post(start)), Ok):
        return 0
    if loaded.ready.error:
        outcome = PackedOutcome(kind="failed", error=loaded.ready.error)
    else:
        loaded.dags[attempt.task_id](attempt)
        outcome = PackedOutcome(kind="succeeded")
    transport.wait(transport.post(Finish(outcome=outcome, ended_at=datetime.now(UTC))))
    return 0


def serve(sock: socket.socket, payload: Message) -> None:
    zygotes.serve(sock, payload, load=load, run=run)
