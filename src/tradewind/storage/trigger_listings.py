"""Triggers of deferred task instances with the jobs of who runs them, for the API."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tradewind.model.errors import ConfigError

from .rows import TriggerRow
from .tables_runs import JOB

if TYPE_CHECKING:
    from .database import Transaction


def waited_for(tx: Transaction, ids: Collection[int]) -> dict[int, tuple[TriggerRow, Any | None]]:
    """Trigger id → its row and the row of its triggerer's job (None while nobody runs it)."""
    triggers = [replace(row, kwargs=_shown(tx, row)) for row in tx.triggers.get(ids)]
    job_ids = {row.triggerer_id for row in triggers} - {None}
    jobs = tx.connection.execute(select(JOB).where(JOB.c.id.in_(job_ids))).all() if job_ids else []
    by_id = {row.id: row for row in jobs}
    return {row.id: (row, by_id.get(row.triggerer_id)) for row in triggers}


def _shown(tx: Transaction, row: TriggerRow) -> str:
    try:
        return tx.triggers.arguments(row)
    except ConfigError:
        # The key is lost: that is no reason to show nothing of the task instance.
        return row.kwargs
