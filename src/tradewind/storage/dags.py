"""DAGs: register versions, pause, next-run columns, which are due. Import errors are in dag_files.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update

from tradewind.model.changes import Event
from tradewind.model.decisions import NextRun
from tradewind.model.records import RunKey
from tradewind.model.spec import DagSpec

from .columns import UtcTime, json_to_text
from .dag_files import DagFileStore, fileloc_hash
from .datasets import DatasetStore
from .rows import DagRow
from .runs import RunStore
from .statements import Prepared, insert_for, many, one_of
from .tables_dags import (
    DAG,
    DAG_OWNER_ATTRIBUTES,
    DAG_TAG,
    DAG_VERSION,
    DAG_WARNING,
    SERIALIZED_DAG,
)
from .tables_runs import DAG_RUN, SLA_MISS
from .transaction import Work

_D = DAG.c
_V = DAG_VERSION.c
_S = SERIALIZED_DAG.c
_ROWS = select(*(_D[name] for name in DagRow.__dataclass_fields__))
_BY_ID = _D.dag_id == bindparam("k_dag_id")

_PARSED = (
    "dag_id",
    "root_dag_id",
    "is_paused",
    "is_subdag",
    "is_active",
    "last_parsed_time",
    "fileloc",
    "owners",
    "dag_display_name",
    "description",
    "default_view",
    "schedule_interval",
    "timetable_description",
    "timetable_summary",
    "timetable_kind",
    "dataset_expression",
    "max_active_tasks",
    "max_active_runs",
    "max_consecutive_failed_dag_runs",
    "has_task_concurrency_limits",
    "has_import_errors",
    "next_dagrun",
    "next_dagrun_data_interval_start",
    "next_dagrun_data_interval_end",
    "next_dagrun_create_after",
    "version_id",
)
_PUT = Prepared(
    lambda dialect: (insert := insert_for(dialect, DAG)).on_conflict_do_update(
        index_elements=["dag_id"],
        set_={name: insert.excluded[name] for name in _PARSED if name not in ("dag_id", "is_paused")},
    ),
    keys=_PARSED,
)
_GET = Prepared(_ROWS.where(_BY_ID), DagRow)
_MANY = Prepared(lambda dialect: _ROWS.where(one_of(_D.dag_id, "dag_ids", dialect)).order_by(_D.dag_id), DagRow)
_ALL = Prepared(_ROWS.order_by(_D.dag_id), DagRow)
_NEWEST = Prepared(select(_S.version_id, _S.dag_hash).where(_S.dag_id == bindparam("k_dag_id")))
_SPEC = Prepared(
    select(_V.id, _V.data).join(SERIALIZED_DAG, _S.version_id == _V.id).where(_S.dag_id == bindparam("k_dag_id"))
)
_SPEC_OF_VERSION = Prepared(select(_V.data).where(_V.id == bindparam("version_id")))
_VERSION_NUMBER = Prepared(
    select(func.coalesce(func.max(_V.version_number), 0)).where(_V.dag_id == bindparam("k_dag_id"))
)
_ADD_VERSION = Prepared(
    lambda dialect: insert_for(dialect, DAG_VERSION).returning(_V.id),
    keys=("dag_id", "version_number", "dag_hash", "data", "created_at"),
)
_SERIALIZED = ("dag_id", "fileloc", "fileloc_hash", "data", "last_updated", "dag_hash", "version_id")
_PUT_SERIALIZED = Prepared(
    lambda dialect: (insert := insert_for(dialect, SERIALIZED_DAG)).on_conflict_do_update(
        index_elements=["dag_id"], set_={name: insert.excluded[name] for name in _SERIALIZED[1:]}
    ),
    keys=_SERIALIZED,
)
_TAGS = Prepared(select(DAG_TAG.c.name).where(DAG_TAG.c.dag_id == bindparam("k_dag_id")).order_by(DAG_TAG.c.name))
_CLEAR_TAGS = Prepared(delete(DAG_TAG).where(DAG_TAG.c.dag_id == bindparam("k_dag_id")))
_ADD_TAG = Prepared(lambda dialect: insert_for(dialect, DAG_TAG), keys=("dag_id", "name"))
_CLEAR_OWNERS = Prepared(delete(DAG_OWNER_ATTRIBUTES).where(DAG_OWNER_ATTRIBUTES.c.dag_id == bindparam("k_dag_id")))
_ADD_OWNER = Prepared(lambda dialect: insert_for(dialect, DAG_OWNER_ATTRIBUTES), keys=("dag_id", "owner", "link"))
_SET_PAUSED = Prepared(
    lambda dialect: (
        update(DAG)
        .where(one_of(_D.dag_id, "dag_ids", dialect), _D.is_paused != bindparam("v_is_paused"))
        .values(is_paused=bindparam("v_is_paused"))
        .returning(_D.dag_id)
    )
)
_DEACTIVATE = Prepared(
    lambda dialect: (
        update(DAG)
        .where(one_of(_D.dag_id, "dag_ids", dialect), _D.is_active.is_(True))
        .values(is_active=False, next_dagrun_create_after=None)
        .returning(_D.dag_id)
    )
)
_NEXT_COLUMNS = {
    "next_dagrun": "logical_date",
    "next_dagrun_data_interval_start": "data_interval_start",
    "next_dagrun_data_interval_end": "data_interval_end",
    "next_dagrun_create_after": "create_after",
}
_SET_NEXT = Prepared(
    update(DAG)
    .where(_BY_ID)
    .values({column: bindparam(f"v_{name}", type_=UtcTime()) for column, name in _NEXT_COLUMNS.items()})
)
_DUE_ROWS = (
    _ROWS.where(
        _D.is_active.is_(True),
        _D.is_paused.is_(False),
        _D.next_dagrun_create_after <= bindparam("now", type_=UtcTime()),
    )
    .order_by(_D.next_dagrun_create_after)
    .limit(bindparam("rows"))
)
_DUE_SEEN = Prepared(_DUE_ROWS, DagRow)
_DUE_LOCKED = Prepared(_DUE_ROWS.with_for_update(skip_locked=True), DagRow)
_NEXT_DUE = Prepared(
    select(_D.next_dagrun_create_after.label("at"))
    .where(_D.next_dagrun_create_after.is_not(None), _D.is_active.is_(True), _D.is_paused.is_(False))
    .order_by(_D.next_dagrun_create_after)
    .limit(1)
)
_SUBDAGS = Prepared(select(_D.dag_id, _D.root_dag_id).where(_D.is_subdag.is_(True)))
_ACTIVE = Prepared(select(_D.dag_id).where(_D.is_active.is_(True)))
_OF_PLUGIN_TIMETABLES = Prepared(
    select(_D.dag_id).where(
        _D.is_active.is_(True), or_(_D.timetable_kind == "custom", _D.timetable_kind == "dataset_or_time")
    )
)
_BY_FILE = Prepared(
    select(_D.dag_id).where(_D.fileloc == bindparam("fileloc"), _D.is_active.is_(True)).order_by(_D.dag_id)
)
_RUN_KEYS = Prepared(
    select(DAG_RUN.c.dag_id, DAG_RUN.c.run_id).where(DAG_RUN.c.dag_id == bindparam("k_dag_id")), RunKey
)
_DELETIONS = tuple(
    Prepared(delete(table).where(table.c.dag_id == bindparam("k_dag_id")))
    for table in (DAG_TAG, DAG_OWNER_ATTRIBUTES, DAG_WARNING, SLA_MISS, SERIALIZED_DAG, DAG_VERSION, DAG)
)


class DagStore(DagFileStore):
    """DAGs as parsed, and what users and the scheduler set on them."""

    def __init__(self, work: Work) -> None:
        super().__init__(work)

    def register(
        self,
        spec: DagSpec,
        spec_json: bytes,
        spec_hash: str,
        *,
        fileloc: str,
        next: NextRun,
        paused_default: bool,
        source: str | None = None,
    ) -> tuple[int, bool]:
        """Store what a parse found: (id of the version, whether it is a new one). Emits ``dag.changed`` for a new
        version or one that comes back. A DAG that is known keeps whether it is paused."""
        work = self._work
        known = work.one(_NEWEST, k_dag_id=spec.dag_id)
        row = self.get(spec.dag_id)
        is_new = known is None or known[1] != spec_hash
        if is_new:
            version_id = self._add_version(spec, spec_json, spec_hash, fileloc)
        else:
            assert known is not None
            version_id = known[0]
        self._put(spec, fileloc, next, version_id, paused_default=paused_default)
        if is_new:
            self._put_tags_and_owners(spec)
            DatasetStore(work).put_references(spec)
        if source is not None:
            self.put_source(fileloc, source)
        if is_new or row is None or not row.is_active:
            work.emit(Event(kind="dag.changed", dag_id=spec.dag_id, payload={"version_id": version_id}))
        return version_id, is_new

    def _add_version(self, spec: DagSpec, spec_json: bytes, spec_hash: str, fileloc: str) -> int:
        work = self._work
        number = work.scalar(_VERSION_NUMBER, k_dag_id=spec.dag_id) + 1
        version_id: int = work.scalar(
            _ADD_VERSION,
            dag_id=spec.dag_id,
            version_number=number,
            dag_hash=spec_hash,
            data=spec_json,
            created_at=work.now,
        )
        work.run(
            _PUT_SERIALIZED,
            dag_id=spec.dag_id,
            fileloc=fileloc,
            fileloc_hash=fileloc_hash(fileloc),
            data=None,
            last_updated=work.now,
            dag_hash=spec_hash,
            version_id=version_id,
        )
        return version_id

    def _put(self, spec: DagSpec, fileloc: str, next: NextRun, version_id: int, *, paused_default: bool) -> None:
        paused = spec.is_paused_upon_creation
        parent = None if spec.parent_dag_id is None else self.get(spec.parent_dag_id)
        if parent is not None:
            paused = parent.is_paused  # nobody sees a SubDAG to unpause it
        self._work.run(
            _PUT,
            dag_id=spec.dag_id,
            root_dag_id=spec.parent_dag_id,
            is_subdag=spec.parent_dag_id is not None,
            is_paused=paused_default if paused is None else paused,
            is_active=True,
            last_parsed_time=self._work.now,
            fileloc=fileloc,
            owners=", ".join(spec.owners),
            dag_display_name=spec.display_name or None,
            description=spec.description,
            default_view=spec.default_view,
            schedule_interval=json_to_text(spec.schedule_interval),
            timetable_description=spec.timetable.description,
            timetable_summary=spec.timetable.summary,
            timetable_kind=spec.timetable.kind,
            dataset_expression=spec.dataset_condition,
            max_active_tasks=spec.max_active_tasks,
            max_active_runs=spec.max_active_runs,
            max_consecutive_failed_dag_runs=spec.max_consecutive_failed_dag_runs,
            has_task_concurrency_limits=any(
                task.max_active_tis_per_dag is not None or task.max_active_tis_per_dagrun is not None
                for task in spec.tasks
            ),
            has_import_errors=False,
            next_dagrun=next.logical_date,
            next_dagrun_data_interval_start=next.data_interval_start,
            next_dagrun_data_interval_end=next.data_interval_end,
            next_dagrun_create_after=next.create_after,
            version_id=version_id,
        )

    def _put_tags_and_owners(self, spec: DagSpec) -> None:
        work = self._work
        work.run(_CLEAR_TAGS, k_dag_id=spec.dag_id)
        work.run(_CLEAR_OWNERS, k_dag_id=spec.dag_id)
        if spec.tags:
            work.many(_ADD_TAG, [{"dag_id": spec.dag_id, "name": name} for name in sorted(set(spec.tags))])
        if spec.owner_links:
            links = sorted(spec.owner_links.items())
            work.many(_ADD_OWNER, [{"dag_id": spec.dag_id, "owner": owner, "link": link} for owner, link in links])

    def get(self, dag_id: str) -> DagRow | None:
        """One DAG."""
        return self._work.one(_GET, k_dag_id=dag_id)

    def many(self, dag_ids: Iterable[str]) -> list[DagRow]:
        """Several DAGs, by id."""
        return self._work.all(_MANY, dag_ids=many(dag_ids, self._work.dialect))

    def all(self) -> list[DagRow]:
        """All DAGs, by id, also those that are not active."""
        return self._work.all(_ALL)

    def tags(self, dag_id: str) -> list[str]:
        """A DAG's tags, sorted."""
        return [name for (name,) in self._work.all(_TAGS, k_dag_id=dag_id)]

    def version_id(self, dag_id: str) -> int | None:
        """The id of the newest version."""
        found = self._work.one(_NEWEST, k_dag_id=dag_id)
        return None if found is None else found[0]

    def spec(self, dag_id: str) -> tuple[int, bytes] | None:
        """(version id, serialised DAG) of the newest version."""
        found = self._work.one(_SPEC, k_dag_id=dag_id)
        return None if found is None else (found[0], bytes(found[1]))

    def spec_of_version(self, version_id: int) -> bytes | None:
        """The serialised DAG of a version."""
        found = self._work.one(_SPEC_OF_VERSION, version_id=version_id)
        return None if found is None else bytes(found[0])

    def set_paused(self, dag_ids: Collection[str], paused: bool) -> list[str]:
        """Pause or unpause; the ids that changed, each with an event ``dag.paused`` or ``dag.unpaused``."""
        rows = self._work.all(_SET_PAUSED, dag_ids=many(dag_ids, self._work.dialect), v_is_paused=paused)
        changed = sorted(dag_id for (dag_id,) in rows)
        for dag_id in changed:
            self._work.emit(Event(kind="dag.paused" if paused else "dag.unpaused", dag_id=dag_id))
        return changed

    def subdags_of(self, dag_ids: Collection[str]) -> list[str]:
        """Ids of the SubDAGs of these DAGs, those of SubDAGs too."""
        parents = dict(self._work.all(_SUBDAGS))
        found = set(dag_ids)
        for dag_id in sorted(parents):  # a SubDAG's id begins with its parent's: parents come first
            if parents[dag_id] in found:
                found.add(dag_id)
        return sorted(found.intersection(parents).difference(dag_ids))

    def deactivate(self, dag_ids: Collection[str]) -> list[str]:
        """Their files are gone: shown no more, scheduled no more; the ids that changed. Emits ``dag.removed``."""
        rows = self._work.all(_DEACTIVATE, dag_ids=many(dag_ids, self._work.dialect))
        changed = sorted(dag_id for (dag_id,) in rows)
        for dag_id in changed:
            self._work.emit(Event(kind="dag.removed", dag_id=dag_id))
        return changed

    def set_next(self, dag_id: str, next: NextRun) -> None:
        """What the ``next_dagrun*`` columns show."""
        values: dict[str, Any] = {f"v_{name}": getattr(next, name) for name in _NEXT_COLUMNS.values()}
        self._work.run(_SET_NEXT, k_dag_id=dag_id, **values)

    def due(self, now: datetime, limit: int) -> list[DagRow]:
        """Active, unpaused DAGs whose next run may be created now.

        A write transaction locks them on PostgreSQL, and passes those that another one has locked."""
        return self._work.all(_DUE_LOCKED if self._work.writes else _DUE_SEEN, now=now, rows=limit)

    def next_due_at(self) -> datetime | None:
        """When the next of them will be."""
        at: datetime | None = self._work.scalar(_NEXT_DUE)
        return at

    def active_ids(self) -> set[str]:
        """Ids of all active DAGs."""
        return {dag_id for (dag_id,) in self._work.all(_ACTIVE)}

    def of_plugin_timetables(self) -> list[str]:
        """Ids of active DAGs whose timetable is, or may hold, a plugin's."""
        return [dag_id for (dag_id,) in self._work.all(_OF_PLUGIN_TIMETABLES)]

    def by_file(self, fileloc: str) -> list[str]:
        """Ids of the active DAGs of a file."""
        return [dag_id for (dag_id,) in self._work.all(_BY_FILE, fileloc=fileloc)]

    def delete(self, dag_id: str) -> bool:
        """Delete a DAG with its runs and versions; it comes back when its file is parsed again.

        Emits ``dag.deleted``."""
        RunStore(self._work).delete_many(self._work.all(_RUN_KEYS, k_dag_id=dag_id))
        gone = 0
        for statement in _DELETIONS:
            gone = self._work.run(statement, k_dag_id=dag_id)
        if gone:
            self._work.emit(Event(kind="dag.deleted", dag_id=dag_id))
        return bool(gone)
