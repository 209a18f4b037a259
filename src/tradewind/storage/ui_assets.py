"""What the views of datasets read. Each a constant number of statements."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import String, and_, func, select, type_coerce

from .pages import Rows, among, fetch
from .shown import epoch, plain
from .tables_access import CONNECTION, SLOT_POOL, VARIABLE
from .tables_dags import (
    DAG_SCHEDULE_DATASET_REFERENCE,
    DAGRUN_DATASET_EVENT,
    DATASET,
    DATASET_DAG_RUN_QUEUE,
    DATASET_EVENT,
    TASK_OUTLET_DATASET_REFERENCE,
)
from .tables_runs import DAG_RUN

if TYPE_CHECKING:
    from .database import Transaction

_D = DATASET.c
_E = DATASET_EVENT.c


def assets(tx: Transaction, asset_id: int | None = None) -> Rows:
    """Datasets by URI with their last event and how many there are."""
    newest = select(_E.dataset_id, func.max(_E.timestamp).label("last"), func.count().label("n"))
    events = newest.group_by(_E.dataset_id).subquery()
    statement = (
        select(
            _D.id,
            _D.uri,
            type_coerce(_D.extra, String()).label("extra"),
            _D.is_orphaned,
            epoch(_D.created_at),
            epoch(_D.updated_at),
            epoch(events.c.last, "last"),
            func.coalesce(events.c.n, 0).label("n"),
        )
        .select_from(DATASET.outerjoin(events, events.c.dataset_id == _D.id))
        .order_by(_D.uri)
    )
    return fetch(tx, statement if asset_id is None else statement.where(_D.id == asset_id))


def references(tx: Transaction) -> tuple[Rows, Rows]:
    """Who consumes and who produces: (dataset_id, dag_id) and (dataset_id, dag_id, task_id)."""
    c, p = DAG_SCHEDULE_DATASET_REFERENCE.c, TASK_OUTLET_DATASET_REFERENCE.c
    consuming = fetch(tx, select(c.dataset_id, c.dag_id).order_by(c.dag_id))
    return consuming, fetch(tx, select(p.dataset_id, p.dag_id, p.task_id).order_by(p.dag_id, p.task_id))


def queue(tx: Transaction) -> Rows:
    """(dataset_id, target_dag_id): what came for a DAG that still waits for something else."""
    q = DATASET_DAG_RUN_QUEUE.c
    return fetch(tx, select(q.dataset_id, q.target_dag_id))


def events(tx: Transaction, asset_id: int, most: int) -> Rows:
    """The last events of a dataset, latest first."""
    statement = (
        select(
            _E.id,
            type_coerce(_E.extra, String()).label("extra"),
            _E.source_dag_id,
            _E.source_run_id,
            _E.source_task_id,
            _E.source_map_index,
            epoch(_E.timestamp),
        )
        .where(_E.dataset_id == asset_id)
        .order_by(_E.timestamp.desc(), _E.id.desc())
        .limit(most)
    )
    return fetch(tx, statement)


def runs_of_events(tx: Transaction, event_ids: Collection[int]) -> Rows:
    """(event_id, dag_id, run_id, state) of the runs that some events made."""
    pair, run = DAGRUN_DATASET_EVENT.c, DAG_RUN.c
    statement = (
        select(pair.event_id, run.dag_id, run.run_id, plain(run.state))
        .join_from(DAGRUN_DATASET_EVENT, DAG_RUN, and_(run.id == pair.dag_run_id))
        .where(*among(pair.event_id, event_ids))
        .order_by(run.id)
    )
    return fetch(tx, statement)


def names(tx: Transaction) -> tuple[Rows, Rows, Rows]:
    """(id, type) of connections, keys of variables, names of pools: nothing of what they hold."""
    return (
        fetch(tx, select(CONNECTION.c.conn_id, CONNECTION.c.conn_type).order_by(CONNECTION.c.conn_id)),
        fetch(tx, select(VARIABLE.c.key).order_by(VARIABLE.c.key)),
        fetch(tx, select(SLOT_POOL.c.pool).order_by(SLOT_POOL.c.pool)),
    )


def uris(tx: Transaction) -> Rows:
    """(id, uri) of all datasets."""
    return fetch(tx, select(_D.id, _D.uri).order_by(_D.uri))
