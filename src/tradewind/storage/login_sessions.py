"""Log-ins by browser: who, until when. Functions over a transaction; the cookie itself is auth/sessions.py's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from .columns import UtcTime
from .statements import Prepared, insert_for
from .tables_access import LOGIN_SESSION
from .transaction import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSessionRow:
    """A log-in. ``password_mark``: a mark of the password it was made with; another password ends it."""

    digest: str
    user_id: int
    password_mark: str
    created_at: datetime
    expires_at: datetime


_C = LOGIN_SESSION.c
_GET = Prepared(
    select(*(_C[name] for name in LoginSessionRow.__dataclass_fields__)).where(_C.digest == bindparam("digest")),
    LoginSessionRow,
)
_ADD = Prepared(lambda dialect: insert_for(dialect, LOGIN_SESSION), keys=tuple(LoginSessionRow.__dataclass_fields__))
_DELETE = Prepared(delete(LOGIN_SESSION).where(_C.digest == bindparam("digest")))
_DELETE_OLD = Prepared(delete(LOGIN_SESSION).where(_C.expires_at < bindparam("moment", type_=UtcTime())))


def get(tx: Work, digest: str) -> LoginSessionRow | None:
    """The log-in with this digest, also when it has expired."""
    return tx.one(_GET, digest=digest)


def add(tx: Work, row: LoginSessionRow) -> None:
    """Keep a log-in; expired ones go."""
    tx.run(_DELETE_OLD, moment=tx.now)
    tx.run(_ADD, **{name: getattr(row, name) for name in LoginSessionRow.__dataclass_fields__})


def remove(tx: Work, digest: str) -> bool:
    """End a log-in; whether there was one."""
    return bool(tx.run(_DELETE, digest=digest))
