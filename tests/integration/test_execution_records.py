"""What a worker leaves on disk for the next one, locks, and logs that grow."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tradewind.execution.endpoints import RoleLock, connect, holder, listen
from tradewind.execution.jobs import ProcessRecord, kill_leftovers
from tradewind.model.times import SystemClock
from tradewind.observability.task_logs import open_log, read_log


def a_process() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "600"], start_new_session=True)


def test_the_next_worker_kills_what_is_recorded_and_nothing_else(tmp_path: Path) -> None:
    mine, other, ended = a_process(), a_process(), a_process()
    record = ProcessRecord(tmp_path)
    for process in (mine, ended):
        record.add(process.pid)
    ended.kill()
    ended.wait()
    (tmp_path / "worker-1").write_text(f"{other.pid} 1\n{other.pid}")  # another's number, and a line half written
    assert kill_leftovers(tmp_path, SystemClock()) == [mine.pid]
    assert mine.wait() == -signal.SIGKILL
    assert other.poll() is None
    assert list(tmp_path.iterdir()) == []
    other.kill()
    other.wait()


def test_a_long_record_is_written_anew_with_the_living(tmp_path: Path) -> None:
    record = ProcessRecord(tmp_path)
    record.REWRITE_AT = 3  # type: ignore[misc]  # a small one
    with a_process() as process:
        for _ in range(5):
            record.add(process.pid)
        lines = next(tmp_path.iterdir()).read_text().splitlines()
        assert 0 < len(lines) <= 3
        assert {line.split()[0] for line in lines} == {str(process.pid)}
        process.kill()
    record.close()
    assert list(tmp_path.iterdir()) == []


def test_a_role_is_held_once_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "run" / "worker.lock"
    assert holder(path) is None
    lock, second = RoleLock(path), RoleLock(path)
    assert lock.acquire()
    assert holder(path) == os.getpid()
    assert not second.acquire()
    lock.release()
    assert holder(path) is None
    assert second.acquire()
    second.release()


def test_sockets_work_where_the_path_is_too_long_for_the_kernel(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    with listen(folder / "a.sock") as listener, connect(folder / "a.sock") as client:
        server, _ = listener.accept()
        with server:
            client.sendall(b"hello")
            assert server.recv(5) == b"hello"


def test_a_log_is_read_in_parts_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / "attempt=1.log"
    assert read_log(path) is None
    fd = open_log(path)
    os.write(fd, b"one\ntwo\n")
    part = read_log(path, limit=6)
    assert part is not None
    assert (part.text, part.next_offset, part.is_end) == ("one\n", 4, False)
    os.write(fd, b"three\n")
    part = read_log(path, part.next_offset)
    assert part is not None
    assert (part.text, part.is_end) == ("two\nthree\n", True)
    assert read_log(path, 1000) is not None
    os.close(fd)
