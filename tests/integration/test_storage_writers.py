"""Many writers at once lose nothing and wait for nobody's poll; listeners hear of commits; a server may come back."""

from __future__ import annotations

import multiprocessing
import select
import threading
from pathlib import Path

import pytest
from conftest import StillClock
from postgres_server import PostgresServer

from tradewind.model.changes import Event
from tradewind.model.errors import DatabaseUnavailable
from tradewind.model.records import RunKey
from tradewind.storage.database import Database, open_database
from tradewind.wire.doorbell import Bells, Doorbell, bells_of

THREADS, PROCESSES, EACH = 16, 4, 8
"""64 writers: 16 threads in each of 4 processes."""


def write_in_threads(url: str, process: int) -> None:
    """One process's share."""
    database = open_database(url, clock=StillClock())
    problems: list[BaseException] = []

    def write(thread: int) -> None:
        try:
            for number in range(EACH):
                with database.begin() as tx:
                    row = tx.vault.get_variable("n")
                    count = int(row.value or 0) if row else 0
                    tx.vault.put_variable("n", str(count + 1))
                    tx.count("task", "dag", "success", 1)
                    tx.emit(Event(kind="written", payload={"by": [process, thread, number]}))
        except BaseException as problem:
            problems.append(problem)
            raise

    threads = [threading.Thread(target=write, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.close()
    if problems:
        raise SystemExit(1)


def test_64_writers_lose_nothing(dialect: str, database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=write_in_threads, args=(database_url, number)) for number in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    database = open_database(database_url, clock=StillClock())
    with database.read() as tx:
        events = tx.outbox.after(0, 10_000)
        assert len({tuple(event.payload["by"]) for event in events}) == THREADS * PROCESSES * EACH
        assert tx.counters.task_instances() == THREADS * PROCESSES * EACH
        if dialect == "sqlite":  # on PostgreSQL two transactions may read the same value before they write
            assert tx.vault.variable_value("n") == str(THREADS * PROCESSES * EACH)
    database.close()


def test_an_outbox_reader_misses_nothing_while_others_write(database: Database) -> None:
    """On PostgreSQL ids are handed out before commits: a reader must not step over one that is still open."""
    done = threading.Event()

    def write() -> None:
        for _ in range(40):
            with database.begin() as tx:
                tx.emit(Event(kind="a"))
                tx.emit(Event(kind="b"))

    writers = [threading.Thread(target=write) for _ in range(4)]

    def wait() -> None:
        for writer in writers:
            writer.join()
        done.set()

    for writer in writers:
        writer.start()
    waiter = threading.Thread(target=wait)
    waiter.start()
    seen: list[int] = []
    is_last = False
    while not is_last:
        is_last = done.is_set()
        with database.read() as tx:
            seen += [event.id for event in tx.outbox.after(seen[-1] if seen else 0)]
    waiter.join()
    with database.read() as tx:
        assert seen == [event.id for event in tx.outbox.after(0)]
    assert len(seen) == 320


def hears(listener: object, seconds: float) -> bool:
    """Whether it becomes readable within the time."""
    return bool(select.select([listener], [], [], seconds)[0])


def test_a_listener_hears_commits_with_events_and_no_others(database: Database, database_url: str) -> None:
    other = open_database(database_url, clock=StillClock())
    mine, theirs = database.listen(), other.listen()
    with database.begin() as tx:
        tx.vault.put_variable("silent", "x")
    with pytest.raises(ZeroDivisionError), database.begin() as tx:
        tx.emit(Event(kind="never"))
        raise ZeroDivisionError
    with database.begin(except_for=mine.name) as tx:
        tx.emit(Event(kind="news"))
    assert hears(theirs, 20)
    assert theirs.drain()
    assert not theirs.drain()
    assert not mine.drain()
    with other.begin() as tx:
        tx.emit(Event(kind="news"))
    assert hears(mine, 20)
    for each in (mine, theirs):
        each.close()
    other.close()


def test_a_dead_bell_is_removed_and_a_full_one_never_blocks(tmp_path: Path) -> None:
    # A path longer than a socket's address may be.
    database = tmp_path / ("x" * 60) / ("y" * 60) / "tradewind.db"
    bell, dead = Doorbell(database), Doorbell(database)
    dead._socket.close()  # as kill -9 does: the file stays
    bells = Bells(database)
    for _ in range(2000):
        bells.ring()
    assert [path.name for path in bells_of(database).iterdir()] == [bell.name]
    assert bell.drain()
    bells.ring(except_for=bell.name)
    assert not bell.drain()
    bell.close()
    bells.ring()
    bells.close()


@pytest.mark.postgres
def test_a_server_that_was_restarted_is_used_again(clock: StillClock) -> None:
    server = PostgresServer()
    try:
        server.execute("CREATE DATABASE back", "ALTER DATABASE back SET synchronous_commit = on")
        database = open_database(server.url("back"), clock=clock)
        database.migrate()
        listener = database.listen()
        with pytest.raises(DatabaseUnavailable), database.begin() as tx:
            tx.emit(Event(kind="lost"))
            server.halt()
            tx.runs.get(RunKey("a", "b"))
        with pytest.raises(DatabaseUnavailable), database.read():
            pass
        server.resume()
        with database.begin() as tx:
            tx.emit(Event(kind="kept"))
        assert hears(listener, 20)
        with database.read() as tx:
            assert [event.kind for event in tx.outbox.after(0)] == ["kept"]
        listener.close()
        database.close()
    finally:
        server.stop()


def test_a_database_is_not_used_after_a_fork(database: Database) -> None:
    database._pid += 1
    with pytest.raises(RuntimeError, match="fork"), database.begin():
        pass
    database._pid -= 1


def test_two_readers_and_a_writer_do_not_wait_for_each_other(database: Database) -> None:
    with database.begin() as tx:
        tx.vault.put_variable("k", "old")
    with database.read() as first:
        assert first.vault.variable_value("k") == "old"
        with database.begin() as tx:
            tx.vault.put_variable("k", "new")
            with database.read() as second:
                assert second.vault.variable_value("k") == "old"
        assert first.vault.variable_value("k") == "old"
    with database.read() as tx:
        assert tx.vault.variable_value("k") == "new"
