"""The audit log, and retention: deleting what is old (``db clean``)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, delete, func, literal_column, select

from tradewind.model.errors import InvalidInput
from tradewind.model.records import RunKey, TaskInstance

from .columns import UtcTime, json_to_text
from .rows import LogRow
from .runs import RunStore
from .statements import Prepared, insert_for
from .tables_access import LOG
from .tables_dags import DATASET_EVENT, IMPORT_ERROR
from .tables_runs import CALLBACK_REQUEST, DAG_RUN, JOB, OUTBOX, TASK_INSTANCE, TASK_RESCHEDULE, TRIGGER, XCOM
from .transaction import Work

_L = LOG.c
_ADDED = tuple(column.name for column in _L if column.name != "id")
_ADD = Prepared(lambda dialect: insert_for(dialect, LOG).returning(_L.id), keys=_ADDED)
_OF_ATTEMPT = Prepared(
    lambda dialect: insert_for(dialect, LOG).values(
        {name: bindparam(name, type_=_L[name].type) for name in _ADDED if name not in ("execution_date", "extra")}
        | {
            "execution_date": select(DAG_RUN.c.execution_date)
            .where(DAG_RUN.c.dag_id == bindparam("dag_id"), DAG_RUN.c.run_id == bindparam("run_id"))
            .scalar_subquery()
        }
    )
)
_LATEST = Prepared(
    select(*(_L[name] for name in LogRow.__dataclass_fields__)).order_by(_L.id.desc()).limit(bindparam("rows")), LogRow
)


class HistoryStore:
    """Table log: who did what."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(
        self,
        event: str,
        *,
        dag_id: str | None = None,
        task_id: str | None = None,
        run_id: str | None = None,
        map_index: int | None = None,
        try_number: int | None = None,
        owner: str | None = None,
        owner_display_name: str | None = None,
        extra: Any = None,
        logical_date: datetime | None = None,
        at: datetime | None = None,
    ) -> int:
        """One entry: its id. ``extra`` is text, or JSON-able and kept as JSON text."""
        entry: int = self._work.scalar(
            _ADD,
            dttm=at or self._work.now,
            dag_id=_cut(dag_id, "dag_id"),
            task_id=_cut(task_id, "task_id"),
            map_index=map_index,
            event=event,
            execution_date=logical_date,
            run_id=_cut(run_id, "run_id"),
            owner=_cut(owner, "owner"),
            owner_display_name=owner_display_name,
            extra=extra if isinstance(extra, str) else json_to_text(extra),
            try_number=try_number,
        )
        return entry

    def add_of_attempt(self, event: str, row: TaskInstance, owner: str, at: datetime) -> None:
        """What a task's own process has come to, in its owner's name."""
        self._work.run(
            _OF_ATTEMPT,
            dttm=at,
            dag_id=row.dag_id,
            task_id=row.task_id,
            map_index=row.map_index,
            event=event,
            run_id=row.run_id,
            owner=owner,
            owner_display_name=None,
            try_number=row.try_number,
        )

    def latest(self, limit: int = 100) -> list[LogRow]:
        """The newest entries, newest first."""
        return self._work.all(_LATEST, rows=limit)


def _cut(text: str | None, column: str) -> str | None:
    """What the column has room for: the log also tells of requests for what cannot be, whose names are any length."""
    return None if text is None else text[: _L[column].type.length]  # type: ignore[attr-defined]  # a String


_CLEANED: dict[str, tuple[Table, Any]] = {
    "log": (LOG, _L.dttm),
    "job": (JOB, JOB.c.latest_heartbeat),
    "import_error": (IMPORT_ERROR, IMPORT_ERROR.c.timestamp),
    "dataset_event": (DATASET_EVENT, DATASET_EVENT.c.timestamp),
    "xcom": (XCOM, XCOM.c.timestamp),
    "callback_request": (CALLBACK_REQUEST, CALLBACK_REQUEST.c.created_at),
    "task_reschedule": (TASK_RESCHEDULE, TASK_RESCHEDULE.c.start_date),
    "trigger": (TRIGGER, TRIGGER.c.created_date),
    "event_outbox": (OUTBOX, OUTBOX.c.at),
}
CLEANABLE = ("dag_run", *_CLEANED)
"""Tables that :meth:`RetentionStore.clean` knows. With a run go its task instances and all that hangs on them."""

_BEFORE = bindparam("before", type_=UtcTime())
# By start, keeping each DAG's last run (the next is computed from it), and never one that is open.
_OLD_RUN: tuple[Any, ...] = (
    DAG_RUN.c.start_date < _BEFORE,
    literal_column("dag_run.state NOT IN ('queued', 'running')"),
    DAG_RUN.c.id.not_in(
        select(func.max(DAG_RUN.c.id)).where(DAG_RUN.c.external_trigger.is_(False)).group_by(DAG_RUN.c.dag_id)
    ),
)
_OLD_RUNS = Prepared(
    select(DAG_RUN.c.dag_id, DAG_RUN.c.run_id).where(*_OLD_RUN).order_by(DAG_RUN.c.start_date).limit(bindparam("rows")),
    RunKey,
)


def _old(table: Table, column: Any) -> list[Any]:
    conditions = [column < _BEFORE]
    if table is JOB:
        conditions.append(JOB.c.state != "running")
    if table is OUTBOX:
        conditions.append(OUTBOX.c.id < select(func.max(OUTBOX.c.id)).scalar_subquery())
    if table is TRIGGER:
        waited_for = select(TASK_INSTANCE.c.trigger_id).where(TASK_INSTANCE.c.trigger_id.is_not(None))
        conditions.append(TRIGGER.c.id.not_in(waited_for))
    return conditions


def old_rows(name: str) -> Select[Any]:
    """The rows of a table that :meth:`RetentionStore.clean` deletes, given ``before``. Raises InvalidInput."""
    if name == "dag_run":
        return select(DAG_RUN).where(*_OLD_RUN)
    if name not in _CLEANED:
        raise InvalidInput(f"cannot clean {name}; tables that can be cleaned: {', '.join(CLEANABLE)}")
    table, column = _CLEANED[name]
    return select(table).where(*_old(table, column))


def _delete_some(table: Table, column: Any) -> Prepared[Any]:
    """At most ``rows`` of a table, whatever its key: by the place where each row is."""

    def build(dialect: str) -> Any:
        place: Any = literal_column(f"{table.name}.{'rowid' if dialect == 'sqlite' else 'ctid'}")
        some = select(place).select_from(table).where(*_old(table, column)).limit(bindparam("rows"))
        return delete(table).where(place.in_(some))

    return Prepared(build)


_DELETES = {name: _delete_some(table, column) for name, (table, column) in _CLEANED.items()}
_COUNTS = {
    name: Prepared(select(func.count()).select_from(table).where(*_old(table, column)))
    for name, (table, column) in _CLEANED.items()
}


class RetentionStore:
    """Deleting what is old."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def count(self, before: datetime, tables: Collection[str] = CLEANABLE) -> dict[str, int]:
        """How many rows :meth:`clean` would delete, by table."""
        self._check(tables)
        return {
            name: len(self._work.all(_OLD_RUNS, before=before, rows=2**31 - 1))
            if name == "dag_run"
            else int(self._work.scalar(_COUNTS[name], before=before))
            for name in tables
        }

    def clean(self, before: datetime, tables: Collection[str] = CLEANABLE, *, batch: int = 500) -> dict[str, int]:
        """Delete rows older than ``before``: how many of each table. At most ``batch`` of each, so that a transaction
        stays short; call again, each in its own transaction, until the number is below it."""
        self._check(tables)
        gone = {}
        for name in tables:
            if name == "dag_run":
                gone[name] = RunStore(self._work).delete_many(self._work.all(_OLD_RUNS, before=before, rows=batch))
            else:
                gone[name] = self._work.run(_DELETES[name], before=before, rows=batch)
        return gone

    def _check(self, tables: Collection[str]) -> None:
        unknown = sorted(set(tables) - set(CLEANABLE))
        if unknown:
            raise InvalidInput(f"cannot clean {', '.join(unknown)}; tables that can be cleaned: {', '.join(CLEANABLE)}")
