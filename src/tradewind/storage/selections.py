"""Everything that a filter matches, as bare keys: what bulk actions act on. Counted first, never without a bound."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from tradewind.model.states import RunState, RunType, TaskState

from .pages import ANY, Rows, Span, among, count, fetch
from .tables_dags import DAG, DAG_TAG
from .tables_runs import DAG_RUN, TASK_INSTANCE

if TYPE_CHECKING:
    from .database import Transaction


RUNS_AT_ONCE = 500
"""Whose task instances one statement counts."""


class TaskRef(NamedTuple):
    """A task instance as it was when it was selected."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    state: TaskState | None
    logical_date: datetime


class RunRef(NamedTuple):
    """A DAG run as it was when it was selected."""

    dag_id: str
    run_id: str
    state: RunState
    logical_date: datetime
    run_type: RunType


class DagRef(NamedTuple):
    """A DAG as it was when it was selected."""

    dag_id: str
    is_paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DagSelection:
    """Which DAGs. None: any. ``pattern``: case-insensitive LIKE, % and _ are wildcards."""

    dag_ids: Collection[str] | None = None
    permitted: Collection[str] | None = None
    pattern: str | None = None
    tags: Collection[str] | None = None
    owners: Collection[str] | None = None
    is_paused: bool | None = None
    only_active: bool = False

    @property
    def names_dags(self) -> bool:
        """Whether anything but ids is asked of the DAGs."""
        asked = (self.pattern, self.tags, self.owners, self.is_paused)
        return self.only_active or any(one is not None for one in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSelection:
    """Which DAG runs. ``keys``: only these (dag_id, run_id); ``left_out``: not these."""

    dags: DagSelection = DagSelection()
    run_ids: Collection[str] | None = None
    run_id_pattern: str | None = None
    run_types: Collection[str] | None = None
    states: Collection[str] | None = None
    logical_date: Span = ANY
    start_date: Span = ANY
    end_date: Span = ANY
    keys: Collection[tuple[str, str]] | None = None
    left_out: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSelection:
    """Which task instances. In ``states`` None stands for no state. ``keys``: only these (dag_id, run_id, task_id,
    map_index); ``left_out``: not these."""

    dags: DagSelection = DagSelection()
    run_ids: Collection[str] | None = None
    run_id_pattern: str | None = None
    task_ids: Collection[str] | None = None
    task_id_pattern: str | None = None
    map_indexes: Collection[int] | None = None
    states: Collection[str | None] | None = None
    pools: Collection[str] | None = None
    queues: Collection[str] | None = None
    operators: Collection[str] | None = None
    logical_date: Span = ANY
    start_date: Span = ANY
    end_date: Span = ANY
    duration: Span = ANY
    keys: Collection[tuple[str, str, str, int]] | None = None
    left_out: Collection[tuple[str, str, str, int]] = ()


def dags(tx: Transaction, wanted: DagSelection) -> list[DagRef]:
    """The DAGs, by id."""
    rows = fetch(tx, select(DAG.c.dag_id, DAG.c.is_paused, DAG.c.owners).where(*_dag_conditions(wanted)))
    return sorted(DagRef(row.dag_id, row.is_paused) for row in rows if _is_owned(row.owners, wanted.owners))


def _dag_conditions(wanted: DagSelection) -> list[ColumnElement[bool]]:
    conditions = [*among(DAG.c.dag_id, wanted.dag_ids), *among(DAG.c.dag_id, wanted.permitted)]
    if wanted.pattern is not None:
        conditions.append(DAG.c.dag_id.ilike(wanted.pattern))
    if wanted.tags is not None:
        conditions.append(DAG.c.dag_id.in_(select(DAG_TAG.c.dag_id).where(*among(DAG_TAG.c.name, wanted.tags))))
    if wanted.is_paused is not None:
        conditions.append(DAG.c.is_paused.is_(wanted.is_paused))
    if wanted.only_active:
        conditions.append(DAG.c.is_active)
    return conditions


def _is_owned(owners: str | None, wanted: Collection[str] | None) -> bool:
    return wanted is None or any(name.strip() in wanted for name in (owners or "").split(","))


def _on_dags(tx: Transaction, column: Any, wanted: DagSelection) -> list[ColumnElement[bool]]:
    if wanted.names_dags:
        return among(column, [found.dag_id for found in dags(tx, wanted)])
    return [*among(column, wanted.dag_ids), *among(column, wanted.permitted)]


def run_conditions(tx: Transaction, wanted: RunSelection) -> list[ColumnElement[bool]]:
    """What a run's row must satisfy, but for ``keys`` and ``left_out``."""
    table = DAG_RUN.c
    return [
        *_on_dags(tx, table.dag_id, wanted.dags),
        *among(table.run_id, wanted.run_ids),
        *_like(table.run_id, wanted.run_id_pattern),
        *among(table.run_type, wanted.run_types),
        *among(table.state, wanted.states),
        *wanted.logical_date.conditions(table.execution_date),
        *wanted.start_date.conditions(table.start_date),
        *wanted.end_date.conditions(table.end_date),
    ]


def _like(column: Any, pattern: str | None) -> list[ColumnElement[bool]]:
    return [] if pattern is None else [column.ilike(pattern)]


def runs(tx: Transaction, wanted: RunSelection, *, most: int) -> list[RunRef] | int:
    """The runs by DAG and date; when there are more than ``most``, only how many."""
    table = DAG_RUN.c
    conditions = run_conditions(tx, wanted)
    if wanted.keys is not None:
        conditions += _around(wanted.keys, (table.dag_id, table.run_id))
    total = count(tx, select(func.count()).select_from(DAG_RUN).where(*conditions))
    if total > most + len(wanted.left_out):
        return total
    columns = (table.dag_id, table.run_id, table.state, table.execution_date, table.run_type)
    rows = fetch(tx, select(*columns).where(*conditions).order_by(table.dag_id, table.execution_date))
    keys = None if wanted.keys is None else set(wanted.keys)
    left_out = set(wanted.left_out)
    found = (RunRef(*row) for row in rows)
    return [each for each in found if _is_kept((each.dag_id, each.run_id), keys, left_out)]


def task_conditions(tx: Transaction, wanted: TaskSelection) -> list[ColumnElement[bool]]:
    """What a task instance's row must satisfy, but for ``keys`` and ``left_out``."""
    table = TASK_INSTANCE.c
    return [
        *_on_dags(tx, table.dag_id, wanted.dags),
        *among(table.run_id, wanted.run_ids),
        *_like(table.run_id, wanted.run_id_pattern),
        *among(table.task_id, wanted.task_ids),
        *_like(table.task_id, wanted.task_id_pattern),
        *among(table.map_index, wanted.map_indexes),
        *among(table.pool, wanted.pools),
        *among(table.queue, wanted.queues),
        *among(table.operator, wanted.operators),
        *_in_states(table.state, wanted.states),
        *wanted.logical_date.conditions(table.logical_date),
        *wanted.start_date.conditions(table.start_date),
        *wanted.end_date.conditions(table.end_date),
        *wanted.duration.conditions(table.duration),
    ]


def task_instances(tx: Transaction, wanted: TaskSelection, *, most: int) -> list[TaskRef] | int:
    """The task instances by DAG, run and task; when there are more than ``most``, only how many."""
    table = TASK_INSTANCE.c
    conditions = task_conditions(tx, wanted)
    if wanted.keys is not None:
        conditions += _around(wanted.keys, (table.dag_id, table.run_id, table.task_id))
    total = count(tx, select(func.count()).select_from(TASK_INSTANCE).where(*conditions))
    if total > most + len(wanted.left_out):
        return total
    found = [TaskRef(*row) for row in fetch(tx, _refs().where(*conditions))]
    keys = None if wanted.keys is None else set(wanted.keys)
    left_out = set(wanted.left_out)
    return sorted((each for each in found if _is_kept(each[:4], keys, left_out)), key=_place)


def _refs() -> Any:
    table = TASK_INSTANCE.c
    return select(table.dag_id, table.run_id, table.task_id, table.map_index, table.state, table.logical_date)


def _place(ref: TaskRef) -> tuple[Any, ...]:
    return ref.dag_id, ref.logical_date, ref.run_id, ref.task_id, ref.map_index


def _is_kept(key: Any, keys: Collection[Any] | None, left_out: Collection[Any]) -> bool:
    return (keys is None or key in keys) and key not in left_out


def _around(keys: Iterable[Sequence[Any]], columns: Sequence[Any]) -> list[ColumnElement[bool]]:
    """What all of the keys satisfy, column by column: a bound for the database, the keys themselves are compared here.
    So thousands of keys need no statement of thousands of conditions."""
    parts: list[set[Any]] = [set() for _ in columns]
    for key in keys:
        for part, value in zip(parts, key, strict=False):
            part.add(value)
    return [one for column, values in zip(columns, parts, strict=True) for one in among(column, values)]


def _in_states(column: Any, states: Collection[str | None] | None) -> list[ColumnElement[bool]]:
    if states is None:
        return []
    named = [state for state in states if state is not None]
    if None not in states:
        return among(column, named)
    return [or_(column.is_(None), column.in_(named))]


def of_tasks(tx: Transaction, dag_id: str, run_ids: Collection[str], task_ids: Collection[str]) -> list[TaskRef]:
    """The instances of some tasks in some runs of a DAG."""
    if not run_ids or not task_ids:
        return []
    table = TASK_INSTANCE.c
    here = and_(table.dag_id == dag_id, table.run_id.in_(run_ids), table.task_id.in_(task_ids))
    return [TaskRef(*row) for row in fetch(tx, _refs().where(here))]


def task_states(tx: Transaction, refs: Iterable[RunRef]) -> dict[TaskState | None, int]:
    """How many task instances of the runs are in each state."""
    by_dag: dict[str, list[str]] = {}
    for ref in refs:
        by_dag.setdefault(ref.dag_id, []).append(ref.run_id)
    table, found = TASK_INSTANCE.c, dict[TaskState | None, int]()
    for dag_id, run_ids in by_dag.items():
        for place in range(0, len(run_ids), RUNS_AT_ONCE):
            here = and_(table.dag_id == dag_id, table.run_id.in_(run_ids[place : place + RUNS_AT_ONCE]))
            for state, number in fetch(tx, select(table.state, func.count()).where(here).group_by(table.state)):
                found[state] = found.get(state, 0) + number
    return found


def runs_between(tx: Transaction, dag_id: str, start: datetime | None, end: datetime | None) -> Rows:
    """Run id and logical date of a DAG's runs between two dates, both included, by date."""
    table = DAG_RUN.c
    statement = select(table.run_id, table.execution_date).where(
        table.dag_id == dag_id, *Span(start, end).conditions(table.execution_date)
    )
    return fetch(tx, statement.order_by(table.execution_date))
