"""Events of partitions that wait for a run of a partitioned DAG, by the DAG's own partition key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from .statements import insert_for
from .tables_assets import ASSET_NAME, PARTITION_QUEUE
from .tables_dags import DATASET, DATASET_EVENT

if TYPE_CHECKING:
    from .transaction import Work

KIND = "partitioned_dataset"
"""``timetable_kind`` of the DAGs that want these events; other DAGs do not see them."""
_Q = PARTITION_QUEUE.c
_E = DATASET_EVENT.c


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event in the queue. ``key`` is the DAG's, "" while its mapper was not asked; ``source_key`` the event's."""

    event_id: int
    key: str
    uri: str
    source_key: str


def queue(work: Work, dag_ids: Iterable[str], event_id: int) -> None:
    """An event has come for these DAGs."""
    rows = [{"dag_id": dag_id, "partition_key": "", "event_id": event_id} for dag_id in dag_ids]
    if rows:
        work.link.connection.execute(insert_for(work.dialect, PARTITION_QUEUE).on_conflict_do_nothing(), rows)


def dags_with_news(work: Work) -> list[str]:
    """DAGs that have events whose keys are not worked out."""
    query = select(_Q.dag_id).where(_Q.partition_key == "").distinct().order_by(_Q.dag_id)
    return list(work.link.connection.execute(query).scalars())


def waiting(work: Work, dag_id: str, keys: Iterable[str] = ("",)) -> list[WaitingEvent]:
    """Events in the queue of a DAG under these keys, in the order in which they came."""
    query = (
        select(_Q.event_id, _Q.partition_key, DATASET.c.uri, _E.partition_key)
        .join(DATASET_EVENT, _E.id == _Q.event_id)
        .join(DATASET, DATASET.c.id == _E.dataset_id)
        .where(_Q.dag_id == dag_id, _Q.partition_key.in_(list(keys)))
        .order_by(_Q.event_id)
    )
    rows = work.link.connection.execute(query)
    return [WaitingEvent(event_id=event, key=key, uri=uri, source_key=source) for event, key, uri, source in rows]


def file_under(work: Work, dag_id: str, event_id: int, keys: Iterable[str]) -> None:
    """The event counts for these partitions; for none: it is dropped."""
    connection = work.link.connection
    connection.execute(
        delete(PARTITION_QUEUE).where(_Q.dag_id == dag_id, _Q.event_id == event_id, _Q.partition_key == "")
    )
    rows = [{"dag_id": dag_id, "partition_key": key, "event_id": event_id} for key in keys]
    if rows:
        connection.execute(insert_for(work.dialect, PARTITION_QUEUE).on_conflict_do_nothing(), rows)


def forget(work: Work, dag_id: str, key: str) -> None:
    """A run was made of what waited under a key."""
    work.link.connection.execute(delete(PARTITION_QUEUE).where(_Q.dag_id == dag_id, _Q.partition_key == key))


def names_of(work: Work, uri: str) -> tuple[str, ...]:
    """The names of an asset."""
    query = select(ASSET_NAME.c.name).join(DATASET, DATASET.c.id == ASSET_NAME.c.dataset_id).where(DATASET.c.uri == uri)
    return tuple(work.link.connection.execute(query.order_by(ASSET_NAME.c.name)).scalars())
