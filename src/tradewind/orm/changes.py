"""What a session would write, as messages: objects added, changed and deleted, and bulk statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.expression import Null

from tradewind.wire.messages import RowChange

if TYPE_CHECKING:
    from .session import Session


@dataclass(slots=True)
class Gathered:
    """The changes of a session, and the objects they came from."""

    changes: list[RowChange] = field(default_factory=list)
    new: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    deleted: list[Any] = field(default_factory=list)


def gather(session: Session) -> Gathered:
    """Everything that is pending in ``session``."""
    found = Gathered()
    for instance in session.new:
        values = {name: value for name, value in _columns(instance) if value is not None}
        found.changes.append(RowChange(kind="insert", table=_table(instance), values=_plain(values)))
        found.new.append(instance)
    for instance in session.dirty:
        if session.is_modified(instance):
            values = {name: value for name, value in _columns(instance) if _has_changed(instance, name)}
            if values:
                found.changes.append(
                    RowChange(kind="update", table=_table(instance), key=_key(instance), values=_plain(values))
                )
        found.changed.append(instance)
    for instance in session.deleted:
        found.changes.append(RowChange(kind="delete", table=_table(instance), key=_key(instance)))
        found.deleted.append(instance)
    return found


def settle(session: Session, instance: Any) -> None:
    """Take an object's present values for those of its row: they are on their way."""
    state: Any = inspect(instance)
    # What SQLAlchemy itself does after an UPDATE; it has no public name.
    state._commit_all(state.dict, session.identity_map)


def _mapper(instance: Any) -> Any:
    return inspect(type(instance))


def _table(instance: Any) -> str:
    return str(_mapper(instance).local_table.name)


def _columns(instance: Any) -> Iterable[tuple[str, Any]]:
    for attribute in _mapper(instance).column_attrs:
        yield attribute.columns[0].name, getattr(instance, attribute.key)


def _has_changed(instance: Any, column: str) -> bool:
    mapper = _mapper(instance)
    attribute = mapper.get_property_by_column(mapper.local_table.c[column]).key
    return bool(inspect(instance).attrs[attribute].history.has_changes())


def _key(instance: Any) -> dict[str, Any]:
    mapper = _mapper(instance)
    values = mapper.primary_key_from_instance(instance)
    return _plain(dict(zip((column.name for column in mapper.primary_key), values, strict=True)))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain_value(value) for name, value in values.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        # Authors' dates are of pendulum's class, which is no message's.
        moment = value.astimezone(UTC)
        return datetime.combine(moment.date(), moment.time(), UTC)
    return value


class _Counted(IteratorResult[Any]):
    """The result of a bulk statement: no rows, and how many it is about."""

    rowcount: int

    def __init__(self, count: int) -> None:
        super().__init__(SimpleResultMetaData([]), iter(()))
        self.rowcount = count


def bulk_delete(session: Session, state: ORMExecuteState) -> _Counted:
    """A DELETE over a condition: the keys of the rows that meet it now."""
    table, keys = _matching(session, state)
    session.gathered += [RowChange(kind="delete", table=table, key=_plain(key)) for key in keys]
    return _Counted(len(keys))


def bulk_update(session: Session, state: ORMExecuteState) -> _Counted:
    """An UPDATE over a condition, to values that are given (not computed by the database)."""
    statement: Any = state.statement
    values = {}
    for column, value in (statement._values or {}).items():
        if not isinstance(value, BindParameter | Null):
            raise PermissionError(
                f"query.update() may set {column.name} to a value, not to an expression of the database; "
                "read the rows and change the objects instead"
            )
        values[column.name] = None if isinstance(value, Null) else value.value
    table, keys = _matching(session, state)
    session.gathered += [RowChange(kind="update", table=table, key=_plain(key), values=_plain(values)) for key in keys]
    return _Counted(len(keys))


def _matching(session: Session, state: ORMExecuteState) -> tuple[str, list[dict[str, Any]]]:
    mapper = state.bind_mapper
    if mapper is None:
        raise PermissionError("tradewind's tables are changed through the ORM classes only")
    columns = list(mapper.primary_key)
    statement: Any = state.statement
    rows = session.execute(
        select(*columns).where(*statement._where_criteria), state.parameters, execution_options={"autoflush": False}
    )
    names = [column.name for column in columns]
    table: Any = mapper.local_table
    return str(table.name), [dict(zip(names, row, strict=True)) for row in rows]
