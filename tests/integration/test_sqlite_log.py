"""SQLite's log file, laid out ahead: commits write over it, and a process that is killed loses none of them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from conftest import StillClock

from tradewind.execution.leaving import leave
from tradewind.storage.database import Database, DatabaseOptions, open_database
from tradewind.storage.sqlite import LOG_BYTES

COMMITS = 120


def log_size(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


def committed(database: Database, names: range) -> None:
    for number in names:
        with database.begin() as tx:
            tx.vault.put_variable(f"name_{number}", "value" * 500)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tradewind.db"
    database = open_database(f"sqlite:///{path}", clock=StillClock())
    database.migrate()
    database.close()
    return path


def opened(path: Path) -> Database:
    return open_database(f"sqlite:///{path}", clock=StillClock(), options=DatabaseOptions(synchronous="OFF"))


def test_commits_do_not_make_the_log_longer(path: Path) -> None:
    database = opened(path)
    committed(database, range(10))
    assert database.lay_out_log()
    assert log_size(path) == LOG_BYTES
    committed(database, range(10, COMMITS))
    assert database.lay_out_log()
    assert log_size(path) == LOG_BYTES
    database.close()


def test_what_a_killed_process_has_committed_into_the_log_is_there(path: Path) -> None:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            database = opened(path)
            committed(database, range(10))
            database.lay_out_log()
            committed(database, range(10, COMMITS))
            code = 0
        finally:
            leave(code)  # as a kill: nothing is closed, the log is left as it is
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert log_size(path) == LOG_BYTES
    found = opened(path)
    with found.read() as tx:
        values = [tx.vault.variable_value(f"name_{number}") for number in range(COMMITS)]
    assert values == ["value" * 500] * COMMITS
    committed(found, range(COMMITS, COMMITS + 10))
    found.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    plain.close()
