"""What was answered to requests with an Idempotency-Key. Functions over a transaction; api/idempotency.py decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update

from .columns import UtcTime
from .statements import Prepared, insert_for
from .tables_access import REQUEST_ANSWER
from .transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswerRow:
    """``digest`` of user and key, ``request_digest`` of what was asked, ``answer`` encrypted."""

    digest: str
    request_digest: str
    status: int
    answer: str
    created_at: datetime


KEPT = timedelta(hours=24)
"""For so long the same key gives the same answer."""
_C = REQUEST_ANSWER.c
_FIELDS = tuple(RequestAnswerRow.__dataclass_fields__)
_GET = Prepared(select(*(_C[name] for name in _FIELDS)).where(_C.digest == bindparam("digest")), RequestAnswerRow)
_CLAIM = Prepared(
    lambda dialect: insert_for(dialect, REQUEST_ANSWER).on_conflict_do_nothing().returning(_C.digest), keys=_FIELDS
)
_SET = Prepared(
    update(REQUEST_ANSWER)
    .where(_C.digest == bindparam("k_digest"))
    .values(status=bindparam("v_status"), answer=bindparam("v_answer"))
)
_FORGET = Prepared(
    delete(REQUEST_ANSWER).where(
        _C.digest.in_(
            select(_C.digest).where(_C.created_at < bindparam("moment", type_=UtcTime())).limit(bindparam("rows"))
        )
    )
)
_DELETE_OLD = Prepared(delete(REQUEST_ANSWER).where(_C.created_at < bindparam("moment", type_=UtcTime())))


def claim(tx: Work, digest: str, request_digest: str, *, forget_before: datetime) -> RequestAnswerRow | None:
    """None when this request is the first of its key, and the key is now its own; else what the first one left. Waits
    for a transaction that has claimed the key and not ended. Rows from before a moment are forgotten first."""
    tx.run(_DELETE_OLD, moment=forget_before)
    mine = tx.scalar(_CLAIM, digest=digest, request_digest=request_digest, status=0, answer="", created_at=tx.now)
    return None if mine is not None else tx.one(_GET, digest=digest)


def forget(tx: Work, before: datetime, *, most: int) -> int:
    """Forget some of those from before a moment; how many."""
    return tx.run(_FORGET, moment=before, rows=most)


def find(tx: Work, digest: str, *, not_before: datetime) -> RequestAnswerRow | None:
    """What the first request of a key has left, claimed at a moment or later."""
    row = tx.one(_GET, digest=digest)
    return None if row is None or row.created_at < not_before else row


def keep(tx: Work, digest: str, *, status: int, answer: str) -> None:
    """Note the answer to the request that claimed the key."""
    tx.run(_SET, k_digest=digest, v_status=status, v_answer=answer)
