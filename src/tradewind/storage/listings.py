"""The lists of the API: filtered, ordered, counted, one page at a time, without an object mapper.

Rows come as SQLAlchemy rows whose names are the record's (``logical_date`` for column execution_date, ``note`` from the
note's table). Nothing here decides who may see what: callers pass the DAGs that a user may read. One list costs a
constant number of statements.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.sql.elements import ColumnElement

from tradewind.model.records import RunKey, TaskKey

from .pages import ANY, Order, Page, Rows, Span, among, count, counted, fetch, fetch_page, listing, not_indexed, paged
from .shown import shown_columns
from .tables_access import LOG
from .tables_dags import DAG, DAG_TAG, DAG_WARNING, IMPORT_ERROR
from .tables_runs import DAG_RUN, DAG_RUN_NOTE, XCOM

if TYPE_CHECKING:
    from .database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class DagFilter:
    """Which DAGs. ``readable`` None: all. ``pattern``: case-insensitive LIKE, % and _ are wildcards."""

    readable: Collection[str] | None = None
    only_active: bool = True
    is_paused: bool | None = None
    pattern: str | None = None
    tags: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which DAG runs. ``dag_ids`` None: any."""

    dag_ids: Collection[str] | None = None
    run_ids: Collection[str] | None = None
    states: Collection[str] | None = None
    logical_date: Span = ANY
    start_date: Span = ANY
    end_date: Span = ANY
    updated_at: Span = ANY

    @property
    def is_counted(self) -> bool:
        """Whether kept counters know the total: nothing but DAGs and states is asked."""
        spans = (self.logical_date, self.start_date, self.end_date, self.updated_at)
        return self.run_ids is None and self.states != [] and all(span == ANY for span in spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which rows of the audit log."""

    dag_ids: Collection[str] | None = None
    equal: tuple[tuple[str, Any], ...] = ()
    """(column, value) pairs."""
    before: datetime | None = None
    after: datetime | None = None
    included: Collection[str] | None = None
    excluded: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class DagListing:
    """One page of DAGs with their tags by DAG id."""

    rows: Rows
    tags: dict[str, list[str]] = field(default_factory=dict)
    total: int = 0


_DAG_COLUMNS = shown_columns(DAG.c)


def dags(tx: Transaction, wanted: DagFilter, page: Page, *, descending: bool = False) -> DagListing:
    """DAGs by id."""
    conditions = _dag_conditions(wanted)
    total = count(tx, select(func.count()).select_from(DAG).where(*conditions))
    column = DAG.c.dag_id.desc() if descending else DAG.c.dag_id
    rows = fetch(tx, select(*_DAG_COLUMNS).where(*conditions).order_by(column).limit(page.limit).offset(page.offset))
    return DagListing(rows, dag_tags(tx, [row.dag_id for row in rows]), total)


def dag_tags(tx: Transaction, dag_ids: Sequence[str]) -> dict[str, list[str]]:
    """Tags by DAG id, sorted; DAGs without tags are absent."""
    found: dict[str, list[str]] = {}
    statement = select(DAG_TAG.c.dag_id, DAG_TAG.c.name).where(DAG_TAG.c.dag_id.in_(dag_ids)).order_by(DAG_TAG.c.name)
    for dag_id, name in fetch(tx, statement):
        found.setdefault(dag_id, []).append(name)
    return found


def dag(tx: Transaction, dag_id: str) -> Any | None:
    """One row of table dag."""
    return tx.connection.execute(select(*_DAG_COLUMNS).where(DAG.c.dag_id == dag_id)).one_or_none()


def _dag_conditions(wanted: DagFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [DAG.c.is_subdag.is_(False)]
    if wanted.readable is not None:
        conditions.append(DAG.c.dag_id.in_(wanted.readable))
    if wanted.only_active:
        conditions.append(DAG.c.is_active)
    if wanted.is_paused is not None:
        conditions.append(DAG.c.is_paused.is_(wanted.is_paused))
    if wanted.pattern:
        conditions.append(DAG.c.dag_id.ilike(f"%{wanted.pattern}%"))
    if wanted.tags:
        tagged = exists().where(DAG_TAG.c.dag_id == DAG.c.dag_id, DAG_TAG.c.name.in_(wanted.tags))
        conditions.append(tagged)
    return conditions


_FEW = 5_000
"""So many runs are sorted in a few milliseconds."""
_SHOWN_OF_RUN = (
    "id",
    "dag_id",
    "run_id",
    "state",
    "run_type",
    "external_trigger",
    "conf",
    "data_interval_start",
    "data_interval_end",
    "start_date",
    "end_date",
    "last_scheduling_decision",
)
RUN_COLUMNS = (
    *shown_columns(DAG_RUN.c[name] for name in _SHOWN_OF_RUN),
    *shown_columns([DAG_RUN.c.execution_date], execution_date="logical_date"),
    DAG_RUN_NOTE.c.content.label("note"),
)
"""What the API shows of a run; moments as its texts."""
_RUNS = DAG_RUN.outerjoin(DAG_RUN_NOTE, DAG_RUN_NOTE.c.dag_run_id == DAG_RUN.c.id)


def runs(tx: Transaction, wanted: RunFilter, page: Page, order: Order) -> tuple[Rows, int]:
    """DAG runs with their notes, and how many there are in all."""
    conditions = _run_conditions(wanted)
    if wanted.is_counted:
        total = counted(tx.counters.runs, wanted.dag_ids, wanted.states)
    else:
        total = count(tx, select(func.count()).select_from(DAG_RUN).where(*conditions))
    if not total or not page.limit:
        return [], total
    is_few = total <= _FEW
    if tx.dialect == "sqlite" and len(wanted.dag_ids or ()) == 1 and wanted.states is not None:
        # There is an index for DAG and state, and one for each of them with the order; the last two are walked past
        # all that is another DAG's, or of another state.
        conditions = _run_conditions(wanted, by_state=is_few)
    else:
        is_few = False
    statement = select(*RUN_COLUMNS).select_from(_RUNS).where(*conditions)
    return fetch_page(tx, paged(statement, DAG_RUN, order, page, DAG_RUN.c.id, is_sorted=is_few), page), total


def run(tx: Transaction, dag_id: str, run_id: str) -> Any | None:
    """One DAG run with its note."""
    statement = select(*RUN_COLUMNS).select_from(_RUNS).where(DAG_RUN.c.dag_id == dag_id, DAG_RUN.c.run_id == run_id)
    return tx.connection.execute(statement).one_or_none()


def latest_runs(tx: Transaction) -> Rows:
    """The run with the latest logical date of each DAG that has one, by DAG id."""
    other = DAG_RUN.alias()
    newest = select(other.c.id).where(other.c.dag_id == DAG.c.dag_id).order_by(other.c.execution_date.desc()).limit(1)
    joined = _RUNS.join(DAG, DAG.c.dag_id == DAG_RUN.c.dag_id)
    statement = select(*RUN_COLUMNS).select_from(joined).where(DAG_RUN.c.id == newest.scalar_subquery())
    return fetch(tx, statement.order_by(DAG_RUN.c.dag_id))


def run_ids_between(tx: Transaction, dag_id: str, start: datetime | None, end: datetime | None) -> list[str]:
    """Ids of a DAG's runs with logical dates between two moments (both included), by date."""
    statement = (
        select(DAG_RUN.c.run_id)
        .where(DAG_RUN.c.dag_id == dag_id, *Span(start, end).conditions(DAG_RUN.c.execution_date))
        .order_by(DAG_RUN.c.execution_date)
    )
    return list(tx.connection.execute(statement).scalars())


def run_of_request(tx: Transaction, request_key: str) -> tuple[str, str] | None:
    """(DAG id, run id) of the run that a request made."""
    statement = select(DAG_RUN.c.dag_id, DAG_RUN.c.run_id).where(DAG_RUN.c.request_key == request_key)
    row = tx.connection.execute(statement).one_or_none()
    return None if row is None else (row.dag_id, row.run_id)


def _run_conditions(wanted: RunFilter, *, by_state: bool = True) -> list[ColumnElement[bool]]:
    conditions = [
        *among(DAG_RUN.c.dag_id, wanted.dag_ids),
        *among(DAG_RUN.c.run_id, wanted.run_ids),
        *among(DAG_RUN.c.state if by_state else not_indexed(DAG_RUN.c.state), wanted.states),
    ]
    for column, span in (
        (DAG_RUN.c.execution_date, wanted.logical_date),
        (DAG_RUN.c.start_date, wanted.start_date),
        (DAG_RUN.c.end_date, wanted.end_date),
        (DAG_RUN.c.updated_at, wanted.updated_at),
    ):
        conditions += span.conditions(column)
    return conditions


def xcoms(
    tx: Transaction,
    page: Page,
    *,
    dag_ids: Collection[str] | None,
    run_id: str | None,
    task_id: str | None,
    key: str | None,
    map_index: int | None,
) -> tuple[Rows, int]:
    """XComs without their values, with the logical date of the run."""
    conditions = list(among(XCOM.c.dag_id, dag_ids))
    for column, value in (
        (XCOM.c.run_id, run_id),
        (XCOM.c.task_id, task_id),
        (XCOM.c.key, key),
        (XCOM.c.map_index, map_index),
    ):
        if value is not None:
            conditions.append(column == value)
    total = count(tx, select(func.count()).select_from(XCOM).where(*conditions))
    statement = (
        select(*(column for column in XCOM.c if column.name != "value"), DAG_RUN.c.execution_date.label("logical_date"))
        .join_from(XCOM, DAG_RUN, and_(XCOM.c.dag_id == DAG_RUN.c.dag_id, XCOM.c.run_id == DAG_RUN.c.run_id))
        .where(*conditions)
        .order_by(XCOM.c.dag_id, XCOM.c.task_id, XCOM.c.run_id, XCOM.c.map_index, XCOM.c.key)
        .limit(page.limit)
        .offset(page.offset)
    )
    return fetch(tx, statement), total


def xcom(tx: Transaction, run: RunKey, task: TaskKey, key: str) -> Any | None:
    """One XCom with its value (JSON text) and the logical date of its run."""
    statement = (
        select(*XCOM.c, DAG_RUN.c.execution_date.label("logical_date"))
        .join_from(XCOM, DAG_RUN, and_(XCOM.c.dag_id == DAG_RUN.c.dag_id, XCOM.c.run_id == DAG_RUN.c.run_id))
        .where(
            XCOM.c.dag_id == run.dag_id,
            XCOM.c.run_id == run.run_id,
            XCOM.c.task_id == task.task_id,
            XCOM.c.map_index == task.map_index,
            XCOM.c.key == key,
        )
    )
    return tx.connection.execute(statement).one_or_none()


def event_logs(tx: Transaction, wanted: LogFilter, page: Page, order: Order) -> tuple[Rows, int]:
    """Rows of the audit log."""
    conditions = list(among(LOG.c.dag_id, wanted.dag_ids))
    conditions += [LOG.c[name] == value for name, value in wanted.equal]
    conditions += among(LOG.c.event, wanted.included)
    if wanted.excluded:
        conditions.append(LOG.c.event.not_in(wanted.excluded))
    if wanted.before is not None:
        conditions.append(LOG.c.dttm < wanted.before)
    if wanted.after is not None:
        conditions.append(LOG.c.dttm > wanted.after)
    return listing(tx, LOG, conditions, page, order)


def event_log(tx: Transaction, log_id: int) -> Any | None:
    """One row of the audit log."""
    return tx.connection.execute(select(LOG).where(LOG.c.id == log_id)).one_or_none()


def dag_warnings(
    tx: Transaction, page: Page, order: Order, *, dag_ids: Collection[str] | None, warning_type: str | None
) -> tuple[Rows, int]:
    """Warnings about DAGs."""
    conditions = list(among(DAG_WARNING.c.dag_id, dag_ids))
    if warning_type is not None:
        conditions.append(DAG_WARNING.c.warning_type == warning_type)
    return listing(tx, DAG_WARNING, conditions, page, order)


def import_errors(tx: Transaction, page: Page, order: Order, *, readable: Collection[str] | None) -> tuple[Rows, int]:
    """Import errors; with ``readable`` only those of files that hold a readable DAG."""
    conditions: list[ColumnElement[bool]] = []
    if readable is not None:
        holds = exists().where(DAG.c.fileloc == IMPORT_ERROR.c.filename, DAG.c.dag_id.in_(readable))
        conditions.append(holds)
    return listing(tx, IMPORT_ERROR, conditions, page, order)


def import_error(tx: Transaction, error_id: int) -> Any | None:
    """One import error."""
    return tx.connection.execute(select(IMPORT_ERROR).where(IMPORT_ERROR.c.id == error_id)).one_or_none()


def dags_of_file(tx: Transaction, fileloc: str) -> list[str]:
    """Ids of the DAGs that a file holds."""
    return [row.dag_id for row in fetch(tx, select(DAG.c.dag_id).where(DAG.c.fileloc == fileloc))]


def dags_of_files(tx: Transaction, filelocs: Collection[str]) -> dict[str, set[str]]:
    """Ids of the DAGs that each of these files holds; files without one are absent."""
    found: dict[str, set[str]] = {}
    for row in fetch(tx, select(DAG.c.fileloc, DAG.c.dag_id).where(DAG.c.fileloc.in_(filelocs))):
        found.setdefault(row.fileloc, set()).add(row.dag_id)
    return found


def run_counts(tx: Transaction, dag_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Runs by DAG and state; DAGs that do not exist are absent, states without runs too."""
    existing = fetch(tx, select(DAG.c.dag_id).where(DAG.c.dag_id.in_(dag_ids)).order_by(DAG.c.dag_id))
    found: dict[str, dict[str, int]] = {row.dag_id: {} for row in existing}
    for (dag_id, state), n in tx.counters.by_state("run", dag_ids).items():
        if dag_id in found:
            found[dag_id][str(state)] = n
    return found
