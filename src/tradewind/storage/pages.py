"""What all lists of the API share: pages, orderings, ranges, and the statements made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, Table, false, func, select
from sqlalchemy.sql.elements import ColumnElement

if TYPE_CHECKING:
    from .database import Transaction

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Page:
    """How many, and after how many."""

    limit: int = 100
    offset: int = 0


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
    return fetch(tx, paged(select(table).where(*wanted), table, order, page, *table.primary_key)), total


def paged(statement: Select[Any], table: Table, order: Order, page: Page, *ties: Any) -> Select[Any]:
    """The statement with its ordering and page; ``ties`` order what the ordering leaves open."""
    column = table.c[order.name]
    ordered = column.desc() if order.descending else column.asc()
    if column.nullable:
        # PostgreSQL's order of nulls, which clients of Airflow know, on both databases.
        ordered = ordered.nulls_first() if order.descending else ordered.nulls_last()
    return statement.order_by(ordered, *ties).limit(page.limit).offset(page.offset)


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
