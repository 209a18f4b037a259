"""Widths and conventions of columns, for packages that declare tables of their own beside ours."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String

ID_LEN = 250
COLLATION_ARGS: dict[str, Any] = {}
naming_convention = {
    "ix": "idx_%(column_0_N_label)s",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


def StringID(*, length: int = ID_LEN, **_: Any) -> String:  # Airflow's name
    """A column of ids."""
    return String(length)


def schema() -> str | None:
    """The schema of the tables: the database's default one."""
    return None
