"""What ``dags list`` reads, by Python's own sqlite3: loading SQLAlchemy takes four times as long as the whole command.

Reading only, SQLite only, one statement; every other case answers None, and the caller goes the usual way, which
knows how to complain.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

VERSION = "0013"
"""The migration whose tables the statement fits; a test holds it equal to migration.HEAD."""


class DagLine(NamedTuple):
    """One active DAG."""

    dag_id: str
    fileloc: str | None
    owners: str | None
    is_paused: bool


class DagLines(NamedTuple):
    """All active DAGs, and whether there are files that cannot be loaded."""

    dags: tuple[DagLine, ...]
    has_import_errors: bool


def active_dags(url: str) -> DagLines | None:
    """The active DAGs of a SQLite database, by id; None when it is another kind, not there, or of another version."""
    if not url.startswith("sqlite:///") or "?" in url:
        return None
    path = Path(url.removeprefix("sqlite:///")).absolute()
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        return _read(connection)
    except sqlite3.Error:
        return None
    finally:
        connection.close()


def _read(connection: sqlite3.Connection) -> DagLines | None:
    connection.execute("BEGIN")
    if connection.execute("SELECT version_num FROM tradewind_version").fetchone() != (VERSION,):
        return None
    rows = connection.execute(
        "SELECT dag_id, fileloc, owners, is_paused FROM dag WHERE is_active AND NOT is_subdag ORDER BY dag_id"
    )
    dags = tuple(DagLine(dag_id, fileloc, owners, bool(is_paused)) for dag_id, fileloc, owners, is_paused in rows)
    return DagLines(dags, connection.execute("SELECT 1 FROM import_error LIMIT 1").fetchone() is not None)
