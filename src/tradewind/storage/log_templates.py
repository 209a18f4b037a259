"""The templates of log file names that runs were created with. Empty where it has always been the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from .statements import Prepared
from .tables_runs import LOG_TEMPLATE

if TYPE_CHECKING:
    from .database import Database

_T = LOG_TEMPLATE.c
_LATEST = Prepared(select(_T.filename).order_by(_T.id.desc()).limit(bindparam("rows")))
_ADD = Prepared(insert(LOG_TEMPLATE), keys=("filename", "elasticsearch_id", "created_at"))


def use(db: Database, filename: str, *, default: str) -> None:
    """Have runs that are created from now on use a template. ``default``: what runs without an entry use."""
    with db.read() as tx:
        if (tx.scalar(_LATEST, rows=1) or default) == filename:
            return
    with db.begin() as tx:
        # Another process may have come first.
        if (tx.scalar(_LATEST, rows=1) or default) != filename:
            tx.run(_ADD, filename=filename, elasticsearch_id="", created_at=tx.now)
