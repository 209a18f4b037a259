"""Columns as the API shows them, so that lists are answered without making an object of every value.

Moments become the API's texts straight from what the driver gives; states stay plain texts; JSON stays text where it is
passed on as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Column, String, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import UserDefinedType

from .columns import EnumText, UtcTime


def _from_sqlite(text: str | None) -> str | None:
    """ "2024-01-02 03:04:05.000006" → "2024-01-02T03:04:05.000006+00:00", without a fraction that is zero."""
    if text is None:
        return None
    end = 19 if text.endswith(".000000") else 26
    return f"{text[:10]}T{text[11:end]}+00:00"


def _from_datetime(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


class IsoText(UserDefinedType[str]):
    """A moment read as ISO 8601 text in UTC. For reading only."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMP"

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _from_sqlite if dialect.name == "sqlite" else _from_datetime


def _epoch_from_sqlite(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00").timestamp()


def _epoch_from_datetime(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


class EpochSeconds(UserDefinedType[float]):
    """A moment read as seconds since 1970 in UTC. For reading only."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMP"

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _epoch_from_sqlite if dialect.name == "sqlite" else _epoch_from_datetime


def epoch(column: Any, name: str | None = None) -> ColumnElement[Any]:
    """A moment's column as seconds since 1970."""
    return type_coerce(column, EpochSeconds()).label(name or column.name)


def plain(column: Any) -> ColumnElement[Any]:
    """An enumeration's column as its text."""
    return type_coerce(column, String()).label(column.name)


def shown_columns(columns: Iterable[Column[Any]], **names: str) -> tuple[ColumnElement[Any], ...]:
    """The columns, moments as texts and enumerations as plain texts; ``names`` renames some."""
    return tuple(_shown(column).label(names.get(column.name, column.name)) for column in columns)


def _shown(column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, UtcTime):
        return type_coerce(column, IsoText())
    if isinstance(column.type, EnumText):
        return type_coerce(column, String())
    return column
