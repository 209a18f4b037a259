"""Lists of task instances, like all lists of the API (listings.py): by key, filtered, counted, one page at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, and_, func, or_, select, tuple_, union_all
from sqlalchemy.sql.elements import ColumnElement

from .pages import ANY, Order, Page, Rows, Span, among, count, counted, fetch, fetch_page, not_indexed, paged
from .shown import shown_columns
from .tables_runs import RENDERED, TASK_INSTANCE, TASK_INSTANCE_HISTORY, TASK_INSTANCE_NOTE

if TYPE_CHECKING:
    from .database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which task instances. In ``states`` None stands for no state."""

    dag_ids: Collection[str] | None = None
    run_ids: Collection[str] | None = None
    task_ids: Collection[str] | None = None
    map_index: int | None = None
    is_mapped: bool = False
    states: Collection[str | None] | None = None
    pools: Collection[str] | None = None
    queues: Collection[str] | None = None
    executors: Collection[str] | None = None
    logical_date: Span = ANY
    start_date: Span = ANY
    end_date: Span = ANY
    updated_at: Span = ANY
    duration: Span = ANY

    @property
    def has_better_index(self) -> bool:
        """Whether an index other than the key's finds the rows at once."""
        if self.run_ids is not None:
            return False
        if self.is_of_pool_or_queue:
            return True
        is_dated = any(span != ANY for span in (self.logical_date, self.start_date, self.end_date))
        return is_dated if self.dag_ids is None else self.states is not None

    @property
    def is_of_pool_or_queue(self) -> bool:
        """Whether one of these is asked and nothing else: SQLite has an index on each, which would lead it astray where
        another finds fewer rows."""
        is_either = (self.pools is None) != (self.queues is None)
        return is_either and replace(self, pools=None, queues=None) == _EVERY

    @property
    def is_counted(self) -> bool:
        """Whether kept counters know the total."""
        spans = (self.logical_date, self.start_date, self.end_date, self.updated_at, self.duration)
        others = (self.run_ids, self.task_ids, self.map_index, self.pools, self.queues, self.executors)
        return not self.is_mapped and all(other is None for other in others) and all(span == ANY for span in spans)


_EVERY = TaskFilter()
_TI_KEY = ("dag_id", "run_id", "task_id", "map_index")


def _same_instance(left: Table, right: Table) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in _TI_KEY))


TASK_COLUMNS = (
    *shown_columns(TASK_INSTANCE.c),
    TASK_INSTANCE_NOTE.c.content.label("note"),
    RENDERED.c.rendered_fields.label("rendered_fields"),
)
_TASKS = TASK_INSTANCE.outerjoin(TASK_INSTANCE_NOTE, _same_instance(TASK_INSTANCE_NOTE, TASK_INSTANCE)).outerjoin(
    RENDERED, _same_instance(RENDERED, TASK_INSTANCE)
)


def task_instances(tx: Transaction, wanted: TaskFilter, page: Page, order: Order | None = None) -> tuple[Rows, int]:
    """Task instances with notes and rendered fields, in key order unless asked otherwise, and how many in all."""
    is_sqlite = tx.dialect == "sqlite"
    conditions = _task_conditions(wanted, is_guided=is_sqlite)
    if wanted.is_counted:
        total = counted(tx.counters.task_instances, wanted.dag_ids, wanted.states)
    else:
        total = count(tx, select(func.count()).select_from(TASK_INSTANCE).where(*conditions))
    if not total or not page.limit:
        return [], total
    statement = select(*TASK_COLUMNS).select_from(_TASKS)
    key = [TASK_INSTANCE.c[name] for name in _TI_KEY]
    if order is not None:
        if wanted.is_of_pool_or_queue:
            conditions = _task_conditions(wanted, is_guided=is_sqlite, is_few=total <= _MANY)
        return fetch_page(tx, paged(statement.where(*conditions), TASK_INSTANCE, order, page, *key), page), total
    statement = statement.where(*_in_key_order(wanted, page, total, is_guided=is_sqlite))
    is_sorted = is_sqlite and total <= _MANY and wanted.has_better_index
    ordered = paged(statement, TASK_INSTANCE, Order(_TI_KEY[0]), page, *key[1:], is_sorted=is_sorted)
    return fetch_page(tx, ordered, page), total


_MANY = 10_000
"""So many rows are found fastest by walking the key until the page is full; fewer by their index, and sorted."""


def _in_key_order(wanted: TaskFilter, page: Page, total: int, *, is_guided: bool) -> list[ColumnElement[bool]]:
    """The conditions for one page in key order, so that nobody sorts half of the table, or walks it: of several states
    the first rows of each. SQLite, which keeps no statistics, is guided: of a long time to the key's own order."""
    states = list(dict.fromkeys(wanted.states or ()))
    if len(states) > 1 and page.seek is None and page.offset + page.limit <= _MANY:
        key = [TASK_INSTANCE.c[name] for name in _TI_KEY]
        each = [
            select(*key)
            .where(*_task_conditions(replace(wanted, states=[state]), is_guided=is_guided))
            .order_by(*key)
            .limit(page.offset + page.limit)
            .subquery()
            for state in states
        ]
        return [tuple_(*key).in_(union_all(*(select(first) for first in each)))]
    return _task_conditions(wanted, is_guided=is_guided, is_few=total <= _MANY)


def task_instance(tx: Transaction, dag_id: str, run_id: str, task_id: str, map_index: int = -1) -> Any | None:
    """One task instance with its note and rendered fields."""
    values = (dag_id, run_id, task_id, map_index)
    conditions = [TASK_INSTANCE.c[name] == value for name, value in zip(_TI_KEY, values, strict=True)]
    return tx.connection.execute(select(*TASK_COLUMNS).select_from(_TASKS).where(*conditions)).one_or_none()


def _task_conditions(wanted: TaskFilter, *, is_guided: bool, is_few: bool = True) -> list[ColumnElement[bool]]:
    """``is_guided``: SQLite is told what to take no index for: dates of many rows, pools and queues beside others."""
    table = TASK_INSTANCE.c

    def found_by(column: Any, *, is_useful: bool) -> Any:
        return column if is_useful or not is_guided else not_indexed(column)

    is_placed = wanted.is_of_pool_or_queue and is_few
    conditions = [
        *among(table.dag_id, wanted.dag_ids),
        *among(table.run_id, wanted.run_ids),
        *among(table.task_id, wanted.task_ids),
        *among(found_by(table.pool, is_useful=is_placed), wanted.pools),
        *among(found_by(table.queue, is_useful=is_placed), wanted.queues),
        *among(table.executor, wanted.executors),
        *_states(table.state, wanted.states),
    ]
    if wanted.map_index is not None:
        conditions.append(table.map_index == wanted.map_index)
    if wanted.is_mapped:
        conditions.append(table.map_index >= 0)
    for column, span in (
        (table.logical_date, wanted.logical_date),
        (table.start_date, wanted.start_date),
        (table.end_date, wanted.end_date),
        (table.updated_at, wanted.updated_at),
        (table.duration, wanted.duration),
    ):
        conditions += span.conditions(found_by(column, is_useful=is_few))
    return conditions


def _states(column: Any, states: Collection[str | None] | None) -> list[ColumnElement[bool]]:
    if states is None:
        return []
    named = [state for state in states if state is not None]
    if None not in states:
        return [column.in_(named)]
    return [or_(column.is_(None), column.in_(named))]


def tries(tx: Transaction, dag_id: str, run_id: str, task_id: str, map_index: int) -> Rows:
    """Earlier tries of a task instance, oldest first (the present one is in task_instance)."""
    history = TASK_INSTANCE_HISTORY
    values = (dag_id, run_id, task_id, map_index)
    conditions = [history.c[name] == value for name, value in zip(_TI_KEY, values, strict=True)]
    return fetch(tx, select(*shown_columns(history.c)).where(*conditions).order_by(history.c.try_number))
