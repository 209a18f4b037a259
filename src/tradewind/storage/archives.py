"""What ``db clean`` deletes, kept beside it: a table for each table and call, until somebody drops it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, insert, inspect, text
from sqlalchemy import table as sa_table

from .history import old_rows

if TYPE_CHECKING:
    from .database import Transaction

PREFIX = "_airflow_deleted__"
"""Airflow's own: whoever looks after such tables finds ours too."""


def archive(tx: Transaction, table: str, before: datetime) -> str:
    """Copies what cleaning a table would delete now into a new table: its name. Rows that go together with a run are
    copied only when their own table is archived."""
    name = f"{PREFIX}{table}__{tx.now:%Y%m%d%H%M%S}"
    selected = old_rows(table)
    names = [one.name for one in selected.selected_columns]
    tx.connection.execute(text(f'CREATE TABLE "{name}" AS SELECT * FROM {table} WHERE 1 = 0'))
    into = sa_table(name, *(column(one) for one in names))
    tx.connection.execute(insert(into).from_select(names, selected), {"before": before})
    return name


def archived(tx: Transaction, tables: Collection[str] | None = None) -> list[str]:
    """The archives there are, of some tables or of all."""
    names = sorted(name for name in inspect(tx.connection).get_table_names() if name.startswith(PREFIX))
    return [name for name in names if tables is None or table_of(name) in tables]


def table_of(name: str) -> str:
    """The table that an archive is of."""
    return re.sub(rf"^{PREFIX}|__\d+$", "", name)


def rows_of(tx: Transaction, name: str) -> Iterator[Sequence[Any]]:
    """The names of an archive's columns, then its rows."""
    found = tx.connection.execute(text(f'SELECT * FROM "{name}"'))
    yield list(found.keys())
    yield from found


def drop(tx: Transaction, name: str) -> None:
    """Drops one."""
    tx.connection.execute(text(f'DROP TABLE "{name}"'))
