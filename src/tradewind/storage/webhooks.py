"""Webhooks as stored: functions over a transaction. api/webhooks.py delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from .columns import UtcTime
from .statements import Prepared, insert_for
from .tables_access import WEBHOOK
from .transaction import Work
from .vault import Cipher


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRow:
    """``secret`` is encrypted; ``kinds`` and ``dag_ids`` None: all; ``due_at``: not delivered to before."""

    id: int
    name: str
    url: str
    secret: str
    user_id: int
    kinds: Any
    dag_ids: Any
    last_event_id: int
    failures: int
    due_at: datetime
    last_error: str | None
    created_at: datetime


_C = WEBHOOK.c
_FIELDS = tuple(WebhookRow.__dataclass_fields__)
_ALL = Prepared(select(*(_C[name] for name in _FIELDS)).order_by(_C.id), WebhookRow)
_ADD = Prepared(
    lambda dialect: insert_for(dialect, WEBHOOK).on_conflict_do_nothing().returning(_C.id), keys=_FIELDS[1:]
)
_ROTATE = Prepared(update(WEBHOOK).where(_C.id == bindparam("k_id")).values(secret=bindparam("v_secret")))
_DELETE = Prepared(delete(WEBHOOK).where(_C.id == bindparam("id")))
_CLAIM = Prepared(
    update(WEBHOOK)
    .where(_C.id == bindparam("k_id"), _C.due_at <= bindparam("k_now", type_=UtcTime()))
    .where(_C.last_event_id == bindparam("k_last"))
    .values(due_at=bindparam("v_until", type_=UtcTime()))
)
_SET = Prepared(
    update(WEBHOOK)
    .where(_C.id == bindparam("k_id"))
    .values(
        last_event_id=bindparam("v_last"),
        failures=bindparam("v_failures"),
        due_at=bindparam("v_due_at", type_=UtcTime()),
        last_error=bindparam("v_error"),
    )
)


def every(tx: Work) -> list[WebhookRow]:
    """All, by id."""
    return tx.all(_ALL)


def add(
    tx: Work, *, name: str, url: str, secret: str, user_id: int, kinds: Any, dag_ids: Any, after: int
) -> int | None:
    """Its id; None when the name is taken. What comes after event ``after`` is owed to it."""
    found: int | None = tx.scalar(
        _ADD,
        name=name,
        url=url,
        secret=secret,
        user_id=user_id,
        kinds=kinds,
        dag_ids=dag_ids,
        last_event_id=after,
        failures=0,
        due_at=tx.now,
        last_error=None,
        created_at=tx.now,
    )
    return found


def rotate(tx: Work, cipher: Cipher) -> int:
    """Encrypt all secrets with the first key; how many. Raises ConfigError when one cannot be read."""
    rows = every(tx)
    for row in rows:
        tx.run(_ROTATE, k_id=row.id, v_secret=cipher.encrypt(cipher.reveal(row.secret)))
    return len(rows)


def remove(tx: Work, webhook_id: int) -> bool:
    """Whether there was one."""
    return bool(tx.run(_DELETE, id=webhook_id))


def claim(tx: Work, row: WebhookRow, until: datetime) -> bool:
    """Whether delivering is now this process's, until a moment; False when another one has it or was faster."""
    return bool(tx.run(_CLAIM, k_id=row.id, k_now=tx.now, k_last=row.last_event_id, v_until=until))


def note(tx: Work, row: WebhookRow, *, last_event_id: int, failures: int, due_at: datetime, error: str | None) -> None:
    """What came of a delivery."""
    tx.run(_SET, k_id=row.id, v_last=last_event_id, v_failures=failures, v_due_at=due_at, v_error=error)
