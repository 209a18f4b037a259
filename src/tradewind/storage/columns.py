"""Column types that both databases share: moments, JSON text, enumerations. And the metadata all tables hang on."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TIMESTAMP, String, TypeDecorator, TypeEngine, UserDefinedType

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def time_to_text(value: datetime) -> str:
    """A moment as SQLite keeps it: UTC, "2024-01-02 03:04:05.000000", so that text order is time order.

    It is the form in which Airflow's own SQLite databases hold it. Raises ValueError for a naive datetime."""
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"datetime {value.isoformat()} has no time zone; storage takes aware datetimes only")
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def time_from_text(text: str) -> datetime:
    """The aware UTC datetime of what :func:`time_to_text` wrote."""
    return datetime.fromisoformat(text + "+00:00")


def _time_or_none_to_text(value: datetime | None) -> str | None:
    return None if value is None else time_to_text(value)


def _time_or_none_from_text(text: str | None) -> datetime | None:
    return None if text is None else time_from_text(text)


class _SqliteTime(UserDefinedType[datetime]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMP"

    def bind_processor(self, dialect: Dialect) -> Any:
        return _time_or_none_to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _time_or_none_from_text


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime: TIMESTAMP WITH TIME ZONE on PostgreSQL, fixed-width text on SQLite."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteTime())
        return dialect.type_descriptor(TIMESTAMP(timezone=True))


def json_to_text(value: Any) -> str | None:
    """JSON text of a plain value; None stays None (SQL NULL)."""
    return None if value is None else msgspec.json.encode(value).decode()


def json_from_text(text: str | None) -> Any:
    """The plain value of a JSON text; None of SQL NULL."""
    return None if text is None else msgspec.json.decode(text)


class JsonText(TypeDecorator[Any]):
    """A JSON-able value kept as text, alike on both databases; None is SQL NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return json_to_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return json_from_text(value)


class EnumText(TypeDecorator[Any]):
    """A string enumeration kept as its value; reading a value that the enumeration lacks is a KeyError."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum], length: int = 50) -> None:
        super().__init__(length)
        self.enum = enum

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        # Drivers look at the exact type: psycopg would write an enum's name.
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.enum(value)
