"""Statements compiled once: written in SQLAlchemy Core, run on the driver's own connection.

Core's execution costs ten times what SQLite itself needs for a hot statement. So a statement is compiled to text once
for each dialect, values are converted by its columns' types, and rows become records by a function generated once.
Lists with filters of the caller's choosing go through SQLAlchemy's connection instead (query.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar, overload

import msgspec
from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    Boolean,
    ClauseElement,
    ColumnElement,
    Integer,
    String,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import Text, TypeDecorator, TypeEngine

from .columns import EnumText, JsonText, UtcTime, time_to_text

T = TypeVar("T")

Build = Callable[[str], ClauseElement]
"""A statement that differs by dialect: called with "sqlite" or "postgresql"."""


@cache
def _dialect(name: str) -> Dialect:
    # Imported when wanted: each dialect's package brings all of its drivers' adapters along.
    # Named parameters in both drivers' own spelling, so that a mapping goes to the driver as it is.
    if name == "sqlite":
        from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

        return SQLiteDialect_pysqlite(paramstyle="named")
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    return PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types there


_FROM = re.compile(r"\bFROM (task_instance|dag_run|xcom)\b(?=\s)")


class Compiled(Generic[T]):
    """A statement as text for one dialect, with what its values and rows need."""

    __slots__ = ("convert", "fixed", "make", "sql")

    def __init__(self, statement: ClauseElement, into: Callable[..., T], dialect: Dialect, keys: Sequence[str] | None):
        if isinstance(statement, Insert) and not list(statement.exported_columns):
            statement = statement.inline()  # else Core adds RETURNING of the key
        compiled = statement.compile(dialect=dialect, column_keys=list(keys) if keys is not None else None)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        self.convert: list[tuple[str, Callable[[Any], Any]]] = []
        self.fixed: dict[str, Any] = {}
        for bind, name in compiled.bind_names.items():
            processor = _bind_processor(bind.type, dialect)
            if not bind.required:
                # A value in the statement itself, also None: .values(end_date=None).
                self.fixed[name] = processor(bind.effective_value) if processor else bind.effective_value
            elif processor is not None:
                self.convert.append((name, processor))
        columns = getattr(statement, "exported_columns", ())
        self.make = row_maker(into, [(column.key, column.type) for column in columns], dialect.name)

    def bind(self, params: dict[str, Any]) -> dict[str, Any]:
        """``params`` (which is changed) in the driver's terms."""
        for name, processor in self.convert:
            params[name] = processor(params[name])
        if self.fixed:
            params.update(self.fixed)
        return params


class Prepared(Generic[T]):
    """A statement and what its rows become. Made at module level; compiled when first run on a dialect.

    ``into`` is called with the columns by name (a record class), or is ``tuple``. ``keys``: for an insert or update
    without explicit values, the columns to set. ``sqlite_index``: the index to use on the first table. SQLite without
    statistics takes an equality on a full index over a partial index that has the very order, and sorts."""

    __slots__ = ("_by_dialect", "_into", "_keys", "_sqlite_index", "_statement")

    @overload
    def __init__(
        self: Prepared[tuple[Any, ...]],
        statement: ClauseElement | Build,
        *,
        keys: Sequence[str] | None = None,
        sqlite_index: str | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        statement: ClauseElement | Build,
        into: Callable[..., T],
        *,
        keys: Sequence[str] | None = None,
        sqlite_index: str | None = None,
    ) -> None: ...

    def __init__(
        self,
        statement: ClauseElement | Build,
        into: Callable[..., Any] = tuple,
        *,
        keys: Sequence[str] | None = None,
        sqlite_index: str | None = None,
    ) -> None:
        self._statement = statement
        self._into = into
        self._keys = keys
        self._sqlite_index = sqlite_index
        self._by_dialect: dict[str, Compiled[T]] = {}

    def compiled(self, dialect: str) -> Compiled[T]:
        """The compiled form. Two threads may compile at once; both results are the same."""
        found = self._by_dialect.get(dialect)
        if found is None:
            statement = self._statement if isinstance(self._statement, ClauseElement) else self._statement(dialect)
            found = Compiled(statement, self._into, _dialect(dialect), self._keys)
            if self._sqlite_index is not None and dialect == "sqlite":
                found.sql = _FROM.sub(rf"\g<0> INDEXED BY {self._sqlite_index}", found.sql, count=1)
            self._by_dialect[dialect] = found
        return found


def _bind_processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    # Plain types go as they are: both drivers take str, int, float, bool and bytes.
    if not isinstance(kind, TypeDecorator):
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect)


def row_maker(
    into: Callable[..., T], columns: Iterable[tuple[str, TypeEngine[Any]]], dialect: str
) -> Callable[[Sequence[Any]], T]:
    """A function from a driver's row to ``into(column=value, …)``, generated so that each column costs one expression,
    as dataclasses generates ``__init__``. With ``tuple``, a tuple of the values."""
    names: dict[str, Any] = {"into": into, "parse": datetime.fromisoformat, "decode": msgspec.json.decode}
    parts = []
    for position, (key, kind) in enumerate(columns):
        expression = _expression(position, kind, dialect, names)
        parts.append(expression if into is tuple else f"{key}={expression}")
    body = f"({''.join(part + ', ' for part in parts)})" if into is tuple else f"into({', '.join(parts)})"
    made: Callable[[Sequence[Any]], T] = eval(f"lambda r: {body}", names)
    return made


def _expression(position: int, kind: TypeEngine[Any], dialect: str, names: dict[str, Any]) -> str:
    cell = f"r[{position}]"
    if isinstance(kind, UtcTime) and dialect == "sqlite":
        return f"(parse(v + '+00:00') if (v := {cell}) is not None else None)"
    if isinstance(kind, JsonText):
        return f"(decode(v) if (v := {cell}) is not None else None)"
    if isinstance(kind, EnumText):
        names[f"enum{position}"] = {None: None} | {member.value: member for member in kind.enum}
        return f"enum{position}[{cell}]"
    if isinstance(kind, Boolean) and dialect == "sqlite":
        return f"(v == 1 if (v := {cell}) is not None else None)"
    return cell


def literal(value: str | int) -> ColumnElement[Any]:
    """A constant written into the text, not bound: a partial index is only used when its condition is literal."""
    return literal_column(str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'")


def literals(values: Iterable[str]) -> list[ColumnElement[Any]]:
    """Constants for ``in_``, in a fixed order."""
    return [literal(str(value)) for value in sorted(values)]


def one_of(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """``column IN (…)`` with one parameter for the whole list, so that the text stays the same whatever its length.

    The parameter's value is made by :func:`many`."""
    if dialect == "sqlite":
        listed = func.json_each(bindparam(name, type_=Text())).table_valued("value", name=f"each_{name}")
        return column.in_(select(listed.c.value))
    return column == func.any(bindparam(name, type_=_array_of(column)))


def none_of(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """``column NOT IN (…)`` in the same way. Not ``~one_of``: SQLAlchemy 2.0 would make ``column != ANY (…)`` of it."""
    if dialect == "sqlite":
        return ~one_of(column, name, dialect)
    return column != func.all(bindparam(name, type_=_array_of(column)))


def _array_of(column: ColumnElement[Any]) -> ARRAY[Any]:
    element = TIMESTAMP(timezone=True) if isinstance(column.type, UtcTime) else type_of_element(column.type)
    return ARRAY(element)


def type_of_element(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """What PostgreSQL calls the elements of a list that is compared with a column of this type."""
    return Integer() if isinstance(kind, Integer) else String()


def many(values: Iterable[Any], dialect: str) -> Any:
    """The value of a :func:`one_of` parameter: of texts, numbers, enumerations or moments."""
    if dialect != "sqlite":
        return [str(value) if isinstance(value, str) else value for value in values]
    listed = [time_to_text(value) if isinstance(value, datetime) else value for value in values]
    return msgspec.json.encode(listed).decode()


def insert_for(dialect: str, table: Any) -> Any:
    """The dialect's own insert, which knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # when wanted: see _dialect

        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # when wanted: see _dialect

    return postgresql_insert(table)
