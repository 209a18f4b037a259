"""Callbacks owed and triggers waited for: rows that somebody must act on once, and that go when it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from tradewind.model.changes import Event
from tradewind.model.records import RunKey, TaskKey

from .columns import UtcTime
from .rows import CallbackOwed, TriggerRow
from .statements import Prepared, insert_for, many, one_of
from .tables_runs import CALLBACK_REQUEST, TASK_INSTANCE, TRIGGER
from .transaction import Work
from .vault import Cipher

_C = CALLBACK_REQUEST.c
_OWED = select(
    _C.id,
    _C.callback_type.label("kind"),
    _C.dag_id,
    _C.run_id,
    _C.task_id,
    _C.map_index,
    _C.callback_data.label("payload"),
    _C.created_at,
    _C.claimed_by_job_id,
)
_ADD = Prepared(
    lambda dialect: insert_for(dialect, CALLBACK_REQUEST).returning(_C.id),
    keys=("created_at", "callback_data", "callback_type", "dag_id", "run_id", "task_id", "map_index", "token"),
)
_GET = Prepared(_OWED.where(_C.id == bindparam("id")), CallbackOwed)
_PENDING = Prepared(_OWED.order_by(_C.id).limit(bindparam("rows")), CallbackOwed)
_OF_TOKEN = Prepared(_OWED.where(_C.token == bindparam("token")).order_by(_C.id), CallbackOwed)
_DONE = Prepared(delete(CALLBACK_REQUEST).where(_C.id == bindparam("id")))
_CLAIM = Prepared(
    update(CALLBACK_REQUEST)
    .where(_C.id == bindparam("k_id"), or_(_C.claimed_by_job_id.is_(None), _C.claimed_by_job_id == bindparam("v_job")))
    .values(claimed_by_job_id=bindparam("v_job"), claimed_at=bindparam("v_at", type_=UtcTime()))
)
_RELEASE = Prepared(
    lambda dialect: (
        update(CALLBACK_REQUEST)
        .where(one_of(_C.claimed_by_job_id, "jobs", dialect))
        .values(claimed_by_job_id=None, claimed_at=None)
    )
)


class CallbackStore:
    """Callbacks owed. Kinds: success, failure, retry, skipped, execute, dag_success, dag_failure."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, kind: str, run: RunKey, key: TaskKey | None, payload: dict[str, Any]) -> int:
        """A callback is owed from this commit on: its id. ``payload["token"]`` names the attempt it belongs to. Emits
        ``callback.owed``."""
        callback_id: int = self._work.scalar(
            _ADD,
            created_at=self._work.now,
            callback_data=payload,
            callback_type=kind,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task_id=key.task_id if key else None,
            map_index=key.map_index if key else -1,
            token=payload.get("token"),
        )
        self._work.emit(
            Event(
                kind="callback.owed",
                dag_id=run.dag_id,
                run_id=run.run_id,
                task_id=key.task_id if key else None,
                map_index=key.map_index if key else -1,
                payload={"callback_id": callback_id, "kind": kind},
            )
        )
        return callback_id

    def get(self, callback_id: int) -> CallbackOwed | None:
        """One, unless it is done."""
        return self._work.one(_GET, id=callback_id)

    def pending(self, limit: int = 10_000) -> list[CallbackOwed]:
        """All that are owed, oldest first, also those that somebody has claimed."""
        return self._work.all(_PENDING, rows=limit)

    def of_token(self, token: str) -> list[CallbackOwed]:
        """Those of one attempt, oldest first."""
        return self._work.all(_OF_TOKEN, token=token)

    def done(self, callback_id: int) -> bool:
        """It has run; False when it had before."""
        return bool(self._work.run(_DONE, id=callback_id))

    def claim(self, callback_id: int, job_id: int) -> bool:
        """Whether the job may run it: nobody else has claimed it."""
        return bool(self._work.run(_CLAIM, k_id=callback_id, v_job=job_id, v_at=self._work.now))

    def release(self, job_ids: Iterable[int]) -> int:
        """The jobs are dead: what they claimed is open again."""
        return self._work.run(_RELEASE, jobs=many(job_ids, self._work.dialect))


_G = TRIGGER.c
_TRIGGERS = select(_G.id, _G.classpath, _G.kwargs, _G.created_date, _G.triggerer_id)
_CREATE = Prepared(
    lambda dialect: insert_for(dialect, TRIGGER).returning(_G.id), keys=("classpath", "kwargs", "created_date")
)
_GET_TRIGGERS = Prepared(lambda dialect: _TRIGGERS.where(one_of(_G.id, "ids", dialect)).order_by(_G.id), TriggerRow)
_OF_TRIGGERER = Prepared(_TRIGGERS.where(_G.triggerer_id == bindparam("triggerer_id")).order_by(_G.id), TriggerRow)
_UNASSIGNED = Prepared(
    _TRIGGERS.where(_G.triggerer_id.is_(None))
    .order_by(_G.id)
    .limit(bindparam("rows"))
    .with_for_update(skip_locked=True),
    TriggerRow,
)
_WAITING = Prepared(select(_G.id).where(_G.triggerer_id.is_(None)).limit(1))
_ASSIGN = Prepared(
    lambda dialect: (
        update(TRIGGER).where(one_of(_G.id, "ids", dialect)).values(triggerer_id=bindparam("v_triggerer_id"))
    )
)
_CLAIM_FREE = Prepared(
    lambda dialect: (
        update(TRIGGER)
        .where(one_of(_G.id, "ids", dialect), _G.triggerer_id.is_(None))
        .values(triggerer_id=bindparam("v_triggerer_id"))
    )
)
_UNASSIGN = Prepared(
    lambda dialect: update(TRIGGER).where(one_of(_G.triggerer_id, "triggerers", dialect)).values(triggerer_id=None)
)
_ROTATE = Prepared(update(TRIGGER).where(_G.id == bindparam("k_id")).values(kwargs=bindparam("v_kwargs")))
_ALL = Prepared(_TRIGGERS.order_by(_G.id), TriggerRow)
_DELETE = Prepared(delete(TRIGGER).where(_G.id == bindparam("id")))
# Nobody waits for it: the task instance was cleared, marked or deleted meanwhile.
_DELETE_UNUSED = Prepared(
    delete(TRIGGER).where(
        _G.id.not_in(select(TASK_INSTANCE.c.trigger_id).where(TASK_INSTANCE.c.trigger_id.is_not(None)))
    )
)


class TriggerStore:
    """Triggers of deferred task instances.

    Their arguments may hold secrets: they are encrypted, and rows hold them as they are stored; see ``arguments``."""

    def __init__(self, work: Work, cipher: Cipher) -> None:
        self._work = work
        self._cipher = cipher

    def create(self, classpath: str, kwargs: str, *, created_at: datetime | None = None) -> int:
        """A trigger to run from this commit on; ``kwargs`` is JSON text."""
        trigger_id: int = self._work.scalar(
            _CREATE, classpath=classpath, kwargs=self._cipher.encrypt(kwargs), created_date=created_at or self._work.now
        )
        self._work.emit(Event(kind="trigger.created", payload={"trigger_id": trigger_id}))
        return trigger_id

    def arguments(self, row: TriggerRow) -> str:
        """The JSON text that ``create`` was given. Raises ConfigError when no key fits."""
        return self._cipher.reveal(row.kwargs)

    def rotate(self) -> int:
        """Encrypt all arguments with the first key; how many rows. Raises ConfigError when one cannot be read."""
        rows = [replace(row, kwargs=self.arguments(row)) for row in self._work.all(_ALL)]
        for row in rows:
            self._work.run(_ROTATE, k_id=row.id, v_kwargs=self._cipher.encrypt(row.kwargs))
        return len(rows)

    def get(self, ids: Iterable[int]) -> list[TriggerRow]:
        """Several triggers, by id."""
        return self._work.all(_GET_TRIGGERS, ids=many(ids, self._work.dialect))

    def of_triggerer(self, triggerer_id: int) -> list[TriggerRow]:
        """Those a triggerer's job must run."""
        return self._work.all(_OF_TRIGGERER, triggerer_id=triggerer_id)

    def assign(self, triggerer_id: int, limit: int) -> list[TriggerRow]:
        """Give a triggerer's job up to ``limit`` of those that nobody runs."""
        rows = self._work.all(_UNASSIGNED, rows=limit)
        if rows:
            self._work.run(_ASSIGN, ids=many([row.id for row in rows], self._work.dialect), v_triggerer_id=triggerer_id)
        return rows

    def claim(self, triggerer_id: int, ids: Iterable[int]) -> int:
        """A triggerer that has been away runs these: they are its own again, unless others have them; how many."""
        return self._work.run(_CLAIM_FREE, ids=many(ids, self._work.dialect), v_triggerer_id=triggerer_id)

    def is_one_waiting(self) -> bool:
        """Whether some trigger has no triggerer."""
        return bool(self._work.all(_WAITING))

    def unassign(self, triggerer_ids: Iterable[int]) -> int:
        """The triggerers are dead: their triggers go to others."""
        return self._work.run(_UNASSIGN, triggerers=many(triggerer_ids, self._work.dialect))

    def delete(self, trigger_id: int) -> bool:
        """It has fired, or is not wanted; whether there was one."""
        return bool(self._work.run(_DELETE, id=trigger_id))

    def delete_unused(self) -> int:
        """Delete those no task instance waits for; how many."""
        return self._work.run(_DELETE_UNUSED)
