"""What all lists of the API share: pages, orderings, ranges, and the statements made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table, and_, false, func, or_, select
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ColumnElement, UnaryExpression

if TYPE_CHECKING:
    from .database import Transaction

Rows = Sequence[Any]


@dataclass(slots=True)
class Seek:
    """Paging by position instead of offset: its cost does not grow, and rows that come and go shift nothing."""

    after: Sequence[Any] | None = None
    """The position of the last row of the page before: the ordering's value, then the ties'. None: from the start."""
    last: Sequence[Any] | None = None
    """Set by the listing: the position of this page's last row; None when nothing can follow."""


@dataclass(frozen=True, slots=True)
class Page:
    """How many, and after how many."""

    limit: int = 100
    offset: int = 0
    seek: Seek | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """By which column, and which way."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a column, both ends inclusive; None is open."""

    least: Any = None
    most: Any = None

    def conditions(self, column: Any) -> list[ColumnElement[bool]]:
        """What the column must satisfy."""
        found = []
        if self.least is not None:
            found.append(column >= self.least)
        if self.most is not None:
            found.append(column <= self.most)
        return found


ANY = Span()


def listing(
    tx: Transaction, table: Table, conditions: Iterable[ColumnElement[bool]], page: Page, order: Order
) -> tuple[Rows, int]:
    """One page of a table, and how many rows satisfy the conditions."""
    wanted = list(conditions)
    total = count(tx, select(func.count()).select_from(table).where(*wanted))
    return fetch_page(tx, paged(select(table).where(*wanted), table, order, page, *table.primary_key), page), total


_UNARY_PLUS: Any = operators.custom_op("+")


def not_indexed(column: Any) -> Any:
    """The column, in a form for which SQLite takes no index. It keeps no statistics, and guesses wrong at times."""
    return UnaryExpression(column, operator=_UNARY_PLUS, type_=column.type)


def paged(
    statement: Select[Any], table: Table, order: Order, page: Page, *ties: Any, is_sorted: bool = False
) -> Select[Any]:
    """The statement with its ordering and page; ``ties`` order what the ordering leaves open. ``is_sorted``: rows are
    few, and found by their conditions; no index is taken for their order (SQLite only)."""
    column = table.c[order.name]
    ordering = not_indexed(column) if is_sorted else column
    ordered = ordering.desc() if order.descending else ordering.asc()
    if column.nullable:
        # PostgreSQL's order of nulls, which clients of Airflow know, on both databases.
        ordered = ordered.nulls_first() if order.descending else ordered.nulls_last()
    if page.seek is not None:
        statement = _sought(statement, page.seek, column, ties, descending=order.descending)
    return statement.order_by(ordered, *ties).limit(page.limit).offset(page.offset)


def _sought(statement: Select[Any], seek: Seek, column: Any, ties: Sequence[Any], *, descending: bool) -> Select[Any]:
    places = [place.label(f"seek_{number}") for number, place in enumerate((column, *ties))]
    statement = statement.add_columns(*places)
    if seek.after is None:
        return statement
    value, *rest = seek.after
    if value is None:
        further, same = column.is_not(None) if descending else false(), column.is_(None)
    else:
        further, same = column < value if descending else column > value, column == value
        if column.nullable and not descending:
            further = or_(further, column.is_(None))
    return statement.where(or_(further, and_(same, _beyond(ties, rest))))


def _beyond(ties: Sequence[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """That the ties, in order, are greater than the values."""
    if not ties:
        return false()
    first, value = ties[0], values[0]
    return or_(first > value, and_(first == value, _beyond(ties[1:], values[1:])))


def fetch_page(tx: Transaction, statement: Select[Any], page: Page) -> Rows:
    """The rows of a statement that :func:`paged` made; notes the last one's position when the page is sought."""
    rows = fetch(tx, statement)
    if page.seek is not None:
        places = 0 if not rows else sum(name.startswith("seek_") for name in rows[0]._fields)
        is_full = bool(rows) and len(rows) >= page.limit
        page.seek.last = tuple(getattr(rows[-1], f"seek_{number}") for number in range(places)) if is_full else None
    return rows


def among(column: Any, values: Collection[Any] | None) -> list[ColumnElement[bool]]:
    """That the column has one of the values; None asks nothing, an empty collection finds nothing."""
    if values is None:
        return []
    return [column.in_(list(values))] if values else [false()]


def count(tx: Transaction, statement: Select[Any]) -> int:
    """The one number that the statement gives."""
    return int(tx.connection.execute(statement).scalar_one())


def fetch(tx: Transaction, statement: Select[Any]) -> Rows:
    """All rows."""
    return tx.connection.execute(statement).all()


def counted(count: Any, dag_ids: Collection[str] | None, states: Collection[Any] | None) -> int:
    """What a kept counter (CounterStore) says of some DAGs and states; None: all."""
    return int(count(dag_ids=None if dag_ids is None else set(dag_ids), state=() if states is None else set(states)))
