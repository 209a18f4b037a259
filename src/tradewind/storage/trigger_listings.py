"""Triggers of deferred task instances with the jobs of who runs them, for the API."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from .tables_runs import JOB, TRIGGER

if TYPE_CHECKING:
    from .database import Transaction


def waited_for(tx: Transaction, ids: Collection[int]) -> dict[int, tuple[Any, Any | None]]:
    """Trigger id → its row and the row of its triggerer's job (None while nobody runs it)."""
    triggers = tx.connection.execute(select(TRIGGER).where(TRIGGER.c.id.in_(ids))).all()
    job_ids = {row.triggerer_id for row in triggers} - {None}
    jobs = tx.connection.execute(select(JOB).where(JOB.c.id.in_(job_ids))).all() if job_ids else []
    by_id = {row.id: row for row in jobs}
    return {row.id: (row, by_id.get(row.triggerer_id)) for row in triggers}
