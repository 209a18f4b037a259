"""Datasets: which DAGs wait for them and write them, their events, and what is queued for a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, select, union

from tradewind.model.changes import Event
from tradewind.model.dataset_edges import DatasetEdge
from tradewind.model.records import RunKey, TaskKey
from tradewind.model.spec import DagSpec

from . import asset_names, partitions
from .columns import UtcTime
from .rows import DatasetEventRow, DatasetRow
from .statements import Prepared, insert_for
from .tables_assets import ASSET_NAME, DAG_SCHEDULE_ASSET_NAME_REFERENCE
from .tables_dags import (
    DAG,
    DAG_SCHEDULE_DATASET_ALIAS_REFERENCE,
    DAG_SCHEDULE_DATASET_REFERENCE,
    DAGRUN_DATASET_EVENT,
    DATASET,
    DATASET_ALIAS,
    DATASET_ALIAS_DATASET,
    DATASET_ALIAS_DATASET_EVENT,
    DATASET_DAG_RUN_QUEUE,
    DATASET_EVENT,
    TASK_OUTLET_DATASET_REFERENCE,
)
from .transaction import Work

_D = DATASET.c
_E = DATASET_EVENT.c
_Q = DATASET_DAG_RUN_QUEUE.c
_WAITS = DAG_SCHEDULE_DATASET_REFERENCE.c
_WRITES = TASK_OUTLET_DATASET_REFERENCE.c
_A = DATASET_ALIAS.c
_HAS = DATASET_ALIAS_DATASET.c
_BY_ALIAS = DATASET_ALIAS_DATASET_EVENT.c
_N = ASSET_NAME.c
_WAITS_FOR_NAME = DAG_SCHEDULE_ASSET_NAME_REFERENCE.c
_WAITS_FOR_ALIAS = DAG_SCHEDULE_DATASET_ALIAS_REFERENCE.c

_DATASETS = select(_D.id, _D.uri, _D.extra, _D.created_at, _D.updated_at, _D.is_orphaned)
_BY_URI = Prepared(_DATASETS.where(_D.uri == bindparam("uri")), DatasetRow)
_BY_ID = Prepared(_DATASETS.where(_D.id == bindparam("id")), DatasetRow)
_ADD = Prepared(
    lambda dialect: (
        (insert := insert_for(dialect, DATASET))
        .on_conflict_do_update(
            index_elements=["uri"], set_={"updated_at": insert.excluded.updated_at, "is_orphaned": False}
        )
        .returning(_D.id)
    ),
    keys=("uri", "extra", "created_at", "updated_at", "is_orphaned"),
)
_ADD_WITH_EXTRA = Prepared(
    lambda dialect: (
        (insert := insert_for(dialect, DATASET))
        .on_conflict_do_update(
            index_elements=["uri"],
            set_={"updated_at": insert.excluded.updated_at, "is_orphaned": False, "extra": insert.excluded.extra},
        )
        .returning(_D.id)
    ),
    keys=("uri", "extra", "created_at", "updated_at", "is_orphaned"),
)
_CLEAR_WAITS = Prepared(delete(DAG_SCHEDULE_DATASET_REFERENCE).where(_WAITS.dag_id == bindparam("k_dag_id")))
_CLEAR_WRITES = Prepared(delete(TASK_OUTLET_DATASET_REFERENCE).where(_WRITES.dag_id == bindparam("k_dag_id")))
_ADD_WAITS = Prepared(
    lambda dialect: insert_for(dialect, DAG_SCHEDULE_DATASET_REFERENCE),
    keys=("dataset_id", "dag_id", "created_at", "updated_at"),
)
_ADD_WRITES = Prepared(
    lambda dialect: insert_for(dialect, TASK_OUTLET_DATASET_REFERENCE).on_conflict_do_nothing(),
    keys=("dataset_id", "dag_id", "task_id", "created_at", "updated_at"),
)
_ADD_EVENT = Prepared(
    lambda dialect: insert_for(dialect, DATASET_EVENT).returning(_E.id),
    keys=(
        "dataset_id",
        "extra",
        "source_task_id",
        "source_dag_id",
        "source_run_id",
        "source_map_index",
        "timestamp",
        "partition_key",
    ),
)
# Who waits for the dataset itself, and who waits for an alias that it was written through.
_WAITING_DAGS = union(
    select(_WAITS.dag_id).where(_WAITS.dataset_id == bindparam("dataset_id")),
    select(_WAITS_FOR_ALIAS.dag_id)
    .join(DATASET_ALIAS_DATASET, _HAS.alias_id == _WAITS_FOR_ALIAS.alias_id)
    .where(_HAS.dataset_id == bindparam("dataset_id")),
    select(_WAITS_FOR_NAME.dag_id)
    .join(ASSET_NAME, _N.name == _WAITS_FOR_NAME.name)
    .where(_N.dataset_id == bindparam("dataset_id")),
    select(_WAITS_FOR_NAME.dag_id)
    .join(DATASET, _D.uri == _WAITS_FOR_NAME.name)
    .where(_D.id == bindparam("dataset_id")),
).subquery("waiting")
_CONSUMERS = Prepared(
    select(DAG.c.dag_id, DAG.c.timetable_kind)
    .join(_WAITING_DAGS, _WAITING_DAGS.c.dag_id == DAG.c.dag_id)
    .where(DAG.c.is_paused.is_(False), DAG.c.is_active.is_(True))
    .order_by(DAG.c.dag_id)
)
_QUEUE = Prepared(
    lambda dialect: insert_for(dialect, DATASET_DAG_RUN_QUEUE).on_conflict_do_nothing(),
    keys=("dataset_id", "target_dag_id", "created_at"),
)
_QUEUED = Prepared(
    select(_Q.target_dag_id, _D.uri, _Q.created_at)
    .join(DATASET, _D.id == _Q.dataset_id)
    .order_by(_Q.target_dag_id, _Q.created_at)
)
_UNQUEUE = Prepared(
    delete(DATASET_DAG_RUN_QUEUE).where(
        _Q.target_dag_id == bindparam("k_dag_id"), _Q.created_at <= bindparam("until", type_=UtcTime())
    )
)
MANY = 2**62
"""More rows than there are."""


def paged(events: Select[Any]) -> Select[Any]:
    """Events, the oldest first, from an offset on."""
    return events.order_by(_E.timestamp, _E.id).limit(bindparam("rows")).offset(bindparam("offset"))


_EVENT_ROWS = select(
    _E.id,
    _E.dataset_id,
    _D.uri.label("dataset_uri"),
    _E.extra,
    _E.source_task_id,
    _E.source_dag_id,
    _E.source_run_id,
    _E.source_map_index,
    _E.timestamp,
).join(DATASET, _D.id == _E.dataset_id)
_WAITED_FOR = union(
    select(_WAITS.dataset_id).where(_WAITS.dag_id == bindparam("dag_id")),
    select(_HAS.dataset_id)
    .join(DAG_SCHEDULE_DATASET_ALIAS_REFERENCE, _WAITS_FOR_ALIAS.alias_id == _HAS.alias_id)
    .where(_WAITS_FOR_ALIAS.dag_id == bindparam("dag_id")),
    select(_N.dataset_id)
    .join(DAG_SCHEDULE_ASSET_NAME_REFERENCE, _WAITS_FOR_NAME.name == _N.name)
    .where(_WAITS_FOR_NAME.dag_id == bindparam("dag_id")),
    select(_D.id)
    .join(DAG_SCHEDULE_ASSET_NAME_REFERENCE, _WAITS_FOR_NAME.name == _D.uri)
    .where(_WAITS_FOR_NAME.dag_id == bindparam("dag_id")),
)
_EVENTS = Prepared(
    _EVENT_ROWS.where(
        _E.dataset_id.in_(_WAITED_FOR),
        _E.timestamp > bindparam("after", type_=UtcTime()),
        _E.timestamp <= bindparam("until", type_=UtcTime()),
    ).order_by(_E.timestamp, _E.id),
    DatasetEventRow,
)
_EDGES = Prepared(
    select(_WRITES.dag_id.label("producer"), _WAITS.dag_id.label("consumer"), _D.uri)
    .distinct()
    .select_from(TASK_OUTLET_DATASET_REFERENCE)
    .join(DAG_SCHEDULE_DATASET_REFERENCE, _WAITS.dataset_id == _WRITES.dataset_id)
    .join(DATASET, _D.id == _WRITES.dataset_id),
    DatasetEdge,
)
_OF_URI = _D.uri == bindparam("uri")
_EVENTS_OF_URI = Prepared(paged(_EVENT_ROWS.where(_OF_URI)), DatasetEventRow)
_COUNT_OF_URI = Prepared(
    select(func.count()).select_from(DATASET_EVENT).join(DATASET, _D.id == _E.dataset_id).where(_OF_URI)
)
_OF_ALIAS = _E.id.in_(
    select(_BY_ALIAS.event_id).join(DATASET_ALIAS, _A.id == _BY_ALIAS.alias_id).where(_A.name == bindparam("uri"))
)
_EVENTS_OF_ALIAS = Prepared(paged(_EVENT_ROWS.where(_OF_ALIAS)), DatasetEventRow)
_COUNT_OF_ALIAS = Prepared(select(func.count()).select_from(DATASET_EVENT).where(_OF_ALIAS))
_EVENTS_OF_RUN = Prepared(
    _EVENT_ROWS.join(DAGRUN_DATASET_EVENT, DAGRUN_DATASET_EVENT.c.event_id == _E.id)
    .where(DAGRUN_DATASET_EVENT.c.dag_run_id == bindparam("dag_run_id"))
    .order_by(_E.timestamp, _E.id),
    DatasetEventRow,
)
_ADD_ALIAS = Prepared(
    lambda dialect: (
        (insert := insert_for(dialect, DATASET_ALIAS))
        .on_conflict_do_update(index_elements=["name"], set_={"name": insert.excluded.name})
        .returning(_A.id)
    ),
    keys=("name",),
)
_ATTACH = Prepared(
    lambda dialect: insert_for(dialect, DATASET_ALIAS_DATASET).on_conflict_do_nothing(), keys=("alias_id", "dataset_id")
)
_NOTE_ALIAS = Prepared(
    lambda dialect: insert_for(dialect, DATASET_ALIAS_DATASET_EVENT).on_conflict_do_nothing(),
    keys=("alias_id", "event_id"),
)
_CLEAR_ALIAS_WAITS = Prepared(
    delete(DAG_SCHEDULE_DATASET_ALIAS_REFERENCE).where(_WAITS_FOR_ALIAS.dag_id == bindparam("k_dag_id"))
)
_ADD_ALIAS_WAITS = Prepared(
    lambda dialect: insert_for(dialect, DAG_SCHEDULE_DATASET_ALIAS_REFERENCE),
    keys=("alias_id", "dag_id", "created_at", "updated_at"),
)
_ATTACHED = Prepared(
    select(_D.uri)
    .join(DATASET_ALIAS_DATASET, _HAS.dataset_id == _D.id)
    .join(DATASET_ALIAS, _A.id == _HAS.alias_id)
    .where(_A.name == bindparam("name"))
    .order_by(_D.uri)
)
_LINK = Prepared(
    lambda dialect: insert_for(dialect, DAGRUN_DATASET_EVENT).on_conflict_do_nothing(), keys=("dag_run_id", "event_id")
)


def uris_of(condition: Any) -> Iterator[str]:
    """The dataset URIs in a dataset expression's JSON, in order."""
    if isinstance(condition, str):
        yield condition
    elif isinstance(condition, dict):
        if isinstance(condition.get("uri"), str):
            yield condition["uri"]
        for parts in (condition.get("any"), condition.get("all")):
            for part in parts or ():
                yield from uris_of(part)


def aliases_of(condition: Any) -> Iterator[str]:
    """The names of dataset aliases in a dataset expression's JSON, in order."""
    if isinstance(condition, dict):
        if isinstance(condition.get("alias"), str):
            yield condition["alias"]
        for parts in (condition.get("any"), condition.get("all")):
            for part in parts or ():
                yield from aliases_of(part)


class DatasetStore:
    """Datasets."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def ensure(self, uri: str, extra: Any = None) -> int:
        """The id of a dataset, made when it is not known. An ``extra`` replaces what was known; none leaves it."""
        now = self._work.now
        dataset_id: int = self._work.scalar(
            _ADD_WITH_EXTRA if extra else _ADD,
            uri=uri,
            extra=extra or {},
            created_at=now,
            updated_at=now,
            is_orphaned=False,
        )
        return dataset_id

    def get(self, uri: str) -> DatasetRow | None:
        """A dataset by its URI."""
        return self._work.one(_BY_URI, uri=uri)

    def by_id(self, dataset_id: int) -> DatasetRow | None:
        """A dataset by its row id."""
        return self._work.one(_BY_ID, id=dataset_id)

    def put_references(self, spec: DagSpec) -> None:
        """Which datasets the DAG waits for and which its tasks write, in place of what was known."""
        work = self._work
        times = {"created_at": work.now, "updated_at": work.now}
        work.run(_CLEAR_WAITS, k_dag_id=spec.dag_id)
        work.run(_CLEAR_WRITES, k_dag_id=spec.dag_id)
        waits = [self.ensure(uri) for uri in dict.fromkeys(uris_of(spec.dataset_condition))]
        if waits:
            work.many(_ADD_WAITS, [{"dataset_id": number, "dag_id": spec.dag_id, **times} for number in waits])
        self._put_alias_references(spec)
        asset_names.put(work, spec, self.ensure)
        writes = [
            {
                "dataset_id": self.ensure(outlet["uri"], outlet.get("extra")),
                "dag_id": spec.dag_id,
                "task_id": task.task_id,
            }
            for task in spec.tasks
            for outlet in task.outlets
            if isinstance(outlet, dict) and "uri" in outlet
        ]
        if writes:
            work.many(_ADD_WRITES, [{**row, **times} for row in writes])

    def _put_alias_references(self, spec: DagSpec) -> None:
        work = self._work
        work.run(_CLEAR_ALIAS_WAITS, k_dag_id=spec.dag_id)
        numbers = [self._alias(name) for name in dict.fromkeys(aliases_of(spec.dataset_condition))]
        if numbers:
            times = {"created_at": work.now, "updated_at": work.now}
            work.many(_ADD_ALIAS_WAITS, [{"alias_id": number, "dag_id": spec.dag_id, **times} for number in numbers])
        for task in spec.tasks:
            for name in (name for outlet in task.outlets for name in aliases_of(outlet)):
                self._alias(name)

    def _alias(self, name: str) -> int:
        number: int = self._work.scalar(_ADD_ALIAS, name=name)
        return number

    def add_event(
        self,
        uri: str,
        extra: Any = None,
        run: RunKey | None = None,
        key: TaskKey | None = None,
        *,
        aliases: Iterable[str] = (),
        partition_key: str | None = None,
    ) -> int:
        """A dataset was updated (written through ``aliases``, when given, which it belongs to from now on): its event's
        id. Queued for consumers that are active and not paused; emits ``dataset.event``."""
        work = self._work
        dataset_id = self.ensure(uri)
        event_id: int = work.scalar(
            _ADD_EVENT,
            dataset_id=dataset_id,
            extra=extra or {},
            source_task_id=key.task_id if key else None,
            source_dag_id=run.dag_id if run else None,
            source_run_id=run.run_id if run else None,
            source_map_index=key.map_index if key else -1,
            timestamp=work.now,
            partition_key=partition_key,
        )
        for alias_id in [self._alias(name) for name in aliases]:
            work.run(_ATTACH, alias_id=alias_id, dataset_id=dataset_id)
            work.run(_NOTE_ALIAS, alias_id=alias_id, event_id=event_id)
        found = work.all(_CONSUMERS, dataset_id=dataset_id)
        # Events with and without partition keys are for different DAGs, as in Airflow 3.
        wants_key = partition_key is not None
        consumers = [dag_id for dag_id, kind in found if (kind == partitions.KIND) is wants_key]
        if wants_key:
            partitions.queue(work, consumers, event_id)
        elif consumers:
            rows = [{"dataset_id": dataset_id, "target_dag_id": each, "created_at": work.now} for each in consumers]
            work.many(_QUEUE, rows)
        payload = {"uri": uri, "event_id": event_id, "dag_ids": consumers}
        work.emit(Event(kind="dataset.event", run_id=None, payload=payload))
        return event_id

    def queued(self) -> dict[str, dict[str, Any]]:
        """dag_id → {uri: when it was queued}: what DAGs have seen since their last dataset-triggered run."""
        found: dict[str, dict[str, Any]] = {}
        for dag_id, uri, at in self._work.all(_QUEUED):
            found.setdefault(dag_id, {})[uri] = at
        return found

    def unqueue(self, dag_id: str, until: datetime) -> int:
        """Forget what was queued for a DAG until a moment (its run was made); how many rows."""
        return self._work.run(_UNQUEUE, k_dag_id=dag_id, until=until)

    def attached(self, alias: str) -> list[str]:
        """URIs of the datasets that were written through an alias."""
        return [uri for (uri,) in self._work.all(_ATTACHED, name=alias)]

    def events_for(self, dag_id: str, *, after: datetime, until: datetime) -> list[DatasetEventRow]:
        """Events of the datasets that a DAG waits for, itself or through an alias, of a time, oldest first."""
        return self._work.all(_EVENTS, dag_id=dag_id, after=after, until=until)

    def edges(self) -> list[DatasetEdge]:
        """Which DAG starts which: who updates a dataset that another one's schedule names."""
        return self._work.all(_EDGES)

    def events_of(self, name: str, *, is_alias: bool, offset: int, limit: int | None) -> list[DatasetEventRow]:
        """Events of a dataset by its URI, or those written through an alias by its name, oldest first."""
        statement = _EVENTS_OF_ALIAS if is_alias else _EVENTS_OF_URI
        return self._work.all(statement, uri=name, offset=offset, rows=MANY if limit is None else limit)

    def count_events_of(self, name: str, *, is_alias: bool) -> int:
        """How many events a dataset, or an alias, has."""
        count: int = self._work.scalar(_COUNT_OF_ALIAS if is_alias else _COUNT_OF_URI, uri=name)
        return count

    def events_of_run(self, dag_run_id: int) -> list[DatasetEventRow]:
        """The events that made a run, oldest first."""
        return self._work.all(_EVENTS_OF_RUN, dag_run_id=dag_run_id)

    def link(self, dag_run_id: int, event_ids: Iterable[int]) -> None:
        """These events made that run."""
        rows = [{"dag_run_id": dag_run_id, "event_id": event_id} for event_id in event_ids]
        if rows:
            self._work.many(_LINK, rows)
