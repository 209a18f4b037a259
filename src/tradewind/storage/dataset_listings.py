"""Lists of datasets, their events and queues, for the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from .listings import RUN_COLUMNS
from .pages import Order, Page, Rows
from .tables_dags import (
    DAG_SCHEDULE_DATASET_REFERENCE,
    DAGRUN_DATASET_EVENT,
    DATASET,
    DATASET_ALIAS,
    DATASET_ALIAS_DATASET,
    DATASET_DAG_RUN_QUEUE,
    DATASET_EVENT,
    TASK_OUTLET_DATASET_REFERENCE,
)
from .tables_runs import DAG_RUN

if TYPE_CHECKING:
    from .database import Transaction


def datasets(
    tx: Transaction, page: Page, order: Order, *, pattern: str | None, dag_ids: Collection[str] | None
) -> tuple[Rows, int]:
    """Datasets; the total counts all of them, whatever the filter says, as Airflow's does."""
    conditions: list[ColumnElement[bool]] = []
    if pattern:
        conditions.append(DATASET.c.uri.ilike(f"%{pattern}%"))
    if dag_ids:
        consumed = exists().where(
            DAG_SCHEDULE_DATASET_REFERENCE.c.dataset_id == DATASET.c.id,
            DAG_SCHEDULE_DATASET_REFERENCE.c.dag_id.in_(dag_ids),
        )
        produced = exists().where(
            TASK_OUTLET_DATASET_REFERENCE.c.dataset_id == DATASET.c.id,
            TASK_OUTLET_DATASET_REFERENCE.c.dag_id.in_(dag_ids),
        )
        conditions.append(or_(consumed, produced))
    total = int(tx.connection.execute(select(func.count()).select_from(DATASET)).scalar_one())
    column = DATASET.c[order.name]
    statement = (
        select(DATASET)
        .where(*conditions)
        .order_by(column.desc() if order.descending else column, DATASET.c.id)
        .limit(page.limit)
        .offset(page.offset)
    )
    return tx.connection.execute(statement).all(), total


def dataset(tx: Transaction, uri: str) -> Any | None:
    """One dataset."""
    return tx.connection.execute(select(DATASET).where(DATASET.c.uri == uri)).one_or_none()


def references(tx: Transaction, ids: Sequence[int]) -> tuple[Rows, Rows]:
    """Consuming DAGs and producing tasks of some datasets."""
    consuming, producing = DAG_SCHEDULE_DATASET_REFERENCE, TASK_OUTLET_DATASET_REFERENCE
    return (
        tx.connection.execute(
            select(consuming).where(consuming.c.dataset_id.in_(ids)).order_by(consuming.c.dag_id)
        ).all(),
        tx.connection.execute(
            select(producing).where(producing.c.dataset_id.in_(ids)).order_by(producing.c.dag_id, producing.c.task_id)
        ).all(),
    )


def aliases(tx: Transaction, ids: Sequence[int]) -> Rows:
    """Aliases through which some datasets were written: rows with dataset_id, id, name."""
    pair = DATASET_ALIAS_DATASET
    statement = (
        select(pair.c.dataset_id, DATASET_ALIAS.c.id, DATASET_ALIAS.c.name)
        .join_from(pair, DATASET_ALIAS, DATASET_ALIAS.c.id == pair.c.alias_id)
        .where(pair.c.dataset_id.in_(ids))
        .order_by(DATASET_ALIAS.c.id)
    )
    return tx.connection.execute(statement).all()


_EVENTS = select(*DATASET_EVENT.c, DATASET.c.uri.label("dataset_uri")).join_from(
    DATASET_EVENT, DATASET, DATASET.c.id == DATASET_EVENT.c.dataset_id, isouter=True
)


def dataset_events(tx: Transaction, page: Page, order: Order, equal: Sequence[tuple[str, Any]]) -> tuple[Rows, int]:
    """Events of datasets; ``equal``: (column, value) pairs."""
    conditions = [DATASET_EVENT.c[name] == value for name, value in equal]
    count = select(func.count()).select_from(DATASET_EVENT).where(*conditions)
    total = int(tx.connection.execute(count).scalar_one())
    column = DATASET_EVENT.c[order.name]
    ordered = column.desc() if order.descending else column.asc()
    if column.nullable:
        ordered = ordered.nulls_first() if order.descending else ordered.nulls_last()
    statement = _EVENTS.where(*conditions).order_by(ordered, DATASET_EVENT.c.id).limit(page.limit).offset(page.offset)
    return tx.connection.execute(statement).all(), total


def dataset_event(tx: Transaction, event_id: int) -> Any:
    """One event."""
    return tx.connection.execute(_EVENTS.where(DATASET_EVENT.c.id == event_id)).one()


def events_of_run(tx: Transaction, dag_run_id: int) -> Rows:
    """The events that made a run."""
    statement = _EVENTS.join(DAGRUN_DATASET_EVENT, DAGRUN_DATASET_EVENT.c.event_id == DATASET_EVENT.c.id).where(
        DAGRUN_DATASET_EVENT.c.dag_run_id == dag_run_id
    )
    return tx.connection.execute(statement.order_by(DATASET_EVENT.c.id)).all()


def created_runs(tx: Transaction, event_ids: Sequence[int]) -> Rows:
    """Runs made by events, each with the event's id as ``event_id``."""
    columns = [column for column in RUN_COLUMNS if column.name != "note"]
    statement = (
        select(*columns, DAGRUN_DATASET_EVENT.c.event_id)
        .join_from(DAG_RUN, DAGRUN_DATASET_EVENT, DAGRUN_DATASET_EVENT.c.dag_run_id == DAG_RUN.c.id)
        .where(DAGRUN_DATASET_EVENT.c.event_id.in_(event_ids))
        .order_by(DAG_RUN.c.id)
    )
    return tx.connection.execute(statement).all()


def _queue_conditions(
    dag_id: str | None, uri: str | None, before: datetime | None, permitted: Collection[str] | None
) -> list[ColumnElement[bool]]:
    queue = DATASET_DAG_RUN_QUEUE
    conditions: list[ColumnElement[bool]] = []
    if dag_id is not None:
        conditions.append(queue.c.target_dag_id == dag_id)
    if uri is not None:
        conditions.append(queue.c.dataset_id.in_(select(DATASET.c.id).where(DATASET.c.uri == uri)))
    if before is not None:
        conditions.append(queue.c.created_at < before)
    if permitted is not None:
        conditions.append(queue.c.target_dag_id.in_(permitted))
    return conditions


def queued(
    tx: Transaction,
    *,
    dag_id: str | None = None,
    uri: str | None = None,
    before: datetime | None = None,
    permitted: Collection[str] | None = None,
) -> Rows:
    """What waits in the queues of DAGs: rows with dag_id, uri, created_at."""
    queue = DATASET_DAG_RUN_QUEUE
    statement = (
        select(queue.c.target_dag_id.label("dag_id"), DATASET.c.uri, queue.c.created_at)
        .join_from(queue, DATASET, DATASET.c.id == queue.c.dataset_id)
        .where(*_queue_conditions(dag_id, uri, before, permitted))
        .order_by(queue.c.target_dag_id, DATASET.c.uri)
    )
    return tx.connection.execute(statement).all()


def delete_queued(
    tx: Transaction,
    *,
    dag_id: str | None = None,
    uri: str | None = None,
    before: datetime | None = None,
    permitted: Collection[str] | None = None,
) -> int:
    """Takes waiting events out of the queues; how many there were."""
    conditions = _queue_conditions(dag_id, uri, before, permitted)
    return tx.connection.execute(delete(DATASET_DAG_RUN_QUEUE).where(*conditions)).rowcount
