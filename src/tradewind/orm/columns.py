"""Column types of the compat classes: how storage writes moments, JSON and texts, read the same way."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TIMESTAMP, TypeDecorator, TypeEngine, UserDefinedType

from tradewind.sdk import codec


class _SqliteTime(UserDefinedType[datetime]):
    """UTC as text of fixed width, whose order is the order in time."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "TIMESTAMP"

    def bind_processor(self, dialect: Dialect) -> Any:
        return _to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _from_text


def _to_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("naive datetime is disallowed: give it a time zone (pendulum, or datetime.timezone.utc)")
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime. Raises ValueError for a naive one, as Airflow's type of that name does."""

    impl = TIMESTAMP
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteTime())
        return dialect.type_descriptor(TIMESTAMP(timezone=True))


class Words(TypeDecorator[str]):
    """A text; an enumeration's member is written as its value, which is what the drivers would not do."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(value)


class JsonText(TypeDecorator[Any]):
    """A plain value kept as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class ValueText(TypeDecorator[Any]):
    """A user's value (XCom), as the task that stored it had it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else codec.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else codec.decode(value)
