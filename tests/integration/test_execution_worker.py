"""The worker, its template and zygotes as real processes, against a fake scheduler's socket."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_scheduler import FakeScheduler, answer_all
from support.worker_home import WorkerHome, children_of, is_gone, parent_of

from tradewind.execution.endpoints import holder
from tradewind.executors.local import LocalExecutor
from tradewind.wire.messages import (
    AttemptReply,
    AttemptRequest,
    Drain,
    Exited,
    Finish,
    Kill,
    Launch,
    Start,
)

BLOCK = """
import os
def block(attempt):
    with open({ready!r}, "w") as ready:
        ready.write(f"{{os.getpid()}}\\n")
    with open({go!r}) as go:
        go.readline()
def fine(attempt):
    pass
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerHome]:
    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{root / 'src'}{os.pathsep}{root / 'tests'}")
    home = WorkerHome(tmp_path, killed_task_cleanup_time=20.0).plain()
    yield home
    home.close()


@pytest.fixture
def scheduler(home: WorkerHome) -> Iterator[FakeScheduler]:
    scheduler = FakeScheduler(home.home)
    yield scheduler
    scheduler.close()


def blocking_file(home: WorkerHome) -> Path:
    home.signal("ready")
    home.signal("go")
    return home.file(BLOCK.format(ready=str(home.home / "ready"), go=str(home.home / "go")))


def test_an_attempt_starts_finishes_and_is_told_gone_once(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = home.file("def a(attempt): pass\n")
    home.start_worker()
    assert scheduler.accept().attempts == ()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    exited = scheduler.until(Exited)
    assert (exited.token, exited.exit_code, exited.signal, exited.code_started) == ("t1", 0, None, True)
    assert [type(request) for _, request in scheduler.requests] == [Start, Finish]
    scheduler.send(Launch(attempt=home.attempt(path, "a", "t2")))
    scheduler.until(Exited, lambda one: one.token == "t2")
    assert sum(isinstance(message, Exited) for message in scheduler.seen) == 2


def test_sigkill_of_an_attempt_is_told_with_its_signal(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = blocking_file(home)
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.until(Start)
    os.kill(int(home.signals[0].wait()), signal.SIGKILL)
    exited = scheduler.until(Exited)
    assert (exited.signal, exited.code_started, exited.reason) == (signal.SIGKILL, True, "killed by SIGKILL")


def test_what_an_attempt_leaves_in_its_process_group_is_killed(home: WorkerHome, scheduler: FakeScheduler) -> None:
    home.signal("ready")
    path = home.file(
        "import os, subprocess\n"
        "def leave(attempt):\n"
        "    child = subprocess.Popen(['sleep', '600'])\n"
        f"    open({str(home.home / 'ready')!r}, 'w').write(f'{{child.pid}}\\n')\n"
        "    child.returncode = 0\n"
    )
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "leave")))
    scheduler.until(Exited)
    assert is_gone(int(home.signals[0].wait()))


def test_an_attempt_survives_its_zygote(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = blocking_file(home)
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.until(Start)
    pid = int(home.signals[0].wait())
    zygote = parent_of(pid)
    os.kill(zygote, signal.SIGKILL)
    scheduler.send(Launch(attempt=home.attempt(path, "fine", "t2")))
    scheduler.until(Exited, lambda one: one.token == "t2")
    home.signals[1].give()
    finish = scheduler.until(Finish)
    exited = scheduler.until(Exited, lambda one: one.token == "t1")
    assert finish.outcome.kind == "succeeded"
    assert (exited.code_started, exited.exit_code) == (True, None)


def test_attempts_that_wait_for_a_killed_zygote_get_another(home: WorkerHome, scheduler: FakeScheduler) -> None:
    ready, go = home.signal("ready"), home.signal("go")
    path = home.file(
        "import os\n"
        f"open({str(ready.path)!r}, 'w').write(f'{{os.getpid()}}\\n')\n"
        f"open({str(go.path)!r}).readline()\n"
        "def a(attempt): pass\n"
    )
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    os.kill(int(ready.wait()), signal.SIGKILL)
    ready.wait()
    go.give()
    exited = scheduler.until(Exited)
    assert (exited.exit_code, exited.code_started) == (0, True)


def test_a_file_that_ends_its_process_at_import_fails_the_attempt(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = home.file("import os\nos._exit(3)\n")
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    exited = scheduler.until(Exited)
    assert (exited.exit_code, exited.code_started) == (3, True)
    assert "exit code 3" in exited.reason


def test_an_import_error_is_the_reason_the_attempt_gives(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = home.file("raise ValueError('broken')\n")
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    finish = scheduler.until(Finish)
    assert "ValueError: broken" in finish.outcome.error
    path.write_text("def a(attempt): pass\n")
    scheduler.send(Launch(attempt=home.attempt(path, "a", "t2")))
    scheduler.until(Finish, lambda one: one.outcome.kind == "succeeded")


def test_a_changed_file_is_imported_again(home: WorkerHome, scheduler: FakeScheduler) -> None:
    said = home.signal("said")
    text = "def a(attempt): open({!r}, 'w').write('{}\\n')\n"
    path = home.file(text.format(str(said.path), "first"))
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    scheduler.until(Exited)
    assert said.wait() == "first"
    path.write_text(text.format(str(said.path), "second time"))
    scheduler.send(Launch(attempt=home.attempt(path, "a", "t2")))
    scheduler.until(Exited)
    assert said.wait() == "second time"


def test_a_file_that_cannot_be_forked_gets_a_process_per_attempt(home: WorkerHome, scheduler: FakeScheduler) -> None:
    said = home.signal("said")
    path = home.file(
        "import os\nFORK_UNSAFE = True\nIMPORTED_BY = os.getpid()\n"
        f"def a(attempt): open({str(said.path)!r}, 'w').write(str(IMPORTED_BY == os.getpid()) + '\\n')\n"
    )
    home.start_worker()
    scheduler.accept()
    for token in ("t1", "t2", "t3"):
        scheduler.send(Launch(attempt=home.attempt(path, "a", token)))
    ended = [scheduler.until(Exited) for _ in range(3)]
    assert {(one.exit_code, one.code_started) for one in ended} == {(0, True)}
    assert {one.token for one in ended} == {"t1", "t2", "t3"}
    assert said.wait().split() == ["True"] * 3


def test_kill_asks_first_and_the_reason_is_passed_on(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = blocking_file(home)
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.until(Start)
    home.signals[0].wait()
    scheduler.send(Kill(token="t1", reason="marked failed"))
    exited = scheduler.until(Exited)
    assert (exited.signal, exited.reason) == (signal.SIGTERM, "marked failed")


def test_an_attempt_that_does_not_hear_sigterm_is_killed_after_the_grace_period(
    home: WorkerHome, scheduler: FakeScheduler
) -> None:
    ready = home.signal("ready")
    path = home.file(
        "import os, signal, time\n"
        "def deaf(attempt):\n"
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"    open({str(ready.path)!r}, 'w').write('x\\n')\n"
        "    while True: signal.pause()\n"
    )
    home.options = replace(home.options, killed_task_cleanup_time=0.05)
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "deaf")))
    scheduler.until(Start)
    ready.wait()
    scheduler.send(Kill(token="t1", reason="enough"))
    assert scheduler.until(Exited).signal == signal.SIGKILL


def test_the_next_scheduler_adopts_what_runs_and_hears_what_the_last_one_did_not_answer(
    home: WorkerHome, scheduler: FakeScheduler
) -> None:
    path = blocking_file(home)

    def silent_at_the_end(token: str, request: AttemptRequest) -> AttemptReply | None:
        return None if isinstance(request, Finish) else answer_all(token, request)

    scheduler.answer = silent_at_the_end
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.send(Launch(attempt=home.attempt(path, "fine", "t2")))
    scheduler.until(Finish)
    home.signals[0].wait()
    scheduler.die()
    second = FakeScheduler(home.home, "2")
    hello = second.accept()
    assert set(hello.attempts) == {"t1", "t2"}
    assert hello.job_id == 7
    second.until(Finish)
    assert second.requests[-1][0] == "t2"
    home.signals[1].give()
    assert {second.until(Exited).token, second.until(Exited).token} == {"t1", "t2"}
    second.close()


def test_attempts_die_with_their_worker_and_the_next_one_starts_clean(
    home: WorkerHome, scheduler: FakeScheduler
) -> None:
    path = blocking_file(home)
    worker = home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.until(Start)
    pid = int(home.signals[0].wait())
    worker.kill()
    worker.wait()
    assert is_gone(pid)
    home.start_worker()
    assert scheduler.accept().attempts == ()


def test_the_next_worker_kills_what_zygote_and_worker_left(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = blocking_file(home)
    worker = home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.until(Start)
    pid = int(home.signals[0].wait())
    zygote = parent_of(pid)
    os.kill(zygote, signal.SIGSTOP)
    worker.kill()
    worker.wait()
    os.kill(zygote, signal.SIGKILL)
    home.start_worker()
    scheduler.accept()
    assert is_gone(pid)


def test_a_second_worker_of_the_home_ends_at_once(home: WorkerHome, scheduler: FakeScheduler) -> None:
    home.start_worker()
    scheduler.accept()
    second = home.start_worker()
    assert second.wait() == 0


def test_a_drained_worker_ends_after_its_last_attempt(home: WorkerHome, scheduler: FakeScheduler) -> None:
    path = blocking_file(home)
    worker = home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "block")))
    scheduler.until(Start)
    scheduler.send(Drain())
    home.signals[0].wait()
    assert worker.poll() is None
    home.signals[1].give()
    scheduler.until(Exited)
    assert worker.wait() == 0


def test_a_worker_without_a_scheduler_ends(home: WorkerHome) -> None:
    home.options = replace(home.options, scheduler_zombie_task_threshold=0.1)
    assert home.start_worker().wait() == 0


def test_a_killed_template_is_replaced_and_its_zygotes_go_on(home: WorkerHome, scheduler: FakeScheduler) -> None:
    first = home.file("def a(attempt): pass\n")
    second = home.file("def b(attempt): pass\n", "e.py")
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(first, "a")))
    scheduler.until(Exited)
    template = holder(home.home / "run" / "template.lock")
    assert template is not None
    os.kill(template, signal.SIGKILL)
    assert is_gone(template)
    scheduler.send(Launch(attempt=home.attempt(first, "a", "t2")))
    assert scheduler.until(Exited).exit_code == 0
    scheduler.send(Launch(attempt=home.attempt(second, "b", "t3")))
    assert scheduler.until(Exited).exit_code == 0
    assert holder(home.home / "run" / "template.lock") not in (None, template)


def test_a_killed_spare_costs_no_attempt(home: WorkerHome, scheduler: FakeScheduler) -> None:
    said = home.signal("said")
    path = home.file(f"import os\ndef a(attempt): open({str(said.path)!r}, 'w').write(str(os.getppid()) + '\\n')\n")
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    scheduler.until(Exited)
    zygote = int(said.wait())
    for child in children_of(zygote):
        os.kill(child, signal.SIGKILL)
    for token in ("t2", "t3"):
        scheduler.send(Launch(attempt=home.attempt(path, "a", token)))
        exited = scheduler.until(Exited)
        assert exited.token == token
        # Killed before it began, or in the moment of the hand-over: then the same try is queued again.
        assert exited.exit_code == 0 or not exited.code_started


def test_an_idle_zygote_ends(home: WorkerHome, scheduler: FakeScheduler) -> None:
    said = home.signal("said")
    path = home.file(f"import os\ndef a(attempt): open({str(said.path)!r}, 'w').write(str(os.getppid()) + '\\n')\n")
    home.options = replace(home.options, zygote_idle_seconds=0.1)
    home.start_worker()
    scheduler.accept()
    scheduler.send(Launch(attempt=home.attempt(path, "a")))
    scheduler.until(Exited)
    assert is_gone(int(said.wait()))


def test_the_number_of_zygotes_is_bounded(home: WorkerHome, scheduler: FakeScheduler) -> None:
    said = home.signal("said")
    text = f"import os\ndef a(attempt): open({str(said.path)!r}, 'w').write(str(os.getppid()) + '\\n')\n"
    home.options = replace(home.options, max_zygotes=1, zygote_idle_seconds=60.0)
    home.start_worker()
    scheduler.accept()
    zygotes = []
    for number in range(3):
        path = home.file(text, f"f{number}.py")
        scheduler.send(Launch(attempt=home.attempt(path, "a", f"t{number}")))
        scheduler.until(Exited)
        zygotes.append(int(said.wait()))
    assert is_gone(zygotes[0])
    assert is_gone(zygotes[1])


def test_the_local_executor_starts_finds_and_restarts_the_worker(home: WorkerHome, scheduler: FakeScheduler) -> None:
    executor = LocalExecutor(home.options)
    assert not executor.worker_alive()
    executor.ensure()
    scheduler.accept()
    pid = executor.worker_pid()
    assert pid is not None
    other = LocalExecutor(home.options)
    other.ensure()
    assert other.worker_pid() == pid
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)
    assert not executor.worker_alive()
    executor.ensure()
    scheduler.accept()
    assert executor.worker_pid() not in (None, pid)
    executor.stop()
    assert not executor.worker_alive()
    assert holder(home.home / "run" / "template.lock") is None
